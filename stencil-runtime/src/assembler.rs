//! The assembler: appends stencils to a buffer, patches their holes, and keeps what can only be patched later.
//!
//! Nothing here is unsafe: the code is bytes in a `Vec` until a [`crate::CodeSpace`] publishes it.
//!
//! | module | what lives there |
//! |---|---|
//! | `branches` | jumps and calls, kept until places are known |
//! | `emit` | the hot path: find the variant, copy, patch |
//! | `far` | slots that the architecture's loads and stores do not reach |
//! | `finish` | labels, and what waits for the final address |
//! | `fuse` | sequences of ops that have a stencil of their own |
//! | `islands` | branches further than an architecture's branches reach |
//! | `landing` | where code can be reached indirectly |
//! | `room` | the buffer of a section |
//! | `synthesise` | variants that were pruned, reached by moves |

mod branches;
mod emit;
mod far;
mod finish;
mod fuse;
mod islands;
mod landing;
mod room;
mod synthesise;
#[cfg(test)]
mod tests;

#[doc(hidden)]
pub use emit::Prepared;
pub(crate) use finish::External;

use crate::code::EntryAddress;
use crate::error::StitchError;
use crate::glue::Glue;
use crate::label::{Callee, CalleeKind, Label, Labels};
use crate::marks::{AddressMap, Mapper, Mark, Recorder};
use crate::operand::Placed;
use crate::registry::Origin;
use crate::set::OpSet;
use crate::slots::EntrySlot;
use fuse::History;
use islands::Served;
use landing::Landing;
use std::fmt;
use std::marker::PhantomData;
use stencil_table::{HoleKind, HoleSort, Table};

/// The longest code, in bytes, that branches within it can cross on every architecture.
pub const MAX_CODE: usize = i32::MAX as usize - 0x800;

/// How many labels there can be: one number stands for none.
const MAX_LABELS: usize = u32::MAX as usize;

/// The most bytes of an instruction that does nothing.
const LONGEST_NOP: usize = 8;

/// What is refused for being too much; tests lower it.
#[derive(Debug, Clone, Copy)]
struct Limits {
    code: usize,
    labels: usize,
}

/// A hole that is patched when labels are known.
#[derive(Debug, Clone, Copy)]
struct Fixup {
    /// Bytes from the start of the section.
    at: u32,
    /// The label's number, the index of a published callee, or nothing for the pool.
    target: u32,
    /// What is added.
    addend: i32,
    kind: HoleKind,
    /// What the target is. A callee that is a label counts as a label.
    sort: HoleSort,
}

/// Marks the word of a callee as an index into the published callees.
const PUBLISHED: u64 = 1 << 32;

/// Marks the word of a callee as an index into the slots.
const SLOT: u64 = 1 << 33;

/// A label's position before it is bound.
const UNBOUND: u64 = u64::MAX;

/// Marks a label's position as one in the cold section.
const COLD: u64 = 1 << 40;

/// One run of code: hot or cold.
#[derive(Debug, Default)]
struct Section {
    /// The bytes; those from `len` on are scratch.
    bytes: Vec<u8>,
    len: usize,
    fixups: Vec<Fixup>,
    /// The embedder's tags.
    marks: Recorder,
    /// Where functions start, in ascending order.
    functions: Vec<u32>,
    /// Where stencils start, by dense index, if the table is traced.
    stencils: Recorder,
    /// Where branches could next need an island; the buffer ends there.
    due: usize,
    /// By veneer of the architecture's.
    served: [Served; Served::MOST],
}

/// Stitches ops of the set `S` into code. Ops are appended by the methods of the set's `Emit` trait.
///
/// Reusing an assembler ([`Assembler::clear`], or publishing) keeps its buffers, so stitching allocates nothing once
/// they have grown.
pub struct Assembler<'t, S> {
    table: Table<'t>,
    glue: &'static Glue,
    /// The instructions that do nothing, by length, and zeros behind them.
    nops: [[u8; LONGEST_NOP]; LONGEST_NOP],
    /// The fixed part that is the frame, if there is one.
    frame: usize,
    /// The section being written.
    code: Section,
    /// The other one.
    other: Section,
    /// Whether `code` is the cold section.
    in_cold: bool,
    /// The position of every label: offset, [`COLD`], or [`UNBOUND`].
    labels: Vec<u64>,
    /// Where the cold section starts in finished code.
    cold_at: usize,
    /// Published code that is called.
    callees: Vec<EntryAddress>,
    /// Slots that are called through.
    slots: Vec<EntrySlot>,
    /// Labels that the host enters at.
    exports: Vec<Label>,
    /// Places that wait for the final address.
    externals: Vec<External>,
    history: History,
    landing: Landing,
    mapper: Mapper,
    origin: Option<Origin>,
    error: Option<StitchError>,
    /// What the code's start has to be a multiple of.
    alignment: usize,
    /// Whether the table is of another op set: then nothing can be stitched.
    foreign: bool,
    limits: Limits,
    set: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for Assembler<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Assembler")
            .field("table", &self.table)
            .field("len", &self.len())
            .field("labels", &self.labels.len())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}

