//! The arguments of our attributes.

use crate::ast::{Choices, CountKey, RegisterChoice, SetArgs};
use crate::layout::{Architecture, Convention};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitInt, LitStr, Path, Token, parenthesized, parse_quote};

/// The arguments of `#[stencils]` as written.
pub(super) struct Args {
    table: Option<LitStr>,
    runtime: Option<Path>,
    operand: Option<Choices>,
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut args = Self { table: None, runtime: None, operand: None };
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            let duplicate = || syn::Error::new(key.span(), format!("duplicate argument `{key}`; remove one of them"));
            if key == "table" {
                input.parse::<Token![=]>()?;
                if args.table.replace(input.parse()?).is_some() {
                    return Err(duplicate());
                }
            } else if key == "runtime" {
                input.parse::<Token![=]>()?;
                if args.runtime.replace(input.call(Path::parse_mod_style)?).is_some() {
                    return Err(duplicate());
                }
            } else if key == "operand" {
                let content;
                parenthesized!(content in input);
                if args.operand.replace(content.call(choices)?).is_some() {
                    return Err(duplicate());
                }
            } else {
                let message = format!(
                    "unknown argument `{key}`; `stencils` takes `table = \"name\"`, `runtime = path` and `operand(…)`"
                );
                return Err(syn::Error::new(key.span(), message));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    }
}

impl Args {
    /// Fills in the defaults.
    pub(super) fn finish(self) -> syn::Result<SetArgs> {
        let Some(table) = self.table else {
            let message = "the table's name is missing; write `#[stencils(table = \"name\")]`";
            return Err(syn::Error::new(proc_macro2::Span::call_site(), message));
        };
        let name = table.value();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(plain) {
            let message = "a table's name becomes a file name; use lower-case letters, digits, `_` and `-`";
            return Err(syn::Error::new(table.span(), message));
        }
        Ok(SetArgs {
            table: name,
            runtime: self.runtime.unwrap_or_else(|| parse_quote!(::stencil_runtime)),
            operand: self.operand.unwrap_or(Choices::EVERYWHERE),
        })
    }
}

/// `reg, slot, literal` or `reg(..4), slot`.
pub(super) fn choices(input: ParseStream<'_>) -> syn::Result<Choices> {
    let mut registers = None;
    let (mut slot, mut literal) = (false, false);
    let start = input.span();
    while !input.is_empty() {
        let key: Ident = input.parse()?;
        let duplicate = || syn::Error::new(key.span(), format!("`{key}` is listed twice; remove one of them"));
        if key == "reg" {
            let choice = if input.peek(syn::token::Paren) {
                let content;
                parenthesized!(content in input);
                content.parse::<Token![..]>()?;
                let count: LitInt = content.parse()?;
                match count.base10_parse::<usize>()? {
                    0 => return Err(syn::Error::new(count.span(), "no register is left; leave `reg` out instead")),
                    count => RegisterChoice::First(count),
                }
            } else {
                RegisterChoice::All
            };
            if registers.replace(choice).is_some() {
                return Err(duplicate());
            }
        } else if key == "slot" || key == "literal" {
            let flag = if key == "slot" { &mut slot } else { &mut literal };
            if std::mem::replace(flag, true) {
                return Err(duplicate());
            }
        } else {
            let message = format!("unknown place `{key}`; an operand may be in `reg`, `reg(..n)`, `slot` or `literal`");
            return Err(syn::Error::new(key.span(), message));
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    let Some(registers) = registers else {
        let message =
            "`reg` is missing: every operand must have variants in registers, which the others are reached through";
        return Err(syn::Error::new(start, message));
    };
    Ok(Choices { registers, slot, literal })
}

/// The arguments of `#[stencil(result(…))]`; nothing means the default.
pub(super) struct StencilArgs {
    pub(super) result: Option<Choices>,
}

impl Parse for StencilArgs {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut args = Self { result: None };
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            if key != "result" {
                let message = format!("unknown argument `{key}`; `stencil` takes `result(reg, slot)`");
                return Err(syn::Error::new(key.span(), message));
            }
            let content;
            parenthesized!(content in input);
            let choices = content.call(choices)?;
            if choices.literal {
                return Err(syn::Error::new(key.span(), "a result cannot be a literal; use `reg` and `slot`"));
            }
            if args.result.replace(choices).is_some() {
                return Err(syn::Error::new(key.span(), "duplicate argument `result`; remove one of them"));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(args)
    }
}

/// The arguments of `#[bank(wide = 6, aarch64 = 8)]`.
pub(super) struct BankArgs {
    pub(super) counts: Vec<(CountKey, usize)>,
}

impl Parse for BankArgs {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let pairs = Punctuated::<(Ident, Token![=], LitInt), Token![,]>::parse_terminated_with(input, |input| {
            Ok((input.parse()?, input.parse()?, input.parse()?))
        })?;
        let mut counts: Vec<(CountKey, usize)> = Vec::new();
        for (name, _, count) in pairs {
            let Some(key) = count_key(&name.to_string()) else {
                let message = format!(
                    "unknown target `{name}`; a bank's count is given for `portable`, `wide`, an architecture (`x86_64`, `aarch64`, `riscv64`) or both (`x86_64_wide`)"
                );
                return Err(syn::Error::new(name.span(), message));
            };
            if counts.iter().any(|(other, _)| *other == key) {
                return Err(syn::Error::new(name.span(), format!("duplicate argument `{name}`; remove one of them")));
            }
            counts.push((key, count.base10_parse()?));
        }
        Ok(Self { counts })
    }
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
