//! Variants that were pruned: every placement is reachable, by borrowing registers.
//!
//! An op keeps its variants in registers whatever its author narrows. So a place that has no variant is moved into a
//! borrowed register before the op, or out of one after it. What the register held waits in the anchor's scratch
//! meanwhile and is brought back on every way out but one: what leaves to the host is gone. An op that may return runs in
//! a function of its own, so that it comes back here first.

use super::Assembler;
use super::emit::{find_slice, step};
use super::far::is_far;
use crate::error::StitchError;
use crate::glue::Far;
use crate::label::Label;
use crate::operand::{Placed, Reg};
use crate::prelude::Anchor;
use stencil_table::{
    AxisRecord, BankRecord, FusionRecord, HoleKind, HoleSort, MAX_VALUES, NO_STEP, OpRecord, Table, op_flags,
};

/// The room for what rejoins the caller and for the next piece behind it, which brings a register back.
const BEHIND_REJOIN: usize = 256;

/// A register that stands in for a place.
#[derive(Debug, Clone, Copy)]
struct Borrowed {
    /// The value it stands in for.
    value: usize,
    bank: u32,
    register: u32,
}

/// How an op is reached: its values with registers in place of what has no variant.
struct Plan {
    values: [Placed; MAX_VALUES + 1],
    /// By the scratch word that keeps the register.
    borrowed: [Option<Borrowed>; Anchor::SCRATCH_WORDS],
}

/// A way out that goes through a place of our own first.
#[derive(Debug, Clone, Copy)]
struct Detour {
    label: Label,
    /// Where it goes from there.
    target: u64,
    is_call: bool,
}

/// An op that is being synthesised.
struct Synthesis<'a, 't> {
    table: Table<'t>,
    record: &'a OpRecord,
    /// The places that were asked for.
    values: &'a [Placed],
    plan: Plan,
}

impl<S> Assembler<'_, S> {
    /// Emits an op whose variant was pruned, or says why it cannot be.
    #[cold]
    #[inline(never)]
    pub(super) fn synthesise(&mut self, op: u32, values: &[Placed]) {
        let table = self.table;
        let Some(record) = table.ops().get(op as usize) else { return self.fail(StitchError::NoSuchOp { op }) };
        if values.len() != usize::from(record.value_count) + 1 {
            let (op, given) = (table.text(record.name).to_owned(), values.len().saturating_sub(1));
            return self.fail(StitchError::WrongValues { op, expected: record.value_count, given });
        }
        if let Err(error) = check(&table, record, values) {
            return self.fail(error);
        }
        if let Some(fusion) = table.fusions().iter().find(|fusion| fusion.op == op) {
            return self.one_by_one(fusion, values);
        }
        let Some(plan) = plan(&table, record, values, self.glue.far.as_ref()) else {
            return self.fail(StitchError::Unreachable { op: table.text(record.name).to_owned() });
        };
        let synthesis = Synthesis { table, record, values, plan };
        if synthesis.returns() {
            let function = self.label();
            self.branch(&self.glue.call, Placed::label(function).bits);
            self.unstash(&synthesis, |_| true);
            self.epilogue();
            self.bind(function);
            self.prologue();
        }
        self.stash(&synthesis);
        for (_, borrowed, bank) in synthesis.borrowed().filter(|(_, borrowed, _)| !synthesis.is_result(borrowed)) {
            self.emit_own(bank.move_op, &[register(borrowed), values[borrowed.value]]);
        }
        // Ways out that carry a label go through a place of our own first, where the registers are brought back.
        let mut own = synthesis.plan.values;
        let mut detours = [None; MAX_VALUES];
        for value in (0..usize::from(record.value_count)).filter(|value| record.targets >> value & 1 != 0) {
            let label = self.label();
            let is_call = is_callee(&table, record, &synthesis.plan.values[..values.len()], value);
            detours[value] = Some(Detour { label, target: values[value].bits, is_call });
            own[value] = Placed::label(label);
        }
        self.emit_own(op, &own[..values.len() - 1]);
        let falls_through = record.flags & op_flags::NEVER_FALLS_THROUGH == 0;
        if falls_through {
            self.rejoin(&synthesis);
            for (_, borrowed, bank) in synthesis.borrowed().filter(|(_, borrowed, _)| synthesis.is_result(borrowed)) {
                self.emit_own(bank.move_op, &[values[borrowed.value], register(borrowed)]);
            }
            // A register that a result goes to has its new value.
            self.unstash(&synthesis, |borrowed| !synthesis.holds_result(borrowed));
        }
        if detours.iter().any(Option::is_some) {
            let after = self.label();
            if falls_through {
                self.jump(after);
            }
            for detour in detours.into_iter().flatten() {
                self.detour(&synthesis, detour);
            }
            self.bind(after);
        }
    }

    /// Brings the borrowed registers back and goes on where the op wanted to.
    fn detour(&mut self, synthesis: &Synthesis<'_, '_>, detour: Detour) {
        self.bind(detour.label);
        if !detour.is_call {
            self.rejoin(synthesis);
            self.unstash(synthesis, |_| true);
            return self.branch(&self.glue.jump, detour.target);
        }
        // Afterwards the code behind the op runs, as if it had fallen through. So the registers go back to where that
        // code takes them from: it then moves nothing but what the callee left.
        self.prologue();
        self.unstash(synthesis, |_| true);
        self.branch(&self.glue.call, detour.target);
        self.stash(synthesis);
        for (_, borrowed, bank) in synthesis.borrowed().filter(|(_, borrowed, _)| synthesis.is_result(borrowed)) {
            self.emit_own(bank.move_op, &[register(borrowed), synthesis.values[borrowed.value]]);
        }
        self.epilogue();
    }

    /// Goes on where the op was emitted, after it ran in a function of its own.
    fn rejoin(&mut self, synthesis: &Synthesis<'_, '_>) {
        if synthesis.returns() {
            // An island behind it would look as if it returned.
            self.room(BEHIND_REJOIN);
            self.raw(self.glue.rejoin);
        }
    }

    /// Keeps what the borrowed registers hold.
    fn stash(&mut self, synthesis: &Synthesis<'_, '_>) {
        for (word, borrowed, bank) in synthesis.borrowed() {
            self.emit_own(bank.stash_op, &[register(borrowed), scratch(word)]);
        }
    }

    /// Brings back what the borrowed registers that are `wanted` held.
    fn unstash(&mut self, synthesis: &Synthesis<'_, '_>, wanted: impl Fn(&Borrowed) -> bool) {
        for (word, borrowed, bank) in synthesis.borrowed().filter(|(_, borrowed, _)| wanted(borrowed)) {
            self.emit_own(bank.unstash_op, &[register(borrowed), scratch(word)]);
        }
    }
}

