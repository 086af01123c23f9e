//! Which line of the op set's source each instruction is of: what the compiler's debug information says of the expansion,
//! led back to the author's file.
//!
//! Code of `core` and of the prelude that was inlined counts for the line of the op that calls it; what the expansion adds
//! to a body, moves from and to frame slots above all, for the line of the op's name.

use crate::Error;
use crate::object::ReadError;
use addr2line::Context;
use gimli::{Dwarf, EndianRcSlice, LittleEndian, SectionId};
use object::elf::{self, RelocationType};
use object::read::elf::ElfFile64;
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget, SectionIndex};
use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::rc::Rc;
use stencil_syntax::print::Printed;
use stencil_syntax::symbols::Symbol;
use stencil_table::{LineRow, OpLines, StencilRecord, Table};

type File<'a> = ElfFile64<'a, object::LittleEndian>;
type Reader = EndianRcSlice<LittleEndian>;

/// Bits of the addresses that sections of an object get, so that no two overlap.
const SECTION_BITS: u32 = 32;

/// The debug information of an object.
pub(crate) struct ObjectLines {
    context: Context<Reader>,
    /// Where each stencil's function is.
    functions: HashMap<(usize, usize), u64>,
}

impl fmt::Debug for ObjectLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectLines").field("functions", &self.functions.len()).finish_non_exhaustive()
    }
}

impl ObjectLines {
    /// Reads the debug information of an ELF object.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        Self::parse(&bytes).map_err(|source| Error::Object { path: path.to_owned(), source })
    }

    fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        let file = File::parse(bytes)?;
        let section = |id: SectionId| -> Result<Reader, ReadError> {
            let data = relocated(&file, id.name())?;
            Ok(EndianRcSlice::new(Rc::from(data), LittleEndian))
        };
        let malformed = |_| ReadError::Malformed("its debug information cannot be read");
        let context = Context::from_dwarf(Dwarf::load(section)?).map_err(malformed)?;
        let stencils = file.symbols().filter_map(|symbol| {
            let Symbol::Stencil { op, variant } = Symbol::parse(symbol.name().ok()?)? else { return None };
            Some(((op, variant), base(symbol.section_index()?) + symbol.address()))
        });
        let functions = stencils.collect();
        Ok(Self { context, functions })
    }

    /// The lines of a stencil's instructions, given where they stand in the stencil and in its function: `head` for those
    /// that are of no line of `printed`, which is what the compiler saw of the author's file.
    pub(crate) fn of_stencil(
        &self,
        stencil: (usize, usize),
        origins: &[(u16, usize)],
        printed: &Printed,
        head: u32,
    ) -> Vec<LineRow> {
        let Some(function) = self.functions.get(&stencil) else { return Vec::new() };
        let mut rows: Vec<LineRow> = Vec::new();
        for (offset, origin) in origins {
            let line = self.line(function + *origin as u64, printed).unwrap_or(head);
            match rows.last_mut() {
                Some(last) if last.line == line => {}
                Some(last) if last.offset == *offset => last.line = line,
                _ => rows.push(LineRow { offset: *offset, line }),
            }
        }
        rows
    }

    /// The author's line that an instruction is of: that of the innermost code which stands in the author's file.
    fn line(&self, address: u64, printed: &Printed) -> Option<u32> {
        // Nothing is loaded from elsewhere: what an object says is in it.
        let mut frames = self.context.find_frames(address).skip_all_loads().ok()?;
        while let Ok(Some(frame)) = frames.next() {
            let Some(place) = frame.location else { continue };
            let file = place.file.unwrap_or_default();
            if let (Some("ops.rs"), Some(line), Some(column)) =
                (file.rsplit(['/', '\\']).next(), place.line, place.column)
                && let Some(origin) = printed.origin(line as usize, (column as usize).saturating_sub(1))
            {
                return Some(origin.line as u32);
            }
        }
        None
    }
}

/// The address that a section gets.
fn base(section: SectionIndex) -> u64 {
    (section.0 as u64) << SECTION_BITS
}

