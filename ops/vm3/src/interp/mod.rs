//! The interpreter.
//!
//! It works on the frame stack that compiled code uses too, and keeps nothing about a frame outside of it. It does no
//! arithmetic of its own: every op's body is the one in
//! [`crate::stencils`]. The loop ([`mod@run`]) reads functions in their decoded form ([`crate::code`]). Calls of functions
//! that are compiled are entered as machine code, and what that code leaves is gone on with here.

mod calls;
mod heap_ops;
mod probe;
mod run;
mod window;

pub(crate) use heap_ops::run_heap_op;
pub use probe::Counts;
pub(crate) use probe::{Counter, Meter, NoProbe};

#[cfg(test)]
mod tests;
