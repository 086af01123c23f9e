//! The few bytes that are no stencil: where functions start and end, plain jumps and calls. One file per architecture; to
//! port, add one.

mod aarch64;
mod riscv64;
mod x86_64;

use stencil_table::{Architecture, HoleKind, HoleRecord};

/// What the assembler itself appends.
#[derive(Debug)]
pub(crate) struct Glue {
    /// Starts a function: links the frame-pointer chain and aligns the stack as a stencil expects it.
    pub(crate) prologue: &'static [u8],
    /// Ends a function that started with the prologue: returns to who called it.
    pub(crate) epilogue: &'static [u8],
    /// Undoes a prologue and the call before it: goes on in the function that called.
    pub(crate) rejoin: &'static [u8],
    /// A jump to a label.
    pub(crate) jump: Branch,
    /// A call of a function.
    pub(crate) call: Branch,
    /// A jump to what a data slot holds.
    pub(crate) jump_through: Through,
    /// A call of what a data slot holds.
    pub(crate) call_through: Through,
}

/// A jump or call through a data slot, through registers that no stencil expects anything in.
#[derive(Debug)]
pub(crate) struct Through {
    /// The bytes, the holes zero.
    pub(crate) code: &'static [u8],
    /// Where the slot's address goes. No hole refuses any.
    pub(crate) holes: &'static [(u16, HoleKind)],
}

/// A jump or call, with its hole.
#[derive(Debug)]
pub(crate) struct Branch {
    /// The bytes, the hole's zero.
    pub(crate) code: &'static [u8],
    /// Where the hole is.
    pub(crate) hole: u16,
    /// What the hole is.
    pub(crate) kind: HoleKind,
    /// What is added to the distance.
    pub(crate) addend: i32,
}

impl Glue {
    /// The glue of an architecture.
    pub(crate) fn of(architecture: Architecture) -> &'static Self {
        match architecture {
            Architecture::X86_64 => &x86_64::GLUE,
            Architecture::Aarch64 => &aarch64::GLUE,
            Architecture::Riscv64 => &riscv64::GLUE,
        }
    }
}

impl Branch {
    /// The hole as a table would record it.
    pub(crate) fn record(&self) -> HoleRecord {
        HoleRecord { offset: self.hole, kind: self.kind as u8, value: 0, addend: self.addend }
    }
}
