//! What is read alike from formats whose symbols have no sizes: a function or constant ends where the next symbol stands,
//! or with its section. Fields that the format has no relocation for are listed in a section of their own, see
//! [`marks_section`].

use super::{Access, Function, Object, ReadError, Reference, Relocation, Section};
use object::elf::{
    R_AARCH64_ADD_ABS_LO12_NC, R_AARCH64_CALL26, R_AARCH64_JUMP26, R_AARCH64_LDST8_ABS_LO12_NC,
    R_AARCH64_LDST16_ABS_LO12_NC, R_AARCH64_LDST32_ABS_LO12_NC, R_AARCH64_LDST64_ABS_LO12_NC,
    R_AARCH64_LDST128_ABS_LO12_NC, R_X86_64_32, R_X86_64_32S, R_X86_64_64, RelocationType,
};
use object::{
    Architecture, File, Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget,
    SectionIndex, SymbolKind,
};
use std::collections::{BTreeMap, HashMap};
use stencil_syntax::layout;
use stencil_syntax::symbols::{Symbol, marks_section};

/// What is one format's own.
pub(super) trait Format {
    /// The format's name in the expansion.
    const FORMAT: layout::Format;
    /// What the names of C functions start with.
    const PREFIX: &'static str;

    /// What may be done with a section's data; `None` for code.
    fn access(section: &object::Section<'_, '_>) -> Result<Option<Access>, ReadError>;

    /// The size of one constant in a section that holds many of one size, else 0.
    fn entry_size(section: &object::Section<'_, '_>) -> u64;

    /// Reads a field of code, which starts where the slice does, and what ELF says of such a field. Leaves the field
    /// empty. `pair` is the addend that stands beside the relocation.
    fn field(
        architecture: Architecture,
        flags: RelocationFlags,
        pair: i64,
        code: &mut [u8],
    ) -> Result<Field, ReadError>;
}

/// A field of code that the linker would write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// The number that ELF gives to such a field.
    pub(super) kind: u32,
    /// What stood in it.
    pub(super) content: i64,
    /// What the CPU counts from, as bytes behind the field's start; 0 when it does not count from the field.
    pub(super) behind: i64,
    /// What ELF adds to the symbol's address.
    pub(super) addend: i64,
}

/// The first bytes of a field.
pub(super) fn peek<const N: usize>(code: &[u8]) -> Result<[u8; N], ReadError> {
    code.first_chunk().copied().ok_or(ReadError::Malformed("a relocation lies outside"))
}

/// The first bytes of a field, which are empty then.
pub(super) fn take<const N: usize>(code: &mut [u8]) -> Result<[u8; N], ReadError> {
    let bytes = code.first_chunk_mut().ok_or(ReadError::Malformed("a relocation lies outside"))?;
    Ok(std::mem::replace(bytes, [0; N]))
}

/// What ELF calls the target of this branch of aarch64.
pub(super) fn branch_26(word: u32) -> RelocationType {
    if word >> 31 == 1 { R_AARCH64_CALL26 } else { R_AARCH64_JUMP26 }
}

/// What ELF calls the low 12 bits of an address in this instruction of aarch64.
pub(super) fn offset_12(word: u32) -> RelocationType {
    let is_access = word & 0x3B00_0000 == 0x3900_0000;
    let wide = word & 0x0480_0000 == 0x0480_0000;
    match word >> 30 {
        _ if !is_access => R_AARCH64_ADD_ABS_LO12_NC,
        0 if wide => R_AARCH64_LDST128_ABS_LO12_NC,
        0 => R_AARCH64_LDST8_ABS_LO12_NC,
        1 => R_AARCH64_LDST16_ABS_LO12_NC,
        2 => R_AARCH64_LDST32_ABS_LO12_NC,
        _ => R_AARCH64_LDST64_ABS_LO12_NC,
    }
}

/// The part of a section between two symbols, or the whole.
struct Piece {
    start: u64,
    name: String,
    /// Its index in [`Object::sections`], if it is data.
    number: Option<usize>,
}

struct Reader<'f, 'd> {
    file: &'f File<'d>,
    /// The pieces of every section, by their starts.
    pieces: HashMap<SectionIndex, BTreeMap<u64, Piece>>,
    sections: Vec<Section>,
    prefix: &'static str,
}

/// Code with what is to be patched in it.
struct Code {
    bytes: Vec<u8>,
    relocations: Vec<Relocation>,
}

