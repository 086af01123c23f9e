//! `tables!`: the bytes of all tables that the build script made for a set.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use std::path::PathBuf;
use syn::parse::{Parse, ParseStream};
use syn::{LitStr, Path, Token};

struct Input {
    machine: Path,
    table: LitStr,
    runtime: Path,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let machine = input.parse()?;
        input.parse::<Token![,]>()?;
        let table = input.parse()?;
        let mut runtime = syn::parse_quote!(::stencil_runtime);
        if input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
            let key: syn::Ident = input.parse()?;
            if key != "runtime" {
                return Err(syn::Error::new(
                    key.span(),
                    "unknown argument; `tables` takes `Machine, \"name\"` and `runtime = path`",
                ));
            }
            input.parse::<Token![=]>()?;
            runtime = input.parse()?;
        }
        Ok(Self { machine, table, runtime })
    }
}

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let Input { machine, table, runtime } = syn::parse2(input)?;
    let name = table.value();
    let error = |message: String| syn::Error::new(table.span(), message);
    let Some(out) = std::env::var_os("OUT_DIR") else {
        return Err(error(
            "no build script has run for this crate; call `stencil_build_support::Builder` in build.rs".to_owned(),
        ));
    };
    let list = PathBuf::from(out).join("stencils").join(format!("{name}.tables"));
    let files = std::fs::read_to_string(&list).map_err(|_| {
        error(format!("the build script made no table `{name}`; its name must be the one in `#[stencils(table = …)]`"))
    })?;
    let files = files.lines().map(|file| LitStr::new(file, Span::call_site()));
    Ok(quote! {
        #runtime::TableSet::<#machine>::new({
            static TABLES: &[&#runtime::AlignedBlob<[::core::primitive::u8]>] =
                &[#(&#runtime::AlignedBlob(*::core::include_bytes!(#files))),*];
            TABLES
        })
    })
}
