//! What COFF objects of Windows say in their own way.

use super::divided::{Field, Format, branch_26, offset_12, peek, take};
use super::{Access, ReadError, kinds};
use object::elf;
use object::pe::{
    IMAGE_REL_AMD64_ADDR32, IMAGE_REL_AMD64_ADDR64, IMAGE_REL_AMD64_REL32, IMAGE_REL_AMD64_REL32_1,
    IMAGE_REL_AMD64_REL32_2, IMAGE_REL_AMD64_REL32_3, IMAGE_REL_AMD64_REL32_4, IMAGE_REL_AMD64_REL32_5,
    IMAGE_REL_ARM64_ADDR64, IMAGE_REL_ARM64_BRANCH26, IMAGE_REL_ARM64_PAGEBASE_REL21, IMAGE_REL_ARM64_PAGEOFFSET_12A,
    IMAGE_REL_ARM64_PAGEOFFSET_12L, IMAGE_SCN_CNT_CODE, IMAGE_SCN_LNK_INFO, IMAGE_SCN_LNK_REMOVE,
    IMAGE_SCN_MEM_DISCARDABLE, IMAGE_SCN_MEM_WRITE, RelocationType, SectionFlags,
};
use object::{Architecture, ObjectSection as _, RelocationFlags};
use stencil_syntax::layout;

pub(super) enum Coff {}

impl Format for Coff {
    const FORMAT: layout::Format = layout::Format::Coff;
    const PREFIX: &'static str = "";

    fn access(section: &object::Section<'_, '_>) -> Result<Option<Access>, ReadError> {
        let object::SectionFlags::Coff { characteristics: flags } = section.flags() else {
            return Err(ReadError::Malformed("a section is not one of COFF"));
        };
        let has = |flag: SectionFlags| flags & flag != SectionFlags(0);
        let name = section.name()?;
        // `.pdata` and `.xdata` tell debuggers and handlers of exceptions about functions, which stencils are no more.
        let about_code = name.starts_with(".pdata") || name.starts_with(".xdata");
        Ok(match name {
            _ if has(IMAGE_SCN_CNT_CODE) => None,
            _ if about_code
                || has(IMAGE_SCN_LNK_INFO)
                || has(IMAGE_SCN_LNK_REMOVE)
                || has(IMAGE_SCN_MEM_DISCARDABLE) =>
            {
                Some(Access::NotLoaded)
            }
            _ if name.starts_with(".CRT$") || name.starts_with(".ctors") => Some(Access::Initializer),
            _ if name.starts_with(".tls") => Some(Access::ThreadLocal),
            _ if has(IMAGE_SCN_MEM_WRITE) => Some(Access::Writable),
            _ => Some(Access::ReadOnly),
        })
    }

    fn entry_size(_section: &object::Section<'_, '_>) -> u64 {
        0
    }

    fn field(
        architecture: Architecture,
        flags: RelocationFlags,
        _pair: i64,
        code: &mut [u8],
    ) -> Result<Field, ReadError> {
        let RelocationFlags::Coff { typ } = flags else {
            return Err(ReadError::Malformed("a relocation is not one of COFF"));
        };
        match architecture {
            Architecture::X86_64 => x86_64(typ, code),
            _ => aarch64(typ, code),
        }
    }
}

fn x86_64(kind: RelocationType, code: &mut [u8]) -> Result<Field, ReadError> {
    let other = kinds::OTHER + u32::from(kind.0);
    if kind == IMAGE_REL_AMD64_ADDR64 {
        let content = i64::from_le_bytes(take(code)?);
        return Ok(Field { kind: elf::R_X86_64_64.0, content, behind: 0, addend: content });
    }
    let content = i64::from(i32::from_le_bytes(take(code)?));
    let (kind, behind) = match kind {
        IMAGE_REL_AMD64_ADDR32 => (kinds::ABSOLUTE_32, 0),
        IMAGE_REL_AMD64_REL32 => (elf::R_X86_64_PC32.0, 4),
        IMAGE_REL_AMD64_REL32_1 => (elf::R_X86_64_PC32.0, 5),
        IMAGE_REL_AMD64_REL32_2 => (elf::R_X86_64_PC32.0, 6),
        IMAGE_REL_AMD64_REL32_3 => (elf::R_X86_64_PC32.0, 7),
        IMAGE_REL_AMD64_REL32_4 => (elf::R_X86_64_PC32.0, 8),
        IMAGE_REL_AMD64_REL32_5 => (elf::R_X86_64_PC32.0, 9),
        _ => (other, 0),
    };
    Ok(Field { kind, content, behind, addend: content - behind })
}

/// Fields hold their addends: distances in instructions, and bytes in the two halves of an address.
fn aarch64(kind: RelocationType, code: &mut [u8]) -> Result<Field, ReadError> {
    if kind == IMAGE_REL_ARM64_ADDR64 {
        let content = i64::from_le_bytes(take(code)?);
        return Ok(Field { kind: elf::R_AARCH64_ABS64.0, content, behind: 0, addend: content });
    }
    let word = u32::from_le_bytes(peek(code)?);
    let (kind, mask, content) = match kind {
        IMAGE_REL_ARM64_BRANCH26 => (branch_26(word), 0x03FF_FFFF, i64::from((word << 6) as i32 >> 6) * 4),
        IMAGE_REL_ARM64_PAGEBASE_REL21 => {
            let bytes = (word >> 3 & 0x1F_FFFC) | (word >> 29 & 3);
            (elf::R_AARCH64_ADR_PREL_PG_HI21, 0x60FF_FFE0, i64::from((bytes << 11) as i32 >> 11))
        }
        IMAGE_REL_ARM64_PAGEOFFSET_12A => (elf::R_AARCH64_ADD_ABS_LO12_NC, 0x003F_FC00, i64::from(word >> 10 & 0xFFF)),
        IMAGE_REL_ARM64_PAGEOFFSET_12L => {
            let kind = offset_12(word);
            let unit = if kind == elf::R_AARCH64_LDST128_ABS_LO12_NC { 4 } else { word >> 30 };
            (kind, 0x003F_FC00, i64::from(word >> 10 & 0xFFF) << unit)
        }
        _ => (elf::RelocationType(kinds::OTHER + u32::from(kind.0)), 0, 0),
    };
    code[..4].copy_from_slice(&(word & !mask).to_le_bytes());
    Ok(Field { kind: kind.0, content, behind: 0, addend: content })
}
