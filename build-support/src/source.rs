//! The op sets of a source file.

use crate::Error;
use proc_macro2::TokenStream;
use stencil_syntax::Finding;
use stencil_syntax::ast::OpSet;
use syn::{Attribute, Item, ItemMod, Meta};

/// One module marked `#[stencils]`.
#[derive(Debug)]
pub struct SetSource {
    /// The table's name.
    pub table: String,
    /// The set, or its mistakes, which the macro reports.
    pub set: Result<OpSet, Vec<Finding>>,
}

/// The op sets of a file, in the order they stand there. Sets whose table has no name are left out: the macro says so.
/// `file` is what messages call it.
///
/// # Errors
/// When the text is no Rust, has no op set, or has two of one name.
pub fn op_sets(file: &str, text: &str) -> Result<Vec<SetSource>, Error> {
    let parsed = syn::parse_file(&text.replace("\r\n", "\n")).map_err(|error| Error::Syntax {
        file: file.to_owned(),
        line: error.span().start().line,
        message: error.to_string(),
    })?;
    let mut modules = Vec::new();
    find(parsed.items, &mut modules);
    if modules.is_empty() {
        return Err(Error::NoSet { file: file.to_owned() });
    }
    let sets: Vec<_> = modules.into_iter().filter_map(|(args, module)| set_source(args, module)).collect();
    for (index, set) in sets.iter().enumerate() {
        if sets[..index].iter().any(|other| other.table == set.table) {
            return Err(Error::SameName { file: file.to_owned(), table: set.table.clone() });
        }
    }
    Ok(sets)
}

fn find(items: Vec<Item>, found: &mut Vec<(TokenStream, ItemMod)>) {
    for item in items {
        let Item::Mod(mut module) = item else { continue };
        let marked = module.attrs.iter().position(is_stencils);
        match marked {
            Some(at) => {
                let args = match module.attrs.remove(at).meta {
                    Meta::List(list) => list.tokens,
                    Meta::Path(_) | Meta::NameValue(_) => TokenStream::new(),
                };
                found.push((args, module));
            }
            None => find(module.content.map(|(_, items)| items).unwrap_or_default(), found),
        }
    }
}

fn is_stencils(attr: &Attribute) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == "stencils")
}

fn set_source(args: TokenStream, module: ItemMod) -> Option<SetSource> {
    match stencil_syntax::op_set(args.clone(), module) {
        Ok(set) => Some(SetSource { table: set.args.table.clone(), set: Ok(set) }),
        Err(errors) => {
            Some(SetSource { table: table_name(args)?, set: Err(errors.into_iter().map(finding).collect()) })
        }
    }
}

fn finding(error: syn::Error) -> Finding {
    let start = error.span().start();
    Finding { op: String::new(), line: start.line, column: start.column, message: error.to_string() }
}

/// The string behind `table =`, however wrong the rest is.
fn table_name(args: TokenStream) -> Option<String> {
    let tokens: Vec<_> = args.into_iter().collect();
    let at = tokens.windows(2).position(|pair| pair[0].to_string() == "table" && pair[1].to_string() == "=")?;
    let name: syn::LitStr = syn::parse2(tokens.get(at + 2)?.clone().into()).ok()?;
    Some(name.value())
}
