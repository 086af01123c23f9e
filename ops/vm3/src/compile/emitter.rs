//! The assembler, and what is told to a listing on the way.

use super::listing::{Notes, Part, What};
use super::opcodes::Stencil;
use crate::stencils::ops::Machine;
use stencil_runtime::{Assembler, EntrySlot, Label, Placed};

/// Bytes of a line of the instruction cache.
const LINE: usize = 64;

/// Appends ops.
#[derive(Debug)]
pub(super) struct Emitter<'t> {
    pub(super) asm: Assembler<'t, Machine>,
    /// What stands where, if somebody wants to know.
    pub(super) notes: Option<Notes>,
}

/// Appends an op, by the name of its method.
macro_rules! emit {
    ($self:expr, $op:ident $(, $value:expr)*) => {{
        #[allow(unused_imports, reason = "one import for every use in a function")]
        use crate::stencils::ops::Emit as _;
        $self.emitter.note(crate::compile::listing::What::Stencil(stringify!($op)));
        $self.emitter.asm.$op($($value),*);
    }};
}
pub(super) use emit;

/// Appends an op to an assembler, by the name of its method.
macro_rules! emit_to {
    ($asm:expr, $op:ident $(, $value:expr)*) => {{
        #[allow(unused_imports, reason = "one import for every use in a function")]
        use crate::stencils::ops::Emit as _;
        $asm.$op($($value),*);
    }};
}
pub(super) use emit_to;

impl<'t> Emitter<'t> {
    pub(super) fn new(asm: Assembler<'t, Machine>) -> Self {
        Self { asm, notes: None }
    }

    /// Says what comes next.
    #[inline]
    pub(super) fn note(&mut self, what: What) {
        if let Some(notes) = &mut self.notes {
            notes.add(self.asm.len(), what);
        }
    }

    /// Goes on where rare code stands.
    pub(super) fn begin_cold(&mut self) {
        self.asm.begin_cold();
        if let Some(notes) = &mut self.notes {
            notes.begin_cold(self.asm.len());
        }
    }

    /// Goes on in the main code.
    pub(super) fn end_cold(&mut self) {
        if let Some(notes) = &mut self.notes {
            notes.end_cold(self.asm.len());
        }
        self.asm.end_cold();
    }

    /// Says that a part of a function comes.
    #[inline]
    pub(super) fn part(&mut self, part: Part) {
        self.asm.mark(part.tag());
        self.note(What::Part(part));
    }

    /// Appends the stencil of an op: its values, then words 0.
    #[inline]
    pub(super) fn stencil(&mut self, stencil: &Stencil, values: [Placed; 4]) {
        self.note(What::Stencil(stencil.name));
        self.asm.emit_prepared(&stencil.prepared, || values);
    }

    /// Appends a prologue.
    pub(super) fn prologue(&mut self) {
        self.note(What::Stencil("prologue"));
        self.asm.prologue();
    }

    /// Appends a jump.
    pub(super) fn jump(&mut self, label: Label) {
        self.note(What::Stencil("jump"));
        self.asm.jump(label);
    }

    /// Goes on where a loop runs best.
    pub(super) fn align_loop(&mut self) {
        self.note(What::Stencil("align"));
        self.asm.align(LINE);
    }

    /// Appends a jump through a slot.
    pub(super) fn jump_through(&mut self, slot: &EntrySlot) {
        self.note(What::Stencil("jump"));
        self.asm.jump_through(slot);
    }
}
