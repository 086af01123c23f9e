//! Strings, lists and maps, in arenas of slots that cells name by handle.
//!
//! A slot is allocated at the end of its arena or from the slots that a collection freed. A frame that can hold handles
//! owns a *region*: it remembers the length of each arena when it is pushed, and its return cuts the arenas back to there
//! ([`Region`]), keeping the one slot that it may return. [`Heap::collect`] frees what is unreachable between runs.
//!
//! As in the machine's definition, accessors index the arena with the low 32 bits of whatever cell they get: they check
//! neither tag nor generation. So every access is checked against the arena's length, and fails as [`HeapError::Index`].

mod budget;
mod collect;
mod lists;
mod maps;
mod region;
mod slab;
mod strings;

pub use region::Region;

use crate::program::{Arena, Cell};
use budget::Budget;
use maps::Table;
use slab::Slab;
use thiserror::Error;

/// Why an operation on the heap fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeapError {
    /// A slot or an element that does not exist.
    #[error("index {index} is out of range for length {length}")]
    Index {
        /// The index.
        index: i64,
        /// How many slots or elements there are.
        length: usize,
    },
    /// A list with a negative capacity.
    #[error("a list cannot have a negative capacity")]
    NegativeCapacity,
    /// The limit on the heap's size is reached.
    #[error("the heap is full: its limit is {limit} bytes; give the machine a larger heap")]
    Full {
        /// The limit in bytes.
        limit: usize,
    },
}

/// How many slots an arena has, and how many of them are alive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SlotCounts {
    /// Slots, freed ones included.
    pub slots: usize,
    /// Slots that are alive.
    pub live: usize,
}

/// The strings, lists and maps of one machine.
#[derive(Debug)]
pub struct Heap {
    strings: Slab<Vec<u8>>,
    lists: Slab<Vec<Cell>>,
    maps: Slab<Table>,
    budget: Budget,
}

impl Heap {
    /// An empty heap that holds at most `limit` bytes, slots included.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { strings: Slab::new(), lists: Slab::new(), maps: Slab::new(), budget: Budget::new(limit) }
    }

    /// How many slots `arena` has.
    #[must_use]
    pub fn counts(&self, arena: Arena) -> SlotCounts {
        match arena {
            Arena::String => SlotCounts { slots: self.strings.len(), live: self.strings.live() },
            Arena::List => SlotCounts { slots: self.lists.len(), live: self.lists.live() },
            Arena::Map => SlotCounts { slots: self.maps.len(), live: self.maps.live() },
        }
    }

    /// Bytes held, slots included.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.budget.used()
    }
}

#[cfg(test)]
mod tests;
