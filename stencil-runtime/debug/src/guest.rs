//! What an embedder says of its code, in the words of its guest's language.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use stencil_runtime::{Architecture, Argument, Convention, PublishedCode};

/// Describes code to debuggers and profilers. Asked for each piece of code that is published.
pub trait Guest: fmt::Debug + Send + Sync {
    /// What a piece of code is; `None` for what shall not be shown. What goes beyond the `detail` that is asked for is not
    /// looked at.
    fn describe(&self, code: &PublishedCode<'_>, detail: Detail) -> Option<Description>;
}

/// How much of a [`Description`] is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Detail {
    /// The name.
    Name,
    /// Lines and their file, too.
    Lines,
    /// Everything.
    All,
}

/// What a piece of code is: one function of the guest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Description {
    /// The function's name.
    pub name: String,
    /// The file that lines count in; without one there are no lines.
    pub file: Option<PathBuf>,
    /// The lines, in ascending order of offsets.
    pub lines: Vec<Line>,
    /// Places in the function that have names of their own, such as ops.
    pub symbols: Vec<Symbol>,
    /// The guest's variables.
    pub variables: Vec<Variable>,
}

/// The line that code stands for from an offset on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Bytes from the start of the code.
    pub offset: u32,
    /// The line, from 1; 0 for code that stands for none.
    pub line: u32,
    /// Whether a debugger stops here for the line.
    pub statement: bool,
}

/// A name for code from an offset on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its bytes, from the start of the code.
    pub range: Range<u32>,
    /// The name.
    pub name: String,
}

/// A variable of the guest, as it is while the function runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// What it is shown as.
    pub kind: Kind,
    /// Where it is.
    pub place: VariablePlace,
    /// The code for which that is so, as bytes from the start. Variables may share it.
    pub ranges: Arc<[Range<u32>]>,
}

/// What a variable is shown as. All have 8 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A signed integer.
    Int,
    /// A float.
    Float,
    /// Bits.
    Bits,
}

/// Where a variable is. Registers are numbered as DWARF does, see [`register`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariablePlace {
    /// In a register.
    Register(u16),
    /// In memory, `offset` bytes from the address in a register.
    Memory {
        /// The register.
        base: u16,
        /// Bytes from there.
        offset: i64,
    },
}

/// DWARF's number of the machine register that an argument of an op set's machine travels in, as
/// [`stencil_runtime::OpSet::layout`] gives it. `None` beyond what the convention has.
#[must_use]
pub fn register(architecture: Architecture, convention: Convention, argument: Argument) -> Option<u16> {
    // rax, rdx, rcx, rbx, rsi, rdi, rbp, rsp, then r8 and so on; xmm0 is 17.
    const PORTABLE: &[u16] = &[5, 4, 1, 2, 8, 9];
    const WIDE: &[u16] = &[12, 13, 14, 15, 5, 4, 1, 2, 8, 9, 11, 0];
    let (position, float) = match argument {
        Argument::Fixed { position, .. } => (position, false),
        Argument::Register { position, float, .. } => (position, float),
    };
    let number = position as u16;
    match (architecture, float) {
        (Architecture::X86_64, false) => {
            let ints = if convention == Convention::Wide { WIDE } else { PORTABLE };
            ints.get(position).copied()
        }
        (Architecture::X86_64, true) => (position < 8).then_some(17 + number),
        (Architecture::Aarch64, float) => (position < 8).then_some(if float { 64 + number } else { number }),
        (Architecture::Riscv64, float) => (position < 8).then_some(if float { 42 + number } else { 10 + number }),
    }
}
