//! That this crate compiles is the test: the expansion brings no unsafe code, no name that it did not make and no need
//! for a prelude, and every lint that a careful author turns on stays silent. `tests/runs.rs` runs what came out.

#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(
    missing_debug_implementations,
    missing_docs,
    non_camel_case_types,
    non_snake_case,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused,
    unused_qualifications,
    clippy::all
)]

mod hostile;
mod quiet;

pub use hostile::ops;
pub use quiet::stitch;

/// The tables of the op set.
pub static TABLES: ::other_runtime::TableSet<ops::Machine> =
    ::other_macros::tables!(ops::Machine, "hygiene", runtime = ::other_runtime);
