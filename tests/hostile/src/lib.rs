//! Damaged tables. A table from a file may hold anything; parsing it and stitching from it must end in code or in an
//! error, soon, whatever the bytes. (Running the code is another matter.)
//!
//! | module | what lives there |
//! |---|---|
//! | [`mutate`] | damage, with a checksum that is right again |
//! | [`attempt`] | parsing and stitching |
//! | [`campaign`] | many mutants, counted |
//! | [`ops`] | an op set with everything that a table can say, small enough to be copied a million times |

pub mod attempt;
pub mod campaign;
pub mod mutate;
mod stencils;

use stencil_runtime::TableSet;
pub use stencils::ops;

/// The tables of the op set, one per convention.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "hostile");
