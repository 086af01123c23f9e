//! Strings, lists and maps, in arenas of slots that cells name by handle.
//!
//! A slot is allocated at the end of its arena or from the slots that a collection freed. A frame that can hold handles
//! to what was allocated since it was pushed keeps a *region*: it notes the length of each arena then, and its return cuts
//! the arenas back to there ([`Region`]), keeping the one slot that it may return. [`Heap::collect`] frees what is unreachable between runs.
//!
//! The layout of arenas, slots and storage is the op set's ([`crate::stencils`]), whose ops read lists, strings and maps,
//! replace elements and entries, and append where there is room. Whatever allocates or frees is done here.
//!
//! As in the machine's definition, accessors index the arena with the low 32 bits of whatever cell they get: they check
//! neither tag nor generation. So every access is checked against the arena's length, and fails as [`HeapError::Index`].

mod budget;
mod buffer;
mod collect;
mod lists;
mod maps;
mod region;
mod slab;
mod strings;

pub use maps::MapEntry;
pub use region::Region;

use crate::program::{Arena, Cell};
use crate::stencils::ops::Arenas;
use budget::Budget;
use buffer::Buffer;
use maps::Map;
use slab::{Slab, Slots};
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
    strings: Slab<Buffer<u8>>,
    lists: Slab<Buffer<Cell>>,
    maps: Slab<Map>,
    budget: Budget,
}

impl Heap {
    /// An empty heap that holds at most `limit` bytes, slots included.
    #[must_use]
    pub fn new(limit: usize) -> Self {
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

    /// The arenas as compiled code sees them, until the heap is borrowed again. What the ops of [`crate::stencils`] do
    /// there leaves the heap as it has to be.
    pub(crate) const fn arenas(&mut self) -> Arenas {
        Arenas { lists: view(self.lists.view()), maps: view(self.maps.view()), strings: view(self.strings.view()) }
    }

    /// Bytes held, slots included.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.budget.used()
    }
}

/// Slots with their storage as the ops have it, which is laid out alike: a buffer is a vector, a cell a word.
const fn view<S, O>(slots: Slots<S>) -> Slots<O> {
    Slots { start: slots.start.cast(), length: slots.length }
}

#[cfg(test)]
mod tests;
