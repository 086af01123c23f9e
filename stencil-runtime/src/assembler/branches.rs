//! Jumps and calls: to labels, which wait until these are bound, to published code, and through slots.

use super::{Assembler, Fixup, PUBLISHED, SLOT};
use crate::error::StitchError;
use crate::glue::{Branch, Through};
use crate::patch;
use crate::slots::EntrySlot;
use stencil_table::{HoleKind, HoleSort};

impl<S> Assembler<'_, S> {
    /// Appends a jump or call to what a word says: a label, or a published callee.
    pub(super) fn branch(&mut self, branch: &Branch, target: u64) {
        let at = self.raw(branch.code);
        if let Some(at) = at.filter(|_| self.error.is_none()) {
            self.reach(at + usize::from(branch.hole), branch.kind, branch.addend, target);
        }
    }

    /// Appends a jump or call through a slot.
    pub(super) fn through(&mut self, through: &Through, slot: &EntrySlot) {
        if let Some(at) = self.raw(through.code) {
            for (offset, kind) in through.holes {
                let to = &mut self.code.bytes[at + usize::from(*offset)..];
                // Together the holes take any address.
                let fits = patch::value(*kind, to, slot.location());
                debug_assert!(fits.is_ok());
            }
        }
    }

    /// Turns the call that a stencil ends with into one through a slot. `at` is its hole.
    #[cold]
    fn call_through(&mut self, at: usize, target: u64) {
        let call = &self.glue.call;
        let start = at.checked_sub(usize::from(call.hole));
        let ends = start.filter(|start| start + call.code.len() == self.code.len);
        match (ends, self.slots.get(target as u32 as usize).cloned()) {
            (Some(start), Some(slot)) => {
                self.code.len = start;
                // The middle of a stencil is no place for an island.
                self.stretch(self.glue.call_through.code.len());
                self.through(&self.glue.call_through, &slot);
            }
            // The build helper lets no such stencil pass, but a table can hold anything.
            _ => self.fail(StitchError::CallInside),
        }
    }

    /// Keeps a hole for a place until places are known.
    #[inline]
    pub(super) fn reach(&mut self, at: usize, kind: HoleKind, addend: i32, target: u64) {
        let published = target & PUBLISHED != 0;
        if target & SLOT != 0 {
            return match kind.sort() {
                HoleSort::Callee => self.call_through(at, target),
                _ => self.fail(StitchError::NoLabel),
            };
        }
        let sort = match kind.sort() {
            HoleSort::Callee if !published => HoleSort::Label,
            // Labels' numbers are below: the word is a callee's where a label should be.
            HoleSort::Label if published => return self.fail(StitchError::NoLabel),
            sort => sort,
        };
        self.code.fixups.push(Fixup { at: at as u32, target: target as u32, addend, kind, sort });
    }
}
