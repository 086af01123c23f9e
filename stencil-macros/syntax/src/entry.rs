//! What the macro calls: parse, check, expand; on errors, the author's module as it was, plus the errors, so that one
//! bad op does not take the rest of the crate with it.

use crate::{Finding, expand};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Error, ItemMod};

/// Expands a module marked `#[stencils(args)]`. `findings` gives what the build script found for a table's name.
#[must_use]
pub fn macro_entry(args: TokenStream, module: ItemMod, findings: fn(&str) -> Vec<Finding>) -> TokenStream {
    let tokens = module.to_token_stream();
    match crate::op_set(args, module) {
        Ok(set) => {
            let expansion = expand::api(&set);
            let errors = findings(&set.args.table).into_iter().map(|finding| error_of(&finding, &tokens));
            let errors = errors.map(Error::into_compile_error);
            quote!(#expansion #(#errors)*)
        }
        Err(error) => error.into_compile_error(),
    }
}

/// The error for one of our attributes where it means nothing.
#[must_use]
pub fn misplaced(attribute: &str, place: &str, item: TokenStream) -> TokenStream {
    let message = format!("`#[{attribute}]` is not expected here; it belongs on {place}");
    let error = Error::new(proc_macro2::Span::call_site(), message).into_compile_error();
    quote!(#error #item)
}

/// A finding as an error at the token that it speaks of, or else at the op's name.
fn error_of(finding: &Finding, module: &TokenStream) -> Error {
    let mut best: Option<TokenTree> = None;
    let mut name: Option<Ident> = None;
    visit(module.clone(), &mut |token| {
        let start = token.span().start();
        let end = token.span().end();
        if (start.line, start.column) <= (finding.line, finding.column)
            && (finding.line, finding.column) < (end.line, end.column)
        {
            best = Some(token.clone());
        }
        if let TokenTree::Ident(ident) = token
            && name.is_none()
            && *ident == finding.op
        {
            name = Some(ident.clone());
        }
    });
    let span = match (best, name) {
        (Some(token), _) => token.span(),
        (None, Some(name)) => name.span(),
        (None, None) => proc_macro2::Span::call_site(),
    };
    Error::new(span, &finding.message)
}

fn visit(tokens: TokenStream, see: &mut impl FnMut(&TokenTree)) {
    for token in tokens {
        match &token {
            TokenTree::Group(group) => visit(group.stream(), see),
            _ => see(&token),
        }
    }
}
