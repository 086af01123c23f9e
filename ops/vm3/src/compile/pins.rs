//! Which registers of a function are pinned: in a machine register wherever the function runs.

use super::flow::{Container, Shapes};
use super::usage::{Usage, Usages};
use crate::code::{Code, Inst};
use crate::program::Bank;
use crate::stencils::ops::{FLOATS, INTS};
use stencil_runtime::{Place, Reg, Slot, Table};

/// A set of pinned registers: bit `n` is machine register `n` of the ints, which hold i64 registers and views, bit `16 + n`
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
    pub(crate) holds: Holds,
    pub(crate) register: Reg,
}

/// What the machine register of a pinned register holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Int,
    Float,
    /// A view of what the cell names, which is at home all the time.
    View(Container),
}

/// The pinned registers of one function after another.
#[derive(Debug, Default)]
pub(super) struct Pins {
    /// The bit of each slot, or [`NONE`].
    bits: Vec<u8>,
    /// Where the value of each slot is: the slot itself, or a machine register. Reading it takes no decision, which could
    /// not be predicted.
    ints: Vec<Place<i64>>,
    /// The same for floats.
    floats: Vec<Place<f64>>,
    /// The slot of each bit.
    slots: [Option<u32>; 32],
    /// The bits that are used.
    pub(super) all: Set,
    /// Those that hold views of lists.
    pub(super) lists: Set,
    /// Those that hold views of maps.
    pub(super) maps: Set,
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

/// Where the pinned registers of a compiled function live.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Homes {
    /// The slot of each bit of a [`Set`].
    slots: [Option<u32>; 32],
    lists: Set,
    maps: Set,
}

impl Homes {
    /// The pinned registers of a set.
    pub(crate) fn iter(&self, set: Set) -> impl Iterator<Item = Pin> + use<> {
        let Self { slots, lists, maps } = *self;
        let bits = (0..32).filter(move |bit| set >> bit & 1 != 0);
        bits.filter_map(move |bit: usize| {
            let slot = slots[bit]?;
            let holds = match bit {
                FLOATS_FROM.. => Holds::Float,
                _ if lists >> bit & 1 != 0 => Holds::View(Container::List),
                _ if maps >> bit & 1 != 0 => Holds::View(Container::Map),
                _ => Holds::Int,
            };
            Some(Pin { slot, holds, register: Reg((bit % FLOATS_FROM) as u8) })
        })
    }
}

impl Pins {
    /// Chooses the pinned registers of a function, of which `in_registers` says how many registers of a bank its callers
    /// pass in that many machine registers.
    pub(super) fn choose(
        &mut self,
        code: &Code,
        shapes: &Shapes,
        usages: &Usages,
        registers: Registers,
        in_registers: impl Fn(Bank, usize) -> usize,
    ) {
        for slot in self.slots.iter_mut().filter_map(Option::take) {
            self.bits[slot as usize] = NONE;
            self.ints[slot as usize] = Slot(slot).into();
            self.floats[slot as usize] = Slot(slot).into();
        }
        (self.all, self.lists, self.maps) = (0, 0, 0);
        if self.bits.len() < code.layout.words() {
            let added = self.bits.len() as u32..code.layout.words() as u32;
            self.bits.resize(code.layout.words(), NONE);
            self.ints.extend(added.clone().map(|slot| Place::from(Slot(slot))));
            self.floats.extend(added.map(|slot| Place::from(Slot(slot))));
        }
        let cells = code.layout.start(Bank::Cell);
        let is_float = code.layout.start(Bank::F64)..cells;
        let int_weight = |slot: u32| {
            let usage = usages.of(slot);
            match slot {
                slot if slot < is_float.start => Some(usage.weight),
                slot if slot >= cells => view(usage, usages.renewals).map(|(_, weight)| weight),
                _ => None,
            }
        };
        let float_weight = |slot: u32| is_float.contains(&slot).then(|| usages.of(slot).weight);
        let ints = busiest(usages, registers.ints, int_weight);
        let floats = busiest(usages, registers.floats, float_weight);
        let wanted = Wanted::of(code, shapes);
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
                match view(usages.of(slot), usages.renewals) {
                    Some((Container::List, _)) if slot >= cells => self.lists |= 1 << bit,
                    Some((Container::Map, _)) if slot >= cells => self.maps |= 1 << bit,
                    _ => {
                        self.ints[slot as usize] = Reg(register as u8).into();
                        self.floats[slot as usize] = Reg(register as u8).into();
                    }
                }
            }
        }
    }

    /// Where they live.
    pub(super) fn homes(&self) -> Homes {
        Homes { slots: self.slots, lists: self.lists, maps: self.maps }
    }

    /// Where the value of a slot of ints or cells is.
    #[inline]
    pub(super) fn int(&self, slot: u32) -> Place<i64> {
        self.ints[slot as usize]
    }

    /// Where the value of a slot of floats is.
    #[inline]
    pub(super) fn float(&self, slot: u32) -> Place<f64> {
        self.floats[slot as usize]
    }

    /// The machine register that holds the value of a slot, if one does.
    #[inline]
    pub(super) fn register(&self, slot: u32) -> Option<Reg> {
        let bit = self.bits[slot as usize];
        (bit != NONE && self.views() >> bit & 1 == 0).then_some(Reg(bit % FLOATS_FROM as u8))
    }

    /// The machine register that holds a view of what the cell in a slot names, if one does.
    #[inline]
    pub(super) fn view(&self, slot: u32, of: Container) -> Option<Reg> {
        let views = if of == Container::List { self.lists } else { self.maps };
        let bit = self.bits[slot as usize];
        (bit != NONE && views >> bit & 1 != 0).then_some(Reg(bit))
    }

    /// The pinned registers that hold views.
    #[inline]
    pub(super) const fn views(&self) -> Set {
        self.lists | self.maps
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

/// What a view of a cell would be of, and its weight: it saves more than an int in a register does. There is none of a
/// cell that is used as a container less often than views have to be made anew.
fn view(usage: Usage, renewals: u64) -> Option<(Container, u64)> {
    let (of, weight) =
        if usage.list >= usage.map { (Container::List, usage.list) } else { (Container::Map, usage.map) };
    (weight > 0 && weight >= renewals).then_some((of, weight * VIEW))
}

/// How many uses of an int in a register a use of a view is worth.
const VIEW: u64 = 3;

/// The `count` busiest slots of those that have a weight, the busiest first. A register that is used once, in no loop, is
/// as well served in its slot.
fn busiest(usages: &Usages, count: usize, weight: impl Fn(u32) -> Option<u64>) -> Vec<u32> {
    let mut best: Vec<(u32, u64)> = Vec::with_capacity(count + 1);
    for slot in usages.touched().iter().copied() {
        let Some(weight) = weight(slot).filter(|_| usages.of(slot).weight > 1) else { continue };
        let at = best.partition_point(|(_, other)| *other >= weight);
        if at < count {
            best.insert(at, (slot, weight));
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
    fn of(code: &Code, shapes: &Shapes) -> Self {
        let mut wanted = Self::default();
        for (inst, shape) in code.insts.iter().zip(shapes.all()) {
            match *inst {
                Inst::ReturnI64 { src } | Inst::ReturnF64 { src } => wanted.results.push(src),
                Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } if landing.bank != Bank::Cell => {
                    wanted.results.push(code.layout.slot(landing.bank, landing.register));
                }
                Inst::FmaF64 { dst, .. } => {
                    wanted.fused.push(dst);
                    wanted.fused.extend(shape.reads());
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
