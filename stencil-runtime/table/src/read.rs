//! Validation of a blob and zero-copy access to it.

use crate::records::{
    AxisRecord, BankRecord, FusionRecord, Header, HoleRecord, NO_STEP, OpRecord, PlainHole, Span, StencilRecord, place,
};
use crate::write::TableInfo;
use crate::{Architecture, CODE_PADDING, Convention, FORMAT_VERSION, HoleKind, Level, MAGIC, MAX_VALUES, Unknown};
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
        table.check()?;
        Ok(table)
    }

    /// Compares the checksum with the bytes.
    ///
    /// # Errors
    /// [`TableError::Checksum`] when they differ.
    pub fn verify_checksum(&self) -> Result<(), TableError> {
        let covered = core::mem::offset_of!(Header, len);
        let computed = hash_of(self.bytes.get(covered..).unwrap_or_default());
        let found = Header::ref_from_prefix(self.bytes).map_or(0, |(header, _)| header.checksum);
        if found == computed { Ok(()) } else { Err(TableError::Checksum { found, computed }) }
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

    /// All code, followed by [`CODE_PADDING`] bytes.
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
        let start = name.start as usize;
        start.checked_add(name.len as usize).and_then(|end| self.text.get(start..end)).unwrap_or_default()
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
        run(self.maps, fusion.map).unwrap_or_default()
    }

    fn check(&self) -> Result<(), TableError> {
        if self.code.len() < CODE_PADDING {
            return Err(malformed("code section", 0, "the padding is missing"));
        }
        self.check_text(self.compiler).map_err(|why| malformed("compiler", 0, why))?;
        for (index, bank) in self.banks.iter().enumerate() {
            self.check_bank(bank).map_err(|why| malformed("bank", index, why))?;
        }
        for (index, op) in self.ops.iter().enumerate() {
            self.check_op(op).map_err(|why| malformed("op", index, why))?;
        }
        for (index, fusion) in self.fusions.iter().enumerate() {
            self.check_fusion(fusion).map_err(|why| malformed("fusion", index, why))?;
        }
        Ok(())
    }

    fn check_bank(&self, bank: &BankRecord) -> Result<(), &'static str> {
        self.check_text(bank.name)?;
        if bank.registers as usize > crate::MAX_REGISTERS {
            return Err("it has more registers than any architecture");
        }
        let shape = |op: u32, axes: u8, values: u8| {
            self.ops.get(op as usize).is_some_and(|op| op.axis_count == axes && op.value_count == values)
        };
        if !shape(bank.move_op, 2, 2) || !shape(bank.stash_op, 1, 2) || !shape(bank.unstash_op, 1, 2) {
            return Err("its move, stash or unstash op is missing or has another shape");
        }
        Ok(())
    }

    fn check_op(&self, op: &OpRecord) -> Result<(), &'static str> {
        self.check_text(op.name)?;
        self.check_text(op.file)?;
        if usize::from(op.value_count) > MAX_VALUES || op.axis_count > op.value_count || op.result_count > op.axis_count
        {
            return Err("it has too many values, more axes than values, or more results than axes");
        }
        if u64::from(op.targets) >> op.value_count != 0 {
            return Err("a target is no value");
        }
        let axes = run(self.axes, Span { start: op.axes, len: u32::from(op.axis_count) })
            .ok_or("its axes are outside of the axis section")?;
        let mut variants: u64 = 1;
        for axis in axes.iter().rev() {
            if u64::from(axis.stride) != variants {
                return Err("the stride of an axis is not the product of the digits behind it");
            }
            if axis.bank as usize >= self.banks.len() {
                return Err("an axis names an unknown bank");
            }
            let possible = |step: u32| {
                step == NO_STEP || step.is_multiple_of(axis.stride.max(1)) && step / axis.stride.max(1) < axis.digits
            };
            let registers = axis.registers as usize;
            let known = registers <= crate::MAX_REGISTERS
                && axis.steps.iter().enumerate().all(|(index, step)| {
                    possible(*step) && (index < registers || index >= place::SLOT as usize || *step == NO_STEP)
                });
            if !known || axis.steps[place::NONE as usize] != NO_STEP {
                return Err("a step of an axis is out of range");
            }
            variants = variants
                .checked_mul(u64::from(axis.digits))
                .filter(|&n| n < u64::from(NO_STEP))
                .ok_or("it has too many variants")?;
        }
        let stencils = run(self.stencils, op.variants).ok_or("its variants are outside of the stencil section")?;
        if stencils.len() as u64 != variants {
            return Err("the number of its variants is not the product of its axes");
        }
        stencils.iter().try_for_each(|stencil| self.check_stencil(op, stencil))
    }

    fn check_stencil(&self, op: &OpRecord, stencil: &StencilRecord) -> Result<(), &'static str> {
        if stencil.len == StencilRecord::PRUNED {
            return Ok(());
        }
        let end = u64::from(stencil.code) + u64::from(stencil.len);
        if !stencil.is_plain() && end > (self.code.len() - CODE_PADDING) as u64 {
            return Err("a variant's bytes are outside of the code");
        }
        let counts = self.holes.get(stencil.holes as usize).and_then(HoleRecord::run);
        let (values, places) = counts.ok_or("a variant's holes do not start with their number")?;
        let start = stencil.holes as usize + 1;
        let holes = self
            .holes
            .get(start..start + values + places)
            .ok_or("a variant's holes are outside of the hole section")?;
        if stencil.has_places() != (places != 0) {
            return Err("a variant's mark for places is wrong");
        }
        if stencil.is_plain() {
            check_plain(op, stencil)?;
        }
        for (index, hole) in holes.iter().enumerate() {
            let kind = HoleKind::from_byte(hole.kind).map_err(|_| "a hole is of an unknown kind")?;
            if usize::from(hole.offset) + kind.width() > usize::from(stencil.len) {
                return Err("a hole reaches past the end of its stencil");
            }
            if kind.is_value() != (index < values) {
                return Err("holes for values do not stand before holes for places");
            }
            let target = op.targets >> (hole.value & 31) & 1 != 0;
            let fits = match kind {
                HoleKind::LabelRel32 | HoleKind::CalleeRel32 => hole.value < op.value_count && target,
                HoleKind::PoolRel32 => true,
                HoleKind::Abs64 | HoleKind::Abs32Signed | HoleKind::Abs32Unsigned => {
                    hole.value < op.value_count && !target
                }
            };
            if !fits {
                return Err("a hole names a value of another sort, or none");
            }
        }
        Ok(())
    }

    fn check_fusion(&self, fusion: &FusionRecord) -> Result<(), &'static str> {
        let fused = self.ops.get(fusion.op as usize).ok_or("its op does not exist")?;
        if !(2..=4).contains(&fusion.len) {
            return Err("it has fewer than two or more than four ops");
        }
        let map = run(self.maps, fusion.map).ok_or("its map is outside of the maps")?;
        if map.iter().any(|&value| value >= fused.value_count) {
            return Err("its map names a value that the fused op does not have");
        }
        let mut seen = 0_u32;
        let mut at = 0;
        for &index in fusion.sequence.get(..fusion.len as usize).unwrap_or_default() {
            let op = self.ops.get(index as usize).ok_or("it contains an op that does not exist")?;
            if self.fusions.iter().any(|other| other.op == index) {
                return Err("it contains a fusion");
            }
            for value in 0..op.value_count {
                let to = *map.get(at).ok_or("its map is too short")?;
                let axis = value < op.axis_count;
                let target = op.targets >> value & 1;
                if axis != (to < fused.axis_count) || target != fused.targets >> to & 1 {
                    return Err("its map turns a value into one of another sort");
                }
                seen |= 1 << to;
                at += 1;
            }
        }
        if at != map.len() || seen.count_ones() != u32::from(fused.value_count) {
            return Err("its map does not give every value of the fused op");
        }
        Ok(())
    }

    fn check_text(&self, name: Span) -> Result<(), &'static str> {
        let start = name.start as usize;
        let text = start.checked_add(name.len as usize).and_then(|end| self.text.get(start..end));
        text.map(|_| ()).ok_or("its name is outside of the text")
    }
}