/// Reads an object.
pub(super) fn read<F: Format>(bytes: &[u8]) -> Result<Object, ReadError> {
    let file = File::parse(bytes)?;
    if !matches!(file.architecture(), Architecture::X86_64 | Architecture::Aarch64) {
        return Err(ReadError::Format);
    }
    let mut reader = Reader { file: &file, pieces: HashMap::new(), sections: Vec::new(), prefix: F::PREFIX };
    let mut code_sections = Vec::new();
    let mut marks = None;
    for section in file.sections() {
        let access = F::access(&section)?;
        if marks_section(F::FORMAT) == Some(section.name()?) {
            marks = Some(section);
            continue;
        }
        reader.divide(&section, access, F::entry_size(&section))?;
        if access.is_none() {
            code_sections.push(section);
        }
    }
    let mut code = HashMap::new();
    for section in &code_sections {
        code.insert(section.index(), reader.code::<F>(section)?);
    }
    if let Some(marks) = marks {
        reader.marks(&marks, &mut code)?;
    }
    code.values_mut().for_each(|code| code.relocations.sort_by_key(|relocation| relocation.offset));
    let mut stencils = HashMap::new();
    for symbol in file.symbols() {
        // Equal functions are one with several names.
        let Some(Symbol::Stencil { op, variant }) = reader.symbol(symbol.name()?) else { continue };
        let Some(section) = symbol.section_index() else { continue };
        let Some(Code { bytes, relocations }) = code.get(&section) else { continue };
        let start = symbol.address().wrapping_sub(file.section_by_index(section)?.address());
        let next = reader.pieces[&section].range(start.saturating_add(1)..).next();
        let end = next.map_or(bytes.len(), |(next, _)| *next as usize);
        stencils.insert((op, variant), function(start as usize..end, bytes, relocations)?);
    }
    Ok(Object { stencils, sections: reader.sections })
}

impl Reader<'_, '_> {
    /// Divides a section at its symbols.
    fn divide(
        &mut self,
        section: &object::Section<'_, '_>,
        access: Option<Access>,
        entry_size: u64,
    ) -> Result<(), ReadError> {
        let name = section.name()?;
        let mut pieces = BTreeMap::new();
        pieces.insert(0, Piece { start: 0, name: name.to_owned(), number: None });
        for symbol in self.file.symbols().filter(|symbol| symbol.section_index() == Some(section.index())) {
            let Some(start) = symbol.address().checked_sub(section.address()) else { continue };
            // Of constants of one size, names only say where some are.
            let names = symbol.kind() != SymbolKind::Section && (entry_size == 0 || start == 0);
            if names && start < section.size().max(1) {
                pieces.insert(start, Piece { start, name: symbol.name()?.to_owned(), number: None });
            }
        }
        if let Some(access) = access {
            let data = section.data()?;
            let places: Vec<u64> = section.relocations().map(|(offset, _)| offset).collect();
            let ends: Vec<u64> = pieces.keys().skip(1).copied().chain([data.len() as u64]).collect();
            for (piece, end) in pieces.values_mut().zip(ends) {
                piece.number = Some(self.sections.len());
                // Data that is only counted, such as zeros, has no bytes in the object.
                let bytes = data.get(piece.start as usize..end as usize).unwrap_or_default().to_vec();
                self.sections.push(Section {
                    name: piece.name.clone(),
                    access,
                    data: bytes,
                    align: section.align(),
                    entry_size,
                    mixed: entry_size == 0,
                    relocated: places.iter().any(|place| (piece.start..end).contains(place)),
                });
            }
        }
        self.pieces.insert(section.index(), pieces);
        Ok(())
    }

    /// The code of a section, with fields emptied.
    fn code<F: Format>(&self, section: &object::Section<'_, '_>) -> Result<Code, ReadError> {
        let mut bytes = section.data()?.to_vec();
        let mut relocations = Vec::new();
        for (offset, relocation) in section.relocations() {
            let code = bytes.get_mut(offset as usize..).ok_or(ReadError::Malformed("a relocation lies outside"))?;
            let field = F::field(self.file.architecture(), relocation.flags(), pair(&relocation), code)?;
            let counted_from = section.address() + offset;
            let (target, addend) = self.target(section.index(), counted_from, field, relocation.target())?;
            relocations.push(Relocation { offset: offset as usize, kind: field.kind, target, addend });
        }
        Ok(Code { bytes, relocations })
    }

