//! Constants that registers certainly hold where an op is emitted, so that it need not read them.

use super::flow::Shapes;
use crate::code::{Code, Inst};
use crate::program::Bank;

/// What is known of the registers of one function after another.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Registers that hold one constant from some op on to wherever control goes, in the order of those ops.
    lasting: Vec<(u32, i64)>,
    /// What is known now: a register may be there several times, the last one counts.
    now: Vec<(u32, i64)>,
    /// How many of these last.
    kept: usize,
    /// Which registers may be among them, by the low bits of their slots.
    filter: u64,
    /// The same of those that last.
    kept_filter: u64,
}

/// How many constants may last: what is found is compared with each of them.
const MAX_LASTING: usize = 16;
/// How many are known besides.
const MAX_PASSING: usize = 8;

/// The bit of a slot in a filter.
const fn bit(slot: u32) -> u64 {
    1 << (slot % u64::BITS)
}

impl Known {
    /// Finds the registers of a function that one op writes, a constant, before control can part.
    pub(super) fn find(&mut self, code: &Code, shapes: &Shapes) {
        self.lasting.clear();
        self.now.clear();
        (self.kept, self.filter, self.kept_filter) = (0, 0, 0);
        for (pc, shape) in shapes.all().iter().enumerate() {
            if pc > 0 && shapes.is_target(pc) || shape.target().is_some() || !shape.falls_through() {
                break;
            }
            if let Inst::ConstI64 { dst, value } = code.insts[pc]
                && self.lasting.len() < MAX_LASTING
            {
                self.lasting.push((dst, value));
            }
        }
        if self.lasting.is_empty() {
            return;
        }
        let filter = self.lasting.iter().fold(0, |filter, (slot, _)| filter | bit(*slot));
        let mut writes = [0; MAX_LASTING];
        let mut note = |slot: u32| {
            if filter & bit(slot) != 0 {
                for ((lasting, _), writes) in self.lasting.iter().zip(&mut writes) {
                    *writes += u32::from(*lasting == slot);
                }
            }
        };
        for (pc, shape) in shapes.all().iter().enumerate() {
            shape.written().into_iter().for_each(&mut note);
            if let Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } = code.insts[pc] {
                note(code.layout.slot(Bank::I64, landing.register));
            }
        }
        let mut writes = writes.iter();
        self.lasting.retain(|_| writes.next() == Some(&1));
    }

    /// The slots of registers that are best read as literals wherever ops take them.
    pub(super) fn literals(&self) -> impl Iterator<Item = u32> {
        self.lasting.iter().filter(|(_, value)| i32::try_from(*value).is_ok()).map(|(slot, _)| *slot)
    }

    /// Control may come from elsewhere: only what lasts is still known.
    #[inline]
    pub(super) fn meet(&mut self) {
        self.now.truncate(self.kept);
        self.filter = self.kept_filter;
    }

    /// An op wrote a register, nobody knows what.
    #[inline]
    pub(super) fn forget(&mut self, slot: u32) {
        if self.may_have(slot) {
            // What lasts is written once.
            let kept = self.kept;
            let mut at = 0;
            self.now.retain(|(known, _)| {
                at += 1;
                *known != slot || at <= kept
            });
        }
    }

    /// An op wrote a constant to a register.
    pub(super) fn set(&mut self, slot: u32, value: i64) {
        self.forget(slot);
        if self.lasting.iter().any(|(lasting, _)| *lasting == slot) {
            self.now.insert(self.kept, (slot, value));
            self.kept += 1;
            self.kept_filter |= bit(slot);
        } else if self.now.len() < self.kept + MAX_PASSING {
            self.now.push((slot, value));
        } else {
            return;
        }
        self.filter |= bit(slot);
    }

    /// Whether a register may be one that holds a constant.
    #[inline(always)]
    pub(super) const fn may_have(&self, slot: u32) -> bool {
        self.filter & bit(slot) != 0
    }

    /// The constant that a register holds.
    #[inline]
    pub(super) fn of(&self, slot: u32) -> Option<i64> {
        if !self.may_have(slot) {
            return None;
        }
        self.now.iter().find(|(known, _)| *known == slot).map(|(_, value)| *value)
    }

    /// The same, if ops take it as a literal at no cost.
    #[inline]
    pub(super) fn literal(&self, slot: u32) -> Option<i64> {
        self.of(slot).filter(|value| i32::try_from(*value).is_ok())
    }
}
