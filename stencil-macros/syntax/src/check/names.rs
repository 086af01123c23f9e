//! Names: of ops, parameters, the machine's parts, and those that the expansion makes of them.

use crate::ast::{Action, HoleType, Lost, Machine, Op, OpSet, Param, ParamKind, camel_case};
use crate::diag::Errors;
use proc_macro2::Ident;
use quote::format_ident;
use std::collections::{HashMap, HashSet};
use syn::Item;

/// Names of the prelude and of the language, which every op set sees.
pub const RESERVED: [&str; 10] =
    ["Anchor", "Callee", "Emit", "Exit", "Fixed", "Float", "HostFn", "Label", "Register", "stencils"];

/// Types that expanded code names without a path.
const PRIMITIVE: [&str; 6] = ["u8", "u32", "u64", "usize", "f32", "f64"];

/// Methods that the assembler has already: an op of such a name could not be called on it.
pub const METHODS: [&str; 28] = [
    "align",
    "begin_cold",
    "bind",
    "callee",
    "clear",
    "emit",
    "emit_op",
    "emit_prepared",
    "end_cold",
    "epilogue",
    "error",
    "export",
    "has_landing_pads",
    "into",
    "is_empty",
    "jump",
    "jump_through",
    "label",
    "labels",
    "landing_pads",
    "len",
    "mark",
    "new",
    "prologue",
    "registers",
    "set_origin",
    "table",
    "try_into",
];

/// Checks the names of a set. What clashes gets another name or is left out, so that it adds no errors of the
/// compiler's; the ops that this happens to are given back.
pub(super) fn check(set: &mut OpSet, lost: &[Lost], errors: &mut Errors) -> Vec<usize> {
    let mut broken = ops(set, lost, errors);
    for op in &broken {
        set.ops[*op].ident = format_ident!("__op_{op}", span = set.ops[*op].ident.span());
    }
    for (index, op) in set.ops.iter_mut().enumerate().filter(|(_, op)| !built_in(op)) {
        let before = errors.len();
        rename(op, &values(op, errors));
        rename(op, &flow_variants(op, errors));
        let mut fixed = false;
        op.params.retain(|param| !matches!(param.kind, ParamKind::Fixed) || !std::mem::replace(&mut fixed, true));
        if errors.len() > before {
            broken.push(index);
        }
    }
    for (index, op) in types(set, errors) {
        set.ops[index].ident = format_ident!("__op_{index}", span = op.span());
        broken.push(index);
    }
    let kept = |item: &Item| item_name(item).is_none_or(|name| !reserved(name, errors));
    set.items.retain(kept);
    broken
}

fn rename(op: &mut Op, params: &[usize]) {
    for index in params {
        let name = &mut op.params[*index].ident;
        *name = format_ident!("__param_{index}", span = name.span());
    }
}

fn built_in(op: &Op) -> bool {
    matches!(op.action, Action::Move | Action::Stash | Action::Unstash)
}

/// Checks the names of the machine and its parts, which are the variables of every stencil.
pub(super) fn machine(machine: &Machine, errors: &mut Errors) {
    reserved(&machine.ident, errors);
    let fixed = machine.fixed.iter().map(|fixed| &fixed.ident);
    let banks = machine.banks.iter().map(|bank| &bank.ident);
    let mut seen: Vec<&Ident> = Vec::new();
    for name in fixed.clone().chain(banks) {
        if name.to_string().starts_with("__") {
            errors.at(name, format!("`{name}` begins like a generated name; remove the underscores"));
        }
        if seen.contains(&name) {
            errors.at(name, format!("the machine has two parts of the name `{name}`; rename one of them"));
        }
        seen.push(name);
    }
    for (index, bank) in machine.banks.iter().enumerate() {
        for name in fixed.clone() {
            if register_of(&bank.ident, name) {
                let message =
                    format!("`{name}` is also the name of a register of the bank `{}`; rename one of them", bank.ident);
                errors.at(name, message);
            }
        }
        for other in &machine.banks[..index] {
            if other.ty == bank.ty {
                let message = format!(
                    "banks `{}` and `{}` have the same type, so an operand's type does not say which is meant; give one of them a `#[repr(transparent)]` type of its own",
                    other.ident, bank.ident
                );
                errors.at(&bank.ident, message);
            }
        }
    }
}

