//! A fusion: `#[fuse(mul_i64(product, a, b), add_i64(sum, product, c))] fn mul_add_i64();`

use super::args::choices;
use super::{has_attr, is_attr};
use crate::ast::{Action, Choices, Machine, Op, OpResult, Param, ParamKind, Step, Value, Ways};
use crate::diag::Errors;
use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Token, TraitItemFn, parenthesized};

/// `mul_i64(product: reg, a, b)`
struct StepSyntax {
    op: Ident,
    values: Punctuated<ValueSyntax, Token![,]>,
}

/// `product: reg` or `limit: (reg, slot)`
struct ValueSyntax {
    name: Ident,
    choices: Option<Choices>,
}

impl Parse for StepSyntax {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let op = input.parse()?;
        let content;
        parenthesized!(content in input);
        Ok(Self { op, values: Punctuated::parse_terminated(&content)? })
    }
}

impl Parse for ValueSyntax {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.parse()?;
        if !input.peek(Token![:]) {
            return Ok(Self { name, choices: None });
        }
        input.parse::<Token![:]>()?;
        let choices = if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            content.call(choices)?
        } else {
            let place: Ident = input.parse()?;
            match place.to_string().as_str() {
                "reg" => Choices::REGISTERS,
                _ => return Err(syn::Error::new(place.span(), "write `reg`, or a list such as `(reg, literal)`")),
            }
        };
        Ok(Self { name, choices: Some(choices) })
    }
}

/// What a named value of a fusion is.
struct Named {
    name: Ident,
    /// The value of the first op that uses it: which op and which value.
    first: (usize, Value),
    result: bool,
    choices: Option<Choices>,
}

/// Parses an item that syn does not know: a function without a body, which only a fusion may be.
pub(super) fn parse(tokens: TokenStream, ops: &[Op], machine: &Machine, errors: &mut Errors) -> Option<Op> {
    let Ok(function) = syn::parse2::<TraitItemFn>(tokens.clone()) else {
        errors.at(tokens, "this is no item that an op set may hold; write ops, types, constants and helper functions");
        return None;
    };
    let Some(attr) = function.attrs.iter().find(|attr| is_attr(attr, "fuse")) else {
        let message = if has_attr(&function.attrs, "stencil") {
            "this op has no body; write what it does, or use `#[fuse(…)]` for a sequence of ops"
        } else {
            "a function without a body must be a fusion; mark it with `#[fuse(first(…), second(…))]`"
        };
        errors.at(&function.sig.ident, message);
        return None;
    };
    if !function.sig.inputs.is_empty() || !matches!(function.sig.output, syn::ReturnType::Default) {
        errors.at(&function.sig, "the values of a fusion are those of its ops; write `fn name();`");
    }
    let steps = errors.keep(attr.parse_args_with(Punctuated::<StepSyntax, Token![,]>::parse_terminated))?;
    if !(2..=4).contains(&steps.len()) {
        errors.at(attr, "a fusion has 2 to 4 ops; list them as `first(…), second(…)`");
        return None;
    }
    let attrs = function.attrs.iter().filter(|attr| !is_attr(attr, "fuse")).cloned().collect();
    build(function.sig.ident.clone(), attrs, steps, ops, machine, errors)
}