impl<'t> Synthesis<'_, 't> {
    /// The borrowed registers with their scratch words and banks.
    fn borrowed(&self) -> impl Iterator<Item = (usize, Borrowed, &'t BankRecord)> {
        let banks = self.table.banks();
        let borrowed = self.plan.borrowed.iter().enumerate();
        borrowed.filter_map(|(word, borrowed)| borrowed.and_then(|it| Some((word, it, banks.get(it.bank as usize)?))))
    }

    /// Whether the op may return.
    fn returns(&self) -> bool {
        self.record.flags & op_flags::RETURNS != 0
    }

    /// Whether a register stands in for a result.
    fn is_result(&self, borrowed: &Borrowed) -> bool {
        borrowed.value < usize::from(self.record.result_count)
    }

    /// Whether a result goes to a borrowed register.
    fn holds_result(&self, borrowed: &Borrowed) -> bool {
        let results = self.table.axes_of(self.record).iter().zip(self.values);
        let mut results = results.take(usize::from(self.record.result_count));
        results.any(|(axis, place)| axis.bank == borrowed.bank && place.kind == borrowed.register)
    }
}

impl<S> Assembler<'_, S> {
    /// Emits the ops of a fusion one after the other: between them values are written and read again, so no register
    /// could stand in for all of them.
    fn one_by_one(&mut self, fusion: &FusionRecord, values: &[Placed]) {
        let table = self.table;
        let mut map = table.map_of(fusion);
        for &op in fusion.sequence.iter().take(fusion.len as usize) {
            let count = table.ops().get(op as usize).map_or(0, |op| usize::from(op.value_count));
            let Some((own, rest)) = map.split_at_checked(count) else { return };
            // Fused once more, they would come back here.
            self.history.barrier();
            let mut step = [Placed::word(0); MAX_VALUES + 1];
            for (to, from) in step.iter_mut().zip(own) {
                *to = values.get(usize::from(*from)).copied().unwrap_or(*to);
            }
            self.emit_slice(op, &step[..=count]);
            map = rest;
        }
    }

    /// Emits what must have a variant of its own: in a table of the build helper's it has.
    fn emit_own(&mut self, op: u32, values: &[Placed]) {
        let mut padded = [Placed::word(0); MAX_VALUES + 2];
        padded[..values.len()].copy_from_slice(values);
        if !self.emit_variant(op, &padded[..=values.len()]) {
            let name = self.table.ops().get(op as usize).map_or("", |record| self.table.text(record.name));
            self.fail(StitchError::Unreachable { op: name.to_owned() });
        }
    }
}

