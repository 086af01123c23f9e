//! What the build helper compiles: the set's own module with the plain functions, and one `extern` function per
//! variant, which is the plain function inlined and matched.

mod function;
mod holes;
mod support;

pub use holes::Holes;

use super::plain;
use crate::ast::{Action, OpSet};
use crate::layout::Target;
use crate::variants;
use proc_macro2::TokenStream;
use quote::quote;

/// One variant's function as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StencilFunction {
    /// The op's index.
    pub op: usize,
    /// The variant's number.
    pub variant: usize,
    /// The function.
    pub text: String,
}

/// A set expanded for one target.
#[derive(Debug)]
pub struct Expansion {
    /// Crate attributes.
    pub head: String,
    /// The items of the author and the plain functions, to be printed with their positions. They go into a module
    /// `ops` beside a module `prelude`, which holds the text of the prelude.
    pub items: TokenStream,
    /// Declarations of hole symbols and the helpers that stencils use. They go into a module inside `ops`.
    pub support: String,
    /// The stencils, which follow the support.
    pub functions: Vec<StencilFunction>,
}

/// Expands a set for a target.
#[must_use]
pub fn stencils(set: &OpSet, target: Target) -> Expansion {
    stencils_with(set, target, Holes::Sound)
}

/// Expands a set for a target, with holes read as tests want them.
#[doc(hidden)]
#[must_use]
pub fn stencils_with(set: &OpSet, target: Target, holes: Holes) -> Expansion {
    let items = &set.items;
    let aliases = plain::bank_aliases(set);
    let plain = plain::items(set, &quote!(#[inline(always)]), plain::For::Stencils);
    let mut functions = Vec::new();
    for (index, op) in set.ops.iter().enumerate() {
        let axes = variants::axes(set, op, target);
        for number in 0..variants::count(&axes) {
            if let Some(places) = variants::places(&axes, number) {
                let text = function::text(set, target, holes, index, number, &places);
                functions.push(StencilFunction { op: index, variant: number, text });
            }
        }
    }
    Expansion {
        head: support::head(target),
        items: quote! {
            #[allow(unused_imports)]
            use super::prelude::*;
            #(#items)*
            #aliases
            #plain
        },
        support: support::text(set, target, holes),
        functions,
    }
}

/// The sequence of ops that a stencil runs: one for most, several for a fusion.
fn steps(set: &OpSet, op: usize) -> Vec<crate::ast::Step> {
    match &set.ops[op].action {
        Action::Fused(steps) => steps.clone(),
        _ => vec![crate::ast::Step { op, values: (0..set.ops[op].values().len()).collect() }],
    }
}
