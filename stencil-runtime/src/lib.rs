//! Copy-and-patch at run time: ops are appended by copying precompiled stencils and patching their holes.
//!
//! An op set (a module marked `#[stencils]`) gives a machine `S` and a trait `Emit`; its build script gives the table.
//!
//! ```ignore
//! static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "demo");
//!
//! let table = TABLES.best()?;
//! let space = CodeSpace::for_table(table)?;
//! let mut asm = Assembler::new(table);
//! asm.prologue();
//! asm.add_i64(Reg(0), Reg(0), 2);
//! asm.ret();
//! let code = space.publish(&mut asm)?;
//! ```
//!
//! What is published can run and cannot be written any more:
//!
//! ```
//! use stencil_runtime::memory::{Arena, ArenaConfig};
//!
//! let arena = Arena::new(ArenaConfig::default())?;
//! let mut draft = arena.allocate(2, 16)?;
//! draft.bytes_mut().copy_from_slice(&[0x90, 0xC3]);
//! let region = draft.publish()?;
//! assert_eq!(region.bytes(), [0x90, 0xC3]);
//! # Ok::<(), stencil_runtime::memory::MemoryError>(())
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | `tables` | where tables come from |
//! | `operand`, `label` | what ops take |
//! | `assembler` | from ops to bytes |
//! | [`memory`] | executable memory |
//! | `code` | published code and who keeps it alive |
//! | `marks` | which code an embedder's tags stand for |
//! | `registry` | finding code by address, and telling listeners of it |
//! | `slots` | data slots that code calls through |
//! | [`entry`] | the way in and out |
//! | `host` | functions that ops call, see [`host_fn!`] |
//! | `glue` | the bytes that are no stencil, per architecture |
//! | `patch` | how values and distances are written into holes, per architecture |
//! | `checker` | an independent check of stitched code |
//! | [`prelude`] | what op bodies see |

mod assembler;
mod checker;
mod code;
pub mod entry;
mod error;
mod glue;
#[cfg(test)]
mod hand_made;
mod host;
mod icache;
mod label;
mod marks;
pub mod memory;
mod operand;
mod patch;
mod registry;
mod set;
mod slots;
mod tables;

#[doc(hidden)]
pub use assembler::Prepared;
pub use assembler::{Assembler, MAX_CODE};
pub use checker::{CheckError, Checked, CodeView, check};
pub use code::{Code, CodeSpace, EntryAddress, EntryPoint};
pub use entry::Given;
pub use error::{LoadError, PublishError, StitchError};
pub use label::{Callee, Label, Labels};
pub use marks::{AddressMap, Mark};
pub use operand::{Operand, Place, Placed, Reg, Slot};
pub use registry::{Attachment, Listener, Located, Origin, PublishedCode};
pub use set::{Argument, OpSet, Vouched, Way};
pub use slots::{EntrySlot, EntrySlots};
pub use stencil_table::{
    AlignedBlob, Architecture, Convention, HoleKind, HoleSort, Level, LineRow, LinesError, OpLines, StencilRecord,
    Table, TableError, prelude,
};
pub use tables::{MappedTable, TableSet, host_architecture, host_has};

/// What expansions call. Not for use by hand, and outside of semantic versioning.
#[doc(hidden)]
pub mod __private {
    pub use crate::entry::Registers;
    pub use crate::prelude::{Anchor, Register};
    pub use crate::set::{Argument, MAX_FIXED, OpSet, Vouched, Way};
    pub use stencil_table::Convention;
}
