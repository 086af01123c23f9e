//! Slots of one arena: a vector that grows at its end, is cut at a mark, and reuses freed slots.

use super::{HeapError, budget::Budget};

pub(super) use crate::stencils::ops::{Slot, Slots};
/// What a slot stores.
pub(super) trait Storage: Default {
    /// Whether the storage of slots that a cut drops stays with the slot for the next allocation there.
    const OUTLIVES_CUT: bool;

    /// Where storage waits that a cut has dropped and another slot can take.
    type Spares: Default;

    /// Bytes this storage holds outside its slot.
    fn bytes(&self) -> usize;

    /// Gives up the storage.
    fn retire(self, spares: &mut Self::Spares);
}

/// The slots of one arena.
#[derive(Debug)]
pub(super) struct Slab<S: Storage> {
    /// Slots `0..len` count; those after it were cut and may hold storage to reuse.
    slots: Vec<Slot<S>>,
    len: usize,
    /// Swept slots, the last of which is reused first. All are below `len`: sweeps happen between runs, and a cut goes
    /// down to a mark taken after the sweep.
    free: Vec<u32>,
    spares: S::Spares,
}

impl<S: Storage> Slab<S> {
    pub(super) fn new() -> Self {
        Self { slots: Vec::new(), len: 0, free: Vec::new(), spares: S::Spares::default() }
    }

    /// The slots as compiled code sees them, until something is allocated or dropped.
    pub(super) const fn view(&mut self) -> Slots<S> {
        Slots { start: self.slots.as_mut_ptr(), length: self.len }
    }

    /// The slots, dead ones included.
    pub(super) fn slots(&self) -> &[Slot<S>] {
        &self.slots[..self.len]
    }

    /// The same, and what was dropped and can be taken.
    pub(super) fn apart(&mut self) -> (&[Slot<S>], &mut S::Spares) {
        (&self.slots[..self.len], &mut self.spares)
    }

    /// Slots, alive or not.
    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Slots that are alive.
    pub(super) fn live(&self) -> usize {
        self.slots().iter().filter(|slot| slot.alive).count()
    }

    /// The slot with this index, dead ones included.
    ///
    /// # Errors
    /// [`HeapError::Index`] beyond the last slot.
    pub(super) fn get(&self, index: u32) -> Result<&Slot<S>, HeapError> {
        self.slots().get(index as usize).ok_or_else(|| out_of_range(index, self.len))
    }

    /// The same, to write.
    pub(super) fn get_mut(&mut self, index: u32) -> Result<&mut Slot<S>, HeapError> {
        let slots = &mut self.slots[..self.len];
        slots.get_mut(index as usize).ok_or_else(|| out_of_range(index, self.len))
    }

    /// Allocates a slot around `storage`: the slot freed last, in the generation after its own, else the next one at the
    /// end, in generation 0.
    ///
    /// # Errors
    /// [`HeapError::Full`] when the budget does not allow it; then nothing has changed.
    pub(super) fn allocate(&mut self, storage: S, budget: &mut Budget) -> Result<(u32, u16), HeapError> {
        let bytes = storage.bytes();
        if let Some(&index) = self.free.last() {
            budget.charge(bytes)?;
            self.free.pop();
            let slot = &mut self.slots[index as usize];
            slot.storage = storage;
            slot.generation = slot.generation.wrapping_add(1);
            slot.alive = true;
            return Ok((index, slot.generation));
        }
        if let Some(dropped) = self.slots.get_mut(self.len) {
            let kept = dropped.storage.bytes();
            budget.charge(bytes)?;
            budget.refund(kept);
            *dropped = Slot { storage, alive: true, ..Slot::default() };
        } else {
            budget.charge(bytes.saturating_add(size_of::<Slot<S>>()))?;
            self.slots.push(Slot { storage, alive: true, ..Slot::default() });
        }
        self.len += 1;
        Ok((self.len as u32 - 1, 0))
    }

    /// The slot that the next allocation at the end would take, if a cut left one there and no freed slot goes first.
    pub(super) fn dropped(&self) -> Option<&S> {
        if self.free.is_empty() { self.slots.get(self.len).map(|slot| &slot.storage) } else { None }
    }

    /// Allocates the slot that [`Slab::dropped`] shows, with its storage, in the generation after its own.
    pub(super) fn revive(&mut self) -> (u32, &mut Slot<S>) {
        let index = self.len;
        self.len += 1;
        let slot = &mut self.slots[index];
        slot.generation = slot.generation.wrapping_add(1);
        slot.alive = true;
        (index as u32, slot)
    }

    /// Drops every slot at or above `mark`.
    pub(super) fn cut(&mut self, mark: usize, budget: &mut Budget) {
        if mark >= self.len {
            return;
        }
        self.len = mark;
        debug_assert!(self.free.iter().all(|index| (*index as usize) < mark));
        if !S::OUTLIVES_CUT {
            let mut bytes = 0;
            for slot in self.slots.drain(mark..) {
                bytes += slot.storage.bytes() + size_of::<Slot<S>>();
                slot.storage.retire(&mut self.spares);
            }
            budget.refund(bytes);
        }
    }

    /// Moves slot `index` down to `mark` and drops every other slot at or above it.
    pub(super) fn cut_around(&mut self, index: u32, mark: usize, budget: &mut Budget) {
        let moved = std::mem::take(&mut self.slots[index as usize]);
        budget.refund(self.slots[mark].storage.bytes());
        self.slots[mark] = moved;
        self.cut(mark + 1, budget);
    }

    /// Frees every slot that is alive and not marked, and unmarks the others.
    pub(super) fn sweep(&mut self, budget: &mut Budget) {
        for (index, slot) in (0..).zip(&mut self.slots[..self.len]) {
            if slot.alive && !slot.marked {
                budget.refund(slot.storage.bytes());
                slot.storage = S::default();
                slot.generation = slot.generation.wrapping_add(1);
                slot.alive = false;
                self.free.push(index);
            }
            slot.marked = false;
        }
    }
}

/// The error of a slot that does not exist.
#[cold]
pub(super) fn out_of_range(index: u32, length: usize) -> HeapError {
    HeapError::Index { index: i64::from(index), length }
}
