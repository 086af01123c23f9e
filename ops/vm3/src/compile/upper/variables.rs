//! Which registers are values that the optimiser sees, and which stay in the frame.

use super::super::usage::Usages;
use crate::code::Code;
use crate::program::Bank;
use std::cmp::Reverse;
use std::ops::Range;

/// A set of a function's variables: bit `n` is the variable with index `n`.
pub(super) type Set = u64;

/// The registers of a function that are variables: the busiest ones. The others are read from the frame and written
/// there by every op that uses them.
#[derive(Debug)]
pub(super) struct Variables {
    /// Their slots, in ascending order.
    slots: Vec<u32>,
    /// All of them.
    pub(super) all: Set,
    /// Those that are cells.
    pub(super) cells: Set,
}

impl Variables {
    /// The most there can be: what an exit has to store is bounded by it, and so is the native frame.
    const MOST: usize = Set::BITS as usize;

    /// Chooses them.
    pub(super) fn choose(code: &Code, usages: &Usages) -> Self {
        let mut slots: Vec<u32> = usages.touched().collect();
        slots.sort_unstable_by_key(|slot| (Reverse(usages.of(*slot).weight), *slot));
        slots.truncate(Self::MOST);
        slots.sort_unstable();
        let cells = code.layout.start(Bank::Cell);
        let set = |wanted: &dyn Fn(u32) -> bool| {
            let chosen = slots.iter().enumerate().filter(|(_, slot)| wanted(**slot));
            chosen.fold(0, |set, (index, _)| set | 1 << index)
        };
        let (all, cells) = (set(&|_| true), set(&|slot| slot >= cells));
        Self { slots, all, cells }
    }

    /// The index of the variable that a slot's register is, if it is one.
    pub(super) fn index(&self, slot: u32) -> Option<usize> {
        self.slots.binary_search(&slot).ok()
    }

    /// The set of a slot's variable; empty when the register is none.
    pub(super) fn set_of(&self, slot: u32) -> Set {
        self.index(slot).map_or(0, |index| 1 << index)
    }

    /// The set of the variables of a run of slots.
    pub(super) fn set_of_run(&self, run: Range<u32>) -> Set {
        self.iter(self.all).filter(|(_, slot)| run.contains(slot)).fold(0, |set, (index, _)| set | 1 << index)
    }

    /// Index and slot of every variable of a set, in ascending order.
    pub(super) fn iter(&self, set: Set) -> impl Iterator<Item = (usize, u32)> {
        self.slots.iter().copied().enumerate().filter(move |(index, _)| set >> index & 1 != 0)
    }
}
