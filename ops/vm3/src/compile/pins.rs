//! Which registers of a function are pinned: in a machine register wherever the function runs.

use super::shape::Container;
use super::usage::{Usage, Usages};
use crate::code::Code;
use crate::program::Bank;
use crate::stencils::ops::{FLOATS, INTS};
use std::ops::Range;
use stencil_runtime::{Place, Reg, Slot, Table};

/// A set of pinned registers: bit `n` is machine register `n` of the ints, which hold i64 registers and views, bit `16 + n`
/// machine register `n` of the floats. The bits between are views in the words that frames have for them.
pub(crate) type Set = u32;

/// The bit of the first f64 machine register.
const FLOATS_FROM: usize = 16;

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
    /// The set that holds each slot alone, or nothing.
    sets: Vec<Set>,
    /// Where the value of each slot is: the slot itself, or a machine register. Reading it takes no decision, which could
    /// not be predicted.
    ints: Vec<Place<i64>>,
    /// The same for floats.
    floats: Vec<Place<f64>>,
    /// The slot of each bit that is used.
    slots: [u32; 32],
    /// The bits that are used.
    pub(super) all: Set,
    /// Those that hold views of lists.
    pub(super) lists: Set,
    /// Those that hold views of maps.
    pub(super) maps: Set,
    /// The first bit that is no machine register of the ints, and the slot of the view that it stands for.
    kept_from: (u32, u32),
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
        let count = |bank: usize| table.banks().get(bank).map_or(0, |bank| bank.registers).min(MOST as u32) as usize;
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
    /// The slot of each bit of a [`Set`], 0 for bits that are not used: that of the header.
    slots: [u32; 32],
    lists: Set,
    maps: Set,
}

impl Homes {
    /// The pinned registers of a set.
    pub(crate) fn iter(&self, set: Set) -> impl Iterator<Item = Pin> {
        let used = move |bit: &usize| self.slots[*bit] != 0;
        bits(set).filter(used).map(move |bit| pin(&self.slots, [self.lists, self.maps], bit))
    }
}

/// The bits of a set, in ascending order.
fn bits(set: Set) -> impl Iterator<Item = usize> {
    let rest = std::iter::successors(Some(set), |set| Some(set & set.wrapping_sub(1)));
    rest.take_while(|set| *set != 0).map(|set| set.trailing_zeros() as usize)
}

