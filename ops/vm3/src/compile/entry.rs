//! How a function begins: arguments are put where it has them, and registers that nobody has set become zero.

use super::compiler::Unit;
use super::emitter::emit;
use super::function::Function;
use super::pins::{Holds, Pin, Registers};
use super::shape::TARGET;
use super::shuffle::{Source, Step, Steps};
use crate::program::Bank;
use stencil_runtime::{Reg, Slot};

/// What ops do first with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It does not matter.
    Unasked,
    Unknown,
    Read,
    Written,
}

/// The longest run of slots that are set to zero one by one.
const FEW: usize = 4;

impl Function<'_> {
    /// Puts arguments where the function has them; registers that nobody has set are zero.
    pub(super) fn entry(&mut self) {
        let needed = self.live.before(0);
        let mut steps = [Steps::new(), Steps::new()];
        for (bank, steps) in [Bank::I64, Bank::F64].into_iter().zip(&mut steps) {
            let count = self.unit.facts.in_registers(self.index, bank, self.registers.of_bank(bank));
            for (register, slot) in (0..count as u8).map(Reg).zip(self.code.layout.start(bank)..) {
                let set = self.pins.set_of(slot);
                let read = self.usages.reads_all || self.usages.of(slot).read;
                if set & self.always_clean != 0 || set == 0 && read {
                    let holds = if bank == Bank::F64 { Holds::Float } else { Holds::Int };
                    self.bring_home(Pin { slot, holds, register });
                }
                if let Some(to) = self.pins.register(slot).filter(|_| set & needed != 0) {
                    steps.push(Step { to, from: Source::Register(register), spare: slot });
                }
            }
        }
        let [ints, floats] = steps;
        self.shuffle(ints, Bank::I64);
        self.shuffle(floats, Bank::F64);
        let passed = self.unit.facts.passed(self.index);
        for pin in self.pins.iter(needed) {
            match pin.holds {
                // From cells that are zero, perhaps: see below.
                Holds::View(_) => {}
                _ if self.arrives(pin.slot).is_some() => {}
                _ if passed.has(pin.slot) => self.fetch(pin),
                Holds::Float => emit!(self, move_floats, pin.register, 0.0),
                Holds::Int => emit!(self, move_ints, pin.register, 0),
            }
        }
        self.zero_unset();
        self.fetch_all(self.live.before(0) & self.pins.views());
    }

    /// The machine register that a register of this function comes in, if callers pass it so.
    pub(super) fn arrives(&self, slot: u32) -> Option<Reg> {
        arrives(self.unit, self.registers, self.index, slot).map(|(_, register)| register)
    }

    /// Sets slots to zero that have to be so before the first op: not pinned and set by no caller; and read somewhere, but
    /// not certainly written before anything reads them. Those of cells have to be zero anyway, for the collector.
    fn zero_unset(&mut self) {
        let passed = self.unit.facts.passed(self.index);
        let layout = self.code.layout;
        let cells = layout.start(Bank::Cell)..layout.views().start;
        let mut unset = std::mem::take(&mut self.pending.unset);
        let mut count = 0;
        unset.resize((cells.start - layout.start(Bank::I64)) as usize, 0);
        for slot in layout.start(Bank::I64)..cells.start {
            // The next one takes the place of one that nobody reads, or that is pinned.
            unset[count] = slot;
            let read = self.usages.reads_all | self.usages.is_read(slot);
            count += usize::from(read & (self.pins.set_of(slot) == 0));
        }
        unset.truncate(count);
        unset.retain(|slot| !passed.has(*slot));
        if !unset.is_empty() {
            self.drop_written_first(&mut unset);
        }
        unset.extend(cells.filter(|slot| !passed.has(*slot)));
        for run in unset.chunk_by(|left, right| left + 1 == *right) {
            if run.len() <= FEW {
                for slot in run {
                    emit!(self, move_ints, Slot(*slot), 0);
                }
            } else {
                emit!(self, zero_slots, run[0] * 8, run.len() as u32);
            }
        }
        unset.clear();
        self.pending.unset = unset;
    }

    /// Drops the slots that the ops up to the first one that may leave or go elsewhere write before they read them.
    fn drop_written_first(&mut self, slots: &mut Vec<u32>) {
        let fates = &mut self.pending.fates;
        fates.clear();
        fates.resize(self.code.layout.words(), Fate::Unasked);
        for slot in &*slots {
            fates[*slot as usize] = Fate::Unknown;
        }
        let mut unknown = slots.len();
        for (pc, shape) in self.shapes.all().iter().enumerate() {
            let goes_elsewhere = shape.target().is_some() || !shape.falls_through() || shape.calls();
            if unknown == 0 || goes_elsewhere || (pc > 0 && shape.has(TARGET)) {
                break;
            }
            let mut meet = |slot: u32, fate: Fate| {
                if fates[slot as usize] == Fate::Unknown {
                    fates[slot as usize] = fate;
                    unknown -= 1;
                }
            };
            let [first, second, third] = shape.slots();
            meet(second, Fate::Read);
            meet(third, Fate::Read);
            if shape.is_uncommon() {
                shape.reads().for_each(|slot| meet(slot, Fate::Read));
            }
            meet(first, if shape.writes() { Fate::Written } else { Fate::Read });
        }
        slots.retain(|slot| fates[*slot as usize] != Fate::Written);
    }
}

/// The bank and machine register that callers of `callee` pass a slot of its frame in, if they do.
pub(super) fn arrives(unit: Unit<'_>, registers: Registers, callee: usize, slot: u32) -> Option<(Bank, Reg)> {
    let layout = unit.codes[callee].layout;
    [Bank::I64, Bank::F64].into_iter().find_map(|bank| {
        let count = unit.facts.in_registers(callee, bank, registers.of_bank(bank));
        let index = slot.checked_sub(layout.start(bank)).filter(|index| (*index as usize) < count)?;
        Some((bank, Reg(index as u8)))
    })
}
