//! What the macros call.

use crate::{Finding, expand, fallback, parse};
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::{Error, ItemMod};

/// Expands a module marked `#[stencils(args)]`. `findings` gives what the build script found for a table's name.
///
/// When something is wrong, the errors stand beside as much of the set as is sound, so that one bad op does not take the
/// rest of the crate with it.
#[must_use]
pub fn macro_entry(args: TokenStream, module: TokenStream, findings: fn(&str) -> Vec<Finding>) -> TokenStream {
    let parsed = match syn::parse2::<ItemMod>(module.clone()) {
        Ok(parsed) => parsed,
        Err(error) => return not_a_module(module, &error),
    };
    let outcome = parse::parse(args, parsed);
    if let (true, Ok(set)) = (outcome.errors.is_empty(), &outcome.set) {
        let expansion = expand::api(set);
        let errors = findings(&set.args.table).into_iter().map(|finding| error_of(&finding, &module));
        let errors = errors.map(Error::into_compile_error);
        return quote!(#expansion #(#errors)*);
    }
    fallback::expand(outcome)
}

/// The error for something that is no module, or a module with syntax that is too new.
fn not_a_module(item: TokenStream, unknown: &Error) -> TokenStream {
    let mut tokens = item.clone().into_iter().skip_while(|token| !is_word(token, "mod")).skip(1);
    if let (Some(TokenTree::Ident(name)), Err(_)) = (tokens.next(), syn::parse2::<syn::Item>(item.clone())) {
        let message =
            format!("the macro does not know this syntax: {unknown}; write it as earlier editions of Rust do");
        let error = Error::new(unknown.span(), message).into_compile_error();
        // With the error inside, the compiler does not add what it cannot find there.
        return quote!(#[allow(missing_docs)] pub mod #name { #error });
    }
    let message = "`#[stencils]` is not expected here; it belongs on an inline module, `mod name { … }`";
    let error = Error::new(Span::call_site(), message).into_compile_error();
    quote!(#error #item)
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

/// The error for one of our attributes where it means nothing.
#[must_use]
pub fn misplaced(attribute: &str, place: &str, item: TokenStream) -> TokenStream {
    let message = format!("`#[{attribute}]` is not expected here; it belongs on {place}");
    let error = Error::new(Span::call_site(), message).into_compile_error();
    quote!(#error #item)
}

/// The error for `jump!` and the like outside an op set, as an expression of any type.
#[must_use]
pub fn way_outside(name: &str) -> TokenStream {
    let message =
        format!("`{name}!` leaves an op, and this is none; it stands in the body of a function marked `#[stencil]`");
    Error::new(Span::call_site(), message).into_compile_error()
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
        (None, None) => Span::call_site(),
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
