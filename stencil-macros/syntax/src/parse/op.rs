//! A function marked `#[stencil]`.

use super::args::{StencilArgs, choices};
use super::{bank_of, bank_types, is_attr};
use crate::ast::{Action, Choices, HoleType, Machine, Op, OpResult, Param, ParamKind, Ways, WordType};
use crate::diag::Errors;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{FnArg, GenericArgument, ItemFn, Meta, Pat, PatType, PathArguments, ReturnType, Type};

/// Parses an op; what is wrong is added to the errors.
pub(super) fn parse(function: ItemFn, machine: &Machine, default: Choices, errors: &mut Errors) -> Option<Op> {
    let mut result = Choices { literal: false, ..default };
    let mut attrs = Vec::new();
    for attr in function.attrs {
        if !is_attr(&attr, "stencil") {
            attrs.push(attr);
        } else if let Meta::List(list) = &attr.meta {
            let args = errors.keep(syn::parse2::<StencilArgs>(list.tokens.clone()))?;
            result = args.result.unwrap_or(result);
        }
    }
    let signature = function.sig;
    signature_is_plain(&signature, errors);
    let slots = machine.frame().is_some();
    let narrow = |choices: Choices| Choices { slot: choices.slot && slots, ..choices };
    let params: Vec<Option<Param>> =
        signature.inputs.into_iter().map(|input| param(input, machine, narrow(default), errors)).collect();
    let (never, types) = match signature.output {
        ReturnType::Default => (false, Vec::new()),
        ReturnType::Type(_, ty) => match *ty {
            Type::Never(_) => (true, Vec::new()),
            Type::Tuple(tuple) => (false, tuple.elems.into_iter().collect()),
            ty => (false, vec![ty]),
        },
    };
    let mut results = Vec::new();
    for (index, ty) in types.iter().enumerate() {
        let Some(bank) = bank_of(machine, ty) else {
            errors.at(
                ty,
                format!(
                    "a result must be of a bank's type: {}; or `!` for an op that never falls through",
                    bank_types(machine)
                ),
            );
            continue;
        };
        let name = if index == 0 { "dst".to_owned() } else { format!("dst{index}") };
        results.push(OpResult { ident: Ident::new(&name, signature.ident.span()), bank, choices: narrow(result) });
    }
    let mut ways = Ways::default();
    scan_ways(function.block.to_token_stream(), &mut ways);
    let params = params.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Op { attrs, ident: signature.ident, results, never, params, action: Action::Body(function.block), ways })
}

fn signature_is_plain(signature: &syn::Signature, errors: &mut Errors) {
    let name = &signature.ident;
    if !signature.generics.params.is_empty() || signature.generics.where_clause.is_some() {
        errors.at(
            &signature.generics,
            format!("`{name}` cannot be generic: a stencil is compiled once; write one op per type"),
        );
    }
    if let Some(token) = signature.asyncness {
        errors.at(token, format!("`{name}` cannot be async: a stencil runs to its end; remove `async`"));
    }
    if let Some(token) = signature.constness {
        errors.at(token, format!("`{name}` cannot be const: its holes are known at run time only; remove `const`"));
    }
    if let Some(token) = signature.unsafety {
        errors.at(
            token,
            format!(
                "`{name}` cannot be an unsafe fn: the interpreter calls it too; put an `unsafe` block into the body"
            ),
        );
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
    let Pat::Ident(pat) = *pat else {
        errors.at(pat, "a parameter of an op must be a plain name; take the value apart in the body");
        return None;
    };
    if let Some(by_ref) = pat.by_ref {
        errors.at(by_ref, "a parameter of an op is a value; remove `ref`");
    }
    let hole = attrs.iter().find(|attr| is_attr(attr, "hole"));
    let operand = attrs.iter().find(|attr| is_attr(attr, "operand"));
    if let Some(unknown) = attrs.iter().find(|attr| !is_attr(attr, "hole") && !is_attr(attr, "operand")) {
        errors.at(unknown, "a parameter of an op takes `#[hole]` or `#[operand(…)]`, nothing else");
    }
    if let (Some(_), Some(operand)) = (hole, operand) {
        errors.at(operand, "a parameter is a hole or an operand, not both; remove one attribute");
    }
    let special = special_type(&ty);
    let kind = match (hole, special) {
        (Some(hole), Some(_)) => {
            errors.at(hole, "labels, exits, callees and the fixed parts are no values; remove `#[hole]`");
            return None;
        }
        (Some(_), None) => match hole_type(&ty) {
            Ok(ty) => ParamKind::Hole(ty),
            Err(error) => {
                errors.push(error);
                return None;
            }
        },
        (None, Some(kind)) => {
            if let Some(operand) = operand {
                errors.at(operand, "labels, exits, callees and the fixed parts are no operands; remove `#[operand]`");
            }
            kind
        }
        (None, None) => {
            let Some(bank) = bank_of(machine, &ty) else {
                let message = format!(
                    "no bank has registers of this type; operands are of type {}; mark a constant that is patched in with `#[hole]`",
                    bank_types(machine)
                );
                errors.at(&ty, message);
                return None;
            };
            let choices = match operand.map(|attr| attr.parse_args_with(choices)) {
                Some(Ok(choices)) => choices,
                Some(Err(error)) => {
                    errors.push(error);
                    default
                }
                None => default,
            };
            ParamKind::Operand { bank, choices: Choices { slot: choices.slot && machine.frame().is_some(), ..choices } }
        }
    };
    Some(Param { ident: pat.ident, mutable: pat.mutability.is_some(), ty: *ty, kind })
}

/// The types that mean something by their name.
fn special_type(ty: &Type) -> Option<ParamKind> {
    if let Type::Reference(reference) = ty {
        return matches!(&*reference.elem, Type::Path(path) if path.path.is_ident("Fixed")).then_some(ParamKind::Fixed);
    }
    let Type::Path(path) = ty else { return None };
    let ident = path.path.get_ident()?;
    match ident.to_string().as_str() {
        "Label" => Some(ParamKind::Label),
        "Exit" => Some(ParamKind::Exit),
        "Callee" => Some(ParamKind::Callee),
        _ => None,
    }
}

fn hole_type(ty: &Type) -> syn::Result<HoleType> {
    let unsupported = || {
        let message = "a hole is an integer of 8 to 64 bits, `bool`, `f32`, `f64`, a raw pointer, a function pointer or `HostFn<fn(…)>`";
        syn::Error::new_spanned(ty, message)
    };
    match ty {
        Type::Ptr(_) => Ok(HoleType::Pointer),
        Type::BareFn(_) => Ok(HoleType::Function),
        Type::Path(path) => {
            let segment = path.path.segments.last().ok_or_else(unsupported)?;
            match segment.ident.to_string().as_str() {
                "u8" | "u16" | "u32" | "i8" | "i16" | "i32" => Ok(HoleType::Word(WordType::Int)),
                "bool" => Ok(HoleType::Word(WordType::Bool)),
                "f32" => Ok(HoleType::Word(WordType::F32)),
                "u64" | "i64" | "usize" | "isize" => Ok(HoleType::Int64),
                "f64" => Ok(HoleType::F64),
                "HostFn" => {
                    let PathArguments::AngleBracketed(args) = &segment.arguments else { return Err(unsupported()) };
                    match args.args.first() {
                        Some(GenericArgument::Type(Type::BareFn(function))) if args.args.len() == 1 => {
                            Ok(HoleType::HostFn(Box::new(function.clone())))
                        }
                        _ => Err(unsupported()),
                    }
                }
                _ => Err(unsupported()),
            }
        }
        _ => Err(unsupported()),
    }
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
