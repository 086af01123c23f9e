//! The language of `#[stencil]`: what an op set may say, what is wrong with one, and what it expands to.
//!
//! The proc macro and the build helper are two front ends over this ordinary library, so they agree on names, numbers
//! and meaning by construction.
//!
//! ```
//! let module: syn::ItemMod = syn::parse_quote! {
//!     pub mod ops {
//!         #[machine]
//!         pub struct Machine { ctx: *mut Context, #[bank] ints: [i64; 4] }
//!         #[repr(C)]
//!         pub struct Context { anchor: Anchor }
//!         /// `dst = lhs + rhs`, wrapping.
//!         #[stencil]
//!         fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }
//!     }
//! };
//! let set = stencil_syntax::op_set(quote::quote!(table = "demo"), module).unwrap();
//! assert_eq!(set.ops[0].ident, "add");
//! assert!(stencil_syntax::expand::api(&set).to_string().contains("fn add"));
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`ast`] | an op set as our own nodes |
//! | `parse` | from tokens to the tree |
//! | `check` | the rules that span more than one part |
//! | `fallback` | what is left of a set that is wrong |
//! | [`layout`] | which part of the machine travels in which argument |
//! | [`variants`] | which variants an op has and how they are numbered |
//! | [`symbols`] | the names of stencils and holes |
//! | [`hash`] | what macro and table must agree on |
//! | [`expand`] | the author's API and the functions to compile |
//! | [`mod@print`] | expansion to text that keeps the author's lines |

pub mod ast;
mod check;
mod diag;
mod entry;
pub mod expand;
mod fallback;
mod finding;
pub mod hash;
pub mod layout;
mod parse;
pub mod print;
pub mod symbols;
pub mod variants;

pub use check::{METHODS, MOST_BORROWED, RESERVED};
pub use entry::{macro_entry, misplaced, way_outside};
pub use finding::Finding;
pub use parse::op_set;
