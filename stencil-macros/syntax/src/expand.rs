//! From an [`OpSet`](crate::ast::OpSet) to Rust. There is one generator with two outputs: [`api`] is what the macro
//! leaves in the author's crate, [`stencils`] is what the build helper compiles. Both contain the same plain functions,
//! made by `plain`. Expanding cannot fail: everything that can be wrong was refused before.

mod api;
mod plain;
mod stencils;

pub use api::api;
pub(crate) use api::api_with;
#[doc(hidden)]
pub use stencils::Holes;
pub use stencils::{Expansion, StencilFunction, Style, stencils};
