//! What the macro leaves in the author's crate when something is wrong: as much as is needed that uses of the set
//! elsewhere add no errors of their own.

use crate::ast::Lost;
use crate::expand;
use crate::parse::{OURS, Outcome, Outside};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashSet;
use syn::{Item, parse_quote};

/// Expands what is sound, with the errors in the module: so the compiler does not add what it cannot find there. Ops that are wrong have bodies that fit their signatures, and ops whose signatures are wrong
/// have signatures that fit any use.
pub(crate) fn expand(outcome: Outcome) -> TokenStream {
    let Outcome { set, lost, errors } = outcome;
    let errors = errors.finish().err().map(syn::Error::into_compile_error).unwrap_or_default();
    // What was silenced uses nothing, which nobody needs to hear.
    let quiet = parse_quote!(#[allow(unused, clippy::all)]);
    match set {
        Ok(mut set) => {
            set.attrs.push(quiet);
            let mut items: Vec<Item> = vec![Item::Verbatim(errors), ways()];
            items.extend(lost.iter().map(function));
            items.extend(set.items.iter().filter_map(sound));
            set.items = items;
            expand::api_with(&set, &lost)
        }
        Err(mut outside) => {
            outside.attrs.push(quiet);
            names_only(&outside, &lost, &errors)
        }
    }
}

/// The names of a set without a sound machine.
fn names_only(outside: &Outside, lost: &[Lost], errors: &TokenStream) -> TokenStream {
    let Outside { attrs, vis, ident, args, machine, ops, items } = outside;
    let runtime = &args.runtime;
    let ways = ways();
    let mut taken: HashSet<String> = items.iter().filter_map(item_name).collect();
    let ops = ops.iter().map(|op| Lost { ident: op.ident.clone(), results: op.results.len(), params: op.params.len() });
    let lost = lost.iter().map(|op| Lost { ident: op.ident.clone(), ..*op });
    let functions = ops.chain(lost).filter(|op| taken.insert(op.ident.to_string())).map(|op| function(&op));
    let functions: Vec<_> = functions.collect();
    let made = machine.iter().cloned().chain(["Fixed", "Emit"].map(|name| format_ident!("{name}")));
    let made = made.filter(|name| taken.insert(name.to_string())).map(|name| {
        if name == "Emit" {
            quote!(pub trait #name {})
        } else {
            quote!(#[derive(::core::fmt::Debug)] pub struct #name;)
        }
    });
    let made: Vec<_> = made.collect();
    let items = items.iter().filter_map(sound);
    quote! {
        #(#attrs)*
        #vis mod #ident {
            #[allow(unused_imports)]
            use #runtime::prelude::*;
            #errors
            #ways
            #(#items)*
            #(#[allow(missing_docs)] #made)*
            #(#functions)*
        }
    }
}

fn item_name(item: &Item) -> Option<String> {
    match item {
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Fn(item) => Some(item.sig.ident.to_string()),
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Trait(item) => Some(item.ident.to_string()),
        Item::Type(item) => Some(item.ident.to_string()),
        Item::Union(item) => Some(item.ident.to_string()),
        _ => None,
    }
}

/// `jump!` and the like where they mean nothing, which has been said.
fn ways() -> Item {
    let ways = crate::check::WAYS.map(|way| format_ident!("{way}"));
    Item::Verbatim(quote!(#(#[allow(unused_macros)] macro_rules! #ways { ($($any:tt)*) => { loop {} }; })*))
}

/// The plain function of a lost op: takes anything and gives anything.
fn function(op: &Lost) -> Item {
    let ident = &op.ident;
    let types: Vec<_> = (0..op.params).map(|index| format_ident!("T{index}")).collect();
    parse_quote!(#[allow(missing_docs, clippy::too_many_arguments)] pub fn #ident<#(#types),*>(#(_: #types),*) -> ! { loop {} })
}

/// An item without attributes that mean nothing where they stand; `None` for what is no item.
fn sound(item: &Item) -> Option<Item> {
    match item {
        Item::Verbatim(_) => None,
        Item::Macro(mac) if mac.mac.path.is_ident("include") => None,
        Item::Mod(module) if module.content.is_none() => None,
        item => Some(Item::Verbatim(without_ours(item.to_token_stream()))),
    }
}

fn without_ours(tokens: TokenStream) -> TokenStream {
    let mut kept: Vec<TokenTree> = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let after_hash = matches!(kept.last(), Some(TokenTree::Punct(punct)) if punct.as_char() == '#');
                if after_hash && group.delimiter() == Delimiter::Bracket && is_ours(group.stream()) {
                    kept.pop();
                } else {
                    let mut inner = proc_macro2::Group::new(group.delimiter(), without_ours(group.stream()));
                    inner.set_span(group.span());
                    kept.push(TokenTree::Group(inner));
                }
            }
            token => kept.push(token),
        }
    }
    kept.into_iter().collect()
}

/// Whether the inside of an attribute's brackets begins with the path of one of ours.
fn is_ours(tokens: TokenStream) -> bool {
    let path = tokens.into_iter().take_while(|token| !matches!(token, TokenTree::Group(_)));
    let last = path.filter_map(|token| match token {
        TokenTree::Ident(ident) => Some(ident),
        _ => None,
    });
    last.last().is_some_and(|last| OURS.iter().any(|(name, _)| last == name))
}
