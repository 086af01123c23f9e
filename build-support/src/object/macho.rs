//! What Mach-O objects of Apple's systems say in their own way.

use super::divided::{Field, Format, branch_26, offset_12, peek, take};
use super::{Access, ReadError, kinds};
use object::elf;
use object::macho::{
    ARM64_RELOC_BRANCH26, ARM64_RELOC_GOT_LOAD_PAGE21, ARM64_RELOC_GOT_LOAD_PAGEOFF12, ARM64_RELOC_PAGE21,
    ARM64_RELOC_PAGEOFF12, ARM64_RELOC_UNSIGNED, RelocationType, S_4BYTE_LITERALS, S_8BYTE_LITERALS, S_16BYTE_LITERALS,
    S_ATTR_DEBUG, S_ATTR_PURE_INSTRUCTIONS, S_ATTR_SOME_INSTRUCTIONS, S_MOD_INIT_FUNC_POINTERS,
    S_MOD_TERM_FUNC_POINTERS, S_THREAD_LOCAL_INIT_FUNCTION_POINTERS, S_THREAD_LOCAL_REGULAR,
    S_THREAD_LOCAL_VARIABLE_POINTERS, S_THREAD_LOCAL_VARIABLES, S_THREAD_LOCAL_ZEROFILL, SectionFlags,
    X86_64_RELOC_BRANCH, X86_64_RELOC_GOT, X86_64_RELOC_GOT_LOAD, X86_64_RELOC_SIGNED, X86_64_RELOC_SIGNED_1,
    X86_64_RELOC_SIGNED_2, X86_64_RELOC_SIGNED_4, X86_64_RELOC_UNSIGNED,
};
use object::{Architecture, ObjectSection as _, RelocationFlags};
use stencil_syntax::layout;

pub(super) enum MachO {}

impl Format for MachO {
    const FORMAT: layout::Format = layout::Format::MachO;
    const PREFIX: &'static str = "_";

    fn access(section: &object::Section<'_, '_>) -> Result<Option<Access>, ReadError> {
        let flags = flags(section);
        let has = |flag: SectionFlags| flags & flag != SectionFlags(0);
        if has(S_ATTR_PURE_INSTRUCTIONS) || has(S_ATTR_SOME_INSTRUCTIONS) {
            return Ok(None);
        }
        let segment = section.segment_name()?.unwrap_or_default();
        Ok(Some(match flags.typ() {
            S_MOD_INIT_FUNC_POINTERS | S_MOD_TERM_FUNC_POINTERS => Access::Initializer,
            S_THREAD_LOCAL_REGULAR
            | S_THREAD_LOCAL_ZEROFILL
            | S_THREAD_LOCAL_VARIABLES
            | S_THREAD_LOCAL_VARIABLE_POINTERS
            | S_THREAD_LOCAL_INIT_FUNCTION_POINTERS => Access::ThreadLocal,
            _ if has(S_ATTR_DEBUG) || segment == "__LD" || segment == "__DWARF" => Access::NotLoaded,
            // What holds addresses is made read-only once they are there.
            _ if segment == "__TEXT" || section.name()? == "__const" => Access::ReadOnly,
            _ => Access::Writable,
        }))
    }

    fn entry_size(section: &object::Section<'_, '_>) -> u64 {
        match flags(section).typ() {
            S_4BYTE_LITERALS => 4,
            S_8BYTE_LITERALS => 8,
            S_16BYTE_LITERALS => 16,
            _ => 0,
        }
    }

    fn field(
        architecture: Architecture,
        flags: RelocationFlags,
        pair: i64,
        code: &mut [u8],
    ) -> Result<Field, ReadError> {
        let RelocationFlags::MachO { r_type, r_length, .. } = flags else {
            return Err(ReadError::Malformed("a relocation is not one of Mach-O"));
        };
        match architecture {
            Architecture::X86_64 => x86_64(r_type, r_length, code),
            _ => aarch64(r_type, pair, code),
        }
    }
}

fn flags(section: &object::Section<'_, '_>) -> SectionFlags {
    match section.flags() {
        object::SectionFlags::MachO { flags, .. } => flags,
        _ => SectionFlags(0),
    }
}

fn x86_64(kind: RelocationType, length: u8, code: &mut [u8]) -> Result<Field, ReadError> {
    let other = kinds::OTHER + u32::from(kind.0);
    if kind == X86_64_RELOC_UNSIGNED && length == 3 {
        let content = i64::from_le_bytes(take(code)?);
        return Ok(Field { kind: elf::R_X86_64_64.0, content, behind: 0, addend: content });
    }
    let content = i64::from(i32::from_le_bytes(take(code)?));
    // The CPU counts from the end of the instruction, behind what stands behind the field; for a symbol the field holds
    // that distance already.
    let (kind, behind) = match kind {
        X86_64_RELOC_SIGNED => (elf::R_X86_64_PC32.0, 4),
        X86_64_RELOC_SIGNED_1 => (elf::R_X86_64_PC32.0, 5),
        X86_64_RELOC_SIGNED_2 => (elf::R_X86_64_PC32.0, 6),
        X86_64_RELOC_SIGNED_4 => (elf::R_X86_64_PC32.0, 8),
        X86_64_RELOC_BRANCH => (elf::R_X86_64_PLT32.0, 4),
        X86_64_RELOC_GOT_LOAD | X86_64_RELOC_GOT => (elf::R_X86_64_GOTPCREL.0, 4),
        _ => (other, 0),
    };
    let addend = if behind == 0 { content } else { content - 4 };
    Ok(Field { kind, content, behind, addend })
}

fn aarch64(kind: RelocationType, pair: i64, code: &mut [u8]) -> Result<Field, ReadError> {
    if kind == ARM64_RELOC_UNSIGNED {
        let content = i64::from_le_bytes(take(code)?);
        return Ok(Field { kind: elf::R_AARCH64_ABS64.0, content, behind: 0, addend: content });
    }
    // Addends stand in relocations of their own, the fields are empty.
    let word = u32::from_le_bytes(peek(code)?);
    let kind = match kind {
        ARM64_RELOC_BRANCH26 => branch_26(word),
        ARM64_RELOC_PAGE21 => elf::R_AARCH64_ADR_PREL_PG_HI21,
        ARM64_RELOC_PAGEOFF12 => offset_12(word),
        ARM64_RELOC_GOT_LOAD_PAGE21 => elf::R_AARCH64_ADR_GOT_PAGE,
        ARM64_RELOC_GOT_LOAD_PAGEOFF12 => elf::R_AARCH64_LD64_GOT_LO12_NC,
        _ => elf::RelocationType(kinds::OTHER + u32::from(kind.0)),
    };
    Ok(Field { kind: kind.0, content: pair, behind: 0, addend: pair })
}
