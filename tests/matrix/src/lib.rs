//! The hole-value matrix: an op set that uses every kind of hole, and a harness that runs any op set's stencils against
//! the bodies of its ops.

pub mod model;
mod stencils;
pub mod values;

use stencil_runtime::TableSet;
pub use stencils::ops;

/// The tables of the op set, one per convention.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "matrix");
