//! The arguments of our attributes.

use super::places::Places;
use crate::ast::CountKey;
use crate::layout::{Architecture, Convention};
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Error, Ident, LitInt, LitStr, Meta, Path, Result, Token, parenthesized};

/// The arguments of `#[stencils]` as written, and what is wrong with them.
#[derive(Default)]
pub(super) struct SetSyntax {
    pub(super) table: Option<LitStr>,
    pub(super) runtime: Option<Path>,
    pub(super) operand: Option<Places>,
    pub(super) errors: Vec<Error>,
}

impl Parse for SetSyntax {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut args = Self::default();
        let errors = each(input, |key| {
            if key == "table" {
                input.parse::<Token![=]>()?;
                once(&mut args.table, input.parse()?, key)
            } else if key == "runtime" {
                input.parse::<Token![=]>()?;
                once(&mut args.runtime, input.call(Path::parse_mod_style)?, key)
            } else if key == "operand" {
                once(&mut args.operand, in_parentheses(input)?, key)
            } else {
                let takes = "`stencils` takes `table = \"name\"`, `runtime = path` and `operand(…)`";
                Err(Error::new(key.span(), format!("unknown argument `{key}`; {takes}")))
            }
        });
        args.errors = errors;
        if let Some(table) = &args.table {
            let name = table.value();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
            if name.is_empty() || !name.chars().all(plain) {
                let message = "a table's name becomes a file name; use lower-case letters, digits, `_` and `-`";
                args.errors.push(Error::new(table.span(), message));
            }
        } else if args.errors.is_empty() {
            let message = "the table's name is missing; write `#[stencils(table = \"name\")]`";
            args.errors.push(Error::new(proc_macro2::Span::call_site(), message));
        }
        Ok(args)
    }
}

/// The arguments of `#[stencil(result(…))]`; nothing means the default.
#[derive(Default)]
pub(super) struct StencilSyntax {
    pub(super) result: Option<(Ident, Places)>,
    pub(super) errors: Vec<Error>,
}

impl Parse for StencilSyntax {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut result = None;
        let errors = each(input, |key| {
            if key != "result" {
                let message = format!("unknown argument `{key}`; `stencil` takes `result(reg, slot)`");
                return Err(Error::new(key.span(), message));
            }
            let places: Places = in_parentheses(input)?;
            if let Some(literal) = &places.literal {
                return Err(Error::new(literal.span(), "a result cannot be a literal; use `reg` and `slot`"));
            }
            once(&mut result, (key.clone(), places), key)
        });
        Ok(Self { result, errors })
    }
}

/// The arguments of `#[bank(wide = 6, aarch64 = 8)]`.
#[derive(Default)]
pub(super) struct BankSyntax {
    pub(super) counts: Vec<(CountKey, LitInt)>,
    pub(super) errors: Vec<Error>,
}

impl Parse for BankSyntax {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let mut counts: Vec<(CountKey, LitInt)> = Vec::new();
        let errors = each(input, |key| {
            let Some(target) = count_key(&key.to_string()) else {
                let message = format!(
                    "unknown target `{key}`; a bank's count is given for `portable`, `wide`, an architecture (`x86_64`, `aarch64`, `riscv64`) or both (`x86_64_wide`)"
                );
                return Err(Error::new(key.span(), message));
            };
            input.parse::<Token![=]>()?;
            let count: LitInt = input.parse()?;
            count.base10_parse::<usize>()?;
            if counts.iter().any(|(other, _)| *other == target) {
                return Err(duplicate(key));
            }
            counts.push((target, count));
            Ok(())
        });
        Ok(Self { counts, errors })
    }
}

/// What an attribute of ours holds: nothing for `#[bank]`, the parsed list for `#[bank(…)]`.
pub(super) fn of_attribute<T: Parse + Default>(attr: &Attribute) -> Result<T> {
    match &attr.meta {
        Meta::Path(_) => Ok(T::default()),
        Meta::List(list) => syn::parse2(list.tokens.clone()),
        Meta::NameValue(pair) => Err(Error::new_spanned(&pair.value, "arguments stand in parentheses, without `=`")),
    }
}

/// What an attribute of ours holds that says nothing by itself; `example` is how it is written.
pub(super) fn required<T>(attr: &Attribute, parser: impl Parser<Output = T>, example: &str) -> Result<T> {
    match &attr.meta {
        Meta::List(list) => parser.parse2(list.tokens.clone()),
        _ => Err(Error::new_spanned(attr, format!("this attribute says nothing by itself; write `{example}`"))),
    }
}

/// Refuses arguments of an attribute that takes none.
pub(super) fn none(attr: &Attribute) -> Result<()> {
    match &attr.meta {
        Meta::Path(_) => Ok(()),
        Meta::List(list) => Err(Error::new_spanned(&list.tokens, "this attribute takes no arguments; remove them")),
        Meta::NameValue(pair) => {
            Err(Error::new_spanned(&pair.value, "this attribute takes no arguments; remove `=` and the value"))
        }
    }
}

