//! Registers for placements that an op has no variant for: the assembler moves what is there into registers that it has
//! variants for, a different one for every operand, and takes results out of such registers, a different one for each.

use crate::ast::{Action, Choices, Op, OpSet, RegisterChoice, Value};
use crate::diag::Errors;
use crate::layout::Target;

/// How many registers the assembler can borrow for one op: one for each scratch word of the anchor.
pub const MOST_BORROWED: usize = 7;

/// Refuses ops with placements that could not be reached. Of a fusion the assembler emits the ops instead.
pub(super) fn check(set: &OpSet, errors: &mut Errors) {
    for op in set.ops.iter().filter(|op| matches!(op.action, Action::Body(_))) {
        if let Some(message) = Target::all().into_iter().find_map(|target| unreachable(set, op, target)) {
            errors.at(&op.ident, message);
        }
    }
}

/// What to say about an op with placements that cannot be reached on a target.
fn unreachable(set: &OpSet, op: &Op, target: Target) -> Option<String> {
    let (mut narrowed, mut literals, mut stuck) = (0, 0, 0);
    for results in [true, false] {
        for bank in 0..set.machine.banks.len() {
            let pinned = set.machine.registers(bank, target);
            let members = members(op, bank, results);
            for (value, choices) in &members {
                if !is_narrowed(set, *choices, results, pinned) {
                    literals += usize::from(choices.literal);
                    continue;
                }
                narrowed += 1;
                if registers(*choices, pinned) < members.len() {
                    return Some(too_few(set, op, *value, members.len(), target));
                }
            }
            stuck += if results { 0 } else { members.len().saturating_sub(pinned) };
        }
    }
    // A variant has one literal. The others are moved, but where all registers hold operands.
    if stuck > 1 {
        return Some(format!(
            "`{}` has {stuck} operands more than {} registers for them in the {} convention, and one at most can be a literal; pin more",
            op.ident,
            target.architecture.name(),
            target.convention.name()
        ));
    }
    let borrowed = narrowed + usize::saturating_sub(literals, 1);
    (borrowed > MOST_BORROWED).then(|| {
        format!(
            "up to {borrowed} results and operands of `{}` have to be moved at once, {MOST_BORROWED} is the most; let some be everywhere with `#[operand(reg, slot, literal)]`",
            op.ident
        )
    })
}

/// The results or the operands of an op that are of a bank.
fn members(op: &Op, bank: usize, results: bool) -> Vec<(Value, Choices)> {
    let values = op.values().into_iter().filter(|value| matches!(value, Value::Result(_)) == results);
    values.filter_map(|value| op.axis(value).filter(|axis| axis.0 == bank).map(|axis| (value, axis.1))).collect()
}

/// How many registers a value has variants for.
fn registers(choices: Choices, pinned: usize) -> usize {
    match choices.registers {
        RegisterChoice::All => pinned,
        RegisterChoice::First(count) => count.min(pinned),
    }
}

/// Whether a value may be in a place that it has no variant for, whatever the others are in.
fn is_narrowed(set: &OpSet, choices: Choices, result: bool, pinned: usize) -> bool {
    let slot = choices.slot || set.machine.frame().is_none();
    registers(choices, pinned) < pinned || !slot || !(choices.literal || result)
}

fn too_few(set: &OpSet, op: &Op, value: Value, count: usize, target: Target) -> String {
    let bank = &set.machine.banks[op.axis(value).map_or(0, |axis| axis.0)].ident;
    let pinned = set.machine.registers(op.axis(value).map_or(0, |axis| axis.0), target);
    let (sort, attribute, everywhere) = match value {
        Value::Result(_) => ("results", "result", "result(reg, slot)"),
        Value::Param(_) => ("operands", "operand", "operand(reg, slot, literal)"),
    };
    let (op, value) = (&op.ident, op.value_ident(value));
    let cause =
        format!("`{op}` has {count} {sort} in bank `{bank}`, each of which may have to be in a register of its own");
    if count <= pinned {
        return format!("{cause}; let `{value}` be in as many with `{attribute}(reg(..{count}))`");
    }
    let (architecture, convention) = (target.architecture.name(), target.convention.name());
    format!(
        "{cause}, and {architecture} has {pinned} in the {convention} convention; pin more, or write `{everywhere}`"
    )
}
