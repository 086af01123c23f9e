//! The fixed-size records a table is made of, read in place. All numbers are little-endian, which every supported
//! architecture is.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// A digit that stands for "this choice is not among the variants".
pub const NO_DIGIT: u8 = 0xFF;

/// A run of records or bytes: where it starts in its section (or, in the header, in the blob) and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Span {
    /// Index of the first one.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// The start of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct Header {
    /// [`crate::MAGIC`].
    pub magic: [u8; 8],
    /// [`crate::FORMAT_VERSION`].
    pub version: u32,
    /// The number of an [`crate::Architecture`].
    pub architecture: u8,
    /// The number of a [`crate::Convention`].
    pub convention: u8,
    /// The number of a [`crate::Level`].
    pub level: u8,
    /// Zero.
    pub reserved: u8,
    /// The hash of everything behind this field, see [`crate::hash_of`].
    pub checksum: u64,
    /// Bytes of the whole table.
    pub len: u64,
    /// The low half of the op set's hash.
    pub set_hash_low: u64,
    /// The high half of the op set's hash.
    pub set_hash_high: u64,
    /// The digest of everything the table was made from: op source, flags, but not the compiler.
    pub digest: [u8; 32],
    /// [`BankRecord`]s.
    pub banks: Span,
    /// [`OpRecord`]s.
    pub ops: Span,
    /// [`AxisRecord`]s.
    pub axes: Span,
    /// [`StencilRecord`]s, by dense index.
    pub stencils: Span,
    /// [`HoleRecord`]s.
    pub holes: Span,
    /// [`FusionRecord`]s.
    pub fusions: Span,
    /// Bytes that [`FusionRecord::map`] takes its numbers from.
    pub maps: Span,
    /// Bytes of code, [`crate::CODE_PADDING`] included.
    pub code: Span,
    /// Bytes of the constant pool.
    pub pool: Span,
    /// Bytes of UTF-8 text that names are taken from.
    pub text: Span,
    /// The compiler that made the code, in the text.
    pub compiler: Span,
}

/// One register bank of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct BankRecord {
    /// The bank's name, in the text.
    pub name: Span,
    /// How many registers are pinned in this table.
    pub registers: u32,
    /// The index of the op that moves a value between two places of this bank.
    pub move_op: u32,
    /// The index of the op that keeps a register in the anchor's scratch.
    pub stash_op: u32,
    /// The index of the op that brings it back.
    pub unstash_op: u32,
}

/// Bits of [`OpRecord::flags`].
pub mod op_flags {
    /// Control never falls through to the next op.
    pub const NEVER_FALLS_THROUGH: u8 = 1;
    /// The op is the first one of a fusion.
    pub const STARTS_FUSION: u8 = 2;
    /// The op ends at least one fusion.
    pub const ENDS_FUSION: u8 = 4;
}

/// One op.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct OpRecord {
    /// Where the op's variants start in the stencils, and how many there are.
    pub variants: Span,
    /// Index of the op's first axis.
    pub axes: u32,
    /// How many axes: results first, then operands. They are also the op's first values.
    pub axis_count: u8,
    /// How many values: axes, then holes, labels, exits and callees in the order of the parameters.
    pub value_count: u8,
    /// See [`op_flags`].
    pub flags: u8,
    /// How many of the axes are results.
    pub result_count: u8,
    /// Bit `v` is set when value `v` is a label, an exit or a callee.
    pub targets: u32,
    /// The line of the op's name in its file, from 1.
    pub line: u32,
    /// The op's name, in the text.
    pub name: Span,
    /// The file that the op stands in, in the text.
    pub file: Span,
}

/// One place a value of an op may be in: a digit of the variant's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct AxisRecord {
    /// What one step of this digit adds to the variant's index.
    pub stride: u32,
    /// Registers 0 up to this number have a digit of their own: their number.
    pub registers: u8,
    /// The digit of a frame slot, or [`NO_DIGIT`].
    pub slot: u8,
    /// The digit of a literal within the short range, or [`NO_DIGIT`]; that of any other literal where there is no short
    /// form.
    pub short: u8,
    /// The digit of any other literal, or [`NO_DIGIT`].
    pub wide: u8,
    /// The lowest value of the short range.
    pub short_min: i64,
    /// The highest value of the short range minus the lowest.
    pub short_span: u64,
    /// The bank.
    pub bank: u32,
    /// How many digits there are.
    pub digits: u32,
}

/// One variant of an op; absent ones have [`StencilRecord::PRUNED`] as their length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct StencilRecord {
    /// Where its bytes start in the code.
    pub code: u32,
    /// Index of its first hole.
    pub holes: u32,
    /// How many bytes.
    pub len: u16,
    /// How many holes.
    pub hole_count: u8,
    /// How many of them, at the end, are places in code or pool (the others are values).
    pub place_count: u8,
}

impl StencilRecord {
    /// The length of a variant that was not compiled.
    pub const PRUNED: u16 = u16::MAX;
}

/// One place in a stencil that is patched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct HoleRecord {
    /// Bytes from the start of the stencil.
    pub offset: u16,
    /// The number of a [`crate::HoleKind`].
    pub kind: u8,
    /// Which value of the op.
    pub value: u8,
    /// What is added to the value.
    pub addend: i32,
}

/// A sequence of ops that has a stencil of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct FusionRecord {
    /// The op that stands for the sequence.
    pub op: u32,
    /// How many ops the sequence has, 2 to 4.
    pub len: u32,
    /// The ops, in order; the rest is zero.
    pub sequence: [u32; 4],
    /// For every value of every op of the sequence, in order, the value of the fused op that it becomes, in the maps.
    /// Two that become the same one must be in the same place.
    pub map: Span,
}