impl<'t, S: OpSet> Assembler<'t, S> {
    /// An assembler for the ops of `table`, which may be for any architecture.
    ///
    /// A table of another op set than `S` is an error that every publication gives.
    #[must_use]
    pub fn new(table: &Table<'t>) -> Self {
        let foreign = table.info().set_hash != S::HASH;
        let glue = Glue::of(table.info().architecture);
        let mut nops = [[0; LONGEST_NOP]; LONGEST_NOP];
        for (to, nop) in nops.iter_mut().zip(glue.nops) {
            to[..nop.len()].copy_from_slice(nop);
        }
        Self {
            table: *table,
            glue,
            nops,
            frame: S::FRAME.unwrap_or_default(),
            code: Section::new(Glue::of(table.info().architecture)),
            other: Section::new(Glue::of(table.info().architecture)),
            in_cold: false,
            labels: Vec::new(),
            cold_at: 0,
            callees: Vec::new(),
            slots: Vec::new(),
            exports: Vec::new(),
            externals: Vec::new(),
            history: History::new(table),
            landing: Landing::default(),
            mapper: Mapper::default(),
            origin: None,
            error: foreign.then_some(StitchError::OtherSet),
            alignment: 1,
            foreign,
            limits: Limits { code: MAX_CODE, labels: MAX_LABELS },
            set: PhantomData,
        }
    }
}

