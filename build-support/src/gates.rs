//! What every stencil of a table has passed.

use serde::Serialize;

/// Something that stencils are refused for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// What is refused.
    pub refused: &'static str,
    /// Why.
    pub because: &'static str,
}

/// What stencils are refused for. The words for an op's author, with what to write instead, come with the finding.
pub const GATES: &[Gate] = &[
    gate(
        "calls: panics, library functions, helpers that were not inlined, functions and statics from elsewhere",
        "a stencil is copied without what it calls",
    ),
    gate(
        "a way out that is called, a return, a computed jump, a trap, an end without a jump",
        "stencils continue in one another",
    ),
    gate("`call!` before the end", "the called code returns behind it"),
    gate(
        "a stack pointer that is not as it was, accesses outside of the stencil's frame, large frames",
        "nobody knows a stencil's frame",
    ),
    gate("a write to the frame pointer", "it is the machine's"),
    gate(
        "writable, thread-local or relocated data, data by absolute address, large constants",
        "a table holds code and small constants",
    ),
    gate("a hole in a field that not every value of it fits", "every value must be right"),
    gate("a hole or way out that is never used", "it has no place to be patched"),
];

const fn gate(refused: &'static str, because: &'static str) -> Gate {
    Gate { refused, because }
}
