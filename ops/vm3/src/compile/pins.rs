//! Which registers of a function are pinned: in a machine register wherever the function runs.

use super::flow::reads;
use super::usage::{Usage, Usages};
use crate::code::{Code, Inst};
use crate::program::Bank;
use stencil_runtime::Reg;

/// A set of pinned registers: bit `n` is i64 machine register `n`, bit `16 + n` f64 machine register `n`.
pub(super) type Set = u32;

/// The bit of the first f64 machine register.
const FLOATS: usize = 16;

/// Marks a slot that is not pinned.
const NONE: u8 = u8::MAX;

/// A pinned register's home and machine register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pin {
    pub(super) slot: u32,
    pub(super) bank: Bank,
    pub(super) register: Reg,
}

/// The pinned registers of one function after another.
#[derive(Debug, Default)]
pub(super) struct Pins {
    /// The bit of each slot, or [`NONE`].
    bits: Vec<u8>,
    /// The slot of each bit.
    slots: [Option<u32>; 32],
    /// The bits that are used.
    pub(super) all: Set,
}

/// How many machine registers each bank has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Registers {
    pub(super) ints: usize,
    pub(super) floats: usize,
}

/// How many of the first f64 machine registers the fused multiply-add works on.
const FUSED: usize = 4;

impl Pins {
    /// Chooses the pinned registers of a function.
    pub(super) fn choose(&mut self, code: &Code, usages: &Usages, registers: Registers) {
        for slot in self.slots.iter_mut().filter_map(Option::take) {
            self.bits[slot as usize] = NONE;
        }
        self.all = 0;
        if self.bits.len() < code.layout.words() {
            self.bits.resize(code.layout.words(), NONE);
        }
        let floats = code.layout.start(Bank::F64);
        let mut ints: Vec<u32> = busiest(usages, registers.ints, |slot| slot < floats);
        let mut floats: Vec<u32> = busiest(usages, registers.floats, |slot| slot >= floats);
        let wanted = Wanted::of(code);
        // Results travel in the first machine register of their bank.
        ints.sort_by_key(|slot| std::cmp::Reverse(wanted.results(*slot)));
        floats.sort_by_key(|slot| std::cmp::Reverse((wanted.fused(*slot), wanted.results(*slot))));
        let end = floats.len().min(FUSED);
        floats[..end].sort_by_key(|slot| std::cmp::Reverse(wanted.results(*slot)));
        for (first, chosen) in [(0, ints), (FLOATS, floats)] {
            for (bit, slot) in (first..).zip(chosen) {
                self.bits[slot as usize] = bit as u8;
                self.slots[bit] = Some(slot);
                self.all |= 1 << bit;
            }
        }
    }

    /// The machine register of a slot, if it is pinned.
    #[inline]
    pub(super) fn register(&self, slot: u32) -> Option<Reg> {
        let bit = self.bits[slot as usize];
        (bit != NONE).then_some(Reg(bit % FLOATS as u8))
    }

    /// The set that holds a slot alone, or nothing if it is not pinned.
    #[inline]
    pub(super) fn set_of(&self, slot: u32) -> Set {
        let bit = self.bits[slot as usize];
        if bit == NONE { 0 } else { 1 << bit }
    }

    /// The pinned registers of a set.
    pub(super) fn iter(&self, set: Set) -> impl Iterator<Item = Pin> + use<> {
        let slots = self.slots;
        let bits = (0..32).filter(move |bit| set >> bit & 1 != 0);
        bits.filter_map(move |bit: usize| {
            let slot = slots[bit]?;
            let bank = if bit < FLOATS { Bank::I64 } else { Bank::F64 };
            Some(Pin { slot, bank, register: Reg((bit % FLOATS) as u8) })
        })
    }
}

/// The `count` busiest slots of those that `of` takes, the busiest first. A register that one op uses is as well served
/// in its slot.
fn busiest(usages: &Usages, count: usize, of: impl Fn(u32) -> bool) -> Vec<u32> {
    let mut best: Vec<(u32, Usage)> = Vec::with_capacity(count + 1);
    for slot in usages.touched().iter().copied().filter(|slot| of(*slot)) {
        let usage = usages.of(slot);
        if usage.ops < 2 {
            continue;
        }
        let at = best.partition_point(|(_, other)| other.weight >= usage.weight);
        if at < count {
            best.insert(at, (slot, usage));
            best.truncate(count);
        }
    }
    best.into_iter().map(|(slot, _)| slot).collect()
}

/// What ops want of particular registers.
#[derive(Debug, Default)]
struct Wanted {
    results: Vec<u32>,
    fused: Vec<u32>,
}

impl Wanted {
    fn of(code: &Code) -> Self {
        let mut wanted = Self::default();
        for inst in &code.insts {
            match *inst {
                Inst::ReturnI64 { src } | Inst::ReturnF64 { src } => wanted.results.push(src),
                Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } if landing.bank != Bank::Cell => {
                    wanted.results.push(code.layout.slot(landing.bank, landing.register));
                }
                Inst::FmaF64 { dst, .. } => {
                    wanted.fused.push(dst);
                    wanted.fused.extend(reads(code, *inst).singles());
                }
                _ => {}
            }
        }
        wanted.results.sort_unstable();
        wanted.fused.sort_unstable();
        wanted
    }

    fn results(&self, slot: u32) -> usize {
        count(&self.results, slot)
    }

    fn fused(&self, slot: u32) -> usize {
        count(&self.fused, slot)
    }
}

/// How often a sorted list has a slot.
fn count(sorted: &[u32], slot: u32) -> usize {
    sorted.partition_point(|other| *other <= slot) - sorted.partition_point(|other| *other < slot)
}
