//! Makes stencil tables from an op set, in a build script:
//!
//! ```no_run
//! stencil_build_support::Builder::new("src/stencils.rs").build();
//! ```

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
mod object;
mod options;
mod output;
mod parallel;
mod pipeline;
mod pool;
mod report;
mod rustc;
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
pub use stencil_table::{Architecture, Convention, Level};
