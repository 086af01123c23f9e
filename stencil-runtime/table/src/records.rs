//! The fixed-size records a table is made of, read in place. All numbers are little-endian, which every supported
//! architecture is.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

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
    /// The op is in at least one fusion in which another one follows.
    pub const CONTINUES_FUSION: u8 = 2;
    /// The op ends at least one fusion.
    pub const ENDS_FUSION: u8 = 4;
    /// The op may return.
    pub const RETURNS: u8 = 8;
    /// The assembler notes where stencils of the op stand. In no table, see [`crate::Table::traced`].
    pub const TRACED: u8 = 16;
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

/// One result or operand of an op: what each place it may be in adds to the variant's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct AxisRecord {
    /// What a place adds to the number, by the place's index: registers from 0, then [`place::SLOT`] and so on;
    /// [`NO_STEP`] where no variant has the value in that place.
    pub steps: [u32; place::COUNT],
    /// What the next digit adds: the product of the digits of the axes behind this one.
    pub stride: u32,
    /// How many digits there are.
    pub digits: u32,
    /// The bank.
    pub bank: u32,
    /// How many registers, from 0, have a step.
    pub registers: u32,
}

/// The indices of [`AxisRecord::steps`]. Literals are told apart by their value alone, so that finding a variant needs no
/// comparison: each axis says for each sort of literal which form serves it.
pub mod place {
    /// The index of registers that no machine has.
    pub const NO_REGISTER: u32 = 15;
    /// A frame slot.
    pub const SLOT: u32 = 16;
    /// A literal from 0 up to [`SMALL_BOUND`].
    pub const SMALL: u32 = 17;
    /// A literal from minus [`SMALL_BOUND`] up to 0.
    pub const NEGATIVE: u32 = 18;
    /// Any other literal.
    pub const WIDE: u32 = 19;
    /// What is no place.
    pub const NONE: u32 = 20;
    /// How many indices there are: a power of two, so that an index can be cut to them.
    pub const COUNT: usize = 32;

    /// What small literals are below. Half of what 31 bits hold: the rest is for addends that are folded into holes.
    pub const SMALL_BOUND: i64 = 1 << 30;

    /// The index of a literal with these bits.
    #[inline(always)]
    #[must_use]
    pub const fn of_literal(bits: u64) -> u32 {
        // 0 for small ones, -1 for small negative ones.
        let high = (bits as i64) >> 30;
        if high == 0 {
            SMALL
        } else if high == -1 {
            NEGATIVE
        } else {
            WIDE
        }
    }
}

/// The step of a place that no variant has: greater than any number of variants.
pub const NO_STEP: u32 = 1 << 31;

/// One variant of an op; absent ones have [`StencilRecord::PRUNED`] as their length. A cache line, which is all that is
/// read for a plain stencil without branches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C, align(64))]
pub struct StencilRecord {
    /// The bytes of a plain stencil.
    pub bytes: [u8; StencilRecord::PLAIN_LEN as usize],
    /// Where the bytes of one that is not plain start in the code.
    pub code: u32,
    /// The index of its holes: of a [`HoleRecord`] that says how many follow, see [`HoleRecord::run_of`].
    pub holes: u32,
    /// How many bytes.
    pub len: u16,
    /// All holes for values, when the stencil is [`StencilRecord::is_plain`]: two of 4 bytes and one of 4 or 8.
    pub plain: [PlainHole; 3],
}

/// A hole without an addend, in the record of its stencil: what nearly all holes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout)]
#[repr(C)]
pub struct PlainHole {
    /// Bytes from the start of the stencil. A hole that is not there lies at the stencil's end and is overwritten by what
    /// follows.
    pub offset: u8,
    /// Which value of the op, and flags. Where there is no hole, the number is the op's number of values: the assembler
    /// keeps a zero there.
    pub value: u8,
}

impl PlainHole {
    /// Flag of the first hole: the stencil is not plain.
    pub const NOT_PLAIN: u8 = 0x80;
    /// Flag of the second hole: the stencil has holes for places, too.
    pub const HAS_PLACES: u8 = 0x80;
    /// Flag: the hole takes a `u32`. Otherwise it takes an `i32`, or is wide.
    pub const UNSIGNED: u8 = 0x40;
    /// Flag of the last hole: it has 8 bytes and takes any value.
    pub const WIDE: u8 = 0x20;
    /// The bits of [`PlainHole::value`] that are the value's number.
    pub const NUMBER: u8 = 0x1F;
}

impl StencilRecord {
    /// The length of a variant that was not compiled.
    pub const PRUNED: u16 = u16::MAX;

    /// The longest plain stencil, in bytes.
    pub const PLAIN_LEN: u16 = 48;

    /// The record of a variant that was not compiled.
    pub const ABSENT: Self = Self {
        bytes: [0; Self::PLAIN_LEN as usize],
        code: 0,
        holes: 0,
        len: Self::PRUNED,
        plain: [PlainHole { offset: 0, value: 0 }; 3],
    };

    /// Whether the stencil is at most [`StencilRecord::PLAIN_LEN`] bytes long and all its holes for values are
    /// [`PlainHole`]s.
    #[inline(always)]
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.plain[0].value & PlainHole::NOT_PLAIN == 0
    }

    /// Whether there are holes for places in code or pool.
    #[inline(always)]
    #[must_use]
    pub const fn has_places(&self) -> bool {
        self.plain[1].value & PlainHole::HAS_PLACES != 0
    }
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

impl HoleRecord {
    /// The record that a stencil's holes start with: how many there are for values, and for places in code or pool. Those
    /// for values stand first.
    #[must_use]
    pub const fn run_of(values: u16, places: u16) -> Self {
        Self { offset: values, kind: Self::RUN, value: 0, addend: places as i32 }
    }

    /// The kind of the record that [`HoleRecord::run_of`] makes.
    pub const RUN: u8 = 0;

    /// How many holes for values and for places follow, if this is the start of a run.
    #[inline]
    #[must_use]
    pub const fn run(&self) -> Option<(usize, usize)> {
        if self.kind == Self::RUN && self.addend >= 0 {
            Some((self.offset as usize, self.addend as usize))
        } else {
            None
        }
    }
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
