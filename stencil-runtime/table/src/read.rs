//! Zero-copy access to a blob.

use crate::records::{
    AxisRecord, BankRecord, FusionRecord, Header, HoleRecord, OpRecord, Span, StencilRecord, op_flags,
};
use crate::validate;
use crate::write::TableInfo;
use crate::{Architecture, Convention, FORMAT_VERSION, Level, MAGIC, Unknown};
use std::fmt;
use std::ops::Deref;
use thiserror::Error;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Why a blob is not a table.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TableError {
    /// The blob is shorter than a header or than the header says, or longer.
    #[error("the table is {actual} bytes long where {expected} are needed; it was cut or is no stencil table")]
    Length {
        /// Bytes that the header asks for.
        expected: u64,
        /// Bytes that are there.
        actual: u64,
    },
    /// The blob does not start with the magic bytes.
    #[error("this is no stencil table: it does not start with the bytes `stencils`")]
    Magic,
    /// The table was made by another version of the build helper.
    #[error("the table has format version {found}, this runtime reads version {FORMAT_VERSION}; rebuild the table")]
    Version {
        /// The table's version.
        found: u32,
    },
    /// The blob does not start at a multiple of 64 bytes.
    #[error("the table starts at an address that is no multiple of 64; copy it into `TableBytes` or map the file")]
    Alignment,
    /// The checksum is not that of the bytes.
    #[error("the table's checksum is {found:#018x} where its bytes give {computed:#018x}; the file is damaged")]
    Checksum {
        /// As recorded.
        found: u64,
        /// As computed.
        computed: u64,
    },
    /// A number stands for nothing.
    #[error(transparent)]
    Unknown(#[from] Unknown),
    /// A record points outside of its section, or two facts contradict each other.
    #[error("{what} {index} of the table is malformed: {why}; rebuild the table")]
    Malformed {
        /// The kind of record.
        what: &'static str,
        /// Its index.
        index: usize,
        /// What is wrong.
        why: &'static str,
    },
}

/// Bytes that start at an address a table may start at, without copying: what `table!` wraps `include_bytes!` in.
#[derive(Debug)]
#[repr(C, align(64))]
pub struct AlignedBlob<T: ?Sized>(pub T);

/// Owned bytes that start at an address a table may start at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableBytes {
    lines: Vec<Line>,
    len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable)]
#[repr(C, align(64))]
struct Line([u8; crate::TABLE_ALIGN]);

impl TableBytes {
    /// Copies `bytes` to an aligned place.
    #[must_use]
    pub fn copy_of(bytes: &[u8]) -> Self {
        let mut lines = vec![Line([0; crate::TABLE_ALIGN]); bytes.len().div_ceil(crate::TABLE_ALIGN)];
        lines.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        Self { lines, len: bytes.len() }
    }
}

impl Deref for TableBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.lines.as_bytes()[..self.len]
    }
}

/// The checksum of `bytes`: a multiplicative hash over 8-byte words, fast and without any security claim.
#[must_use]
pub fn hash_of(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = bytes.len() as u64;
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
        hash = (hash.rotate_left(23) ^ word).wrapping_mul(MULTIPLIER);
    }
    for &byte in words.remainder() {
        hash = (hash.rotate_left(23) ^ u64::from(byte)).wrapping_mul(MULTIPLIER);
    }
    hash ^ hash >> 32
}

/// A validated table, read in place.
///
/// Every index in every record is within its section; stitching from any table is memory-safe. What the code *does* is
/// another matter: see the contract of entering it.
#[derive(Clone, Copy)]
pub struct Table<'a> {
    info: TableInfo,
    bytes: &'a [u8],
    banks: &'a [BankRecord],
    ops: &'a [OpRecord],
    axes: &'a [AxisRecord],
    stencils: &'a [StencilRecord],
    holes: &'a [HoleRecord],
    fusions: &'a [FusionRecord],
    maps: &'a [u8],
    code: &'a [u8],
    pool: &'a [u8],
    text: &'a str,
    compiler: Span,
}

impl fmt::Debug for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("info", &self.info)
            .field("ops", &self.ops.len())
            .field("stencils", &self.stencils.len())
            .field("code", &self.code.len())
            .finish_non_exhaustive()
    }
}

