//! The interpreter.
//!
//! It works on the frame stack that compiled code uses too, and keeps nothing about a frame outside of it except the
//! regions of frames that can hold handles. It does no arithmetic of its own: every op's body is the one in
//! [`crate::stencils`]. A function is decoded once, when the machine is made ([`mod@decode`]), so that the loop ([`mod@run`])
//! finds slots and constants in the op.

mod calls;
mod decode;
mod heap_ops;
mod inst;
mod probe;
mod run;
mod window;

pub(crate) use decode::{Code, decode};
pub use probe::Counts;
pub(crate) use probe::{Counter, NoProbe};
pub(crate) use run::{Ended, Machine, Trap};

#[cfg(test)]
mod tests;
