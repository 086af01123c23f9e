//! Programs: the model, the verifier, and two formats to read them from.
//!
//! A [`Program`] is plain data that anyone can fill in. [`Program::verify`] turns it into a [`Verified`] program, the only
//! kind that a machine takes. [`text`] is the assembly format for people, [`json`] reads program files with test cases.

mod cell;
pub mod json;
mod model;
mod op;
mod opcode;
pub mod text;
mod verify;

pub use cell::{Arena, Cell, CellKind, InlineString};
pub use model::{Bank, Function, Program, RegisterCounts, Source};
pub use op::Op;
pub use opcode::{Field, Opcode};
pub(crate) use verify::MAX_MIXED;
pub use verify::{Reason, Verified, VerifyError};
