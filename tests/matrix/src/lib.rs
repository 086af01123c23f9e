//! The hole-value matrix: an op set that uses every kind of hole, and a harness that runs any op set's stencils against
//! the bodies of its ops.
//!
//! | module | what lives there |
//! |---|---|
//! | [`program`] | straight-line programs of any op set, random ones among them |
//! | [`values`] | the values and places to try |
//! | [`host`] | running code of the op set by hand |
//! | `model` | what the bodies of ops say |
//! | [`mod@bench`] | stitching, running, comparing |
//! | [`differential`] | random programs |
//! | [`sweep`] | every value of every hole at every placement |
//! | [`domain`] | what pointers and functions may be |
//! | [`ops`] | the op set |

pub mod bench;
pub mod differential;
pub mod domain;
pub mod host;
mod model;
pub mod program;
pub mod random;
mod stencils;
pub mod sweep;
pub mod values;

use stencil_runtime::TableSet;
pub use stencils::ops;

/// The tables of the op set, one per convention.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "matrix");
