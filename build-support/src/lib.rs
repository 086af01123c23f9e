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
//! | keep the lines of the op set's source, where they are wanted | `lines` |
//! | write the table, with the constants that stencils refer to | `table`, `pool` |
//! | write what the macros and people read | `output`, `report`, `budget` |
//! | write tables for stitchers in other languages | `export` |
//!
//! What is wrong with an op is found on decoded machine code and reported at the op, in the editor and by `cargo build`:
//! the build script writes it beside the tables and the `#[stencils]` macro turns it into an error there.
//!
//! What is refused, and why, is [`GATES`].
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
mod export;
mod fault;
mod findings;
mod gates;
mod key;
mod lines;
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
pub use budget::{Budget, Usage};
pub use builder::Builder;
pub use error::Error;
pub use export::{Format, export};
pub use gates::{GATES, Gate};
pub use key::TableKey;
pub use options::Options;
pub use pipeline::{CompiledSet, CompiledTable, Timing, compile_set};
pub use report::{OpReport, TableReport};
pub use rustc::Toolchain;
pub use source::{SetSource, op_sets};
pub use stencil_syntax::Finding;
#[doc(hidden)]
pub use stencil_syntax::expand::Holes;
pub use stencil_table::{Architecture, Convention, Level};