/// Whether a target is a callee: its hole is one of a call, in the variant for these values.
fn is_callee(table: &Table<'_>, record: &OpRecord, values: &[Placed], target: usize) -> bool {
    let holes = find_slice(table, record, values).map_or(&[][..], |stencil| table.place_holes_of(stencil));
    let callee = |kind: u8| HoleKind::from_byte(kind).is_ok_and(|kind| kind.sort() == HoleSort::Callee);
    holes.iter().any(|hole| usize::from(hole.value) == target && callee(hole.kind))
}

fn register(borrowed: Borrowed) -> Placed {
    Placed::register(Reg(borrowed.register as u8))
}

fn scratch(word: usize) -> Placed {
    Placed::word((Anchor::SCRATCH_OFFSET + 8 * word) as u64)
}

/// Refuses registers that are not pinned and slots of a machine without a frame.
fn check(table: &Table<'_>, record: &OpRecord, values: &[Placed]) -> Result<(), StitchError> {
    let op = || table.text(record.name).to_owned();
    for (axis, place) in table.axes_of(record).iter().zip(values) {
        let Some(bank) = table.banks().get(axis.bank as usize) else { continue };
        if place.kind < Placed::SLOT && place.bits >= u64::from(bank.registers) {
            let (register, pinned) = (place.bits as u32, bank.registers);
            return Err(StitchError::NoSuchRegister {
                op: op(),
                bank: table.text(bank.name).to_owned(),
                register,
                pinned,
            });
        }
        if place.kind == Placed::SLOT && !has_slots(table, bank) {
            return Err(StitchError::NoFrame { op: op() });
        }
    }
    Ok(())
}

/// Whether values of a bank can be in slots: its move can take them there.
fn has_slots(table: &Table<'_>, bank: &BankRecord) -> bool {
    let moves = table.ops().get(bank.move_op as usize);
    moves.is_some_and(|op| table.axes_of(op).iter().all(|axis| axis.steps[Placed::SLOT as usize] != NO_STEP))
}

/// Replaces as little as possible: first what has no digit of its own or is out of reach, then literals, then slots, until a variant is
/// there.
fn plan(table: &Table<'_>, record: &OpRecord, values: &[Placed], far: Option<&Far>) -> Option<Plan> {
    let axes = table.axes_of(record);
    let mut own = [Placed::word(0); MAX_VALUES + 1];
    own.get_mut(..values.len())?.copy_from_slice(values);
    let mut plan = Plan { values: own, borrowed: [None; Anchor::SCRATCH_WORDS] };
    for (value, axis) in axes.iter().enumerate() {
        if step(axis, values[value]) == NO_STEP || is_far(far, values[value]) {
            plan.borrow(axes, record, value)?;
        }
    }
    let is_slot: fn(Placed) -> bool = |place| place.kind == Placed::SLOT;
    for replace in [Placed::is_literal, is_slot] {
        for value in 0..axes.len() {
            if find_slice(table, record, &plan.values[..values.len()]).is_some() {
                return Some(plan);
            }
            if replace(plan.values[value]) {
                // Where no register is free, another value may do.
                let _ = plan.borrow(axes, record, value);
            }
        }
    }
    find_slice(table, record, &plan.values[..values.len()])?;
    Some(plan)
}

impl Plan {
    /// Lets a register stand in for a value: for an operand one that no other operand is in, for a result one that no
    /// other result goes to. A register that stands in for an operand and a result is stashed twice, before anything is
    /// moved: both words hold what it held.
    fn borrow(&mut self, axes: &[AxisRecord], record: &OpRecord, value: usize) -> Option<()> {
        let axis = axes.get(value)?;
        let results = usize::from(record.result_count);
        // Operands are read before results are written, so only values of the same sort are in each other's way.
        let used = |register: u32| {
            let others = axes.iter().zip(&self.values).enumerate().filter(|(index, _)| *index != value);
            let mut rivals =
                others.filter(|(index, (other, _))| other.bank == axis.bank && (*index < results) == (value < results));
            rivals.any(|(_, (_, place))| place.kind == register)
        };
        let free = (0..axis.registers).find(|register| !used(*register))?;
        let slot = self.borrowed.iter_mut().find(|slot| slot.is_none())?;
        self.values[value] = Placed::register(Reg(free as u8));
        *slot = Some(Borrowed { value, bank: axis.bank, register: free });
        Some(())
    }
}