impl<'t, S> Assembler<'t, S> {
    /// The table that ops are taken from.
    #[must_use]
    pub fn table(&self) -> &Table<'t> {
        &self.table
    }

    /// How many registers of a bank are pinned; banks are numbered as the machine lists them. 0 for no such bank.
    #[must_use]
    pub fn registers(&self, bank: usize) -> u32 {
        self.table.banks().get(bank).map_or(0, |bank| bank.registers)
    }

    /// Bytes stitched so far, hot and cold.
    #[must_use]
    pub fn len(&self) -> usize {
        self.code.len + self.other.len
    }

    /// Whether nothing was stitched yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first error, if there was one.
    #[must_use]
    pub fn error(&self) -> Option<&StitchError> {
        self.error.as_ref()
    }

    /// A new label, bound nowhere.
    pub fn label(&mut self) -> Label {
        let number = self.labels.len();
        if number >= self.limits.labels {
            self.fail(StitchError::TooManyLabels { limit: self.limits.labels });
            return Label(u32::MAX);
        }
        self.labels.push(UNBOUND);
        Label(number as u32)
    }

    /// `count` new labels, bound nowhere: faster than as many times [`Assembler::label`].
    pub fn labels(&mut self, count: usize) -> Labels {
        let first = self.labels.len();
        if self.limits.labels - first < count {
            self.fail(StitchError::TooManyLabels { limit: self.limits.labels });
            return Labels { first: 0, count: 0 };
        }
        self.labels.resize(first + count, UNBOUND);
        Labels { first: first as u32, count: count as u32 }
    }

    /// Binds a label here: what comes next is what jumps to it reach.
    pub fn bind(&mut self, label: Label) {
        let here = self.here();
        match self.labels.get_mut(label.0 as usize) {
            None => self.fail(StitchError::ForeignLabel { label }),
            Some(position) if *position != UNBOUND => self.fail(StitchError::BoundTwice { label }),
            Some(position) => *position = here,
        }
        self.history.barrier();
        self.land_at(label);
    }

    /// Makes a label an entry point of the published code: [`crate::Code::entry`] finds it by the order of exports. With
    /// [landing pads](Assembler::landing_pads), labels are exported before they are bound, or have a prologue behind them.
    pub fn export(&mut self, label: Label) {
        self.exports.push(label);
    }

    /// Says that what comes next belongs to `tag`, whatever that means to the embedder: an op's position, a line. The
    /// published code keeps it, see [`crate::Code::marks`] and [`crate::CodeSpace::locate`]. Of an op that is fused with
    /// ones before it the tag counts for all of them.
    #[inline]
    pub fn mark(&mut self, tag: u32) {
        self.code.marks.add(self.code.len, tag);
    }

    /// Says what the code is made from, for [`crate::CodeSpace::locate`] and listeners.
    pub fn set_origin(&mut self, origin: Origin) {
        self.origin = Some(origin);
    }

    /// Starts a function: what is called by stitched code or entered by the host. Sets up the frame-pointer chain.
    pub fn prologue(&mut self) {
        self.land();
        self.code.functions.push(self.code.len as u32);
        self.raw(self.glue.prologue);
    }

    /// Ends a function: returns to who called or entered it. Op sets have this as an op too, `ret!`.
    pub fn epilogue(&mut self) {
        self.raw(self.glue.epilogue);
    }

    /// Continues in the cold section, which is laid out behind all hot code. What stands there must not fall through
    /// into what comes next in the hot section, but jump. Ops before and after are not fused with each other.
    pub fn begin_cold(&mut self) {
        if !self.in_cold {
            self.switch();
        }
    }

    /// Continues in the hot section.
    pub fn end_cold(&mut self) {
        if self.in_cold {
            self.switch();
        }
    }

    /// Jumps to a label, whatever the op set. The assembler's own: no op is involved.
    pub fn jump(&mut self, label: Label) {
        self.branch(&self.glue.jump, u64::from(label.0));
    }

    /// Goes on at a multiple of `boundary` bytes, behind instructions that do nothing: for loops, which some processors
    /// run in half the time when they lie within one line of their instruction cache. In the cold section, whose start
    /// is not known yet, nothing happens.
    ///
    /// # Panics
    /// When `boundary` is no power of two, or greater than 4,096.
    pub fn align(&mut self, boundary: usize) {
        assert!(boundary.is_power_of_two() && boundary <= 4096, "a boundary is a power of two, 4,096 at most");
        if self.in_cold {
            return;
        }
        self.alignment = self.alignment.max(boundary);
        if !self.room(boundary) {
            return;
        }
        let unit = self.glue.nops[0].len();
        let mut missing = (self.code.len.wrapping_neg() & (boundary - 1)) / unit;
        while let Some(last) = missing.min(self.glue.nops.len()).checked_sub(1) {
            // All bytes at once: what is behind the instruction is overwritten.
            if let Some(to) = self.code.bytes[self.code.len..].first_chunk_mut() {
                *to = self.nops[last];
            }
            self.code.len += (last + 1) * unit;
            missing -= last + 1;
        }
        self.history.barrier();
    }

    /// Jumps to what a slot leads to when the jump is made.
    pub fn jump_through(&mut self, slot: &EntrySlot) {
        self.through(&self.glue.jump_through, slot);
        self.slots.push(slot.clone());
    }

    /// Forgets everything stitched and keeps the buffers.
    pub fn clear(&mut self) {
        self.end_cold();
        for section in [&mut self.code, &mut self.other] {
            section.clear(self.glue);
        }
        self.labels.clear();
        self.callees.clear();
        self.slots.clear();
        self.exports.clear();
        self.externals.clear();
        self.history.barrier();
        self.landing.barrier();
        self.origin = None;
        self.alignment = 1;
        self.error = self.foreign.then_some(StitchError::OtherSet);
    }

    /// How the emission API passes a callee.
    #[doc(hidden)]
    pub fn callee(&mut self, callee: Callee) -> Placed {
        match callee.0 {
            CalleeKind::Label(label) => Placed::label(label),
            CalleeKind::Published(entry) => {
                self.callees.push(entry);
                Placed::word(PUBLISHED | (self.callees.len() - 1) as u64)
            }
            CalleeKind::Slot(slot) => {
                self.slots.push(slot);
                Placed::word(SLOT | (self.slots.len() - 1) as u64)
            }
        }
    }

    /// The marks of finished code.
    pub(crate) fn address_map(&mut self) -> AddressMap {
        self.mapper.map([(0, self.code.marks.marks()), (self.cold_at, self.other.marks.marks())])
    }

    /// Where functions start in finished code: the offsets of prologues, in ascending order.
    pub(crate) fn functions(&self) -> Vec<u32> {
        let cold = self.other.functions.iter().map(|start| start + self.cold_at as u32);
        self.code.functions.iter().copied().chain(cold).collect()
    }

    /// Which stencils stand where in finished code, if the table is traced.
    pub(crate) fn stencils(&self) -> Vec<Mark> {
        let laid_out = |section: &Section, start: usize| {
            let marks = section.stencils.marks().iter();
            marks.map(|mark| Mark { offset: mark.offset + start as u32, ..*mark }).collect::<Vec<_>>()
        };
        [laid_out(&self.code, 0), laid_out(&self.other, self.cold_at)].concat()
    }

    /// What the code was made from.
    pub(crate) fn take_origin(&mut self) -> Option<Origin> {
        self.origin.take()
    }

    /// The position of a label that is bound here.
    fn here(&self) -> u64 {
        self.code.len as u64 | if self.in_cold { COLD } else { 0 }
    }

    fn switch(&mut self) {
        std::mem::swap(&mut self.code, &mut self.other);
        self.in_cold = !self.in_cold;
        self.history.barrier();
        self.landing.barrier();
    }

    /// Keeps the first error.
    #[cold]
    fn fail(&mut self, error: StitchError) {
        self.error.get_or_insert(error);
    }
}