/// A section's bytes with the addresses in it written as they are here; none when there is no such section.
fn relocated(file: &File<'_>, name: &str) -> Result<Vec<u8>, ReadError> {
    let Some(section) = file.section_by_name(name) else { return Ok(Vec::new()) };
    let mut bytes = section.data()?.to_vec();
    for (offset, relocation) in section.relocations() {
        let RelocationFlags::Elf { r_type } = relocation.flags() else {
            return Err(ReadError::Malformed("a relocation is not one of ELF"));
        };
        let RelocationTarget::Symbol(index) = relocation.target() else {
            return Err(ReadError::Malformed("a relocation refers to no symbol"));
        };
        let symbol = file.symbol_by_index(index)?;
        let place = symbol.section_index().filter(|section| is_code(file, *section)).map_or(0, base);
        let value = place.wrapping_add(symbol.address()).wrapping_add(relocation.addend() as u64);
        let (width, change) = field(file.architecture(), r_type)?;
        let field = bytes.get_mut(offset as usize..).and_then(|rest| rest.get_mut(..width));
        let field = field.ok_or(ReadError::Malformed("a relocation is outside of its section"))?;
        let mut word = [0; 8];
        word[..width].copy_from_slice(field);
        let old = u64::from_le_bytes(word);
        let new = match change {
            Change::Set => value,
            Change::Add => old.wrapping_add(value),
            Change::Subtract => old.wrapping_sub(value),
        };
        field.copy_from_slice(&new.to_le_bytes()[..width]);
    }
    Ok(bytes)
}

fn is_code(file: &File<'_>, section: SectionIndex) -> bool {
    file.section_by_index(section).is_ok_and(|section| section.kind() == object::SectionKind::Text)
}

/// What a relocation does to a field.
enum Change {
    Set,
    Add,
    Subtract,
}

/// The width in bytes of a field of debug information with this relocation, and what happens to it.
fn field(architecture: object::Architecture, kind: RelocationType) -> Result<(usize, Change), ReadError> {
    use object::Architecture::{Aarch64, Riscv64, X86_64};
    Ok(match (architecture, kind) {
        (X86_64, elf::R_X86_64_32) | (Aarch64, elf::R_AARCH64_ABS32) | (Riscv64, elf::R_RISCV_32) => (4, Change::Set),
        (X86_64, elf::R_X86_64_64) | (Aarch64, elf::R_AARCH64_ABS64) | (Riscv64, elf::R_RISCV_64) => (8, Change::Set),
        // Distances in code, which riscv64's linkers may change.
        (Riscv64, elf::R_RISCV_ADD8) => (1, Change::Add),
        (Riscv64, elf::R_RISCV_ADD16) => (2, Change::Add),
        (Riscv64, elf::R_RISCV_ADD32) => (4, Change::Add),
        (Riscv64, elf::R_RISCV_ADD64) => (8, Change::Add),
        (Riscv64, elf::R_RISCV_SUB8) => (1, Change::Subtract),
        (Riscv64, elf::R_RISCV_SUB16) => (2, Change::Subtract),
        (Riscv64, elf::R_RISCV_SUB32) => (4, Change::Subtract),
        (Riscv64, elf::R_RISCV_SUB64) => (8, Change::Subtract),
        _ => return Err(ReadError::Malformed("its debug information has an unknown kind of relocation")),
    })
}

/// The lines of a set's stencils while its table is made.
#[derive(Debug, Default)]
pub(crate) struct StencilLines(HashMap<(usize, usize), Vec<LineRow>>);

impl StencilLines {
    /// Adds the rows of a stencil, which has `length` bytes.
    pub(crate) fn insert(&mut self, stencil: (usize, usize), mut rows: Vec<LineRow>, length: usize) {
        // What comes behind it is not of its op. A stencil's length has 16 bits.
        rows.push(LineRow { offset: length as u16, line: 0 });
        self.0.insert(stencil, rows);
    }

    /// Leaves out stencils.
    pub(crate) fn retain(&mut self, keep: impl Fn((usize, usize)) -> bool) {
        self.0.retain(|stencil, _| keep(*stencil));
    }

    /// The lines of the stencils that are in the table.
    pub(crate) fn of_table(mut self, table: &Table<'_>) -> OpLines {
        let variants = table.ops().iter().enumerate().flat_map(|(op, record)| {
            let variants = table.variants_of(record).iter().enumerate();
            variants.map(move |(number, stencil)| ((op, number), stencil.len != StencilRecord::PRUNED))
        });
        let rows = variants.map(
            |(stencil, there)| {
                if there { self.0.remove(&stencil).unwrap_or_default() } else { Vec::new() }
            },
        );
        OpLines::new(table.checksum(), rows)
    }
}
