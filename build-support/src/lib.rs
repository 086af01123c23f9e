//! Makes stencil tables from an op set, in a build script:
//!
//! ```no_run
//! stencil_build_support::Builder::new("src/stencils.rs").build();
//! ```
//!
//! What happens then, and where it lives:
//!
//! | step | module |
//! |---|---|
//! | find the modules marked `#[stencils]` in the file | `source` |
//! | expand every variant of every op into crates of a few hundred functions | `sources` |
//! | take a table that was made from the same text before, or that is checked in | `cache`, `digest` |
//! | run the compiler on every crate, with flags of our own | `rustc`, `compile` |
//! | read functions and relocations out of the objects | `object` |
//! | decode every function, refuse what cannot be copied and patched, shorten its ways out | `machine`, and `x86_64`, `aarch64`, `riscv64` on top of it |
//! | write the table, with the constants that stencils refer to | `table`, `pool` |
//! | write what the macros and people read | `output`, `report`, `budget` |
//!
//! What is wrong with an op is found on decoded machine code and reported at the op, in the editor and by `cargo build`:
//! the build script writes it beside the tables and the `#[stencils]` macro turns it into an error there.
//!
//! | refused | because |
//! |---|---|
//! | calls: panics, library functions, helpers that were not inlined, functions and statics from elsewhere | a stencil is copied without what it calls |
//! | a way out that is called, a return, a computed jump, a trap, an end without a jump | stencils continue in one another |
//! | `call!` before the end | the called code returns behind it |
//! | a stack pointer that is not as it was, accesses outside of the stencil's frame, large frames | nobody knows a stencil's frame |
//! | a write to the frame pointer | it is the machine's |
//! | writable, thread-local or relocated data, data by absolute address, large constants | a table holds code and small constants |
//! | a hole in a field that not every value of it fits | every value must be right |
//! | a hole or way out that is never used | it has no place to be patched |
//!
//! Outside of build scripts, [`compile_set`] does the same to a text.

mod aarch64;
mod arch;
mod budget;
mod builder;
mod cache;
mod callee;
mod compile;
mod digest;
mod error;
mod fault;
mod findings;
mod key;
mod machine;
mod object;
mod options;
mod output;
mod parallel;
mod pipeline;
mod pool;
mod report;
mod riscv64;
mod rustc;
mod short;
mod source;
mod sources;
mod table;
mod unused;
mod x86_64;

pub use crate::object::ReadError;
pub use builder::Builder;
pub use error::Error;
pub use key::TableKey;
pub use options::Options;
pub use pipeline::{CompiledSet, CompiledTable, Timing, compile_set};
pub use report::{OpReport, TableReport};
pub use rustc::Toolchain;
pub use stencil_syntax::Finding;
#[doc(hidden)]
pub use stencil_syntax::expand::Holes;
pub use stencil_table::{Architecture, Convention, Level};
