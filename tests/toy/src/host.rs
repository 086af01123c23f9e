//! What runs have in common: a blank tape, input and output.

use crate::error::Fault;
use crate::stencils::ops::{CELLS, Context, Fixed};
use stencil_runtime::host_fn;
use stencil_runtime::prelude::Anchor;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What was written.
    pub output: Vec<u8>,
    /// Why the program stopped before its end, if it did.
    pub fault: Option<Fault>,
}

/// What `put` and `get` work on.
struct Streams<'a> {
    input: &'a [u8],
    output: Vec<u8>,
}

host_fn! {
    /// Writes a byte.
    ///
    /// # Safety
    /// `streams` is the `host` of a context that [`run`] made, while it runs.
    pub(crate) unsafe fn put(streams: *mut (), byte: u8) {
        // SAFETY: the caller's contract.
        let streams = unsafe { &mut *streams.cast::<Streams<'_>>() };
        streams.output.push(byte);
    }
}

host_fn! {
    /// Reads a byte; at the end of the input it is the one that was there before.
    ///
    /// # Safety
    /// As for [`put`].
    pub(crate) unsafe fn get(streams: *mut (), before: u8) -> u8 {
        // SAFETY: the caller's contract.
        let streams = unsafe { &mut *streams.cast::<Streams<'_>>() };
        let Some((first, rest)) = streams.input.split_first() else { return before };
        streams.input = rest;
        *first
    }
}

/// Lets `engine` run a program on a blank tape; it gives the number of the fault, if there was one.
pub(crate) fn run(input: &[u8], fuel: u64, engine: impl FnOnce(&mut Fixed) -> Option<Fault>) -> Outcome {
    let mut streams = Streams { input, output: Vec::new() };
    let mut tape = vec![0; CELLS];
    let mut context = Context { anchor: Anchor::new(), fuel, fault: usize::MAX, host: (&raw mut streams).cast() };
    let fault = engine(&mut Fixed { ctx: &raw mut context, tape: tape.as_mut_ptr() });
    Outcome { output: streams.output, fault }
}
