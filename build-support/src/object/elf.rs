//! Reading 64-bit little-endian ELF objects.

use super::ReadError;
use super::{Access, Function, Object, Reference, Relocation, Section};
use object::elf::{SHF_ALLOC, SHF_EXECINSTR, SHF_MERGE, SHF_STRINGS, SHF_TLS, SHF_WRITE};
use object::elf::{SHT_FINI_ARRAY, SHT_INIT_ARRAY, SHT_PREINIT_ARRAY, SectionFlags};
use object::read::elf::{ElfFile64, ElfSection64, ElfSymbol64, SectionHeader};
use object::{
    LittleEndian, Object as _, ObjectSection as _, ObjectSymbol as _, RelocationFlags, RelocationTarget, SectionIndex,
};
use std::collections::HashMap;
use stencil_syntax::symbols::Symbol;

type File<'a> = ElfFile64<'a, LittleEndian>;

pub(super) fn read(bytes: &[u8]) -> Result<Object, ReadError> {
    let file = File::parse(bytes)?;
    let mut sections = Vec::new();
    let mut numbers = HashMap::new();
    let mut code: HashMap<SectionIndex, (&[u8], Vec<Relocation>)> = HashMap::new();
    for section in file.sections() {
        if !has(&section, SHF_EXECINSTR) {
            numbers.insert(section.index(), sections.len());
            sections.push(data_section(&section)?);
        }
    }
    for section in file.sections() {
        if has(&section, SHF_EXECINSTR) {
            let relocations = section.relocations().map(|(offset, relocation)| {
                let RelocationFlags::Elf { r_type } = relocation.flags() else {
                    return Err(ReadError::Malformed("a relocation is not one of ELF"));
                };
                let target = reference(&file, &numbers, section.index(), relocation.target())?;
                Ok(Relocation { offset: offset as usize, kind: r_type.0, target, addend: relocation.addend() })
            });
            let mut relocations: Vec<_> = relocations.collect::<Result<_, ReadError>>()?;
            relocations.sort_by_key(|relocation| relocation.offset);
            code.insert(section.index(), (section.data()?, relocations));
        }
    }
    let mut stencils = HashMap::new();
    for symbol in file.symbols() {
        let Some(Symbol::Stencil { op, variant }) = symbol.name().ok().and_then(Symbol::parse) else { continue };
        let Some((bytes, relocations)) = symbol.section_index().and_then(|index| code.get(&index)) else { continue };
        stencils.insert((op, variant), function(&symbol, bytes, relocations)?);
    }
    Ok(Object { stencils, sections })
}

fn function(
    symbol: &ElfSymbol64<'_, '_, LittleEndian>,
    bytes: &[u8],
    relocations: &[Relocation],
) -> Result<Function, ReadError> {
    let start = symbol.address() as usize;
    let end = start.checked_add(symbol.size() as usize).ok_or(ReadError::Malformed("a function is too long"))?;
    let code = bytes.get(start..end).ok_or(ReadError::Malformed("a function ends outside of its section"))?.to_vec();
    let first = relocations.partition_point(|relocation| relocation.offset < start);
    let last = relocations.partition_point(|relocation| relocation.offset < end);
    let own = relocations[first..last].iter().cloned();
    let relocations = own.map(|relocation| {
        let target = match relocation.target {
            Reference::Code { near: Some(place), .. } if (start as u64..end as u64).contains(&place) => {
                Reference::Own { offset: place as usize - start }
            }
            target => target,
        };
        Relocation { offset: relocation.offset - start, target, ..relocation }
    });
    let relocations = relocations.collect();
    Ok(Function { code, relocations })
}

fn data_section(section: &ElfSection64<'_, '_, LittleEndian>) -> Result<Section, ReadError> {
    let header = section.elf_section_header();
    let has = |flag| has(section, flag);
    let access = match header.sh_type(LittleEndian) {
        _ if !has(SHF_ALLOC) => Access::NotLoaded,
        SHT_INIT_ARRAY | SHT_FINI_ARRAY | SHT_PREINIT_ARRAY => Access::Initializer,
        _ if has(SHF_TLS) => Access::ThreadLocal,
        _ if has(SHF_WRITE) => Access::Writable,
        _ => Access::ReadOnly,
    };
    Ok(Section {
        name: section.name()?.to_owned(),
        access,
        data: section.data()?.to_vec(),
        align: section.align(),
        entry_size: if has(SHF_MERGE) && !has(SHF_STRINGS) { header.sh_entsize(LittleEndian) } else { 0 },
        mixed: false,
        relocated: section.relocations().next().is_some(),
    })
}

fn reference(
    file: &File<'_>,
    numbers: &HashMap<SectionIndex, usize>,
    from: SectionIndex,
    target: RelocationTarget,
) -> Result<Reference, ReadError> {
    let RelocationTarget::Symbol(index) = target else {
        return Err(ReadError::Malformed("a relocation refers to no symbol"));
    };
    let symbol = file.symbol_by_index(index)?;
    let name = symbol.name()?.to_owned();
    if let Some(known) = Symbol::parse(&name) {
        return Ok(Reference::Symbol(known));
    }
    let Some(section) = symbol.section_index() else { return Ok(Reference::Undefined(name)) };
    // A local symbol is often left out in favour of its section, which is named after it.
    let name = if name.is_empty() { symbol_of(file.section_by_index(section)?.name()?).to_owned() } else { name };
    Ok(match numbers.get(&section) {
        Some(&number) => Reference::Data { section: number, offset: symbol.address(), name },
        None => Reference::Code { name, near: (section == from).then(|| symbol.address()) },
    })
}

/// The symbol that a section was made for.
fn symbol_of(section: &str) -> &str {
    let kinds = [".text.", ".data.rel.ro.", ".data.", ".bss.", ".rodata.", ".tdata.", ".tbss."];
    kinds.into_iter().find_map(|kind| section.strip_prefix(kind)).unwrap_or(section)
}

fn has(section: &ElfSection64<'_, '_, LittleEndian>, flag: SectionFlags) -> bool {
    section.elf_section_header().sh_flags(LittleEndian) & flag != SectionFlags(0)
}
