//! A function marked `#[stencil]`.

use super::args::{self, StencilSyntax};
use super::places::Places;
use super::types::{bank_of, bank_types, hole, plain, reproach, special};
use super::{attrs, ident};
use crate::ast::{Action, Choices, Lost, Machine, Op, OpResult, Param, ParamKind, Ways};
use crate::diag::Errors;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::Parse;
use syn::{FnArg, ItemFn, Pat, PatType, ReturnType, Signature, Type, Visibility};

/// Parses an op; what is wrong is added to the errors. An op whose signature makes no sense is lost.
pub(super) fn parse(function: ItemFn, machine: &Machine, default: Choices, errors: &mut Errors) -> Result<Op, Lost> {
    let sorted = attrs::sort(function.attrs, "an op", &["stencil"], &["must_use"], errors);
    let args = sorted.get("stencil").and_then(|attr| errors.keep(args::of_attribute::<StencilSyntax>(attr)));
    let args = args.unwrap_or_default();
    args.errors.into_iter().for_each(|error| errors.push(error));
    if let Visibility::Restricted(_) = function.vis {
        errors.at(&function.vis, "an op is as visible as its module; remove the visibility");
    }
    let signature = function.sig;
    signature_is_plain(&signature, errors);
    let arity = signature.inputs.len();
    // The parameters of a generic op may be of types that are not known here.
    let generic = !signature.generics.params.is_empty();
    let unknown = super::machine::nothing(&signature.ident);
    let machine = if generic { &unknown } else { machine };
    let default = Choices { slot: default.slot && machine.frame().is_some(), ..default };
    let params: Vec<Option<Param>> =
        signature.inputs.into_iter().map(|input| param(input, machine, default, errors)).collect();
    let (unsafety, name) = (signature.unsafety, signature.ident);
    let (never, types) = outputs(signature.output, errors);
    if let (Some((key, _)), true) = (&args.result, types.is_empty()) {
        errors.at(key, format!("`{name}` has no result to place; remove `result(…)`"));
    }
    let mut results = Vec::new();
    for (index, ty) in types.iter().enumerate() {
        let Some(bank) = bank_of(machine, ty) else {
            let message = match reproach(ty) {
                Some(message) => message.to_owned(),
                None => format!(
                    "a result is of a bank's type, {}; or `!` for an op that never falls through",
                    bank_types(machine)
                ),
            };
            errors.at(ty, message);
            continue;
        };
        let choices = match &args.result {
            Some((_, places)) => places.choices(machine, Some(bank), errors),
            None => Choices { literal: false, ..default },
        };
        results.push(OpResult { ident: result_ident(index, &name), bank, choices });
    }
    let mut ways = Ways::default();
    scan_ways(function.block.to_token_stream(), &mut ways);
    match params.into_iter().collect::<Option<Vec<_>>>() {
        Some(params) if results.len() == types.len() && !generic => {
            let action = Action::Body(function.block);
            Ok(Op { attrs: sorted.kept, unsafety, ident: name, results, never, params, action, ways })
        }
        _ => Err(Lost { ident: name, results: types.len(), params: arity }),
    }
}

/// `dst`, `dst1`, `dst2`, …
fn result_ident(index: usize, op: &Ident) -> Ident {
    match index {
        0 => ident("dst", op.span()),
        _ => ident(&format!("dst{index}"), op.span()),
    }
}

/// Whether the op never falls through, and the types of its results.
fn outputs(output: ReturnType, errors: &mut Errors) -> (bool, Vec<Type>) {
    let ReturnType::Type(_, ty) = output else { return (false, Vec::new()) };
    match plain(*ty) {
        Type::Never(_) => (true, Vec::new()),
        Type::Tuple(tuple) => {
            if tuple.elems.len() == 1 {
                errors.at(&tuple, "a tuple of one result is the result; remove the parentheses and the comma");
            }
            (false, tuple.elems.into_iter().map(plain).collect())
        }
        ty => (false, vec![ty]),
    }
}