/// A plain stencil's holes say the same as the records of its holes, of which there are no others for values.
fn check_plain(op: &OpRecord, stencil: &StencilRecord) -> Result<(), &'static str> {
    if stencil.len > StencilRecord::PLAIN_LEN {
        return Err("a plain variant is too long");
    }
    for (index, hole) in stencil.plain.into_iter().enumerate() {
        let number = hole.value & PlainHole::NUMBER;
        let wide = hole.value & PlainHole::WIDE != 0;
        let own = [0, PlainHole::HAS_PLACES, PlainHole::WIDE];
        let flags = PlainHole::NUMBER | PlainHole::UNSIGNED | own[index];
        let width = if wide { 8 } else { 4 };
        let absent = number == op.value_count && u16::from(hole.offset) == stencil.len && !wide;
        let inside = u16::from(hole.offset) + width <= stencil.len && number < op.value_count;
        let target = op.targets >> number & 1 != 0;
        if hole.value & !flags != 0 || !(absent || inside && !target) {
            return Err("a plain hole reaches past the end of its stencil or names no value");
        }
    }
    Ok(())
}

fn malformed(what: &'static str, index: usize, why: &'static str) -> TableError {
    TableError::Malformed { what, index, why }
}

#[inline]
fn run<T>(records: &[T], span: Span) -> Option<&[T]> {
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
