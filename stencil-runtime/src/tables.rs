//! Where tables come from: the program itself, or a file.

use crate::error::LoadError;
use crate::set::OpSet;
use memmap2::Mmap;
use std::fmt;
use std::fs::File;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::OnceLock;
use stencil_table::{AlignedBlob, Architecture, FORMAT_VERSION, Header, Level, Table, TableBytes};

/// The architecture that this program is compiled for, if it is one that tables exist for.
#[must_use]
pub const fn host_architecture() -> Option<Architecture> {
    if cfg!(target_arch = "x86_64") {
        Some(Architecture::X86_64)
    } else if cfg!(target_arch = "aarch64") {
        Some(Architecture::Aarch64)
    } else if cfg!(target_arch = "riscv64") {
        Some(Architecture::Riscv64)
    } else {
        None
    }
}

/// Whether the CPU this program runs on has all that a level takes for granted.
#[must_use]
pub fn host_has(level: Level) -> bool {
    match level {
        Level::Baseline => true,
        Level::V3 => has_v3(),
    }
}

#[cfg(target_arch = "x86_64")]
fn has_v3() -> bool {
    use std::arch::is_x86_feature_detected as has;
    has!("avx2") && has!("bmi1") && has!("bmi2") && has!("f16c") && has!("fma") && has!("lzcnt") && has!("movbe")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_v3() -> bool {
    false
}

/// The tables that a program carries for the op set `S`: made by `stencil_macros::tables!`, kept in a `static`.
pub struct TableSet<S> {
    blobs: &'static [&'static AlignedBlob<[u8]>],
    parsed: OnceLock<Vec<Table<'static>>>,
    set: PhantomData<fn() -> S>,
}

impl<S> fmt::Debug for TableSet<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableSet").field("blobs", &self.blobs.len()).finish_non_exhaustive()
    }
}

impl<S: OpSet> TableSet<S> {
    /// The tables in these blobs, the most wanted first.
    ///
    /// # Panics
    /// While compiling, when used in a `static` or `const`: a table of another format version or of another version of
    /// the op set is refused.
    #[must_use]
    pub const fn new(blobs: &'static [&'static AlignedBlob<[u8]>]) -> Self {
        let mut index = 0;
        while index < blobs.len() {
            let bytes = &blobs[index].0;
            assert!(bytes.len() >= size_of::<Header>(), "a stencil table was cut; rebuild this crate");
            let version = word(bytes, std::mem::offset_of!(Header, version)) as u32;
            assert!(version == FORMAT_VERSION, "a stencil table has another format version; rebuild this crate");
            let low = word(bytes, std::mem::offset_of!(Header, set_hash_low));
            let high = word(bytes, std::mem::offset_of!(Header, set_hash_high));
            assert!(
                S::HASH == (high as u128) << 64 | low as u128,
                "a stencil table was made from another version of the op set; rebuild this crate"
            );
            index += 1;
        }
        Self { blobs, parsed: OnceLock::new(), set: PhantomData }
    }

    /// All tables, parsed.
    ///
    /// # Errors
    /// When a blob is no table.
    pub fn all(&'static self) -> Result<&'static [Table<'static>], LoadError> {
        if let Some(tables) = self.parsed.get() {
            return Ok(tables);
        }
        let tables = self.blobs.iter().map(|blob| Table::parse(&blob.0)).collect::<Result<Vec<_>, _>>()?;
        Ok(self.parsed.get_or_init(|| tables))
    }

    /// The tables that run on this machine, the most wanted first: of its architecture, and of levels that its CPU has.
    ///
    /// # Errors
    /// When a blob is no table.
    pub fn usable(&'static self) -> Result<impl Iterator<Item = &'static Table<'static>>, LoadError> {
        let runs =
            |table: &&Table<'_>| Some(table.info().architecture) == host_architecture() && host_has(table.info().level);
        Ok(self.all()?.iter().filter(runs))
    }

    /// The most wanted table that runs on this machine.
    ///
    /// # Errors
    /// When there is none, or a blob is no table.
    pub fn best(&'static self) -> Result<&'static Table<'static>, LoadError> {
        let no_table = LoadError::NoTable { set: S::NAME, host: std::env::consts::ARCH };
        self.usable()?.next().ok_or(no_table)
    }
}

/// The 8 bytes at an offset, little-endian.
const fn word(bytes: &[u8], at: usize) -> u64 {
    let mut word = 0;
    let mut index = 0;
    while index < 8 {
        word |= (bytes[at + index] as u64) << (8 * index);
        index += 1;
    }
    word
}

/// A table in a file, mapped into memory.
#[derive(Debug)]
pub struct MappedTable {
    bytes: Mapped,
}

#[derive(Debug)]
enum Mapped {
    Map(Mmap),
    Copy(TableBytes),
}

impl MappedTable {
    /// Maps a file. Its content is validated by [`MappedTable::table`].
    ///
    /// # Errors
    /// [`LoadError::File`] when the file cannot be opened or mapped.
    ///
    /// # Safety
    /// Nobody changes or truncates the file while this value lives: the map shows such changes.
    pub unsafe fn open(path: &Path) -> Result<Self, LoadError> {
        let failed = |source| LoadError::File { path: path.display().to_string(), source };
        let file = File::open(path).map_err(failed)?;
        // SAFETY: the caller keeps the file as it is.
        let map = unsafe { Mmap::map(&file) }.map_err(failed)?;
        Ok(Self { bytes: Mapped::Map(map) })
    }

    /// Takes a copy of bytes, of whatever origin.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self { bytes: Mapped::Copy(TableBytes::copy_of(bytes)) }
    }

    /// The table, fully validated, checksum included.
    ///
    /// Stitching from it is memory-safe whatever the file holds. Running the result is not: see
    /// [`crate::Code::enter`].
    ///
    /// # Errors
    /// When the file is no table, is damaged, or is one of another op set than `S`.
    pub fn table<S: OpSet>(&self) -> Result<Table<'_>, LoadError> {
        let bytes: &[u8] = match &self.bytes {
            Mapped::Map(map) => map,
            Mapped::Copy(bytes) => bytes,
        };
        let table = Table::parse(bytes)?;
        table.verify_checksum()?;
        if table.info().set_hash != S::HASH {
            return Err(LoadError::OtherSet { set: S::NAME });
        }
        Ok(table)
    }
}
