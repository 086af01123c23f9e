//! Islands: jumps that reach further than branches do, *veneers*, in the middle of code that is longer than branches reach.
//!
//! A branch to a label that is not bound yet, that is in the other section, or that lies too far back waits for a veneer.
//! An island is written while all that waits still reaches it, between two ops; what comes that way jumps over it.
//!
//! Nothing is looked at when an op is appended: the buffer of a section ends where an island may be due next, and who
//! makes room looks. Where all branches reach across the longest code, none is ever due.

use super::{Assembler, COLD, Fixup, Section, UNBOUND};
use crate::glue::{Glue, Veneer};
use crate::label::Label;
use std::collections::HashMap;
use stencil_table::HoleSort;

/// How long code can become between two looks, beyond what was looked for: the longest stencil and its padding.
const STRIDE: usize = u16::MAX as usize + 4096;

/// What is left of a reach when an island is written at the latest.
const SPARE: usize = 1 << 14;

/// Each instruction, of 4 bytes, could be a branch that needs the longest veneer, of 20: so much less is left of a reach
/// for each byte of code.
const EACH: usize = 8;

/// How far branches of one reach are looked after.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Served {
    /// What lies before this index of the fixups waits for nothing.
    fixups: usize,
    /// How long the section can become before these branches have to be looked at.
    due: usize,
}

impl Served {
    /// How many veneers an architecture has at most.
    pub(super) const MOST: usize = 2;
}

/// The branches of one reach that wait for a veneer.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    /// Where the first one is.
    oldest: Option<usize>,
    count: usize,
}

impl Section {
    /// An empty section of an architecture's code.
    pub(super) fn new(glue: &Glue) -> Self {
        let mut section = Self::default();
        section.clear(glue);
        section
    }

    /// Forgets what is in it, and keeps the buffers.
    pub(super) fn clear(&mut self, glue: &Glue) {
        self.len = 0;
        self.fixups.clear();
        self.marks.clear();
        self.stencils.clear();
        self.functions.clear();
        self.served = [Served { fixups: 0, due: usize::MAX }; Served::MOST];
        for (served, veneer) in self.served.iter_mut().zip(glue.veneers) {
            served.due = due(veneer, 0, Waiting::default()).unwrap_or_default();
        }
        self.set_due();
        self.bytes.truncate(self.due);
    }

    fn set_due(&mut self) {
        self.due = self.served.iter().map(|served| served.due).min().unwrap_or(usize::MAX);
    }
}

/// What code of `len` bytes may grow to before branches have to be looked at again; `None` when an island is due.
fn due(veneer: &Veneer, len: usize, waiting: Waiting) -> Option<usize> {
    // Islands of branches that reach less are written meanwhile.
    let margin = STRIDE.max(veneer.reach / 8);
    let reached = waiting.oldest.unwrap_or(len) + veneer.reach;
    let spare = reached.checked_sub(len + waiting.count * veneer.jump.code.len() + margin)?;
    (spare >= SPARE).then(|| len + spare / EACH)
}