    /// Adds the fields that are marked, and empties them.
    fn marks(&self, marks: &object::Section<'_, '_>, code: &mut HashMap<SectionIndex, Code>) -> Result<(), ReadError> {
        let wrong = ReadError::Malformed;
        let data = marks.data()?;
        let references: HashMap<u64, RelocationTarget> =
            marks.relocations().map(|(offset, relocation)| (offset, relocation.target())).collect();
        for (index, entry) in data.chunks(24).enumerate() {
            let at = 24 * index as u64;
            let word = |number: usize| entry.get(8 * number..8 * number + 8).and_then(|word| word.try_into().ok());
            let (Some(content), Some(kind)) = (word(0).map(i64::from_le_bytes), word(2).map(u64::from_le_bytes)) else {
                return Err(wrong("a mark was cut"));
            };
            let (Some(place), Some(hole)) = (references.get(&at), references.get(&(at + 8))) else {
                return Err(wrong("a mark refers to nothing"));
            };
            let (section, offset) = self.place(*place, content)?.ok_or(wrong("a mark is not in the object"))?;
            let code = code.get_mut(&section).ok_or(wrong("a mark is not in code"))?;
            let RelocationTarget::Symbol(hole) = *hole else { return Err(wrong("a mark has no symbol")) };
            let hole = self.file.symbol_by_index(hole)?;
            let hole = self.symbol(hole.name()?).ok_or(wrong("a mark is for no hole"))?;
            let kind = u32::try_from(kind).map_err(|_| wrong("a mark is of no kind"))?;
            let width = match RelocationType(kind) {
                _ if self.file.architecture() != Architecture::X86_64 => 0,
                R_X86_64_64 => 8,
                R_X86_64_32 | R_X86_64_32S => 4,
                _ => return Err(wrong("a mark is of no kind")),
            };
            let offset = usize::try_from(offset).map_err(|_| wrong("a mark lies outside"))?;
            code.bytes.get_mut(offset..offset + width).ok_or(wrong("a mark lies outside"))?.fill(0);
            code.relocations.push(Relocation { offset, kind, target: Reference::Symbol(hole), addend: 0 });
        }
        Ok(())
    }

    /// What a field of code refers to, and the addend.
    fn target(
        &self,
        from: SectionIndex,
        counted_from: u64,
        field: Field,
        target: RelocationTarget,
    ) -> Result<(Reference, i64), ReadError> {
        if let RelocationTarget::Symbol(index) = target {
            let symbol = self.file.symbol_by_index(index)?;
            let name = symbol.name()?;
            if let Some(known) = self.symbol(name) {
                return Ok((Reference::Symbol(known), field.addend));
            }
            let Some(section) = symbol.section_index() else {
                let name = name.strip_prefix(self.prefix).unwrap_or(name).to_owned();
                return Ok((Reference::Undefined(name), field.addend));
            };
            if symbol.kind() != SymbolKind::Section {
                let start = symbol.address() - self.file.section_by_index(section)?.address();
                return Ok((self.reference(from, section, start)?, field.addend));
            }
        }
        // A place without a name: the field says where in the section, or how far from the field.
        let near = match target {
            RelocationTarget::Section(_) if field.behind != 0 => counted_from as i64 + field.behind,
            _ => 0,
        };
        let place = self.place(target, field.content.wrapping_add(near))?;
        let (section, offset) = place.ok_or(ReadError::Malformed("a relocation refers to nothing"))?;
        Ok((self.reference(from, section, offset)?, -field.behind))
    }

    /// The place that a word with an address stands for; `None` when it is not in the object.
    fn place(&self, target: RelocationTarget, content: i64) -> Result<Option<(SectionIndex, u64)>, ReadError> {
        let (section, address) = match target {
            RelocationTarget::Symbol(index) => {
                let symbol = self.file.symbol_by_index(index)?;
                let Some(section) = symbol.section_index() else { return Ok(None) };
                (section, symbol.address().wrapping_add_signed(content))
            }
            RelocationTarget::Section(section) => (section, content as u64),
            _ => return Ok(None),
        };
        let start = self.file.section_by_index(section)?.address();
        Ok(Some((section, address.wrapping_sub(start))))
    }

    /// What stands at a place.
    fn reference(&self, from: SectionIndex, section: SectionIndex, offset: u64) -> Result<Reference, ReadError> {
        let pieces = self.pieces.get(&section).ok_or(ReadError::Malformed("a relocation refers to no section"))?;
        let (_, piece) = pieces.range(..=offset).next_back().ok_or(ReadError::Malformed("a section is empty"))?;
        let name = piece.name.clone();
        Ok(match piece.number {
            Some(number) => Reference::Data { section: number, offset: offset - piece.start, name },
            None => Reference::Code { name, near: (section == from).then_some(offset) },
        })
    }

    /// The symbol of the expansion behind a name of the object.
    fn symbol(&self, name: &str) -> Option<Symbol> {
        Symbol::parse(name.strip_prefix(self.prefix)?)
    }
}

/// The addend that stands beside a relocation of its own.
fn pair(relocation: &object::Relocation) -> i64 {
    if relocation.has_implicit_addend() { 0 } else { relocation.addend() }
}

/// A function of a section.
fn function(range: std::ops::Range<usize>, bytes: &[u8], relocations: &[Relocation]) -> Result<Function, ReadError> {
    let code = bytes.get(range.clone()).ok_or(ReadError::Malformed("a function ends outside of its section"))?;
    let own = relocations.iter().filter(|relocation| range.contains(&relocation.offset)).cloned();
    let relocations = own.map(|relocation| {
        let target = match relocation.target {
            Reference::Code { near: Some(place), .. } if range.contains(&(place as usize)) => {
                Reference::Own { offset: place as usize - range.start }
            }
            target => target,
        };
        Relocation { offset: relocation.offset - range.start, target, ..relocation }
    });
    let relocations = relocations.collect();
    Ok(Function { code: code.to_vec(), relocations })
}
