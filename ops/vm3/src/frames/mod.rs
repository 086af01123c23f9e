//! The frame stack, which interpreted and compiled code share.
//!
//! A frame is one header word, two words for its region of the heap if it keeps one, then the function's i64 registers,
//! its f64 registers and its cell registers, 8 bytes each.
//! Frames stand one right above the other in one region of memory that never moves. The header tells where the frame was
//! called from, or that the host entered it; everything else about the caller follows from the call op at that place.

mod layout;
mod stack;
mod walk;

pub use layout::FrameLayout;
pub(crate) use layout::{HOST_ENTRY, header, header_place, place_of};
pub(crate) use stack::{FrameStack, Words};
pub(crate) use walk::walk;

/// A place in a run: a function, a position in its code, and the frame it runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The function's index.
    pub function: usize,
    /// The position in its code.
    pub pc: usize,
    /// The word of the frame stack that the frame starts at.
    pub base: usize,
}