impl<'a> Table<'a> {
    /// Validates `bytes` and reads them in place.
    ///
    /// The checksum is not compared: a table compiled into a program cannot be damaged, and a damaged one is still
    /// memory-safe to read. Files want [`Table::verify_checksum`] too.
    ///
    /// # Errors
    /// [`TableError`] says what is wrong first.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, TableError> {
        let length = |expected: u64| TableError::Length { expected, actual: bytes.len() as u64 };
        if bytes.as_ptr().align_offset(crate::TABLE_ALIGN) != 0 {
            return Err(TableError::Alignment);
        }
        if !bytes.starts_with(&MAGIC) {
            return Err(if bytes.len() < MAGIC.len() { length(size_of::<Header>() as u64) } else { TableError::Magic });
        }
        let (header, _) = Header::ref_from_prefix(bytes).map_err(|_| length(size_of::<Header>() as u64))?;
        if header.version != FORMAT_VERSION {
            return Err(TableError::Version { found: header.version });
        }
        if header.len != bytes.len() as u64 {
            return Err(length(header.len));
        }
        let info = TableInfo {
            architecture: Architecture::from_byte(header.architecture)?,
            convention: Convention::from_byte(header.convention)?,
            level: Level::from_byte(header.level)?,
            set_hash: u128::from(header.set_hash_high) << 64 | u128::from(header.set_hash_low),
            digest: header.digest,
        };
        let code = section::<u8>(bytes, header.code, "code section")?;
        let table = Self {
            info,
            bytes,
            banks: section(bytes, header.banks, "bank section")?,
            ops: section(bytes, header.ops, "op section")?,
            axes: section(bytes, header.axes, "axis section")?,
            stencils: section(bytes, header.stencils, "stencil section")?,
            holes: section(bytes, header.holes, "hole section")?,
            fusions: section(bytes, header.fusions, "fusion section")?,
            maps: section(bytes, header.maps, "map section")?,
            code,
            pool: section(bytes, header.pool, "pool section")?,
            text: core::str::from_utf8(section(bytes, header.text, "text section")?)
                .map_err(|_| malformed("text section", 0, "it is not UTF-8"))?,
            compiler: header.compiler,
        };
        validate::check(&table)?;
        Ok(table)
    }

    /// Compares the checksum with the bytes.
    ///
    /// # Errors
    /// [`TableError::Checksum`] when they differ.
    pub fn verify_checksum(&self) -> Result<(), TableError> {
        let covered = core::mem::offset_of!(Header, len);
        let computed = hash_of(self.bytes.get(covered..).unwrap_or_default());
        let found = self.checksum();
        if found == computed { Ok(()) } else { Err(TableError::Checksum { found, computed }) }
    }

    /// The checksum as recorded: two tables with different ones are different.
    #[must_use]
    pub fn checksum(&self) -> u64 {
        Header::ref_from_prefix(self.bytes).map_or(0, |(header, _)| header.checksum)
    }

    /// What the table was made for and from.
    #[inline]
    #[must_use]
    pub fn info(&self) -> &TableInfo {
        &self.info
    }

    /// The compiler that made the code, with its version; empty when the table does not say.
    #[inline]
    #[must_use]
    pub fn compiler(&self) -> &'a str {
        self.text(self.compiler)
    }

    /// The whole blob.
    #[inline]
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The machine's banks.
    #[inline]
    #[must_use]
    pub fn banks(&self) -> &'a [BankRecord] {
        self.banks
    }

    /// The ops, in the order of the op set.
    #[inline]
    #[must_use]
    pub fn ops(&self) -> &'a [OpRecord] {
        self.ops
    }

    /// The same table for assemblers that are to note which stencil stands where, which costs nothing when the table itself
    /// is used. `ops` is overwritten.
    #[must_use]
    pub fn traced(&self, ops: &'a mut Vec<OpRecord>) -> Self {
        let flags = |op: &OpRecord| OpRecord { flags: op.flags | op_flags::TRACED, ..*op };
        *ops = self.ops.iter().map(flags).collect();
        Self { ops, ..*self }
    }

    /// All axes; an op's are [`Table::axes_of`].
    #[inline]
    #[must_use]
    pub fn axes(&self) -> &'a [AxisRecord] {
        self.axes
    }

    /// All variants, by dense index.
    #[inline]
    #[must_use]
    pub fn stencils(&self) -> &'a [StencilRecord] {
        self.stencils
    }

    /// All holes.
    #[inline]
    #[must_use]
    pub fn holes(&self) -> &'a [HoleRecord] {
        self.holes
    }

    /// The fusions, longest sequence first.
    #[inline]
    #[must_use]
    pub fn fusions(&self) -> &'a [FusionRecord] {
        self.fusions
    }

    /// All code, followed by [`crate::CODE_PADDING`] bytes.
    #[inline]
    #[must_use]
    pub fn code(&self) -> &'a [u8] {
        self.code
    }

    /// The constants that stencils refer to, 16-byte aligned within the blob.
    #[inline]
    #[must_use]
    pub fn pool(&self) -> &'a [u8] {
        self.pool
    }

    /// The text that a name stands for.
    #[inline]
    #[must_use]
    pub fn text(&self, name: Span) -> &'a str {
        self.find_text(name).unwrap_or_default()
    }

    /// The text that a name stands for, if it lies within the text.
    pub(crate) fn find_text(&self, name: Span) -> Option<&'a str> {
        let start = name.start as usize;
        self.text.get(start..start.checked_add(name.len as usize)?)
    }

    /// Where the compiler's name is in the text.
    pub(crate) fn compiler_span(&self) -> Span {
        self.compiler
    }

    /// The axes of an op.
    #[inline]
    #[must_use]
    pub fn axes_of(&self, op: &OpRecord) -> &'a [AxisRecord] {
        run(self.axes, Span { start: op.axes, len: u32::from(op.axis_count) }).unwrap_or_default()
    }

    /// The variants of an op, by their number within the op.
    #[inline]
    #[must_use]
    pub fn variants_of(&self, op: &OpRecord) -> &'a [StencilRecord] {
        run(self.stencils, op.variants).unwrap_or_default()
    }

    /// The holes of a stencil, those for values first.
    #[inline]
    #[must_use]
    pub fn holes_of(&self, stencil: &StencilRecord) -> &'a [HoleRecord] {
        let (values, places) = self.hole_counts(stencil);
        let start = stencil.holes as usize + 1;
        self.holes.get(start..start + values + places).unwrap_or_default()
    }

    /// The holes of a stencil that are patched when places are known: those in code, and the pool.
    #[inline]
    #[must_use]
    pub fn place_holes_of(&self, stencil: &StencilRecord) -> &'a [HoleRecord] {
        let (values, _) = self.hole_counts(stencil);
        self.holes_of(stencil).get(values..).unwrap_or_default()
    }

    /// The holes of a stencil that take values.
    #[must_use]
    pub fn value_holes_of(&self, stencil: &StencilRecord) -> &'a [HoleRecord] {
        let (values, _) = self.hole_counts(stencil);
        self.holes_of(stencil).get(..values).unwrap_or_default()
    }

    #[inline]
    fn hole_counts(&self, stencil: &StencilRecord) -> (usize, usize) {
        self.holes.get(stencil.holes as usize).and_then(HoleRecord::run).unwrap_or_default()
    }

    /// The bytes of a stencil.
    #[inline]
    #[must_use]
    pub fn code_of<'s>(&self, stencil: &'s StencilRecord) -> &'s [u8]
    where
        'a: 's,
    {
        if stencil.is_plain() {
            return stencil.bytes.get(..usize::from(stencil.len)).unwrap_or_default();
        }
        run(self.code, Span { start: stencil.code, len: u32::from(stencil.len) }).unwrap_or_default()
    }

    /// The value numbers that a fusion's ops' values become.
    #[inline]
    #[must_use]
    pub fn map_of(&self, fusion: &FusionRecord) -> &'a [u8] {
        self.find_map(fusion).unwrap_or_default()
    }

    /// The same, if it lies within the maps.
    pub(crate) fn find_map(&self, fusion: &FusionRecord) -> Option<&'a [u8]> {
        run(self.maps, fusion.map)
    }
}

pub(crate) fn malformed(what: &'static str, index: usize, why: &'static str) -> TableError {
    TableError::Malformed { what, index, why }
}

#[inline]
pub(crate) fn run<T>(records: &[T], span: Span) -> Option<&[T]> {
    let start = span.start as usize;
    records.get(start..start.checked_add(span.len as usize)?)
}

/// The records of a section; its span counts bytes from the start of the blob for the start, and records for the length.
fn section<'a, T: FromBytes + Immutable + KnownLayout>(
    bytes: &'a [u8],
    span: Span,
    what: &'static str,
) -> Result<&'a [T], TableError> {
    let outside = || malformed(what, 0, "it reaches past the end");
    let rest = bytes.get(span.start as usize..).ok_or_else(outside)?;
    let len = (span.len as usize).checked_mul(size_of::<T>()).ok_or_else(outside)?;
    let records = rest.get(..len).ok_or_else(outside)?;
    <[T]>::ref_from_bytes(records).map_err(|_| malformed(what, 0, "it is not aligned"))
}
