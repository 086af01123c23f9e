//! The few bytes that are no stencil: function prologues and plain jumps. One file per architecture; to port, add one.

mod x86_64;

use stencil_table::Architecture;

/// What the assembler itself appends.
#[derive(Debug)]
pub(crate) struct Glue {
    /// Starts a function: links the frame-pointer chain and aligns the stack as a stencil expects it. Empty where the
    /// architecture is not supported yet; such a table cannot exist.
    pub(crate) prologue: &'static [u8],
    /// Ends a function that started with the prologue: returns to who called it.
    pub(crate) epilogue: &'static [u8],
    /// A jump, with its hole.
    pub(crate) jump: &'static [u8],
    /// Where the hole of the jump is.
    pub(crate) jump_hole: usize,
    /// What is added to the distance.
    pub(crate) jump_addend: i32,
}

impl Glue {
    /// The glue of an architecture.
    pub(crate) fn of(architecture: Architecture) -> &'static Self {
        match architecture {
            Architecture::X86_64 => &x86_64::GLUE,

            _ => &x86_64::GLUE,
        }
    }
}
