//! The macros of the stencil toolkit. The language is described in the README; all logic is in `stencil-syntax`.
//!
//! ```
//! #[stencil_macros::stencils(table = "demo")]
//! mod ops {
//!     #[machine]
//!     pub struct Machine {
//!         anchor: *mut Anchor,
//!         #[bank]
//!         ints: [i64; 4],
//!     }
//!
//!     /// `dst = lhs / rhs`; leaves through `zero` when `rhs` is 0.
//!     #[stencil]
//!     fn div(lhs: i64, rhs: i64, zero: Exit) -> i64 {
//!         if rhs == 0 {
//!             exit!(zero)
//!         }
//!         lhs.wrapping_div(rhs)
//!     }
//! }
//!
//! // What the interpreter calls; `ops::Emit` has the method that emits the op's machine code.
//! assert_eq!(ops::div(7, 2), ops::Div::Next(3));
//! assert_eq!(ops::div(7, 0), ops::Div::Zero);
//! ```

mod diagnostics;
mod tables;

use proc_macro::TokenStream;

/// Makes a module an op set.
///
/// Takes `table = "name"` (the table's name, as the build script gives it), `runtime = path` (where `stencil-runtime`
/// is, `::stencil_runtime` by default) and `operand(reg, slot, literal)` (where operands may be by default).
#[proc_macro_attribute]
pub fn stencils(args: TokenStream, input: TokenStream) -> TokenStream {
    stencil_syntax::macro_entry(args.into(), input.into(), diagnostics::of_table).into()
}

/// The tables that the build script made for an op set: `tables!(vm3::Machine, "vm3")` is a
/// `stencil_runtime::TableSet<vm3::Machine>` that can stand in a `static`.
#[proc_macro]
pub fn tables(input: TokenStream) -> TokenStream {
    tables::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

macro_rules! only_in_ops {
    ($($(#[$doc:meta])* $name:ident,)*) => {$(
        $(#[$doc])*
        #[proc_macro]
        pub fn $name(_: TokenStream) -> TokenStream {
            stencil_syntax::way_outside(stringify!($name)).into()
        }
    )*};
}

only_in_ops! {
    /// `jump!(taken)` in the body of an op goes on at the label that was given for the parameter `taken: Label`.
    jump,
    /// `exit!(slow)` in the body of an op leaves through what was given for the parameter `slow: Exit`.
    exit,
    /// `call!(callee)` in the body of an op calls the stitched code that was given for the parameter `callee: Callee`.
    call,
    /// `ret!()` in the body of an op returns to the stitched code that called, or to the host.
    ret,
    /// `leave!()` in the body of an op drops all stitched frames and returns to the host.
    ///
    /// What the host is to find belongs into memory: where the op has no variant for the places it was emitted with, the
    /// registers that stand in for them do not get back what they held.
    leave,
}

macro_rules! only_inside {
    ($($(#[$doc:meta])* $name:ident: $place:literal,)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(_: TokenStream, input: TokenStream) -> TokenStream {
            stencil_syntax::misplaced(stringify!($name), $place, input.into()).into()
        }
    )*};
}

only_inside! {
    /// Marks an op in a `#[stencils]` module; may take `result(reg, slot)`. An op that trusts what it is given is an
    /// `unsafe fn`: what its `# Safety` section asks for is up to whoever calls it, and to whoever enters code it is part of.
    stencil: "a function inside a module marked `#[stencils(table = \"…\")]`",
    /// Marks the struct that lists fixed parts and register banks in a `#[stencils]` module.
    machine: "a struct inside a module marked `#[stencils(table = \"…\")]`",
    /// Marks a sequence of ops that gets a stencil of its own in a `#[stencils]` module.
    fuse: "a function without a body inside a module marked `#[stencils(table = \"…\")]`",
}
