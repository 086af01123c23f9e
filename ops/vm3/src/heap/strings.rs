//! Byte strings.

use super::buffer::Buffer;
use super::slab::{Slot, Storage, out_of_range};
use super::{Heap, HeapError};
use crate::program::{Arena, Cell, InlineString};

/// Buffers of short strings that were dropped, by the power of two that they have room for: programs that make strings
/// drop and make them all the time. What waits here is not counted: it is little.
#[derive(Debug, Default)]
pub(super) struct Spares([Vec<Vec<u8>>; CLASSES]);

/// Strings longer than this have no spares.
const LONGEST: usize = 256;
/// Powers of two up to there; no string that is not inline has less room than the smallest.
const CLASSES: usize = 5;
const SMALLEST: usize = LONGEST >> (CLASSES - 1);
/// How many buffers of each class wait at most.
const WAITING: usize = 64;

/// The class of a buffer with room for `bytes`, and the room that buffers of that class have.
fn class(bytes: usize) -> Option<(usize, usize)> {
    let room = bytes.next_power_of_two().max(SMALLEST);
    (bytes <= LONGEST).then_some(((room / SMALLEST).ilog2() as usize, room))
}

impl Spares {
    /// An empty buffer with room for `bytes`.
    fn take(&mut self, bytes: usize) -> Vec<u8> {
        let Some((class, room)) = class(bytes) else { return Vec::with_capacity(bytes) };
        self.0[class].pop().unwrap_or_else(|| Vec::with_capacity(room))
    }

    /// Keeps a buffer, unless enough of them wait already.
    fn keep(&mut self, mut buffer: Vec<u8>) {
        if let Some((class, room)) = class(buffer.capacity())
            && buffer.capacity() == room
            && self.0[class].len() < WAITING
        {
            buffer.clear();
            self.0[class].push(buffer);
        }
    }
}

impl Storage for Buffer<u8> {
    type Spares = Spares;

    const OUTLIVES_CUT: bool = false;

    fn bytes(&self) -> usize {
        self.capacity()
    }

    fn retire(self, spares: &mut Spares) {
        spares.keep(self.into());
    }
}

impl Heap {
    /// Allocates a string, also one that would fit inline.
    ///
    /// # Errors
    /// [`HeapError::Full`] at the limit.
    pub fn new_string(&mut self, bytes: &[u8]) -> Result<Cell, HeapError> {
        self.budget.check(bytes.len())?;
        self.store_string(bytes.to_vec())
    }

    fn store_string(&mut self, bytes: Vec<u8>) -> Result<Cell, HeapError> {
        let (index, generation) = self.strings.allocate(bytes.into(), &mut self.budget)?;
        Ok(Cell::handle(Arena::String, generation, index))
    }

    /// The bytes of any string, short or long.
    ///
    /// # Errors
    /// When there is no such string.
    pub fn string(&self, cell: Cell) -> Result<Vec<u8>, HeapError> {
        match cell.as_inline_string() {
            Some(inline) => Ok(inline.as_bytes().to_vec()),
            None => Ok(self.arena_string(cell)?.to_vec()),
        }
    }

    /// The bytes of the arena string that `cell` decodes to as a handle, empty when it decodes to another arena.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot.
    pub fn arena_string(&self, cell: Cell) -> Result<&[u8], HeapError> {
        bytes_of(self.strings.slots(), cell, &None)
    }

    /// The length of string `cell` in bytes; 0 for what decodes to a handle of another arena.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot.
    pub fn string_len(&self, cell: Cell) -> Result<usize, HeapError> {
        match cell.as_inline_string() {
            Some(inline) => Ok(inline.as_bytes().len()),
            None => Ok(self.arena_string(cell)?.len()),
        }
    }

    /// The string `lhs` followed by `rhs`: inline when it fits, else in a slot of its own.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot, [`HeapError::Full`] at the limit.
    pub fn concat(&mut self, lhs: Cell, rhs: Cell) -> Result<Cell, HeapError> {
        let inline = [lhs, rhs].map(Cell::as_inline_string);
        let (slots, spares) = self.strings.apart();
        let lhs = bytes_of(slots, lhs, &inline[0])?;
        let rhs = bytes_of(slots, rhs, &inline[1])?;
        let length = lhs.len().saturating_add(rhs.len());
        if let Some(cell) = Cell::inline_join(lhs, rhs) {
            return Ok(cell);
        }
        self.budget.check(length)?;
        let mut joined = spares.take(length);
        joined.extend_from_slice(lhs);
        joined.extend_from_slice(rhs);
        self.store_string(joined)
    }
}

/// The bytes of a string: those of `inline`, or of the slot that `cell` decodes to as a handle; none for another arena's.
fn bytes_of<'s>(
    slots: &'s [Slot<Buffer<u8>>],
    cell: Cell,
    inline: &'s Option<InlineString>,
) -> Result<&'s [u8], HeapError> {
    match inline {
        Some(inline) => Ok(inline.as_bytes()),
        None if cell.arena_selector() != Arena::String as u8 => Ok(&[]),
        None => match slots.get(cell.slot_index() as usize) {
            Some(slot) => Ok(&slot.storage),
            None => Err(out_of_range(cell.slot_index(), slots.len())),
        },
    }
}
