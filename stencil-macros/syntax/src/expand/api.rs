//! What the macro leaves in the author's crate: the set's items, the plain functions, the machine as data, and the
//! emission API.

mod emit;
mod evaluate;
mod machine;

use super::plain;
use crate::ast::{Lost, OpSet};
use proc_macro2::TokenStream;
use quote::quote;

/// Expands a set for the author's crate.
#[must_use]
pub fn api(set: &OpSet) -> TokenStream {
    api_with(set, &[])
}

/// Expands a set, with methods that accept anything for the ops that were lost.
pub(crate) fn api_with(set: &OpSet, lost: &[Lost]) -> TokenStream {
    let (attrs, vis, ident, items) = (&set.attrs, &set.vis, &set.ident, &set.items);
    let runtime = &set.args.runtime;
    let aliases = plain::bank_aliases(set);
    let plain = plain::items(set, &quote!(#[inline]), plain::For::Host);
    let machine = machine::expand(set);
    let emit = emit::expand(set, lost);
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #[allow(unused_imports, reason = "what op bodies see")]
            use #runtime::prelude::*;
            #(#items)*
            #aliases
            #plain
            #machine
            #emit
        }
    }
}
