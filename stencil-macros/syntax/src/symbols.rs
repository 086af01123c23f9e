//! The names that the expansion gives to stencils and holes and that the build helper finds in the object: written once.
//!
//! ```
//! use stencil_syntax::symbols::{Form, Symbol};
//!
//! let hole = Symbol::Hole { form: Form::Slot, value: 2 };
//! assert_eq!(hole.to_string(), "stencil_slot_2");
//! assert_eq!(Symbol::parse("stencil_slot_2"), Some(hole));
//! assert_eq!(Symbol::parse("memcpy"), None);
//! ```

use crate::layout::Format;
use std::fmt;

/// The section in which an object lists the fields that it has no relocation for; `None` where there are none. An entry is
/// three words of 8 bytes: the field's address, the symbol that belongs there, and the number that the relocation has in
/// ELF.
#[must_use]
pub const fn marks_section(format: Format) -> Option<&'static str> {
    match format {
        Format::Elf => None,
        Format::MachO => Some("__stencil"),
        Format::Coff => Some(".stencil"),
    }
}

/// What is patched into a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// The byte offset of a frame slot.
    Slot,
    /// A literal operand that fits the short form.
    Short,
    /// 64 bits, whatever they mean.
    Wide,
    /// A `#[hole]` of at most 32 bits, zero-extended.
    Word,
    /// The place of a label or exit.
    Target,
    /// The place of a callee.
    Callee,
}

impl Form {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Slot, "slot"),
        (Self::Short, "short"),
        (Self::Wide, "wide"),
        (Self::Word, "word"),
        (Self::Target, "to"),
        (Self::Callee, "call"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(form, _)| *form == self).map_or("", |(_, name)| name)
    }
}

/// A symbol that the expansion defines or refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Symbol {
    /// The function of one variant.
    Stencil {
        /// The op's index.
        op: usize,
        /// The variant's number within the op.
        variant: usize,
    },
    /// The next stencil.
    Continuation,
    /// `ret!`.
    Return,
    /// `leave!`.
    Leave,
    /// A hole.
    Hole {
        /// What is patched in.
        form: Form,
        /// The number of the op's value.
        value: usize,
    },
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stencil { op, variant } => write!(f, "stencil_op_{op}_{variant}"),
            Self::Continuation => f.write_str("stencil_next"),
            Self::Return => f.write_str("stencil_return"),
            Self::Leave => f.write_str("stencil_leave"),
            Self::Hole { form, value } => write!(f, "stencil_{}_{value}", form.name()),
        }
    }
}

impl Symbol {
    /// The symbol with this name, if the expansion makes such a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("stencil_")?;
        let symbol = match rest {
            "next" => Self::Continuation,
            "return" => Self::Return,
            "leave" => Self::Leave,
            _ => {
                let (form, number) = rest.split_once('_')?;
                if form == "op" {
                    let (op, variant) = number.split_once('_')?;
                    Self::Stencil { op: op.parse().ok()?, variant: variant.parse().ok()? }
                } else {
                    let (form, _) = Form::ALL.into_iter().find(|(_, name)| *name == form)?;
                    Self::Hole { form, value: number.parse().ok()? }
                }
            }
        };
        (symbol.to_string() == name).then_some(symbol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_symbol_is_read_back() {
        let mut symbols = vec![Symbol::Continuation, Symbol::Return, Symbol::Leave];
        for number in [0, 1, 9, 10, 6560] {
            symbols.push(Symbol::Stencil { op: number, variant: number });
            symbols.extend(Form::ALL.map(|(form, _)| Symbol::Hole { form, value: number }));
        }
        for symbol in symbols {
            assert_eq!(Symbol::parse(&symbol.to_string()), Some(symbol));
        }
        for name in ["stencil_", "stencil_slot", "stencil_slot_01", "stencil_op_1", "stencil_op_1_+2", "slot_1"] {
            assert_eq!(Symbol::parse(name), None, "{name}");
        }
    }
}
