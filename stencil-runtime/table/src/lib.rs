//! The contract between the build helper that writes a stencil table and the runtime that stitches from it.
//!
//! A table is one position-independent blob: all stencils of one op set for one architecture, CPU level and calling
//! convention. [`Table::parse`] validates a blob once and then reads it in place; [`TableWriter`] makes one.
//!
//! ```
//! use stencil_table::{Architecture, Convention, Level, Table, TableInfo, TableWriter};
//!
//! let info = TableInfo {
//!     architecture: Architecture::X86_64,
//!     convention: Convention::Portable,
//!     level: Level::Baseline,
//!     set_hash: 7,
//!     digest: [0; 32],
//! };
//! let blob = TableWriter::new(info, &[], &[]).finish().unwrap();
//! let table = Table::parse(&blob).unwrap();
//! assert_eq!(table.info().set_hash, 7);
//! assert_eq!(table.ops().len(), 0);
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`prelude`] | what op bodies see, as a module and as source text |
//! | `records` | the fixed-size records a table is made of |
//! | `kinds` | architectures, conventions, levels, hole kinds and their ranges |
//! | `lines` | the source lines of stencils, in a file of their own |
//! | `read` | zero-copy access |
//! | `validate` | validation |
//! | `write` | the writer |

mod kinds;
mod lines;
pub mod prelude;
mod read;
mod records;
mod validate;
mod write;

pub use kinds::{Architecture, Convention, HoleKind, HoleSort, Level, Unknown};
pub use lines::{LineRow, LinesError, OpLines};
pub use read::{AlignedBlob, Table, TableBytes, TableError, hash_of};
pub use records::{
    AxisRecord, BankRecord, FusionRecord, Header, HoleRecord, NO_STEP, OpRecord, PlainHole, Span, StencilRecord,
    op_flags, place,
};
pub use write::{Axis, Bank, Fusion, Hole, Op, Stencil, TableInfo, TableWriter, WriteError};

/// The first bytes of every table.
pub const MAGIC: [u8; 8] = *b"stencils";

/// The version of the format; a table of another version is refused.
pub const FORMAT_VERSION: u32 = 1;

/// Bytes of padding behind the last stencil, so that copying may read past a stencil's end.
pub const CODE_PADDING: usize = 64;

/// The alignment of constants in the pool, in bytes.
pub const POOL_ALIGN: usize = 16;

/// The alignment of a table in memory, in bytes: that of a cache line, which a [`StencilRecord`] fills.
pub const TABLE_ALIGN: usize = 64;

/// The most values (results, operands, holes, labels) one op may have.
pub const MAX_VALUES: usize = 24;

/// The most holes one stencil may have.
pub const MAX_HOLES: usize = 255;

/// The most machine registers, fixed parts included, that one register class can have on any architecture.
pub const MAX_REGISTERS: usize = place::NO_REGISTER as usize;

/// The digit of a place that an [`Axis`] does not have.
pub const NO_DIGIT: u8 = 0xFF;
