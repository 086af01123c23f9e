//! What can go wrong.

use crate::stencils::ops::CELLS;
use std::fmt;
use stencil_runtime::{LoadError, PublishError};
use thiserror::Error;

/// A place in the text of a program, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Why a text is no program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SyntaxError {
    /// A `[` without its `]`.
    #[error("{at}: this `[` is never closed; add a `]`")]
    Unclosed {
        /// Where the `[` is.
        at: Position,
    },
    /// A `]` without its `[`.
    #[error("{at}: this `]` closes nothing; remove it or add a `[` before it")]
    Unopened {
        /// Where the `]` is.
        at: Position,
    },
}

/// Why a program stopped before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Fault {
    /// The head would have left the tape.
    #[error("{at}: the head leaves the tape here, which has {CELLS} cells; keep it between the ends")]
    Overrun {
        /// Where the run of steps begins.
        at: Position,
    },
    /// Loops went round as often as they were allowed to.
    #[error("{at}: the fuel was spent in the loop that ends here; run the program with more")]
    OutOfFuel {
        /// Where the loop's `]` is.
        at: Position,
    },
}

/// Why a program gave no output.
#[derive(Debug, Error)]
pub enum Error {
    /// It is none.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// It stopped.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// There are no stencils for this machine.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// It could not be made executable.
    #[error(transparent)]
    Publish(#[from] PublishError),
}