impl<S> Assembler<'_, S> {
    /// Writes the islands that are due before the section has `needed` bytes.
    #[cold]
    pub(super) fn look(&mut self, needed: usize) {
        for (number, veneer) in self.glue.veneers.iter().enumerate() {
            if self.code.served[number].due >= needed {
                continue;
            }
            // At first only what has waited long: the labels of the others may be near.
            let mut before = self.code.len.saturating_sub(veneer.reach / 2);
            let due = loop {
                self.skip(number, veneer);
                let waiting = self.waiting(number, veneer, None);
                if let Some(due) = due(veneer, self.code.len, waiting) {
                    break due;
                }
                if waiting.count == 0 || self.error.is_some() {
                    break usize::MAX;
                }
                for (lower, veneer) in self.glue.veneers.iter().enumerate().take(number) {
                    self.island(lower, veneer, self.code.len, None);
                }
                self.island(number, veneer, before, None);
                before = self.code.len;
            };
            self.code.served[number].due = due;
        }
        self.code.set_due();
    }

    /// Writes what islands branches need now that all code is there, behind each section.
    pub(super) fn last_islands(&mut self) {
        let total = self.code.len + self.other.len;
        if self.glue.veneers.first().is_none_or(|nearest| total <= nearest.reach) {
            return;
        }
        debug_assert!(!self.in_cold, "the hot section was written last");
        let waiting = |number: usize, veneer| self.waiting(number, veneer, None).count;
        let count: usize = self.glue.veneers.iter().enumerate().map(|(number, veneer)| waiting(number, veneer)).sum();
        // Where the cold section starts at most, when each branch has every veneer.
        let each: usize = self.glue.veneers.iter().map(|veneer| veneer.jump.code.len()).sum();
        let cold = self.code.len + count * each + self.glue.veneers.len() * self.around();
        for (number, veneer) in self.glue.veneers.iter().enumerate() {
            self.island(number, veneer, usize::MAX, Some(cold as i64));
        }
        if self.other.len > 0 {
            let hot = self.code.len as i64;
            self.begin_cold();
            for (number, veneer) in self.glue.veneers.iter().enumerate() {
                self.island(number, veneer, usize::MAX, Some(-hot));
            }
            self.end_cold();
        }
    }

    /// The longest that an island is besides its veneers.
    fn around(&self) -> usize {
        self.glue.over.code.len() + self.alignment
    }

    /// Whether a branch is one of those that a veneer serves, and needs it. The other section is `other` bytes from this
    /// one, or anywhere.
    fn waits(&self, fixup: &Fixup, veneer: &Veneer, other: Option<i64>) -> bool {
        if fixup.sort != HoleSort::Label || fixup.kind.reach() != Some(veneer.reach) {
            return false;
        }
        let position = match self.labels.get(fixup.target as usize) {
            None | Some(&UNBOUND) => return true,
            Some(position) => *position,
        };
        let is_other = (position & COLD != 0) != self.in_cold;
        let Some(start) = (if is_other { other } else { Some(0) }) else { return true };
        let to = start + (position & !COLD) as i64;
        // What is bound here lies behind an island that is written here.
        let is_here = !is_other && to == self.code.len as i64;
        let (reach, distance) = (veneer.reach as i64, to - i64::from(fixup.at) + i64::from(fixup.addend));
        is_here || !(-reach..reach).contains(&distance)
    }

    /// What waits for a veneer.
    fn waiting(&self, number: usize, veneer: &Veneer, other: Option<i64>) -> Waiting {
        let fixups = self.code.fixups.get(self.code.served[number].fixups..).unwrap_or_default();
        let mut waiting = Waiting::default();
        for fixup in fixups.iter().filter(|fixup| self.waits(fixup, veneer, other)) {
            waiting.oldest.get_or_insert(fixup.at as usize);
            waiting.count += 1;
        }
        waiting
    }

    /// Passes over the branches that will never wait. Those of the last ops stay, for they may be taken back.
    fn skip(&mut self, number: usize, veneer: &Veneer) {
        let before = self.code.len.saturating_sub(veneer.reach / 2);
        let served = self.code.served[number].fixups;
        let fixups = self.code.fixups.get(served..).unwrap_or_default();
        let done = |fixup: &&Fixup| (fixup.at as usize) < before && !self.waits(fixup, veneer, None);
        self.code.served[number].fixups = served + fixups.iter().take_while(done).count();
    }

    /// Writes veneers for all branches of one reach that wait and stand before byte `before`.
    fn island(&mut self, number: usize, veneer: &Veneer, before: usize, other: Option<i64>) {
        let served = self.code.served[number].fixups;
        let wanted = |(_, fixup): &(usize, &Fixup)| (fixup.at as usize) < before && self.waits(fixup, veneer, other);
        let all = self.code.fixups.iter().enumerate().skip(served);
        let wanted: Vec<usize> = all.filter(wanted).map(|(index, _)| index).collect();
        if wanted.is_empty() || !self.stretch(self.around() + wanted.len() * veneer.jump.code.len()) {
            return;
        }
        let start = self.code.len;
        let behind = self.label();
        self.branch(&self.glue.over, u64::from(behind.0));
        let mut veneers: HashMap<u32, Label> = HashMap::new();
        for index in wanted {
            let target = self.code.fixups[index].target;
            let own = veneers.get(&target).copied().unwrap_or_else(|| {
                let label = self.label();
                self.place(label);
                self.branch(&veneer.jump, u64::from(target));
                veneers.insert(target, label);
                label
            });
            self.code.fixups[index].target = own.0;
        }
        // What was aligned stays so.
        while let Some(nop) = self.glue.nops.first().filter(|_| !self.code.len.is_multiple_of(self.alignment)) {
            self.raw(nop);
        }
        self.place(behind);
        self.move_on(start);
        if before >= start {
            self.code.served[number].fixups = self.code.fixups.len();
        }
    }

    /// Binds a label of an island's own.
    fn place(&mut self, label: Label) {
        let here = self.here();
        if let Some(position) = self.labels.get_mut(label.0 as usize) {
            *position = here;
        }
    }

    /// What was bound and marked where an island starts belongs to what comes next.
    fn move_on(&mut self, start: usize) {
        let (end, here) = (self.code.len, self.here());
        let there = here - (end - start) as u64;
        self.labels.iter_mut().filter(|position| **position == there).for_each(|position| *position = here);
        self.code.marks.move_on(start, end);
        self.code.stencils.move_on(start, end);
        if let Some(function) = self.code.functions.last_mut().filter(|function| **function as usize == start) {
            *function = end as u32;
        }
        self.landing.barrier();
    }
}
