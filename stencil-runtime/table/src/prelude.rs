//! What the body of an op sees besides `core`: the same text is a module of the runtime (for the interpreter) and part
//! of the crate the stencils are compiled from.

/// The source of this module, for the crate that stencils are compiled from.
pub const SOURCE: &str = include_str!("prelude/items.rs");

mod items;
pub use items::*;