/// The pinned register of a bit.
fn pin(slots: &[u32; 32], [lists, maps]: [Set; 2], bit: usize) -> Pin {
    let holds = match bit {
        FLOATS_FROM.. => Holds::Float,
        _ if lists >> bit & 1 != 0 => Holds::View(Container::List),
        _ if maps >> bit & 1 != 0 => Holds::View(Container::Map),
        _ => Holds::Int,
    };
    Pin { slot: slots[bit], holds, register: Reg((bit % FLOATS_FROM) as u8) }
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
        for bit in bits(self.all) {
            let slot = std::mem::take(&mut self.slots[bit]);
            self.sets[slot as usize] = 0;
            self.ints[slot as usize] = Slot(slot).into();
            self.floats[slot as usize] = Slot(slot).into();
        }
        (self.all, self.lists, self.maps) = (0, 0, 0);
        if self.sets.len() < code.layout.words() {
            let added = self.sets.len() as u32..code.layout.words() as u32;
            self.sets.resize(code.layout.words(), 0);
            self.ints.extend(added.clone().map(|slot| Place::from(Slot(slot))));
            self.floats.extend(added.map(|slot| Place::from(Slot(slot))));
        }
        let starts = Bank::ALL.map(|bank| code.layout.start(bank));
        let [first, floats, cells] = starts;
        let mut busiest = Busiest::new(registers.ints);
        for (slot, weight) in usages.weights(first..floats) {
            busiest.add(slot, weight);
        }
        let kept = code.layout.views();
        self.kept_from = (registers.ints as u32, kept.start);
        for slot in cells..kept.start {
            if let Some((_, weight)) = view(usages.of(slot), usages.renewals) {
                // A cell that is used once, in no loop, is as well served in its slot.
                busiest.add(slot, if usages.of(slot).weight > 1 { weight } else { 0 });
            }
        }
        let passed = in_registers(Bank::I64, registers.ints) as u32;
        self.place(busiest, 0, first..first + passed, cells, usages);
        self.keep(cells..kept.start, kept.len().min(FLOATS_FROM - registers.ints), usages);
        let mut busiest = Busiest::new(registers.floats);
        for (slot, weight) in usages.weights(floats..cells) {
            busiest.add(slot, weight);
        }
        let passed = in_registers(Bank::F64, registers.floats) as u32;
        self.place(busiest, FLOATS_FROM, floats..floats + passed, cells, usages);
    }

    /// Gives machine registers of a bank, whose bits start at `from`, to the busiest slots; `passed` are those that come
    /// in the first machine registers, `cells` is the first that is a cell.
    fn place(&mut self, busiest: Busiest, from: usize, passed: Range<u32>, cells: u32, usages: &Usages) {
        let chosen = busiest.in_order(|slot| {
            let (result, fused) = usages.wishes(slot);
            let arrives = passed.contains(&slot);
            // What the fused multiply-add works on goes first, to the registers that it takes; cells go before other
            // ints, since ops on maps take those from the first few.
            [fused, arrives, arrives | result, slot >= cells]
        });
        // There are as many registers as slots were chosen.
        let mut free = u32::MAX;
        for slot in chosen {
            let (result, fused) = usages.wishes(slot);
            // An argument stays where it comes in, a result is best where it goes out.
            let liked = if passed.contains(&slot) {
                slot - passed.start
            } else if result {
                0
            } else {
                free.trailing_zeros()
            };
            let fits = free >> liked & 1 != 0 && (!fused || (liked as usize) < FUSED);
            let register = if fits { liked } else { free.trailing_zeros() };
            free &= !(1 << register);
            let bit = from + register as usize;
            self.sets[slot as usize] = 1 << bit;
            self.slots[bit] = slot;
            self.all |= 1 << bit;
            let view = if slot >= cells { view(usages.of(slot), usages.renewals) } else { None };
            match view {
                Some((Container::List, _)) => self.lists |= 1 << bit,
                Some((Container::Map, _)) => self.maps |= 1 << bit,
                None => {
                    self.ints[slot as usize] = Reg(register as u8).into();
                    self.floats[slot as usize] = Reg(register as u8).into();
                }
            }
        }
    }

    /// Keeps views of lists that have no machine register in the frame, as many as there is `room` for: of the busiest of
    /// these `cells`.
    fn keep(&mut self, cells: Range<u32>, room: usize, usages: &Usages) {
        let mut busiest = Busiest::new(room);
        for slot in cells {
            if let Some((Container::List, weight)) = view(usages.of(slot), usages.renewals)
                && self.sets[slot as usize] == 0
            {
                busiest.add(slot, weight / VIEW);
            }
        }
        let from = self.kept_from.0 as usize;
        for (slot, bit) in busiest.in_order(|_| [false; 4]).zip(from..) {
            self.sets[slot as usize] = 1 << bit;
            self.slots[bit] = slot;
            self.all |= 1 << bit;
            self.lists |= 1 << bit;
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
        let set = self.set_of(slot);
        (set & !self.views() != 0).then_some(Reg(set.trailing_zeros() as u8 % FLOATS_FROM as u8))
    }

    /// Where a view of the list that the cell in a slot names is, if there is one.
    #[inline]
    pub(super) fn list(&self, slot: u32) -> Option<Place<i64>> {
        let (from, kept) = self.kept_from;
        let set = self.set_of(slot) & self.lists;
        let bit = set.trailing_zeros();
        let place =
            if bit < from { Reg(bit as u8).into() } else { Slot(kept.wrapping_add(bit.wrapping_sub(from))).into() };
        (set != 0).then_some(place)
    }

    /// The machine register that holds a view of the map that the cell in a slot names, if one does.
    #[inline]
    pub(super) fn map(&self, slot: u32) -> Option<Reg> {
        let set = self.set_of(slot) & self.maps;
        (set != 0).then_some(Reg(set.trailing_zeros() as u8))
    }

    /// The pinned registers that hold views.
    #[inline]
    pub(super) const fn views(&self) -> Set {
        self.lists | self.maps
    }

    /// The set that holds a slot alone, or nothing if it is not pinned.
    #[inline]
    pub(super) fn set_of(&self, slot: u32) -> Set {
        self.sets[slot as usize]
    }

    /// The same of every slot.
    #[inline]
    pub(super) fn sets(&self) -> &[Set] {
        &self.sets
    }

    /// The pinned registers of a set.
    pub(super) fn iter(&self, set: Set) -> impl Iterator<Item = Pin> + use<'_> {
        bits(set & self.all).map(move |bit| pin(&self.slots, [self.lists, self.maps], bit))
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

/// The busiest slots of a bank; of equally busy ones the lowest.
struct Busiest {
    /// Each one's weight, and what is left of a number greater than every slot: the greatest is the busiest.
    keys: [u64; MOST],
    len: usize,
    /// How many there can be.
    room: usize,
}

/// The most machine registers of a bank.
const MOST: usize = 16;

/// How many bits of a key a slot takes: no frame has more words.
const SLOT_BITS: u32 = 20;
const SLOTS: u32 = (1 << SLOT_BITS) - 1;

/// Where what goes before weight stands in a key: a register is used less often.
const RANK_FROM: u32 = 60;

impl Busiest {
    fn new(room: usize) -> Self {
        Self { keys: [0; MOST], len: 0, room: room.min(MOST) }
    }

    /// One more slot, unless it is used once, in no loop: then it is as well served where it is.
    fn add(&mut self, slot: u32, weight: u64) {
        let key = weight << SLOT_BITS | u64::from(SLOTS - slot);
        if self.len < self.room {
            // The next one takes the place of one that is not added.
            self.keys[self.len] = key;
            self.len += usize::from(weight > 1);
            return;
        }
        let least = self.keys[..self.len].iter_mut().min();
        if let Some(least) = least.filter(|least| weight > 1 && key > **least) {
            *least = key;
        }
    }

    /// The slots, those first for which what `first` gives is set, and of those the busiest.
    fn in_order(self, first: impl Fn(u32) -> [bool; 4]) -> impl Iterator<Item = u32> {
        let Self { mut keys, len, .. } = self;
        let keys = &mut keys[..len];
        for key in &mut *keys {
            let slot = SLOTS - (*key as u32 & SLOTS);
            let rank = first(slot).into_iter().fold(0, |rank, first| rank << 1 | u64::from(first));
            *key |= rank << RANK_FROM;
        }
        // By counting those before it each one finds its place, without a branch that could be mistaken.
        let mut slots = [0; MOST];
        for key in &*keys {
            let before = keys.iter().map(|other| usize::from(other > key)).sum::<usize>();
            slots[before % MOST] = SLOTS - (*key as u32 & SLOTS);
        }
        slots.into_iter().take(len)
    }
}
