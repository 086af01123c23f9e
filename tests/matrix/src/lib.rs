//! The hole-value matrix: an op set that uses every kind of hole, and a harness that runs the stencils of this and other
//! op sets against the bodies of their ops.
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
//! | [`domain`] | what ops are tried with |
//! | `subjects` | the op sets that are tried: this one, the tutorial's and vm3's |
//! | [`ops`] | the op set |

pub mod bench;
pub mod differential;
pub mod domain;
pub mod host;
mod model;
pub mod program;
mod stencils;
mod subjects;
pub mod sweep;
#[path = "../../toy/src/stencils.rs"]
mod tutorial;
pub mod values;

use stencil_runtime::TableSet;
pub use stencils::ops;
pub use tutorial::ops as toy;

/// The tables of the op set, one per convention.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "matrix");

/// The tables of the tutorial's op set, one per convention.
pub static TOY_TABLES: TableSet<toy::Machine> = stencil_macros::tables!(toy::Machine, "brainfuck");
