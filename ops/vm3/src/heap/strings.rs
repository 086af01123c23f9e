//! Byte strings.

use super::{Heap, HeapError, buffer::Buffer, slab::Storage};
use crate::program::{Arena, Cell};

impl Storage for Buffer<u8> {
    const OUTLIVES_CUT: bool = false;

    fn bytes(&self) -> usize {
        self.capacity()
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
        if cell.arena_selector() != Arena::String as u8 {
            return Ok(&[]);
        }
        Ok(&self.strings.get(cell.slot_index())?.storage)
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
        let (inline_lhs, inline_rhs) = (lhs.as_inline_string(), rhs.as_inline_string());
        let lhs = match &inline_lhs {
            Some(inline) => inline.as_bytes(),
            None => self.arena_string(lhs)?,
        };
        let rhs = match &inline_rhs {
            Some(inline) => inline.as_bytes(),
            None => self.arena_string(rhs)?,
        };
        self.budget.check(lhs.len().saturating_add(rhs.len()))?;
        let joined = [lhs, rhs].concat();
        match Cell::inline_string(&joined) {
            Some(cell) => Ok(cell),
            None => self.store_string(joined),
        }
    }
}
