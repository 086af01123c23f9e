//! The tagged 64-bit value of the cell bank, of constants and of results.

use crate::stencils::ops::{self, TAG_INT, TAG_STRING};
use std::fmt;

/// A tagged value of 64 bits: a float, or a tag in the top 16 bits with a payload in the low 48.
///
/// | top 16 bits | meaning | payload |
/// |---|---|---|
/// | below `0xfff8` | float, the raw bits | – |
/// | `0xfff8` | deopt sentinel | bytecode pc |
/// | `0xfff9` | inline string of at most 5 bytes | length in bits 40..43, byte *i* at bits 8*i* |
/// | `0xfffa` | int of 48 bits, two's complement | value |
/// | `0xfffb` | bool | bit 0 |
/// | `0xfffc` | null | 0 |
/// | `0xffff` | handle | arena in bits 44..47, generation in 32..43, slot index in 0..31 |
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(transparent)]
pub struct Cell(u64);

const TAG_SHIFT: u32 = 48;
const TAG_DEOPT: u64 = 0xfff8;
const TAG_BOOL: u64 = 0xfffb;
const TAG_NULL: u64 = 0xfffc;
const TAG_HANDLE: u64 = 0xffff;
/// Bit position of an inline string's length.
const LENGTH_SHIFT: u32 = 40;
/// Bit position of a handle's generation, which has 12 bits.
const GENERATION_SHIFT: u32 = 32;
const GENERATION: u64 = 0xfff;
/// Bit position of a handle's arena number, which has 4 bits.
const ARENA_SHIFT: u32 = 44;

/// The arenas that bytecode can reach, numbered as in a handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Arena {
    /// Byte strings longer than an inline string.
    String = 0,
    /// Lists of cells.
    List = 1,
    /// Maps from int to int.
    Map = 2,
}

impl Arena {
    /// Every arena, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::String, Self::List, Self::Map];

    /// The arena's name in program files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Map => "map",
        }
    }
}

/// What a cell's tag says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Any float, infinities and the canonical NaN included.
    Float,
    /// The sentinel of a run that ended in a deopt.
    Deopt,
    /// A string of at most 5 bytes.
    InlineString,
    /// An int of 48 bits.
    Int,
    /// A bool.
    Bool,
    /// Null.
    Null,
    /// A handle into the arena with this number, 0 to 15.
    Handle(u8),
    /// A tag that no value has.
    Reserved,
}

impl Cell {
    /// The null cell.
    pub const NULL: Self = Self(TAG_NULL << TAG_SHIFT);
    /// Bytes that fit in an inline string.
    pub const INLINE_BYTES: usize = 5;

    /// The cell with exactly these bits.
    #[must_use]
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The cell's bits.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// Boxes an int: keeps the low 48 bits of `value`.
    #[must_use]
    pub const fn int(value: i64) -> Self {
        Self(ops::boxed_int(value))
    }

    /// Boxes a float bit for bit, except that every NaN becomes the one canonical NaN.
    #[must_use]
    pub const fn float(value: f64) -> Self {
        Self(ops::boxed_float(value))
    }

    /// Boxes a bool.
    #[must_use]
    pub const fn bool(value: bool) -> Self {
        Self(TAG_BOOL << TAG_SHIFT | value as u64)
    }

    /// The sentinel of a deopt to bytecode position `pc`.
    #[must_use]
    pub const fn deopt(pc: u16) -> Self {
        Self(TAG_DEOPT << TAG_SHIFT | pc as u64)
    }

    /// Boxes a string of at most [`Cell::INLINE_BYTES`] bytes, or gives `None` for a longer one.
    #[must_use]
    pub fn inline_string(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > Self::INLINE_BYTES {
            return None;
        }
        let mut word = [0; 8];
        word[..bytes.len()].copy_from_slice(bytes);
        let length = (bytes.len() as u64) << LENGTH_SHIFT;
        Some(Self(TAG_STRING << TAG_SHIFT | length | u64::from_le_bytes(word)))
    }

    /// The same of a string in two parts.
    #[must_use]
    pub fn inline_join(lhs: &[u8], rhs: &[u8]) -> Option<Self> {
        let mut bytes = [0; Self::INLINE_BYTES];
        let (start, rest) = bytes.split_at_mut_checked(lhs.len())?;
        start.copy_from_slice(lhs);
        rest.get_mut(..rhs.len())?.copy_from_slice(rhs);
        Self::inline_string(&bytes[..lhs.len() + rhs.len()])
    }

    /// A handle to slot `index` of `arena`; the low 12 bits of `generation` are kept.
    #[must_use]
    pub const fn handle(arena: Arena, generation: u16, index: u32) -> Self {
        let arena = (arena as u64) << ARENA_SHIFT;
        let generation = (generation as u64 & GENERATION) << GENERATION_SHIFT;
        Self(TAG_HANDLE << TAG_SHIFT | arena | generation | index as u64)
    }

    /// Unboxes an int: sign-extends the low 48 bits, whatever the tag says.
    #[must_use]
    pub const fn as_int(self) -> i64 {
        ops::unboxed_int(self.0)
    }