fn build(
    ident: Ident,
    attrs: Vec<syn::Attribute>,
    steps: Punctuated<StepSyntax, Token![,]>,
    ops: &[Op],
    machine: &Machine,
    errors: &mut Errors,
) -> Option<Op> {
    let mut named: Vec<Named> = Vec::new();
    let mut sequence: Vec<(usize, Vec<usize>)> = Vec::new();
    let last = steps.len() - 1;
    let mut ways = Ways::default();
    let mut sound = true;
    for (position, step) in steps.into_iter().enumerate() {
        if step.op == ident {
            errors.at(&step.op, "a fusion cannot contain itself");
            sound = false;
            continue;
        }
        let Some(index) = ops.iter().position(|op| op.ident == step.op && matches!(op.action, Action::Body(_))) else {
            errors.at(
                &step.op,
                format!("no op `{}` in this set; a fusion lists ops that are marked `#[stencil]`", step.op),
            );
            sound = false;
            continue;
        };
        let op = &ops[index];
        if position < last && !can_be_followed(op) {
            let message = format!("`{}` jumps, calls or returns, so only the last op of a fusion can be it", step.op);
            errors.at(&step.op, message);
            sound = false;
        }
        ways = op.ways;
        let values = op.values();
        if step.values.len() != values.len() {
            let names: Vec<_> = values.iter().map(|value| op.value_ident(*value).to_string()).collect();
            errors.at(
                &step.op,
                format!("`{}` has {} values; name them all: {}", step.op, values.len(), names.join(", ")),
            );
            sound = false;
            continue;
        }
        let mut numbers = Vec::new();
        for (syntax, value) in step.values.into_iter().zip(values) {
            let result = matches!(value, Value::Result(_));
            let number = named.iter().position(|other| other.name == syntax.name);
            let number = number.unwrap_or_else(|| {
                named.push(Named { name: syntax.name.clone(), first: (index, value), result: false, choices: None });
                named.len() - 1
            });
            let entry = &mut named[number];
            let (first_op, first_value) = entry.first;
            if !same_sort(&ops[first_op], first_value, op, value) {
                errors
                    .at(&syntax.name, format!("`{}` stands for values of different kinds; use two names", syntax.name));
                sound = false;
            }
            entry.result |= result;
            if syntax.choices.is_some() {
                entry.choices = syntax.choices;
            }
            numbers.push(number);
        }
        sequence.push((index, numbers));
    }
    if !sound {
        return None;
    }
    let never = sequence.last().is_some_and(|(op, _)| ops[*op].never);
    let mut fused = Op { attrs, ident, results: Vec::new(), never, params: Vec::new(), action: Action::Move, ways };
    for entry in &named {
        let (op, value) = (&ops[entry.first.0], entry.first.1);
        let slots = machine.frame().is_some();
        let narrow = |choices: Choices| {
            let choices = entry.choices.unwrap_or(choices);
            Choices { slot: choices.slot && slots, literal: choices.literal && !entry.result, ..choices }
        };
        match (op.axis(value), value) {
            (Some((bank, choices)), _) if entry.result => {
                fused.results.push(OpResult { ident: entry.name.clone(), bank, choices: narrow(choices) });
            }
            (Some((bank, choices)), _) => fused.params.push(Param {
                ident: entry.name.clone(),
                mutable: false,
                ty: machine.banks[bank].ty.clone(),
                kind: ParamKind::Operand { bank, choices: narrow(choices) },
            }),
            (None, Value::Param(index)) => fused.params.push(Param {
                ident: entry.name.clone(),
                mutable: false,
                ty: op.params[index].ty.clone(),
                kind: match &op.params[index].kind {
                    ParamKind::Hole(ty) => ParamKind::Hole(ty.clone()),
                    ParamKind::Exit => ParamKind::Exit,
                    ParamKind::Callee => ParamKind::Callee,
                    _ => ParamKind::Label,
                },
            }),
            (None, Value::Result(_)) => {}
        }
    }
    // The fused op numbers its values in its own order: results, operands, the rest.
    let numbers: Vec<usize> = {
        let order = fused.values();
        let place = |entry: &Named| order.iter().position(|value| fused.value_ident(*value) == &entry.name);
        named.iter().map(|entry| place(entry).unwrap_or_default()).collect()
    };
    let steps =
        sequence.into_iter().map(|(op, values)| Step { op, values: values.iter().map(|v| numbers[*v]).collect() });
    fused.action = Action::Fused(steps.collect());
    Some(fused)
}

fn can_be_followed(op: &Op) -> bool {
    let jumps = |param: &Param| matches!(param.kind, ParamKind::Label | ParamKind::Callee);
    !op.never && op.ways == Ways::default() && !op.params.iter().any(jumps)
}

fn same_sort(left: &Op, left_value: Value, right: &Op, right_value: Value) -> bool {
    match (left.axis(left_value), right.axis(right_value)) {
        (Some((left, _)), Some((right, _))) => left == right,
        (None, None) => match (left_value, right_value) {
            (Value::Param(l), Value::Param(r)) => {
                let (l, r) = (&left.params[l], &right.params[r]);
                std::mem::discriminant(&l.kind) == std::mem::discriminant(&r.kind) && l.ty == r.ty
            }
            _ => false,
        },
        _ => false,
    }
}
