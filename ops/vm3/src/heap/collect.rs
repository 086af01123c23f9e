//! The collector: mark what the roots reach, sweep the rest. It runs between runs, when the host asks for it.

use super::Heap;
use crate::program::{Arena, Cell, CellKind};

impl Heap {
    /// Frees every slot that `roots` do not reach. A freed slot keeps its index, loses its storage, goes to its next
    /// generation, and is reused before the arena grows. Roots that name no slot are ignored.
    pub fn collect(&mut self, roots: impl IntoIterator<Item = Cell>) {
        let mut pending: Vec<Cell> = roots.into_iter().collect();
        while let Some(cell) = pending.pop() {
            let CellKind::Handle(selector) = cell.kind() else {
                continue;
            };
            let index = cell.slot_index();
            match Arena::ALL.into_iter().find(|arena| *arena as u8 == selector) {
                Some(Arena::String) => {
                    if let Ok(slot) = self.strings.get_mut(index) {
                        slot.marked = true;
                    }
                }
                Some(Arena::List) => {
                    if let Ok(slot) = self.lists.get_mut(index)
                        && !std::mem::replace(&mut slot.marked, true)
                    {
                        pending.extend_from_slice(&slot.storage);
                    }
                }
                // Maps hold ints only.
                Some(Arena::Map) => {
                    if let Ok(slot) = self.maps.get_mut(index) {
                        slot.marked = true;
                    }
                }
                None => {}
            }
        }
        self.strings.sweep(&mut self.budget);
        self.lists.sweep(&mut self.budget);
        self.maps.sweep(&mut self.budget);
    }
}
