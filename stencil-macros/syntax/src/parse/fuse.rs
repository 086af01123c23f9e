//! A fusion: `#[fuse(mul_i64(product, a, b), add_i64(sum, product, c))] fn mul_add_i64();`

use super::places::Places;
use super::{args, attrs};
use crate::ast::{Action, Choices, Lost, Machine, Op, OpResult, Param, ParamKind, Step, Value, Ways};
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
    places: Option<Places>,
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
            return Ok(Self { name, places: None });
        }
        input.parse::<Token![:]>()?;
        if input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in input);
            return Ok(Self { name, places: Some(content.parse()?) });
        }
        let place: Ident = input.parse()?;
        if place != "reg" {
            return Err(syn::Error::new(place.span(), "write `reg`, or a list such as `(reg, literal)`"));
        }
        Ok(Self { name, places: Some(Places { first: None, slot: None, literal: None }) })
    }
}

/// The ops of a fusion as written.
type Steps = Punctuated<StepSyntax, Token![,]>;

/// The ops of a fusion: the index of each, and for each of its values the number of the named value.
type Sequence = Vec<(usize, Vec<usize>)>;

/// What a named value of a fusion is.
struct Named {
    name: Ident,
    /// The value of the first op that uses it: which op and which value.
    first: (usize, Value),
    result: bool,
    choices: Option<Choices>,
}

/// Parses an item that syn does not know: a function without a body, which only a fusion may be. When it is not sound,
/// what is known of its values is given back, if it has a name.
pub(super) fn parse(
    tokens: TokenStream,
    ops: &[Op],
    lost: &[Lost],
    machine: &Machine,
    errors: &mut Errors,
) -> Result<Op, Option<Lost>> {
    let Ok(function) = syn::parse2::<TraitItemFn>(tokens.clone()) else {
        errors.at(tokens, "this is no item that an op set may hold; write ops, types, constants and helper functions");
        return Err(None);
    };
    let name = function.sig.ident.clone();
    let nothing = |values| Err(Some(Lost { ident: name.clone(), results: values, params: 0 }));
    if !attrs::has(&function.attrs, "fuse") {
        let message = if attrs::has(&function.attrs, "stencil") {
            "this op has no body; write what it does, or use `#[fuse(…)]` for a sequence of ops"
        } else {
            "a function without a body must be a fusion; mark it with `#[fuse(first(…), second(…))]`"
        };
        errors.at(&name, message);
        return nothing(0);
    }
    let sorted = attrs::sort(function.attrs, "a fusion", &["fuse"], &[], errors);
    let signature = &function.sig;
    if !signature.inputs.is_empty() || !matches!(signature.output, syn::ReturnType::Default) {
        errors.at(signature, format!("the values of a fusion are those of its ops; write `fn {name}();`"));
    } else if !signature.generics.params.is_empty() || signature.constness.is_some() || signature.asyncness.is_some() {
        errors.at(signature, format!("a fusion is a name and its ops; write `fn {name}();`"));
    } else if let Some(token) = signature.unsafety {
        let message = format!("a fusion asks for what its ops ask for, and nothing calls it; write `fn {name}();`");
        errors.at(token, message);
    }
    let steps =
        sorted.get("fuse").map(|attr| args::required(attr, Steps::parse_terminated, "#[fuse(first(…), second(…))]"));
    let Some(steps) = steps.and_then(|steps| errors.keep(steps)) else { return nothing(0) };
    if !(2..=4).contains(&steps.len()) {
        let message = "a fusion has 2 to 4 ops; list them as `#[fuse(first(…), second(…))]`";
        errors.at(sorted.get("fuse"), message);
        return nothing(0);
    }
    let Some((named, sequence)) = resolve(&name, &steps, ops, lost, machine, errors) else {
        let mut names: Vec<_> = steps.iter().flat_map(|step| step.values.iter().map(|value| &value.name)).collect();
        names.sort();
        names.dedup();
        return nothing(names.len());
    };
    Ok(build(name, sorted.kept, &named, sequence, ops, machine))
}

