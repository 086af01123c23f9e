//! Constants that registers certainly hold where an op is emitted, so that it need not read them.

use super::flow::Shapes;
use super::pins::Pins;
use super::usage::Usages;
use crate::code::{Code, Inst};
use stencil_runtime::{Placed, Slot};

/// What is known of the registers of one function after another.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// By [`source`]: where the value of each slot is, and behind that what an op that takes literals reads instead: the
    /// constant that the register holds, or the same. Looking that up takes no decision, which could not be predicted.
    places: Vec<Placed>,
    /// The slots of which `places` says anything but that the value is there.
    changed: Vec<u32>,
    /// Registers that hold one constant from some op on to wherever control goes.
    lasting: Vec<u32>,
    /// Registers that may hold a constant as long as control comes from nowhere else.
    passing: Vec<u32>,
    /// Registers that hold a constant which no op takes as a literal at no cost.
    wide: Vec<(u32, i64)>,
}

/// Where an op reads the value of a slot, or what it is known to be, if it takes a `literal`. For slot 0, that of the header,
/// that is its immediate.
#[inline(always)]
pub(super) fn source(slot: u32, literal: bool) -> u32 {
    2 * slot + u32::from(literal)
}

/// That of an immediate.
const IMMEDIATE: usize = 1;

/// How many constants may last: what is written is compared with each of them.
const MAX_LASTING: usize = 16;

/// Whether ops take a constant as a literal at no cost.
fn is_short(value: i64) -> bool {
    i32::try_from(value).is_ok()
}

impl Known {
    /// Finds the registers of a function that one op writes, a constant, before control can part. Those that are best read as
    /// literals wherever ops take them lose their weight.
    pub(super) fn find(&mut self, code: &Code, shapes: &Shapes, usages: &mut Usages) {
        self.lasting.clear();
        for (pc, shape) in shapes.all().iter().enumerate() {
            if pc > 0 && shapes.is_target(pc) || shape.target().is_some() || !shape.falls_through() {
                break;
            }
            if let Inst::ConstI64 { dst, value } = code.insts[pc]
                && self.lasting.len() < MAX_LASTING
                && usages.is_written_only_at_entry(dst)
            {
                self.lasting.push(dst);
                if is_short(value) {
                    usages.drop_weight(dst);
                }
            }
        }
    }

    /// Learns where the registers of a function are. Nothing else is known of them yet.
    pub(super) fn begin(&mut self, code: &Code, pins: &Pins) {
        self.wide.clear();
        for slot in self.changed.drain(..).chain(self.passing.drain(..)) {
            let at = 2 * slot as usize;
            self.places[at..at + 2].fill(Placed::slot(Slot(slot)));
        }
        let added = self.places.len() / 2..code.layout.words();
        self.places.extend(added.flat_map(|slot| [Placed::slot(Slot(slot as u32)); 2]));
        for pin in pins.iter(pins.all) {
            let at = 2 * pin.slot as usize;
            self.places[at..at + 2].fill(pins.int(pin.slot).into());
            self.changed.push(pin.slot);
        }
    }

    /// Control may come from elsewhere: only what lasts is still known.
    #[inline]
    pub(super) fn meet(&mut self) {
        for slot in self.passing.drain(..) {
            let at = 2 * slot as usize;
            self.places[at + 1] = self.places[at];
        }
        if !self.wide.is_empty() {
            let Self { lasting, wide, .. } = self;
            wide.retain(|(slot, _)| lasting.contains(slot));
        }
    }

    /// An op wrote a register, nobody knows what.
    #[inline(always)]
    pub(super) fn forget(&mut self, slot: u32) {
        let at = 2 * slot as usize;
        self.places[at + 1] = self.places[at];
        if !self.wide.is_empty() {
            self.wide.retain(|(wide, _)| *wide != slot);
        }
    }

    /// An op wrote a constant to a register.
    #[inline(never)]
    pub(super) fn set(&mut self, slot: u32, value: i64) {
        self.forget(slot);
        if !is_short(value) {
            self.wide.push((slot, value));
            return;
        }
        self.places[source(slot, true) as usize] = Placed::literal(value.cast_unsigned());
        if self.lasting.contains(&slot) {
            self.changed.push(slot);
        } else {
            self.passing.push(slot);
        }
    }

    /// Says what [`Known::read`] reads for an immediate.
    #[inline(always)]
    pub(super) fn set_immediate(&mut self, immediate: Placed) {
        // Nothing reads or writes what stands for the header.
        self.places[IMMEDIATE] = immediate;
    }

    /// What an op reads from [sources](source).
    #[inline(always)]
    pub(super) fn read<const N: usize>(&self, sources: [u32; N]) -> [Placed; N] {
        sources.map(|source| self.places[source as usize])
    }

    /// The constant that a register holds.
    pub(super) fn of(&self, slot: u32) -> Option<i64> {
        let short = self.places[source(slot, true) as usize].as_literal().map(u64::cast_signed);
        short.or_else(|| self.wide.iter().find(|(known, _)| *known == slot).map(|(_, value)| *value))
    }
}
