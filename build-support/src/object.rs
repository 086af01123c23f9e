//! Objects as the rest of this crate sees them: functions with what is to be patched in them, said in the words of ELF
//! whatever the format is.
//!
//! | format | module |
//! |---|---|
//! | ELF | `elf` |
//! | Mach-O | `macho`, on top of `divided` |
//! | COFF | `coff`, on top of `divided` |

mod coff;
mod divided;
mod elf;
mod macho;

use crate::Error;
use object::FileKind;
use std::collections::HashMap;
use std::path::Path;
use stencil_syntax::symbols::Symbol;

/// Why a file is no object that stencils can be taken from.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The reader refused it.
    #[error(transparent)]
    Read(#[from] object::Error),
    /// Something in it contradicts itself.
    #[error("{0}; use a compiler that is tested with this version of the build helper")]
    Malformed(&'static str),
    /// It has another format, or is for another architecture.
    #[error("it is no ELF, Mach-O or COFF object for an architecture that tables exist for; compile for one of those")]
    Format,
}

/// An object file.
#[derive(Debug)]
pub(crate) struct Object {
    /// The functions whose names the expansion made, by op and variant.
    pub(crate) stencils: HashMap<(usize, usize), Function>,
    /// The sections with data, by index.
    pub(crate) sections: Vec<Section>,
}

/// One stencil as the compiler left it.
#[derive(Debug, Clone)]
pub(crate) struct Function {
    /// The bytes.
    pub(crate) code: Vec<u8>,
    /// What is to be patched, by offset.
    pub(crate) relocations: Vec<Relocation>,
}

/// A place in a function that the linker would patch.
#[derive(Debug, Clone)]
pub(crate) struct Relocation {
    /// Bytes from the function's start.
    pub(crate) offset: usize,
    /// The number that ELF gives to such relocations on the architecture, or one of the numbers in [`kinds`].
    pub(crate) kind: u32,
    /// What it refers to.
    pub(crate) target: Reference,
    /// What is added.
    pub(crate) addend: i64,
}

/// What a relocation refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A symbol of the expansion.
    Symbol(Symbol),
    /// A function or static that is not in the object.
    Undefined(String),
    /// A place in the function itself.
    Own {
        /// Bytes from its start, the relocation's addend not counted.
        offset: usize,
    },
    /// A function in the object.
    Code {
        /// The name.
        name: String,
        /// Its address in the section that the relocation is in; `None` when it is in another one.
        near: Option<u64>,
    },
    /// A place in a section with data.
    Data {
        /// The section's index in [`Object::sections`].
        section: usize,
        /// Bytes from its start, the relocation's addend not counted.
        offset: u64,
        /// The symbol, or the section when it is not known.
        name: String,
    },
}

/// A section that is no code.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// The name.
    pub(crate) name: String,
    /// What may be done with it.
    pub(crate) access: Access,
    /// The bytes.
    pub(crate) data: Vec<u8>,
    /// What its address is a multiple of.
    pub(crate) align: u64,
    /// The size of one constant when the section holds many of one size, else 0.
    pub(crate) entry_size: u64,
    /// Whether several constants of unknown sizes may stand in it.
    pub(crate) mixed: bool,
    /// Whether the linker would write addresses into it.
    pub(crate) relocated: bool,
}

/// What may be done with a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Not part of the program: debug information, comments.
    NotLoaded,
    /// Reading.
    ReadOnly,
    /// Writing.
    Writable,
    /// Every thread has its own.
    ThreadLocal,
    /// Run before or after `main`.
    Initializer,
}

/// Numbers of relocations that ELF does not have.
pub(crate) mod kinds {
    /// x86-64: 32 bits of an address, which the CPU extends in whichever way the instruction says.
    pub(crate) const ABSOLUTE_32: u32 = 0x1_0000;
    /// A kind that no stencil may have: this and the number in the object's format.
    pub(crate) const OTHER: u32 = 0x2_0000;
}

impl Object {
    /// Reads an object file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let bytes = std::fs::read(path).map_err(Error::io("read", path))?;
        Self::parse(&bytes).map_err(|source| Error::Object { path: path.to_owned(), source })
    }

    fn parse(bytes: &[u8]) -> Result<Self, ReadError> {
        match FileKind::parse(bytes)? {
            FileKind::Elf64 => elf::read(bytes),
            FileKind::MachO64 => divided::read::<macho::MachO>(bytes),
            FileKind::Coff | FileKind::CoffBig => divided::read::<coff::Coff>(bytes),
            _ => Err(ReadError::Format),
        }
    }
}
