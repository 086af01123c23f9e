//! Laying out the sections, binding branches, and what waits for the final address.

use super::{Assembler, COLD, Fixup, Section, UNBOUND};
use crate::code::EntryAddress;
use crate::error::StitchError;
use crate::label::Label;
use crate::patch;
use crate::slots::EntrySlot;
use stencil_table::{HoleKind, HoleSort};

/// A hole whose value depends on where the code will be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct External {
    at: usize,
    target: Target,
    addend: i32,
    kind: HoleKind,
}

#[derive(Debug, Clone, Copy)]
enum Target {
    /// The table's constant pool, which the addend points into.
    Pool,
    /// A published callee, by index.
    Callee(usize),
}

impl<S> Assembler<'_, S> {
    /// Binds all branches and leaves the whole code, cold section behind hot, in the hot section.
    pub(crate) fn finish(&mut self) -> Result<(), StitchError> {
        self.end_cold();
        self.last_islands();
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let hot = self.code.len;
        self.cold_at = hot;
        let total = hot + self.other.len;
        let limit = self.limits.code;
        if total > limit {
            return Err(StitchError::TooLarge { limit });
        }
        if self.other.len > 0 {
            if !self.stretch(self.other.len) {
                return Err(StitchError::TooLarge { limit });
            }
            self.code.bytes[hot..total].copy_from_slice(&self.other.bytes[..self.other.len]);
            self.code.len = total;
            let moved = self.other.fixups.drain(..).map(|fixup| Fixup { at: fixup.at + hot as u32, ..fixup });
            self.code.fixups.extend(moved);
            self.other.len = 0;
        }
        self.externals.clear();
        let Section { bytes, fixups, .. } = &mut self.code;
        for fixup in fixups.drain(..) {
            let Fixup { at, target, addend, kind, sort } = fixup;
            let at = at as usize;
            let target = match sort {
                HoleSort::Label => {
                    let label = Label(target);
                    let to = position(&self.labels, label, hot)?;
                    let distance = to as i64 - at as i64;
                    patch::distance(kind, &mut bytes[at..], distance + i64::from(addend))
                        .map_err(|_| StitchError::LabelOutOfReach { label, distance, kind })?;
                    continue;
                }
                HoleSort::Callee => Target::Callee(target as usize),
                HoleSort::Pool | HoleSort::Value => Target::Pool,
            };
            self.externals.push(External { at, target, addend, kind });
        }
        self.check_landing_pads()
    }

    /// The offset of a label in finished code.
    pub(crate) fn offset_of(&self, label: Label) -> Result<usize, StitchError> {
        position(&self.labels, label, self.cold_at)
    }

    /// What the code's start has to be a multiple of, in bytes.
    pub(crate) fn alignment(&self) -> usize {
        self.alignment
    }

    /// The finished bytes.
    pub(crate) fn finished(&self) -> &[u8] {
        &self.code.bytes[..self.code.len]
    }

    /// The labels that were exported, in order.
    pub(crate) fn exports(&self) -> &[Label] {
        &self.exports
    }

    /// The published code that is called.
    pub(crate) fn callees(&self) -> &[EntryAddress] {
        &self.callees
    }

    /// The slots that are called through.
    pub(crate) fn slots(&self) -> &[EntrySlot] {
        &self.slots
    }

    /// Patches what waited for the final address into a copy of the finished bytes.
    pub(crate) fn bind_externals(&self, bytes: &mut [u8], address: u64, pool: u64) -> Result<(), StitchError> {
        for external in &self.externals {
            let &External { at, target, addend, kind } = external;
            let (from, to) = (address + at as u64, &mut bytes[at..]);
            let target = match target {
                Target::Pool => {
                    let constant = pool.wrapping_add(i64::from(addend) as u64);
                    patch::constant(kind, to, from, constant).map_err(|_| StitchError::PoolOutOfReach { kind })?;
                    continue;
                }
                Target::Callee(index) => self.callees.get(index).map_or(0, EntryAddress::address),
            };
            let distance = target.wrapping_sub(from).wrapping_add(i64::from(addend) as u64) as i64;
            patch::distance(kind, to, distance).map_err(|_| StitchError::CalleeOutOfReach { address: target })?;
        }
        Ok(())
    }
}

/// Where a label is in code whose cold section starts at `cold`.
fn position(labels: &[u64], label: Label, cold: usize) -> Result<usize, StitchError> {
    match labels.get(label.0 as usize) {
        None => Err(StitchError::ForeignLabel { label }),
        Some(&UNBOUND) => Err(StitchError::Unbound { label }),
        Some(&position) if position & COLD != 0 => Ok((position & !COLD) as usize + cold),
        Some(&position) => Ok(position as usize),
    }
}