/// Whether `name` is the variable of a register of a bank: `ints_3`.
fn register_of(bank: &Ident, name: &Ident) -> bool {
    let number = name.to_string().strip_prefix(&format!("{bank}_")).map(str::to_owned);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The names of ops are those of emission methods; tables and other languages see them in one case only. Gives the ops
/// whose names are taken.
fn ops(set: &OpSet, lost: &[Lost], errors: &mut Errors) -> Vec<usize> {
    let mut taken = Vec::new();
    let built_ins: HashSet<String> = set.ops.iter().filter(|op| built_in(op)).map(|op| op.ident.to_string()).collect();
    let mut seen: HashMap<String, &Ident> = HashMap::new();
    // An op that only jumps is what the assembler's own method does.
    let jump = |op: &Op| op.never && matches!(op.params.as_slice(), [Param { kind: ParamKind::Label, .. }]);
    let jumps: Vec<_> = set.ops.iter().filter(|op| jump(op)).map(|op| &op.ident).collect();
    let own = set.ops.iter().enumerate().filter(|(_, op)| !built_in(op)).map(|(index, op)| (Some(index), &op.ident));
    for (index, op) in own.chain(lost.iter().map(|op| (None, &op.ident))) {
        let name = op.to_string();
        let before = errors.len();
        if let Some(plain) = name.strip_prefix("r#") {
            errors.at(op, format!("the name of an op cannot be a keyword; write `{plain}_`"));
        } else if METHODS.contains(&name.as_str()) && !(name == "jump" && jumps.contains(&op)) {
            errors.at(op, format!("`asm.{name}(…)` is a method of the assembler already; rename the op"));
        } else if name.starts_with("__") {
            errors.at(op, format!("`{name}` begins like a generated name; remove the underscores"));
        }
        if errors.len() > before {
            continue;
        }
        if built_ins.contains(&name) {
            errors.at(op, format!("every bank has an op `{name}` by itself; rename this one, or remove it"));
        } else if let Some(other) = seen.insert(name.to_lowercase(), op) {
            if *other == name {
                errors.at(op, format!("this op set has two ops of the name `{name}`; rename one of them"));
            } else {
                errors.at(op, format!("`{name}` and `{other}` differ only by case; rename one of them"));
                continue;
            }
        } else {
            continue;
        }
        taken.extend(index);
    }
    taken
}

/// The values of an op are the parameters of its emission method. Gives the parameters whose names are taken.
fn values(op: &Op, errors: &mut Errors) -> Vec<usize> {
    let mut taken = Vec::new();
    let mut seen: Vec<&Ident> = Vec::new();
    let mut fixed = false;
    for (index, param) in op.params.iter().enumerate() {
        let name = &param.ident;
        if matches!(param.kind, ParamKind::Fixed) && std::mem::replace(&mut fixed, true) {
            errors.at(name, "an op has the fixed parts once; remove this parameter");
        }
        if name.to_string().starts_with("__") {
            errors.at(name, format!("`{name}` begins like a generated name; remove the underscores"));
        } else if op.results.iter().any(|result| result.ident == *name) {
            let message = format!("`{name}` is what the emission method calls the result; rename this parameter");
            errors.at(name, message);
            taken.push(index);
        } else if seen.contains(&name) {
            errors.at(name, format!("`{}` has two parameters of the name `{name}`; rename one of them", op.ident));
            taken.push(index);
        }
        seen.push(name);
    }
    taken
}

/// The ways on from an op are the variants of its flow enum. Gives the parameters whose variants are taken.
fn flow_variants(op: &Op, errors: &mut Errors) -> Vec<usize> {
    let mut taken = Vec::new();
    let ways = op.ways_out();
    let mut seen: Vec<String> = if op.never { Vec::new() } else { vec!["Next".to_owned()] };
    seen.extend(ways.iter().filter(|way| way.target.is_none()).map(|way| way.variant()));
    for way in ways {
        let Some(target) = way.target else { continue };
        let variant = way.variant();
        if seen.contains(&variant) {
            let message = format!(
                "`{target}` becomes `{variant}`, which another way on from `{}` is already called; rename it",
                op.ident
            );
            errors.at(target, message);
            taken.extend(op.params.iter().position(|param| param.ident == *target));
        }
        seen.push(variant);
    }
    taken
}

/// The types that the expansion makes for ops stand beside those of the author. Gives the ops whose types have no name
/// of their own.
fn types(set: &OpSet, errors: &mut Errors) -> Vec<(usize, Ident)> {
    let own: Vec<_> = set.items.iter().filter_map(type_name).chain([&set.machine.ident]).collect();
    let mut made: Vec<(String, &Ident)> = Vec::new();
    let mut taken = Vec::new();
    for (index, op) in set.ops.iter().enumerate().filter(|(_, op)| matches!(op.action, Action::Body(_))) {
        let flow =
            op.has_flow().then(|| (camel_case(&op.ident.to_string()), &op.ident, "the type of the ways on from"));
        let hosts = op.params.iter().filter(|param| matches!(param.kind, ParamKind::Hole(HoleType::HostFn(_))));
        let hosts = hosts.map(|param| {
            let name = camel_case(&format!("{}_{}", op.ident, param.ident));
            (name, &param.ident, "the type of the host function")
        });
        for (name, at, what) in flow.into_iter().chain(hosts) {
            if RESERVED.contains(&name.as_str()) || own.iter().any(|own| **own == name) {
                errors.at(at, format!("{what} `{at}` is called `{name}`, which is taken; rename one of them"));
            } else if let Some((_, other)) = made.iter().find(|(made, _)| *made == name) {
                errors.at(at, format!("{what} `{at}` is called `{name}`, as that of `{other}` is; rename one of them"));
            } else {
                made.push((name, at));
                continue;
            }
            taken.push((index, op.ident.clone()));
        }
    }
    let parts = set.machine.fixed.iter().map(|fixed| &fixed.ident);
    for value in set.items.iter().filter_map(pattern_name) {
        let register = set.machine.banks.iter().any(|bank| register_of(&bank.ident, value));
        if register || parts.clone().any(|part| part == value) {
            let message =
                format!("`{value}` is a variable of every stencil, a part of the machine; rename one of them");
            errors.at(value, message);
        } else if value.to_string().starts_with(|first: char| first.is_lowercase()) {
            let message = format!(
                "expanded code may have a variable `{value}`, which would be compared with this; begin it with a capital letter"
            );
            errors.at(value, message);
        }
    }
    taken
}

/// Whether a name of the author's means something already.
fn reserved(name: &Ident, errors: &mut Errors) -> bool {
    let text = name.to_string();
    if RESERVED.contains(&text.as_str()) {
        errors.at(name, format!("`{text}` means something in every op set already; choose another name"));
    } else if PRIMITIVE.contains(&text.as_str()) {
        errors.at(name, format!("`{text}` would hide the primitive type; choose another name"));
    } else if text.starts_with("__") {
        errors.at(name, format!("`{text}` begins like a generated name; remove the underscores"));
    } else {
        return false;
    }
    true
}

/// The name of an item.
fn item_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        _ => type_name(item),
    }
}

/// The name of an item that is a type, or shares the namespace of types.
fn type_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Enum(item) => Some(&item.ident),
        Item::Mod(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}

/// The name of an item that a variable of the same name would be compared with.
fn pattern_name(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Struct(item) if !matches!(item.fields, syn::Fields::Named(_)) => Some(&item.ident),
        _ => None,
    }
}