/// The ops that the steps name, and the values that stand for one another. `None` when something is wrong.
fn resolve(
    name: &Ident,
    steps: &Steps,
    ops: &[Op],
    lost: &[Lost],
    machine: &Machine,
    errors: &mut Errors,
) -> Option<(Vec<Named>, Sequence)> {
    let mut named: Vec<Named> = Vec::new();
    let mut sequence: Sequence = Vec::new();
    let mut sound = true;
    for (position, step) in steps.iter().enumerate() {
        let found = errors.len();
        let index = ops.iter().position(|op| op.ident == step.op && matches!(op.action, Action::Body(_)));
        let Some(index) = index else {
            // What is wrong with a lost op was said where it stands.
            if step.op == *name {
                errors.at(&step.op, "a fusion cannot contain itself; list the ops that it runs");
            } else if !lost.iter().any(|op| op.ident == step.op) {
                let message =
                    format!("no op `{}` in this set; a fusion lists ops that are marked `#[stencil]`", step.op);
                errors.at(&step.op, message);
            }
            sound = false;
            continue;
        };
        let op = &ops[index];
        if position + 1 < steps.len() && !can_be_followed(op) {
            let message = format!("`{}` jumps, calls or returns, so only the last op of a fusion can be it", step.op);
            errors.at(&step.op, message);
        }
        let values = op.values();
        if step.values.len() != values.len() {
            let names: Vec<_> = values.iter().map(|value| op.value_ident(*value).to_string()).collect();
            let message = format!("`{}` has {} values; name them all: {}", step.op, values.len(), names.join(", "));
            errors.at(&step.op, message);
            sound = false;
            continue;
        }
        let numbers = step.values.iter().zip(values);
        let numbers = numbers.map(|(syntax, value)| number(&mut named, syntax, (index, value), ops, machine, errors));
        sequence.push((index, numbers.collect()));
        sound &= errors.len() == found;
    }
    sound.then_some((named, sequence))
}

/// The number of a value by its name; a new name is a new value.
fn number(
    named: &mut Vec<Named>,
    syntax: &ValueSyntax,
    (index, value): (usize, Value),
    ops: &[Op],
    machine: &Machine,
    errors: &mut Errors,
) -> usize {
    let op = &ops[index];
    let number = named.iter().position(|other| other.name == syntax.name).unwrap_or_else(|| {
        named.push(Named { name: syntax.name.clone(), first: (index, value), result: false, choices: None });
        named.len() - 1
    });
    let entry = &mut named[number];
    let (first, first_value) = entry.first;
    if !same_sort(&ops[first], first_value, op, value) {
        let message = format!("`{}` stands for values of different kinds; use two names", syntax.name);
        errors.at(&syntax.name, message);
    }
    entry.result |= matches!(value, Value::Result(_));
    if let Some(places) = &syntax.places {
        let axis = op.axis(value);
        if axis.is_none() {
            let message = format!("`{}` is patched in and has no place; remove what follows its name", syntax.name);
            errors.at(&syntax.name, message);
        } else if entry.choices.is_some() {
            errors.at(&syntax.name, format!("the places of `{}` are given twice; remove one of them", syntax.name));
        }
        entry.choices = Some(places.choices(machine, axis.map(|(bank, _)| bank), errors));
    }
    if let (true, Some(choices)) = (entry.result, entry.choices)
        && choices.literal
    {
        entry.choices = Some(Choices { literal: false, ..choices });
        errors.at(
            &syntax.name,
            format!("`{}` is a result, which cannot be a literal; use `reg` and `slot`", syntax.name),
        );
    }
    number
}

fn build(
    ident: Ident,
    attrs: Vec<syn::Attribute>,
    named: &[Named],
    sequence: Sequence,
    ops: &[Op],
    machine: &Machine,
) -> Op {
    let last = sequence.last().map(|(op, _)| &ops[*op]);
    let (never, ways) = last.map_or((false, Ways::default()), |op| (op.never, op.ways));
    let (results, params) = (Vec::new(), Vec::new());
    let mut fused = Op { attrs, unsafety: None, ident, results, never, params, action: Action::Move, ways };
    for entry in named {
        let (op, value) = (&ops[entry.first.0], entry.first.1);
        let narrow = |choices: Choices| {
            let choices = entry.choices.unwrap_or(choices);
            Choices { literal: choices.literal && !entry.result, ..choices }
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
    let order = fused.values();
    let place = |entry: &Named| order.iter().position(|value| fused.value_ident(*value) == &entry.name);
    let numbers: Vec<usize> = named.iter().map(|entry| place(entry).unwrap_or_default()).collect();
    let steps =
        sequence.into_iter().map(|(op, values)| Step { op, values: values.iter().map(|v| numbers[*v]).collect() });
    fused.action = Action::Fused(steps.collect());
    fused
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
