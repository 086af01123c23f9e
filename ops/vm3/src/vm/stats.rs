//! What became of a machine's functions.

use super::Vm;
use std::time::Duration;

/// What became of a function so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FunctionStats {
    /// Its compiled code, if there is some, whichever machine had it made. Code that is about to be evicted counts.
    pub compiled: Option<CompiledStats>,
    /// How many calls and turns of loops this machine has counted to find out whether the function is worth compiling, since
    /// it was made or last compiled the function.
    pub counted: u32,
    /// How often the interpreter went into the function's code in the middle of a loop.
    pub loop_entries: u64,
    /// How often the function's code left an op to the interpreter: faults, deopts, limits, and calls without room.
    pub exits: u64,
}

/// The code of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompiledStats {
    /// How long it took to make, publishing included.
    pub time: Duration,
    /// Bytes of machine code.
    pub bytes: usize,
}

impl Vm {
    /// What became of the function with index `function`. Nothing, in a machine that only interprets.
    ///
    /// # Panics
    /// When the program has no such function.
    #[must_use]
    pub fn stats(&self, function: usize) -> FunctionStats {
        assert!(function < self.codes.len(), "the program has {} functions, not {function}", self.codes.len());
        self.tiering.as_ref().map_or_else(FunctionStats::default, |tiering| tiering.stats(function))
    }
}