/// `key…, key…`: an error in one argument does not hide those in the next.
fn each(input: ParseStream<'_>, mut argument: impl FnMut(&Ident) -> Result<()>) -> Vec<Error> {
    let mut errors = Vec::new();
    while !input.is_empty() {
        let one = input.parse::<Ident>().and_then(|key| argument(&key));
        let comma = one.and_then(|()| if input.is_empty() { Ok(()) } else { input.parse::<Token![,]>().map(drop) });
        if let Err(error) = comma {
            errors.push(error);
            skip_argument(input);
        }
    }
    errors
}

/// Skips what is left of an argument, and its comma. Tokens can always be read one by one.
fn skip_argument(input: ParseStream<'_>) {
    while let Ok(token) = input.parse::<TokenTree>() {
        if matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',') {
            break;
        }
    }
}

fn in_parentheses<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    let content;
    parenthesized!(content in input);
    // Read whole first: an error must not leave half a group behind.
    syn::parse2(content.parse::<TokenStream>()?)
}

fn once<T>(place: &mut Option<T>, value: T, key: &Ident) -> Result<()> {
    if place.replace(value).is_some() { Err(duplicate(key)) } else { Ok(()) }
}

fn duplicate(key: &Ident) -> Error {
    Error::new(key.span(), format!("duplicate argument `{key}`; remove one of them"))
}

fn count_key(name: &str) -> Option<CountKey> {
    let convention_of = |name: &str| Convention::ALL.into_iter().find(|c| c.name() == name);
    if let Some(convention) = convention_of(name) {
        return Some(CountKey { architecture: None, convention: Some(convention) });
    }
    Architecture::ALL.into_iter().find_map(|architecture| {
        let rest = name.strip_prefix(architecture.name())?;
        let convention = match rest.strip_prefix('_') {
            None if rest.is_empty() => None,
            None => return None,
            Some(convention) => Some(convention_of(convention)?),
        };
        Some(CountKey { architecture: Some(architecture), convention })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn messages<T: Parse>(tokens: TokenStream, errors: fn(T) -> Vec<Error>) -> Vec<String> {
        match syn::parse2::<T>(tokens) {
            Ok(args) => errors(args).iter().map(ToString::to_string).collect(),
            Err(error) => vec![error.to_string()],
        }
    }

    #[test]
    fn every_argument_of_a_set_is_read() {
        let args: SetSyntax =
            syn::parse2(quote!(runtime = crate::rt, operand(reg(..2), literal), table = "a_1-b",)).unwrap();
        assert!(args.errors.is_empty());
        assert_eq!(args.table.unwrap().value(), "a_1-b");
        assert_eq!(args.runtime, Some(syn::parse_quote!(crate::rt)));
        let places = args.operand.unwrap();
        assert!(places.slot.is_none() && places.literal.is_some() && places.first.is_some());
    }

    #[test]
    fn one_wrong_argument_does_not_hide_the_next() {
        let tokens = quote!(tabel = "x", operand(heap), runtime = 3, table = "A");
        let found = messages::<SetSyntax>(tokens, |args| args.errors);
        assert_eq!(found.len(), 4, "{found:#?}");
        assert!(found[0].starts_with("unknown argument `tabel`"));
        assert!(found[1].starts_with("unknown place `heap`"));
        assert!(found[2].starts_with("expected"));
        assert!(found[3].starts_with("a table's name becomes a file name"));
    }

    #[test]
    fn counts_are_given_for_a_convention_an_architecture_or_both() {
        let args: BankSyntax = syn::parse2(quote!(wide = 6, aarch64 = 8, riscv64_portable = 7)).unwrap();
        let keys: Vec<_> = args.counts.iter().map(|(key, _)| *key).collect();
        assert_eq!(
            keys,
            [
                CountKey { architecture: None, convention: Some(Convention::Wide) },
                CountKey { architecture: Some(Architecture::Aarch64), convention: None },
                CountKey { architecture: Some(Architecture::Riscv64), convention: Some(Convention::Portable) },
            ]
        );
        for wrong in [quote!(arm = 1), quote!(x86_64wide = 1), quote!(x86_64_ = 1), quote!(wide = "six")] {
            assert_eq!(messages::<BankSyntax>(wrong.clone(), |args| args.errors).len(), 1, "{wrong}");
        }
    }

    #[test]
    fn a_result_has_no_literal() {
        let found = messages::<StencilSyntax>(quote!(result(reg, literal), result(reg)), |args| args.errors);
        assert_eq!(found, ["a result cannot be a literal; use `reg` and `slot`"]);
        let found = messages::<StencilSyntax>(quote!(result(reg), result(reg)), |args| args.errors);
        assert_eq!(found, ["duplicate argument `result`; remove one of them"]);
    }
}