fn signature_is_plain(signature: &Signature, errors: &mut Errors) {
    let name = &signature.ident;
    if !signature.generics.params.is_empty() {
        let message = format!("`{name}` cannot be generic: a stencil is compiled once; write one op per type");
        errors.at(&signature.generics, message);
    } else if let Some(clause) = &signature.generics.where_clause {
        errors.at(clause, format!("`{name}` cannot be generic: a stencil is compiled once; remove the `where` clause"));
    }
    if let Some(token) = signature.asyncness {
        errors.at(token, format!("`{name}` cannot be async: a stencil runs to its end; remove `async`"));
    }
    if let Some(token) = signature.constness {
        errors.at(token, format!("`{name}` cannot be const: its holes are known at run time only; remove `const`"));
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, format!("the calling convention of `{name}` is the machine's; remove `extern`"));
    }
    if let Some(variadic) = &signature.variadic {
        errors.at(variadic, format!("`{name}` cannot be variadic; list its operands"));
    }
}

fn param(input: FnArg, machine: &Machine, default: Choices, errors: &mut Errors) -> Option<Param> {
    let typed = match input {
        FnArg::Typed(typed) => typed,
        FnArg::Receiver(receiver) => {
            errors.at(receiver, "an op is not a method; take `&mut Fixed` to reach the machine's fixed parts");
            return None;
        }
    };
    let PatType { attrs, pat, ty, .. } = typed;
    let mut ty = plain(*ty);
    let pat = match *pat {
        Pat::Ident(pat) if pat.subpat.is_none() => pat,
        other => {
            errors.at(other, "a parameter of an op must be a plain name; take the value apart in the body");
            return None;
        }
    };
    if let Some(by_ref) = pat.by_ref {
        errors.at(by_ref, "a parameter of an op is a value; remove `ref`");
    }
    let sorted = attrs::sort(attrs, "a parameter of an op", &["hole", "operand"], &[], errors);
    if let Some(attr) = sorted.kept.first() {
        errors.at(attr, "a parameter of an op takes `#[hole]` or `#[operand(…)]`, nothing else; remove this attribute");
    }
    let kind = kind(&sorted, &ty, machine, default, errors)?;
    if let (ParamKind::Label | ParamKind::Exit | ParamKind::Callee, Some(token)) = (&kind, pat.mutability) {
        errors.at(token, "labels, exits and callees are no variables; remove `mut`");
    }
    if let (ParamKind::Fixed, Type::Reference(reference)) = (&kind, &mut ty) {
        reference.lifetime = None;
    }
    Some(Param { ident: pat.ident, mutable: pat.mutability.is_some(), ty, kind })
}

fn kind(
    attrs: &attrs::Sorted,
    ty: &Type,
    machine: &Machine,
    default: Choices,
    errors: &mut Errors,
) -> Option<ParamKind> {
    let operand = attrs.get("operand");
    if let Some(attr) = attrs.get("hole") {
        errors.keep(args::none(attr));
        if let Some(operand) = operand {
            errors.at(operand, "a parameter is a hole or an operand, not both; remove one attribute");
        }
        if special(ty).is_some() {
            errors.at(attr, "labels, exits, callees and the fixed parts are no constants; remove `#[hole]`");
            return None;
        }
        return errors.keep(hole(ty)).map(ParamKind::Hole);
    }
    if let Some(kind) = special(ty) {
        if let Some(operand) = operand {
            errors.at(operand, "labels, exits, callees and the fixed parts are no operands; remove `#[operand]`");
        }
        if let (ParamKind::Fixed, Type::Reference(reference)) = (&kind, ty)
            && let Some(lifetime) = &reference.lifetime
        {
            errors.at(lifetime, "a stencil knows no lifetimes; write `&mut Fixed`");
        }
        return Some(kind);
    }
    let Some(bank) = bank_of(machine, ty) else {
        let message = match reproach(ty) {
            Some(message) => message.to_owned(),
            None => format!(
                "no bank has registers of this type; an operand is {}; mark a constant that is patched in with `#[hole]`",
                bank_types(machine)
            ),
        };
        errors.at(ty, message);
        return None;
    };
    let places = operand.and_then(|attr| errors.keep(args::required(attr, Places::parse, "#[operand(reg, slot)]")));
    let choices = places.map_or(default, |places| places.choices(machine, Some(bank), errors));
    Some(ParamKind::Operand { bank, choices })
}

/// Finds `ret!` and `leave!`, in nested groups too.
fn scan_ways(tokens: TokenStream, ways: &mut Ways) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for pair in tokens.windows(2) {
        if let [TokenTree::Ident(ident), TokenTree::Punct(punct)] = pair
            && punct.as_char() == '!'
        {
            ways.returns |= ident == "ret";
            ways.leaves |= ident == "leave";
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            scan_ways(group.stream(), ways);
        }
    }
}
