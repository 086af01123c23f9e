//! What differs between architectures: the compiler's flags, and taking a stencil out of an object. To port, write a
//! module like `x86_64` on top of `machine` and name it here.

use crate::TableKey;
use crate::fault::Fault;
use crate::machine::Extracted;
use crate::object::{Function, Section};
use crate::pool::Pool;
use stencil_syntax::symbols::Symbol;
use stencil_table::{Architecture, Level};

/// An architecture that stencils are made for.
pub(crate) trait Backend: Sync {
    /// The compiler's flags that the architecture and the CPU level ask for. They are the same for objects of all formats.
    fn flags(&self, level: Level) -> Vec<String>;

    /// Checks a compiled stencil and makes it ready for the table.
    fn take(&self, function: &Function, context: &Context<'_>, pool: &mut Pool) -> Result<Extracted, Vec<Fault>>;

    /// How many instructions a stencil in a table has.
    fn instructions(&self, code: &[u8]) -> usize;

    /// How many branches of a stencil in a table lead to its end.
    fn jumps_to_end(&self, code: &[u8]) -> usize;
}

/// What a backend knows about the op that a stencil belongs to.
pub(crate) struct Context<'a> {
    /// What the table is for.
    pub(crate) key: TableKey,
    /// The data of the object.
    pub(crate) sections: &'a [Section],
    /// Whether the op may call through a pointer.
    pub(crate) calls_host: bool,
    /// The largest stack frame, in bytes.
    pub(crate) frame_limit: u32,
    /// The names of the op's values.
    pub(crate) values: &'a [String],
}

impl Context<'_> {
    /// A symbol in the author's words.
    pub(crate) fn describe(&self, symbol: Symbol) -> String {
        match symbol {
            Symbol::Continuation => "the next op".to_owned(),
            Symbol::Return => "`ret!`".to_owned(),
            Symbol::Leave => "`leave!`".to_owned(),
            Symbol::Stencil { .. } => "another stencil".to_owned(),
            Symbol::Hole { value, .. } => {
                self.values.get(value).map_or_else(|| format!("value {value}"), |name| format!("`{name}`"))
            }
        }
    }
}

/// The backend of an architecture.
pub(crate) fn backend(architecture: Architecture) -> &'static dyn Backend {
    match architecture {
        Architecture::X86_64 => &crate::x86_64::X86_64,
        Architecture::Aarch64 => &crate::aarch64::Aarch64,
        Architecture::Riscv64 => &crate::riscv64::Riscv64,
    }
}
