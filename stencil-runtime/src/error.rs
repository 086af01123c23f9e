//! What can go wrong between the first op and published code.

use crate::entry::UnsupportedHost;
use crate::label::Label;
use crate::memory::MemoryError;
use stencil_table::{Architecture, HoleKind, TableError};
use thiserror::Error;

/// Why code could not be stitched. The assembler keeps the first one and returns it when the code is finished.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StitchError {
    /// A value does not fit its hole.
    #[error(
        "value {value} of op `{op}` is {bits:#x} ({signed}), which a hole of kind {kind} cannot hold; keep it within the \
         hole's range", signed = *bits as i64
    )]
    OutOfRange {
        /// The op's name.
        op: String,
        /// The number of the value: results, operands, then the rest.
        value: u8,
        /// The value.
        bits: u64,
        /// The kind of hole.
        kind: HoleKind,
    },
    /// A register that this table does not pin.
    #[error(
        "op `{op}` was given register {register} of bank `{bank}`, of which this table pins {pinned}; use a slot instead"
    )]
    NoSuchRegister {
        /// The op's name.
        op: String,
        /// The bank's name.
        bank: String,
        /// The register asked for.
        register: u32,
        /// How many there are.
        pinned: u32,
    },
    /// A slot of a machine that has no frame.
    #[error("op `{op}` was given a slot, but its machine has no frame; mark a fixed part with `#[frame]`")]
    NoFrame {
        /// The op's name.
        op: String,
    },
    /// The variant was pruned and cannot be reached by moves.
    #[error(
        "op `{op}` has no variant for these places and too few free registers to reach one by moves; put more of its \
         operands into registers"
    )]
    Unreachable {
        /// The op's name.
        op: String,
    },
    /// A label that was used and never bound.
    #[error("label {} was used but never bound; call `bind` before the code is finished", .label.0)]
    Unbound {
        /// The label.
        label: Label,
    },
    /// A label that was bound twice.
    #[error("label {} was bound twice; make a label of its own for each place", .label.0)]
    BoundTwice {
        /// The label.
        label: Label,
    },
    /// A label of another assembler, or from before `clear`.
    #[error("label {} does not belong to this assembler; make labels with the assembler that binds them", .label.0)]
    ForeignLabel {
        /// The label.
        label: Label,
    },
    /// A callee where an op takes a label.
    #[error("a published callee or a slot was given where an op takes a label; jump to labels, and call callees")]
    NoLabel,
    /// A slot for an op whose table does not end its stencils with the call.
    #[error("an op was told to call through a slot, but its stencil does not end with its call; build the table again")]
    CallInside,
    /// A label that is further away than a branch to it reaches.
    #[error(
        "label {} is {distance} bytes from a branch of kind {kind}, which does not reach that far; split the code, or move \
         what is between into the cold section", .label.0
    )]
    LabelOutOfReach {
        /// The label.
        label: Label,
        /// Bytes from the branch to the label.
        distance: i64,
        /// The branch.
        kind: HoleKind,
    },
    /// The code has reached the size that branches can reach across.
    #[error("the code is longer than {limit} bytes, the reach of a branch; split it into several pieces")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// There are as many labels as a label number can tell apart.
    #[error("the code has more than {limit} labels; split it into several pieces")]
    TooManyLabels {
        /// How many there may be.
        limit: usize,
    },
    /// Code of another arena is out of a branch's reach.
    #[error("the callee at {address:#x} is out of reach of a branch; publish both from one code space")]
    CalleeOutOfReach {
        /// The callee's address.
        address: u64,
    },
    /// Code can be reached indirectly where it has no landing pad.
    #[error(
        "the code can be entered at byte {at}, where no landing pad is; start with a prologue, and export labels before they are bound"
    )]
    NoLandingPad {
        /// The offset in finished code.
        at: usize,
    },
    /// Landing pads for an architecture whose code has none.
    #[error("code for {architecture} has no landing pads; leave them out")]
    NoLandingPads {
        /// The table's architecture.
        architecture: Architecture,
    },
    /// The table's constants are out of the reach of the instructions that read them.
    #[error("the table's constants are out of reach of a hole ({kind}); use a smaller arena")]
    PoolOutOfReach {
        /// What the hole is.
        kind: HoleKind,
    },
    /// An op was emitted by number with values that are not its.
    #[error(
        "op `{op}` takes {expected} values: results and operands in places, then words; it was given {given}, or some in the wrong order"
    )]
    WrongValues {
        /// The op's name.
        op: String,
        /// How many values it takes.
        expected: u8,
        /// How many it was given.
        given: usize,
    },
    /// The table was made for another op set, or another version of it.
    #[error("the table was made for another op set than the assembler's; rebuild it or take this set's")]
    OtherSet,
    /// The op's number is not in the table: the table is of another op set.
    #[error("the table has no op {op}; it was made for another op set")]
    NoSuchOp {
        /// The op's number.
        op: u32,
    },
}

/// Why code could not be made callable.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The code itself is faulty.
    #[error(transparent)]
    Stitch(#[from] StitchError),
    /// There is no executable memory for it.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The code was stitched from another table than the code space is for.
    #[error(
        "the code was stitched from another table than its code space was made for; make a code space for each table"
    )]
    OtherTable,
    /// The code was stitched without landing pads, for an arena that wants them.
    #[error("the arena takes only code with landing pads; have the assembler write them, with `landing_pads(true)`")]
    WithoutLandingPads,
    /// This program has no way into code of the table's convention.
    #[error(transparent)]
    Entry(#[from] UnsupportedHost),
    /// The table's code is for another architecture than this program's.
    #[error("code for {table} cannot run in a program for {host}; load the table of {host}")]
    ForeignArchitecture {
        /// The table's architecture.
        table: Architecture,
        /// The program's, or what is known of it.
        host: &'static str,
    },
}

/// Why there is no table to stitch from.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// A table is malformed.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The table was made from another version of the op set.
    #[error("the table was made for another version of the op set `{set}`; rebuild it")]
    OtherSet {
        /// The op set's name.
        set: &'static str,
    },
    /// There is no table for this machine.
    #[error(
        "the op set `{set}` has no table for this machine ({host}, this CPU); build it with this architecture as its target"
    )]
    NoTable {
        /// The op set's name.
        set: &'static str,
        /// The program's architecture.
        host: &'static str,
    },
    /// The file cannot be read.
    #[error("table file `{path}` cannot be read: {source}")]
    File {
        /// The path.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}
