//! From verified bytecode to machine code.
//!
//! A program is compiled as one piece of code. Its functions are compiled one by one, in one pass over each after two
//! analyses that take time in proportion to its length: which registers are worth a machine register, and which of those
//! hold a value that is still needed. Functions whose frames can hold handles are left to the interpreter.
//!
//! The code works on the frames that the interpreter uses. The busiest registers of a function are *pinned*: they are in
//! machine registers wherever it runs, and in their frame slots, their *homes*, while it waits at a call. Whatever the
//! code cannot do itself (a fault, a deopt, a call for which the stack has no room) it leaves to the interpreter, at the
//! op where it happens, after a cold piece of code has brought the pinned registers home.
//!
//! | module | what lives there |
//! |---|---|
//! | `space` | which stencils are used, and where code goes |
//! | `flow` | what an op reads, writes and jumps to |
//! | `usage` | how often each register is used |
//! | `pins` | which registers are pinned, and where |
//! | `liveness` | which pinned registers are needed at an op |
//! | `returns` | what a function can return, and where a result lands |
//! | `passing` | which registers callers set |
//! | `emitter` | the assembler, and what is told to a listing |
//! | `function` | a function: its entry, its ops in turn, its exits |
//! | `ops` | one op |
//! | `calls` | calls, tail calls and returns |
//! | `listing` | compiled code for people |

mod calls;
mod emitter;
mod flow;
mod function;
mod listing;
mod liveness;
mod ops;
mod passing;
mod pins;
mod returns;
mod space;
mod unit;
mod usage;

pub use listing::{Listing, Part, Piece, Stencil};
pub use space::CompileError;
pub(crate) use unit::{Compiled, compile, list};

#[cfg(test)]
mod tests;
