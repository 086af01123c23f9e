//! From the stencils of a set to its table.

use crate::compile::Outcome;
use crate::digest::Digest;
use crate::key::TableKey;
use crate::short;
use std::collections::HashMap;
use stencil_syntax::ast::{Action, Op, OpSet, ParamKind, Value};
use stencil_syntax::variants::{self, Place};
use stencil_syntax::{hash, layout::Target};
use stencil_table::{Axis, Bank, Fusion, NO_DIGIT, Stencil, TableBytes, TableInfo, TableWriter, WriteError, op_flags};

/// The compiled variants of a set, by op and number.
pub(crate) type Stencils = HashMap<(usize, usize), Stencil>;

/// What the table says about itself besides the set.
pub(crate) struct Facts<'a> {
    pub(crate) key: TableKey,
    /// The file that the set stands in.
    pub(crate) file: &'a str,
    pub(crate) digest: Digest,
    pub(crate) compiler: &'a str,
}

/// Writes the table of a set.
pub(crate) fn write(set: &OpSet, facts: &Facts<'_>, outcome: Outcome) -> Result<TableBytes, WriteError> {
    let Outcome { mut stencils, pool, .. } = outcome;
    let key = facts.key;
    let info = TableInfo {
        architecture: key.architecture,
        convention: key.convention,
        level: key.level,
        set_hash: hash::of_set(set),
        digest: facts.digest,
    };
    let banks = banks(set, key.target());
    let mut writer = TableWriter::new(info, &banks, pool.bytes());
    writer.compiler(facts.compiler);
    for (index, op) in set.ops.iter().enumerate() {
        writer.op(&self::op(set, index, op, facts, &mut stencils))?;
    }
    for (index, op) in set.ops.iter().enumerate() {
        if let Action::Fused(steps) = &op.action {
            writer.fusion(&Fusion {
                op: index as u32,
                sequence: steps.iter().map(|step| step.op as u32).collect(),
                map: steps.iter().flat_map(|step| step.values.iter().map(|value| *value as u8)).collect(),
            });
        }
    }
    writer.finish()
}

fn banks(set: &OpSet, target: Target) -> Vec<Bank> {
    let bank_of = |op: &Op| match (op.results.first(), op.params.first().map(|param| &param.kind)) {
        (Some(result), _) => Some(result.bank),
        (None, Some(ParamKind::Operand { bank, .. })) => Some(*bank),
        (None, _) => None,
    };
    let built_in = |bank: usize, action: fn(&Action) -> bool| {
        let at = set.ops.iter().position(|op| action(&op.action) && bank_of(op) == Some(bank));
        at.map_or(u32::MAX, |at| at as u32)
    };
    let bank = |(index, bank): (usize, &stencil_syntax::ast::Bank)| Bank {
        name: bank.ident.to_string(),
        registers: set.machine.registers(index, target) as u32,
        move_op: built_in(index, |action| matches!(action, Action::Move)),
        stash_op: built_in(index, |action| matches!(action, Action::Stash)),
        unstash_op: built_in(index, |action| matches!(action, Action::Unstash)),
    };
    set.machine.banks.iter().enumerate().map(bank).collect()
}

fn op(set: &OpSet, index: usize, op: &Op, facts: &Facts<'_>, stencils: &mut Stencils) -> stencil_table::Op {
    let axes = variants::axes(set, op, facts.key.target());
    let mut variants: Vec<Option<Stencil>> =
        (0..variants::count(&axes)).map(|number| stencils.remove(&(index, number))).collect();
    let records = (0..axes.len()).map(|number| axis(number, &axes, &mut variants)).collect();
    let values = op.values();
    let kind_of = |value: &Value| match value {
        Value::Result(_) => None,
        Value::Param(param) => Some(&op.params[*param].kind),
    };
    let is_target =
        |value: &Value| matches!(kind_of(value), Some(ParamKind::Label | ParamKind::Exit | ParamKind::Callee));
    let targets = values.iter().enumerate().filter(|(_, value)| is_target(value)).map(|(number, _)| 1 << number);
    stencil_table::Op {
        name: op.ident.to_string(),
        file: facts.file.to_owned(),
        line: op.ident.span().start().line as u32,
        axes: records,
        result_count: op.results.len() as u8,
        value_count: values.len() as u8,
        targets: targets.sum(),
        flags: flags(set, index, op),
        variants,
    }
}

fn axis(number: usize, axes: &[variants::Axis], variants: &mut [Option<Stencil>]) -> Axis {
    let axis = &axes[number];
    let digit = |place| axis.digit(place).map_or(NO_DIGIT, |digit| digit as u8);
    let short_range = short::settle(number, axes, variants);
    Axis {
        bank: axis.bank as u32,
        registers: axis.registers() as u8,
        slot: digit(Place::Slot),
        // Where no value fits every short variant, literals take the wide ones.
        short: if short_range.is_some() { digit(Place::Short) } else { NO_DIGIT },
        wide: digit(Place::Wide),
        digits: axis.places.len() as u32,
        short_range: short_range.unwrap_or_default(),
    }
}

fn flags(set: &OpSet, index: usize, op: &Op) -> u8 {
    let steps = |op: &Op| match &op.action {
        Action::Fused(steps) => steps.iter().map(|step| step.op).collect(),
        _ => Vec::new(),
    };
    let sequences: Vec<Vec<usize>> = set.ops.iter().map(steps).collect();
    let fusions = || sequences.iter().filter_map(|steps| steps.split_last());
    // A call comes back, whatever the body says.
    let comes_back = op.params.iter().any(|param| matches!(param.kind, ParamKind::Callee));
    let flag = |condition: bool, flag: u8| if condition { flag } else { 0 };
    flag(op.never && !comes_back, op_flags::NEVER_FALLS_THROUGH)
        | flag(op.ways.returns, op_flags::RETURNS)
        | flag(fusions().any(|(_, before)| before.contains(&index)), op_flags::CONTINUES_FUSION)
        | flag(fusions().any(|(last, _)| *last == index), op_flags::ENDS_FUSION)
}
