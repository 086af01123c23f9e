//! Where the caller's registers are, at every instruction of stitched code.
//!
//! Functions start with the assembler's prologue, so one rule covers nearly all of the code: the caller's frame pointer
//! and the return address are where the frame pointer says. Other rules hold inside of prologues and epilogues, where
//! code leaves, and in stencils that keep registers on the stack or have a frame of their own.
//!
//! | module | what lives there |
//! |---|---|
//! | `x86_64` | the rows of x86-64 code, from its instructions |
//! | `fixed` | those of architectures whose instructions all have 4 bytes |
//! | `aarch64`, `riscv64` | what is their own about it |
//! | `encode` | rows as call frame instructions |

mod aarch64;
mod encode;
mod fixed;
mod riscv64;
mod x86_64;

pub use encode::{debug_frame, eh_frame};

use stencil_runtime::{Architecture, PublishedCode};

/// How the caller's stack pointer, the *canonical frame address*, is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cfa {
    /// It is this many bytes above the frame pointer.
    Frame(i32),
    /// It is this many bytes above the stack pointer.
    Stack(i32),
    /// The frame pointer is a stencil's own: `at` it, in bytes, is the machine's saved, and the address is `above` that.
    Own {
        /// Where the machine's frame pointer is saved, in bytes from the stencil's own.
        at: i32,
        /// The distance from the machine's frame pointer.
        above: i32,
    },
}

/// What holds at some instructions. Registers that are not named hold what they hold in the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// The caller's stack pointer.
    pub cfa: Cfa,
    /// Registers, as DWARF numbers them, that are saved, with the bytes from the canonical frame address. The return
    /// address is the column of [`Registers::return_address`].
    pub saved: Vec<(u16, i32)>,
}

/// Rules that hold from an instruction on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Bytes from the start of the code.
    pub offset: u32,
    /// What holds there.
    pub rules: Rules,
}

/// DWARF's numbers of an architecture's registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registers {
    /// The stack pointer.
    pub stack: u16,
    /// The frame pointer.
    pub frame: u16,
    /// The column of the return address.
    pub return_address: u16,
    /// The distance from the frame pointer to the canonical frame address, behind a prologue.
    above: i32,
}

impl Registers {
    /// Those of an architecture.
    #[must_use]
    pub const fn of(architecture: Architecture) -> Self {
        match architecture {
            Architecture::X86_64 => Self { stack: 7, frame: 6, return_address: 16, above: 16 },
            Architecture::Aarch64 => Self { stack: 31, frame: 29, return_address: 30, above: 16 },
            Architecture::Riscv64 => Self { stack: 2, frame: 8, return_address: 1, above: 0 },
        }
    }

    /// The rule that holds nearly everywhere.
    fn framed(self) -> Rules {
        self.behind(Cfa::Frame(self.above))
    }

    /// The same registers saved, another way to the canonical frame address.
    fn behind(self, cfa: Cfa) -> Rules {
        Rules { cfa, saved: vec![(self.frame, -16), (self.return_address, -8)] }
    }
}

/// The rows of a piece of code, in ascending order, the first one at its start.
#[must_use]
pub fn rows(code: &PublishedCode<'_>) -> Vec<Row> {
    match code.architecture {
        Architecture::X86_64 => x86_64::rows(code.bytes, code.functions),
        Architecture::Aarch64 => fixed::rows(&aarch64::PATTERNS, code.bytes, code.functions),
        Architecture::Riscv64 => fixed::rows(&riscv64::PATTERNS, code.bytes, code.functions),
    }
}

/// Appends rules from an instruction on, unless they hold already.
fn push(rows: &mut Vec<Row>, offset: usize, rules: Rules) {
    let offset = offset as u32;
    match rows.last_mut() {
        Some(last) if last.rules == rules => {}
        Some(last) if last.offset == offset => last.rules = rules,
        _ => rows.push(Row { offset, rules }),
    }
}
