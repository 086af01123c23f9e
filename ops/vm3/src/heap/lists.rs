//! Lists of cells.

use super::{Heap, HeapError, buffer::Buffer, slab::Storage};
use crate::program::{Arena, Cell};

impl Storage for Buffer<Cell> {
    type Spares = ();

    const OUTLIVES_CUT: bool = false;

    fn bytes(&self) -> usize {
        self.capacity().saturating_mul(size_of::<Cell>())
    }

    fn retire(self, _spares: &mut ()) {}
}

impl Heap {
    /// Allocates an empty list with room for `capacity` elements.
    ///
    /// # Errors
    /// [`HeapError::NegativeCapacity`], and [`HeapError::Full`] at the limit.
    pub fn new_list(&mut self, capacity: i16) -> Result<Cell, HeapError> {
        let capacity = usize::try_from(capacity).map_err(|_| HeapError::NegativeCapacity)?;
        let (index, generation) = self.lists.allocate(Vec::with_capacity(capacity).into(), &mut self.budget)?;
        Ok(Cell::handle(Arena::List, generation, index))
    }

    /// The elements of the list that `list` decodes to as a handle of whatever arena.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot.
    pub fn list(&self, list: Cell) -> Result<&[Cell], HeapError> {
        Ok(&self.lists.get(list.slot_index())?.storage)
    }

    /// The length of `list`; 0 for what decodes to a handle of another arena.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot.
    pub fn list_len(&self, list: Cell) -> Result<usize, HeapError> {
        if list.arena_selector() == Arena::List as u8 { Ok(self.list(list)?.len()) } else { Ok(0) }
    }

    /// Appends `value` to `list`.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot, [`HeapError::Full`] at the limit.
    pub fn list_push(&mut self, list: Cell, value: Cell) -> Result<(), HeapError> {
        let elements = &mut self.lists.get_mut(list.slot_index())?.storage;
        if elements.len() == elements.capacity() {
            let before = elements.bytes();
            // Twice the room, or four elements: what the growth below asks for.
            let more = elements.len().max(4);
            self.budget.check(more.saturating_mul(size_of::<Cell>()))?;
            elements.reserve_exact(more);
            self.budget.charge(elements.bytes() - before)?;
        }
        elements.push(value);
        Ok(())
    }

    /// Element `index` of `list`.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot or no such element.
    #[inline]
    pub fn list_get(&self, list: Cell, index: i64) -> Result<Cell, HeapError> {
        let elements = self.list(list)?;
        match usize::try_from(index).ok().and_then(|index| elements.get(index)) {
            Some(element) => Ok(*element),
            None => Err(HeapError::Index { index, length: elements.len() }),
        }
    }

    /// Replaces element `index` of `list`.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot or no such element.
    #[inline]
    pub fn list_set(&mut self, list: Cell, index: i64, value: Cell) -> Result<(), HeapError> {
        let elements = &mut self.lists.get_mut(list.slot_index())?.storage;
        let length = elements.len();
        match usize::try_from(index).ok().and_then(|index| elements.get_mut(index)) {
            Some(element) => {
                *element = value;
                Ok(())
            }
            None => Err(HeapError::Index { index, length }),
        }
    }
}
