//! Running compiled functions: when they are compiled, how they are entered, and what they ask of the host.
//!
//! Compiled code works on the same frames as the interpreter. It leaves in one of three ways: the function that was
//! entered returns; an op has to be gone on with by the interpreter, at its place and in its frame ([`Left::Resume`]);
//! or a function that it had the host run ended the whole run ([`Left::Stopped`]). In the last two cases all frames are
//! complete in the frame stack, and no native frame is left.
//!
//! | module | what lives there |
//! |---|---|
//! | `program` | the compiled functions of a program, shared by all who run it |
//! | `cache` | which machines share compiled functions, and how much code there may be |
//! | `clock` | which of it goes when there is no room for more, and when nobody is inside any more |
//! | `barrier` | how to find out who is inside |
//! | `tiering` | which functions are compiled, and when |
//! | `context` | what a machine's code shares with the host, and how others stop it |
//! | `entry` | the way into compiled code and out of it |
//! | `outside` | the way in for calls from outside, made short |
//! | `helper` | what compiled code calls: functions that are interpreted |
//! | `heap` | what compiled code calls: ops on the heap, and the ends of regions |
//! | `upper` | the way into code that Cranelift made, if the feature `cranelift` is on |
//! | `body` | what that code calls: bodies of ops |

mod barrier;
#[cfg(feature = "cranelift")]
pub(crate) mod body;
mod cache;
mod clock;
mod context;
mod entry;
mod heap;
mod helper;
mod outside;
mod program;
#[cfg(test)]
mod stops;
mod tiering;
#[cfg(feature = "cranelift")]
mod upper;

pub use cache::CodeCache;
pub(crate) use context::OwnContext;
pub use context::{Interrupt, TimeLimit};
pub(crate) use entry::{Left, enter, enter_loop, resumed, returned};
pub(crate) use heap::{HEAP_OP, JOIN, NEW_LIST, NEW_MAP, RELEASE, RELEASE_KEEPING};
pub(crate) use helper::{RUN_CALLED, RUN_REPLACED};
pub(crate) use outside::{Called, call_from_outside};
#[cfg(test)]
pub(crate) use program::Native;
#[cfg(test)]
pub(crate) use stops::{Asks, OpPlace, STOP, When, asking};
pub(crate) use tiering::{MAX_PATIENCE, Tiering};
#[cfg(feature = "cranelift")]
pub(crate) use upper::RUN_BELOW;
