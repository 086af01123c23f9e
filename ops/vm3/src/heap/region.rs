//! Regions: what a frame allocated is dropped when it returns.

use super::Heap;
use crate::program::{Arena, Cell, CellKind};
use crate::stencils::ops::{REGION, region_words};

/// The lengths of the arenas at some moment, for [`Heap::release`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    strings: u32,
    lists: u32,
    maps: u32,
}

impl Region {
    /// Notes the region in a frame, from which the op set's return ops, [`Region::of_frame`] and tail calls take it.
    pub(crate) fn note(self, frame: &mut [u64]) {
        frame[REGION..REGION + 2].copy_from_slice(&region_words(self.strings, self.lists, self.maps));
    }

    /// The region of a frame that keeps one.
    pub(crate) fn of_frame(frame: &[u64]) -> Self {
        let (low, high) = (frame[REGION], frame[REGION + 1]);
        Self { strings: low as u32, lists: (low >> 32) as u32, maps: high as u32 }
    }

    /// The region of the frame at `frame`.
    ///
    /// # Safety
    /// That is a frame that keeps one, and nobody writes it meanwhile.
    pub(crate) unsafe fn at(frame: *const u64) -> Self {
        // SAFETY: by the contract these words are the frame's.
        Self::of_frame(unsafe { std::slice::from_raw_parts(frame, REGION + 2) })
    }

    fn start(self, arena: Arena) -> u32 {
        match arena {
            Arena::String => self.strings,
            Arena::List => self.lists,
            Arena::Map => self.maps,
        }
    }

    /// The arena of `cell` if it is a handle to a slot of this region.
    fn local(self, cell: Cell) -> Option<Arena> {
        let CellKind::Handle(selector) = cell.kind() else {
            return None;
        };
        let arena = Arena::ALL.into_iter().find(|arena| *arena as u8 == selector)?;
        (cell.slot_index() >= self.start(arena)).then_some(arena)
    }
}

impl Heap {
    /// Starts a region here: slots allocated at the end of an arena from now on belong to it.
    #[must_use]
    pub const fn region(&self) -> Region {
        Region { strings: self.strings.len() as u32, lists: self.lists.len() as u32, maps: self.maps.len() as u32 }
    }

    /// Drops every slot of `region`. Slots that were reused below its start stay.
    pub fn release(&mut self, region: Region) {
        self.strings.cut(region.strings as usize, &mut self.budget);
        self.lists.cut(region.lists as usize, &mut self.budget);
        self.maps.cut(region.maps as usize, &mut self.budget);
    }

    /// Drops every slot of `region` except the one `result` names, which moves to the region's start, and gives the
    /// handle that names it then: the same generation, another index. When that slot is a list that holds a handle into
    /// the region, everything stays as it is. A result that names nothing in the region is given back unchanged.
    #[must_use]
    pub fn release_keeping(&mut self, region: Region, result: Cell) -> Cell {
        let Some(arena) = region.local(result) else {
            self.release(region);
            return result;
        };
        let index = result.slot_index();
        let exists = match arena {
            Arena::String => self.strings.get(index).is_ok(),
            Arena::List => match self.lists.get(index) {
                Ok(slot) if slot.storage.iter().any(|cell| region.local(*cell).is_some()) => {
                    return result;
                }
                found => found.is_ok(),
            },
            Arena::Map => self.maps.get(index).is_ok(),
        };
        let mut kept = region;
        if exists {
            let start = region.start(arena);
            let budget = &mut self.budget;
            match arena {
                Arena::String => self.strings.cut_around(index, start as usize, budget),
                Arena::List => self.lists.cut_around(index, start as usize, budget),
                Arena::Map => self.maps.cut_around(index, start as usize, budget),
            }
            match arena {
                Arena::String => kept.strings += 1,
                Arena::List => kept.lists += 1,
                Arena::Map => kept.maps += 1,
            }
        }
        self.release(kept);
        if exists { Cell::handle(arena, result.generation(), region.start(arena)) } else { result }
    }
}
