//! An executable in memory: what debuggers read. Its code is not in it: sections say where that lies.

use stencil_runtime::Architecture;

/// Bytes of a file header.
const HEADER: u16 = 64;
/// Bytes of a section header.
const SECTION: u16 = 64;
/// Bytes of a symbol.
const SYMBOL: u16 = 24;

/// A name for some of the code.
#[derive(Debug)]
pub(crate) struct Symbol<'a> {
    pub(crate) name: &'a str,
    pub(crate) address: u64,
    pub(crate) length: u64,
    /// Whether it is a function, and seen from elsewhere.
    pub(crate) function: bool,
}

/// One section of the file.
struct Section<'a> {
    name: &'a str,
    kind: u32,
    flags: u64,
    address: u64,
    offset: usize,
    length: usize,
    link: u32,
    info: u32,
    align: u64,
    entry: u16,
}

const PROGBITS: u32 = 1;
const SYMTAB: u32 = 2;
const STRTAB: u32 = 3;
const NOBITS: u32 = 8;

/// Writes an executable for `length` bytes of code at `address`, with these symbols and sections of other data. Symbols
/// that are no functions come first.
pub(crate) fn write(
    architecture: Architecture,
    address: u64,
    length: usize,
    symbols: &[Symbol<'_>],
    data: &[(&str, Vec<u8>)],
) -> Vec<u8> {
    let mut file = vec![0; usize::from(HEADER)];
    let empty =
        Section { name: "", kind: 0, flags: 0, address: 0, offset: 0, length: 0, link: 0, info: 0, align: 0, entry: 0 };
    // Allocated and executable.
    let text = Section { name: ".text", kind: NOBITS, flags: 6, address, length, align: 16, ..empty };
    let mut sections = vec![text];
    for (name, bytes) in data.iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let offset = append(&mut file, bytes);
        sections.push(Section { name, kind: PROGBITS, offset, length: bytes.len(), align: 8, ..empty });
    }
    let (mut table, mut names) = (vec![0; usize::from(SYMBOL)], vec![0]);
    for symbol in symbols {
        word(&mut table, names.len() as u32);
        // Local without a type, or a global function; in the first section.
        table.extend([if symbol.function { 0x12 } else { 0 }, 0, 1, 0]);
        long(&mut table, symbol.address);
        long(&mut table, symbol.length);
        names.extend(symbol.name.bytes().filter(|byte| *byte != 0).chain([0]));
    }
    let local = symbols.iter().take_while(|symbol| !symbol.function).count() as u32 + 1;
    let offset = append(&mut file, &table);
    // Names stand in the section after it. Sections are numbered from 1.
    let link = sections.len() as u32 + 2;
    let symtab = Section { name: ".symtab", kind: SYMTAB, offset, length: table.len(), ..empty };
    sections.push(Section { link, info: local, align: 8, entry: SYMBOL, ..symtab });
    let offset = append(&mut file, &names);
    sections.push(Section { name: ".strtab", kind: STRTAB, offset, length: names.len(), align: 1, ..empty });
    finish(architecture, file, sections, empty)
}

/// Appends the names and headers of sections, and fills in the file's header.
fn finish<'a>(
    architecture: Architecture,
    mut file: Vec<u8>,
    mut sections: Vec<Section<'a>>,
    empty: Section<'a>,
) -> Vec<u8> {
    let name = ".shstrtab";
    let all = sections.iter().map(|section| section.name).chain([name]);
    let mut names = vec![0];
    let starts: Vec<u32> = std::iter::once(0)
        .chain(all.map(|name| {
            let start = names.len() as u32;
            names.extend(name.bytes().chain([0]));
            start
        }))
        .collect();
    let offset = append(&mut file, &names);
    sections.push(Section { name, kind: STRTAB, offset, length: names.len(), align: 1, ..empty });
    let headers = append(&mut file, &[]);
    for (name, section) in starts.iter().zip(std::iter::once(&empty).chain(&sections)) {
        word(&mut file, *name);
        word(&mut file, section.kind);
        long(&mut file, section.flags);
        long(&mut file, section.address);
        long(&mut file, section.offset as u64);
        long(&mut file, section.length as u64);
        word(&mut file, section.link);
        word(&mut file, section.info);
        long(&mut file, section.align);
        long(&mut file, u64::from(section.entry));
    }
    let mut header = Vec::with_capacity(usize::from(HEADER));
    // 64 bits, little-endian, version 1.
    header.extend(*b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
    let (machine, flags) = machine(architecture);
    // An executable.
    for half in [2, machine] {
        header.extend(u16::to_le_bytes(half));
    }
    word(&mut header, 1);
    long(&mut header, 0);
    long(&mut header, 0);
    long(&mut header, headers as u64);
    word(&mut header, flags);
    let count = sections.len() as u16 + 1;
    for half in [HEADER, 0, 0, SECTION, count, count - 1] {
        header.extend(half.to_le_bytes());
    }
    file[..header.len()].copy_from_slice(&header);
    file
}

/// The number that ELF has for an architecture, and the flags of its files.
pub(crate) const fn machine(architecture: Architecture) -> (u16, u32) {
    match architecture {
        Architecture::X86_64 => (62, 0),
        Architecture::Aarch64 => (183, 0),
        // Floats of 64 bits are passed in registers.
        Architecture::Riscv64 => (243, 4),
    }
}

/// Appends bytes at a multiple of 8, and gives where.
fn append(file: &mut Vec<u8>, bytes: &[u8]) -> usize {
    file.resize(file.len().next_multiple_of(8), 0);
    file.extend_from_slice(bytes);
    file.len() - bytes.len()
}

fn word(bytes: &mut Vec<u8>, word: u32) {
    bytes.extend(word.to_le_bytes());
}

fn long(bytes: &mut Vec<u8>, long: u64) {
    bytes.extend(long.to_le_bytes());
}
