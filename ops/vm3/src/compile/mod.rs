//! From verified bytecode to machine code.
//!
//! Functions are compiled one by one, in one pass over each after two analyses that take time in proportion to its length:
//! which registers are worth a machine register, and which of those hold a value that is still needed.
//!
//! The code works on the frames that the interpreter uses. The busiest registers of a function are *pinned*: they are in
//! machine registers wherever it runs, and in their frame slots, their *homes*, while it waits at a call. A cell stays at
//! home, where the collector finds it; what is pinned of one is a view of the list or map that it names. Views of lists for
//! which no machine register is left stay in words that frames have for them, behind the registers. What takes memory
//! from the heap or gives it back is done by the host on the frame. Whatever the code cannot do itself (a fault, a deopt, a
//! call for which the stack has no room, a request to stop) it leaves to the interpreter, at the op where it happens: it
//! tells which pinned registers have to be brought home, and shows them.
//!
//! Functions reach one another through data slots, so it does not matter which of them are compiled. Callers pass the
//! first arguments of each bank in machine registers, the others in the callee's frame; what is returned travels in the
//! first machine register of its bank.
//!
//! | module | what lives there |
//! |---|---|
//! | `space` | which stencils are used, and where code goes |
//! | `facts` | what is known of a program |
//! | `opcodes` | what is known of an opcode: shape, stencil |
//! | `shape` | what an op reads, writes and jumps to |
//! | `flow` | the shapes of a function, its jumps and loops |
//! | `usage` | how often each register is used |
//! | `known` | which constants registers certainly hold |
//! | `pins` | which registers are pinned, and where |
//! | `liveness` | which pinned registers are needed at an op |
//! | `returns` | what a function can return, and where a result lands |
//! | `passing` | which registers callers set |
//! | `charges` | what metered code takes from the fuel, and where |
//! | `emitter` | the assembler, and what is told to a listing |
//! | `compiler` | one function, from analysis to published code |
//! | `function` | a function being emitted: its parts, its ops in turn |
//! | `entry` | how it begins |
//! | `exits` | how it is left for the interpreter, and gone into where a loop starts |
//! | `ops` | one op |
//! | `divide` | division by constants |
//! | `calls` | calls, tail calls and returns |
//! | `shortcut` | what callers find out without a call |
//! | `shuffle` | moving several values at once |
//! | `bridge` | the code between compiled functions and the host |
//! | `slow` | what the host is asked for |
//! | `listing` | compiled code for people |
//! | `upper` | the same functions by an optimising compiler, if the feature `cranelift` is on |

mod bridge;
mod calls;
mod charges;
mod compiler;
mod divide;
mod emitter;
mod entry;
mod exits;
mod facts;
mod flow;
mod function;
mod known;
mod listing;
mod liveness;
mod opcodes;
mod ops;
mod passing;
mod pins;
mod returns;
mod shape;
mod shortcut;
mod shuffle;
mod slow;
mod space;
#[cfg(feature = "cranelift")]
mod upper;
mod usage;

pub(crate) use bridge::host_entry;
pub(crate) use compiler::{FunctionCode, Guest, Unit, body_slot, call_slot};
pub(crate) use facts::Facts;
pub use listing::{Listing, Part, Piece, Stencil};
pub(crate) use pins::{Holds, Homes, Set};
pub(crate) use returns::Kinds;
pub use space::CompileError;
pub use space::{ListenError, code_addresses, listen, trace_stencils, use_anonymous_memory};
pub(crate) use space::{Space, locate};
#[cfg(feature = "cranelift")]
pub use upper::CraneliftError;
#[cfg(feature = "cranelift")]
pub(crate) use upper::{Passed, Upper};

/// How many words above two frames a tail call may use for a moment.
const STAGED: u32 = 2 * usage::RUN;

#[cfg(test)]
mod tests;
