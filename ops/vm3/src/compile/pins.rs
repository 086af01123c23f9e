//! Which registers of a function are pinned: in a machine register wherever the function runs.

use super::flow::reads;
use super::usage::{Usage, Usages};
use crate::code::{Code, Inst};
use crate::program::Bank;
use crate::stencils::ops::{FLOATS, INTS};
use stencil_runtime::{Reg, Table};

/// A set of pinned registers: bit `n` is machine register `n` of the ints, which hold i64 and cell registers, bit `16 + n`
/// machine register `n` of the floats.
pub(crate) type Set = u32;

/// The bit of the first f64 machine register.
const FLOATS_FROM: usize = 16;

/// Marks a slot that is not pinned.
const NONE: u8 = u8::MAX;

/// A pinned register's home and machine register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) slot: u32,
    /// Whether the machine register is one of the floats.
    pub(crate) is_float: bool,
    pub(crate) register: Reg,
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
    /// Those of cell registers.
    pub(super) cells: Set,
}

/// How many machine registers each bank has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Registers {
    pub(crate) ints: usize,
    pub(crate) floats: usize,
}

/// How many of the first f64 machine registers the fused multiply-add works on.
const FUSED: usize = 4;

impl Registers {
    /// Those of a table. A set of pinned registers has room for 16 of each bank.
    pub(super) fn of(table: &Table<'_>) -> Self {
        // The order of the machine's banks.
        let count = |bank: usize| table.banks().get(bank).map_or(0, |bank| bank.registers).min(16) as usize;
        Self { ints: count(0).min(INTS), floats: count(1).min(FLOATS) }
    }

    /// Those of a bank.
    pub(crate) const fn of_bank(self, bank: Bank) -> usize {
        match bank {
            Bank::I64 => self.ints,
            Bank::F64 => self.floats,
            Bank::Cell => 0,
        }
    }
}

/// Where the pinned registers of a compiled function live: the slot of each bit of a [`Set`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Homes([Option<u32>; 32]);

impl Homes {
    /// The pinned registers of a set.
    pub(crate) fn iter(&self, set: Set) -> impl Iterator<Item = Pin> + use<> {
        let slots = self.0;
        let bits = (0..32).filter(move |bit| set >> bit & 1 != 0);
        bits.filter_map(move |bit: usize| {
            let slot = slots[bit]?;
            Some(Pin { slot, is_float: bit >= FLOATS_FROM, register: Reg((bit % FLOATS_FROM) as u8) })
        })
    }
}

impl Pins {
    /// Chooses the pinned registers of a function, of which `in_registers` says how many registers of a bank its callers
    /// pass in that many machine registers.
    pub(super) fn choose(
        &mut self,
        code: &Code,
        usages: &Usages,
        registers: Registers,
        in_registers: impl Fn(Bank, usize) -> usize,
    ) {
        for slot in self.slots.iter_mut().filter_map(Option::take) {
            self.bits[slot as usize] = NONE;
        }
        (self.all, self.cells) = (0, 0);
        if self.bits.len() < code.layout.words() {
            self.bits.resize(code.layout.words(), NONE);
        }
        let cells = code.layout.start(Bank::Cell);
        let is_float = |slot: u32| (code.layout.start(Bank::F64)..cells).contains(&slot);
        let ints = busiest(usages, registers.ints, |slot| !is_float(slot));
        let floats = busiest(usages, registers.floats, is_float);
        let wanted = Wanted::of(code);
        for (first, mut chosen, bank) in [(0, ints, Bank::I64), (FLOATS_FROM, floats, Bank::F64)] {
            let start = code.layout.start(bank);
            let passed = start..start + in_registers(bank, registers.of_bank(bank)) as u32;
            // An argument stays where it comes in, a result is best where it goes out.
            let liked = |slot: u32| {
                let arrives = passed.contains(&slot).then(|| (slot - start) as usize);
                arrives.or_else(|| (wanted.results(slot) > 0).then_some(0))
            };
            // What the fused multiply-add works on goes first, to the registers that it takes; cells go before other ints,
            // since ops on maps take those from the first few.
            chosen.sort_by_key(|slot| {
                (wanted.fused(*slot) == 0, !passed.contains(slot), liked(*slot).is_none(), *slot < cells)
            });
            let mut taken = [false; 16];
            for slot in chosen {
                let fits = |register: &usize| !taken[*register] && (wanted.fused(slot) == 0 || *register < FUSED);
                let free = || taken.iter().position(|taken| !taken);
                let Some(register) = liked(slot).filter(fits).or_else(free) else { break };
                taken[register] = true;
                let bit = first + register;
                self.bits[slot as usize] = bit as u8;
                self.slots[bit] = Some(slot);
                self.all |= 1 << bit;
                if slot >= cells {
                    self.cells |= 1 << bit;
                }
            }
        }
    }

    /// Where they live.
    pub(super) fn homes(&self) -> Homes {
        Homes(self.slots)
    }

    /// The machine register of a slot, if it is pinned.
    #[inline]
    pub(super) fn register(&self, slot: u32) -> Option<Reg> {
        let bit = self.bits[slot as usize];
        (bit != NONE).then_some(Reg(bit % FLOATS_FROM as u8))
    }

    /// The set that holds a slot alone, or nothing if it is not pinned.
    #[inline]
    pub(super) fn set_of(&self, slot: u32) -> Set {
        let bit = self.bits[slot as usize];
        if bit == NONE { 0 } else { 1 << bit }
    }

    /// The pinned registers of a set.
    pub(super) fn iter(&self, set: Set) -> impl Iterator<Item = Pin> + use<> {
        self.homes().iter(set)
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
                Inst::ReturnI64 { src } | Inst::ReturnF64 { src } | Inst::ReturnCell { src } => {
                    wanted.results.push(src)
                }
                Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } => {
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