    /// Unboxes a float: the raw bits, whatever the tag says.
    #[must_use]
    pub const fn as_float(self) -> f64 {
        f64::from_bits(self.0)
    }

    /// The bytes of an inline string with their count, or `None` for any other cell. A length field beyond 5 counts as 5.
    #[must_use]
    pub fn as_inline_string(self) -> Option<InlineString> {
        (self.0 >> TAG_SHIFT == TAG_STRING).then(|| InlineString {
            bytes: self.0.to_le_bytes(),
            length: ((self.0 >> LENGTH_SHIFT & 0xf) as usize).min(Self::INLINE_BYTES),
        })
    }

    /// The arena number in bits 44..47, whatever the tag says: only for a handle does it name an arena.
    #[must_use]
    pub const fn arena_selector(self) -> u8 {
        (self.0 >> ARENA_SHIFT & 0xf) as u8
    }

    /// The slot index in bits 0..31, whatever the tag says.
    #[must_use]
    pub const fn slot_index(self) -> u32 {
        self.0 as u32
    }

    /// The generation in bits 32..43, whatever the tag says.
    #[must_use]
    pub const fn generation(self) -> u16 {
        (self.0 >> GENERATION_SHIFT & GENERATION) as u16
    }

    /// Whether this cell is a handle into `arena`.
    #[must_use]
    pub fn is_handle_of(self, arena: Arena) -> bool {
        self.kind() == CellKind::Handle(arena as u8)
    }

    /// What the tag says the cell is.
    #[must_use]
    pub const fn kind(self) -> CellKind {
        match self.0 >> TAG_SHIFT {
            TAG_DEOPT => CellKind::Deopt,
            TAG_STRING => CellKind::InlineString,
            TAG_INT => CellKind::Int,
            TAG_BOOL => CellKind::Bool,
            TAG_NULL => CellKind::Null,
            TAG_HANDLE => CellKind::Handle(self.arena_selector()),
            0..TAG_DEOPT => CellKind::Float,
            _ => CellKind::Reserved,
        }
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cell({:#018x})", self.0)
    }
}

/// The bytes of a [`Cell`] that is an inline string.
#[derive(Clone, Copy, Debug)]
pub struct InlineString {
    bytes: [u8; 8],
    length: usize,
}

impl InlineString {
    /// The string's bytes, at most 5.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints_keep_48_bits() {
        for (value, kept) in [
            (0, 0),
            (-1, -1),
            ((1 << 47) - 1, (1 << 47) - 1),
            (1 << 47, -(1 << 47)),
            (-(1 << 47) - 1, (1 << 47) - 1),
            (i64::MAX, -1),
            (i64::MIN, 0),
        ] {
            let cell = Cell::int(value);
            assert_eq!(cell.as_int(), kept);
            assert_eq!(cell.kind(), CellKind::Int);
        }
    }

    #[test]
    fn floats_keep_their_bits_but_every_nan_is_one() {
        for bits in [0, 1 << 63, 0x7ff0_0000_0000_0000, 0xfff0_0000_0000_0000, 1] {
            assert_eq!(Cell::float(f64::from_bits(bits)).bits(), bits);
            assert_eq!(Cell::from_bits(bits).kind(), CellKind::Float);
        }
        for bits in [0xfff8_0000_0000_0000, 0x7ff0_0000_0000_0001, 0xffff_ffff_ffff_ffff] {
            assert_eq!(Cell::float(f64::from_bits(bits)).bits(), 0x7ff8_0000_0000_0000);
        }
    }

    #[test]
    fn inline_strings_hold_five_bytes() {
        let cell = Cell::inline_string(b"a\0\xffz").unwrap();
        assert_eq!(cell.bits(), 0xfff9_0400_7aff_0061);
        assert_eq!(cell.as_inline_string().unwrap().as_bytes(), b"a\0\xffz");
        assert_eq!(Cell::inline_string(b"abcdef"), None);
        let overlong = Cell::from_bits(0xfff9_0f65_6463_6261);
        assert_eq!(overlong.as_inline_string().unwrap().as_bytes(), b"abcde");
        assert!(Cell::NULL.as_inline_string().is_none());
    }

    #[test]
    fn handles_carry_arena_generation_and_index() {
        let cell = Cell::handle(Arena::Map, 0x1abc, 0xdead_beef);
        assert_eq!(cell.bits(), 0xffff_2abc_dead_beef);
        assert_eq!(cell.kind(), CellKind::Handle(2));
        assert_eq!((cell.generation(), cell.slot_index()), (0xabc, 0xdead_beef));
        assert!(cell.is_handle_of(Arena::Map) && !cell.is_handle_of(Arena::List));
    }

    #[test]
    fn the_other_tags() {
        assert_eq!(Cell::NULL.bits(), 0xfffc_0000_0000_0000);
        assert_eq!(Cell::bool(true).bits(), 0xfffb_0000_0000_0001);
        assert_eq!(Cell::deopt(0xffff).bits(), 0xfff8_0000_0000_ffff);
        assert_eq!(Cell::from_bits(0xfffd << 48).kind(), CellKind::Reserved);
    }
}
