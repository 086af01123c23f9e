//! The assembler, and what is told to a listing on the way.

use super::listing::{Note, Part, What};
use super::unit::Labels;
use crate::stencils::ops::Machine;
use stencil_runtime::{Assembler, Label, Table};

/// Appends ops.
#[derive(Debug)]
pub(super) struct Emitter<'t> {
    pub(super) asm: Assembler<'t, Machine>,
    /// What stands where, if somebody wants to know.
    notes: Option<Vec<Note>>,
    /// Bytes of cold code before the piece that is being written, if one is.
    cold: usize,
    /// All bytes when that piece was begun.
    cold_from: Option<usize>,
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

impl<'t> Emitter<'t> {
    pub(super) fn new(table: &Table<'t>, listing: bool) -> Self {
        Self { asm: Assembler::new(table), notes: listing.then(Vec::new), cold: 0, cold_from: None }
    }

    /// The labels of a function.
    pub(super) fn labels(&mut self) -> Labels {
        Labels { call: self.asm.label(), body: self.asm.label(), host: self.asm.label() }
    }

    /// Says what comes next.
    #[inline]
    pub(super) fn note(&mut self, what: What) {
        if self.notes.is_some() {
            self.add_note(what);
        }
    }

    #[cold]
    fn add_note(&mut self, what: What) {
        let length = self.asm.len();
        let (cold, at) = match self.cold_from {
            Some(from) => (true, self.cold + length - from),
            None => (false, length - self.cold),
        };
        self.notes.get_or_insert_default().push(Note { cold, at, what });
    }

    /// Goes on where rare code stands.
    pub(super) fn begin_cold(&mut self) {
        self.asm.begin_cold();
        self.cold_from = Some(self.asm.len());
    }

    /// Goes on in the main code.
    pub(super) fn end_cold(&mut self) {
        if let Some(from) = self.cold_from.take() {
            self.cold += self.asm.len() - from;
        }
        self.asm.end_cold();
    }

    /// Says that a part of a function comes.
    #[inline]
    pub(super) fn part(&mut self, function: usize, part: Part) {
        self.note(What::Part { function, part });
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

    /// What was told, and how long the main code is.
    pub(super) fn notes(&mut self) -> (Vec<Note>, usize) {
        (self.notes.take().unwrap_or_default(), self.asm.len() - self.cold)
    }
}
