//! Limits: argument registers of an architecture, values of an op, variants of an op.

use crate::ast::{Op, OpSet};
use crate::diag::Errors;
use crate::layout::{Target, is_float};
use crate::variants;
use std::cmp::Reverse;

/// How many results, operands and holes an op may have.
const MAX_VALUES: usize = 24;

/// How many variants one op may have on a target, pruned ones included.
const MAX_VARIANTS: usize = 1 << 16;

pub(super) fn check(set: &OpSet, errors: &mut Errors) {
    registers(set, errors);
    for op in &set.ops {
        values(op, errors);
        variants_of(set, op, errors);
    }
}

/// Everything the machine has must travel in argument registers. One error per class: the target that lacks most.
fn registers(set: &OpSet, errors: &mut Errors) {
    let machine = &set.machine;
    for float in [false, true] {
        let needed = |target: Target| -> usize {
            let banks = machine.banks.iter().enumerate().filter(|(_, bank)| is_float(&bank.ty) == float);
            let registers: usize = banks.map(|(index, _)| machine.registers(index, target)).sum();
            registers + if float { 0 } else { machine.fixed.len() }
        };
        let limit = |target: Target| if float { target.float_registers() } else { target.integer_registers() };
        let too_many = Target::all().into_iter().filter(|target| needed(*target) > limit(*target));
        let Some(target) = too_many.min_by_key(|target| Reverse(needed(*target) - limit(*target))) else { continue };
        let class = if float { "floating-point" } else { "integer" };
        let (architecture, convention) = (target.architecture.name(), target.convention.name());
        let message = format!(
            "the machine needs {} {class} registers, and {architecture} has {} in the {convention} convention; pin fewer, there with `#[bank({architecture}_{convention} = n)]`",
            needed(target),
            limit(target),
        );
        errors.at(&machine.ident, message);
    }
}

fn values(op: &Op, errors: &mut Errors) {
    let count = op.values().len();
    if count > MAX_VALUES {
        let message = format!(
            "`{}` has {count} results, operands and holes, {MAX_VALUES} is the most; pass some in memory through a pointer",
            op.ident
        );
        errors.at(&op.ident, message);
    }
}

fn variants_of(set: &OpSet, op: &Op, errors: &mut Errors) {
    let count = |target: &Target| variants::count(&variants::axes(set, op, *target));
    let Some(target) = Target::all().into_iter().min_by_key(|target| Reverse(count(target))) else { return };
    let count = count(&target);
    if count > MAX_VARIANTS {
        let count = if count == usize::MAX { "too many".to_owned() } else { count.to_string() };
        let message = format!(
            "`{}` has {count} variants for {} in the {} convention, {MAX_VARIANTS} is the most; narrow its operands, for example with `#[operand(reg(..2), slot)]`",
            op.ident,
            target.architecture.name(),
            target.convention.name()
        );
        errors.at(&op.ident, message);
    }
}
