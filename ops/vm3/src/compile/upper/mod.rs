//! The same functions compiled by an optimising compiler, Cranelift: slower to make, as a yardstick for the stencils, and
//! an oracle for both.
//!
//! All functions of a program are compiled at once, so that they call one another directly. They work on the frames that
//! the interpreter uses. A function takes the context, its frame, and the first of its arguments; its frame's header and
//! region are set, and so are all registers in it that callers set ([`super::passing`]), but for those that come as
//! arguments. It gives a status and, if that is 0, the bits of its result. Any other status is handed on by the caller at
//! once: before a call, all that is still needed is brought home, so that every frame is complete whenever the interpreter
//! has to go on, at the exact op, as after a fault. What is not compiled has a stub in its place, which has the host run the
//! function.
//!
//! | module | what lives there |
//! |---|---|
//! | `module` | a program's compiled functions |
//! | `machine` | what code is made for, and the way into it |
//! | `compiler` | one function after another, from analysis to machine code |
//! | `signature` | how functions are called |
//! | `memory` | what the code reads and writes |
//! | `variables` | which registers the optimiser sees |
//! | `views` | where the slots of lists are |
//! | `analysis` | which of them are needed, and which are not at home |
//! | `function` | one function: its entry, its ops in turn, its exits |
//! | `ops` | one op |
//! | `calls` | calls, tail calls and returns |
//! | `regions` | the regions of the heap that frames keep |
//! | `cells` | ops on the heap |

mod analysis;
mod calls;
mod cells;
mod compiler;
mod function;
mod machine;
mod memory;
mod module;
mod ops;
mod regions;
mod signature;
mod variables;
mod views;

pub use module::CraneliftError;
pub(crate) use module::{Passed, Upper};
