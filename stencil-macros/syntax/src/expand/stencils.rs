//! What the build helper compiles: the set's own module with the plain functions, and one `extern` function per
//! variant, which is the plain function inlined and matched.

mod function;
mod holes;
mod support;

pub use holes::Holes;

use super::plain;
use crate::ast::{Action, OpSet};
use crate::layout::{Format, Target};
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

/// What the text of stencils depends on, besides the set.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// What they are compiled for.
    pub target: Target,
    /// What they are compiled to.
    pub format: Format,
    /// How they read holes.
    #[doc(hidden)]
    pub holes: Holes,
}

impl Style {
    /// The style of stencils for a target, in objects of a format.
    #[must_use]
    pub const fn new(target: Target, format: Format) -> Self {
        Self { target, format, holes: Holes::Sound }
    }
}

/// Expands a set.
#[must_use]
pub fn stencils(set: &OpSet, style: Style) -> Expansion {
    let target = style.target;
    let items = &set.items;
    let aliases = plain::bank_aliases(set);
    let plain = plain::items(set, &quote!(#[inline(always)]), plain::For::Stencils);
    let mut functions = Vec::new();
    for (index, op) in set.ops.iter().enumerate() {
        let axes = variants::axes(set, op, target);
        for number in 0..variants::count(&axes) {
            if let Some(places) = variants::places(&axes, number) {
                let text = function::text(set, style, index, number, &places);
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
        support: support::text(set, style),
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
