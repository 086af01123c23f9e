//! The closed world: an op set is compiled twice, in the program and on its own, and must mean the same in both.

use super::body::WAYS;
use super::tokens::{self, Found, Then};
use crate::diag::Errors;
use crate::parse::{OURS, is_attr};
use proc_macro2::{Ident, TokenTree};
use std::collections::HashSet;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Item, ItemUse, Macro, Meta, Path, UseTree, Visibility};

/// Macros of `std` that `core` does not have.
const STD_MACROS: [&str; 8] = ["dbg", "eprint", "eprintln", "format", "print", "println", "thread_local", "vec"];

/// Macros whose result depends on the file, the crate or the environment that is compiled.
const SPLIT_MACROS: [&str; 10] = [
    "column",
    "concat_idents",
    "env",
    "file",
    "include",
    "include_bytes",
    "include_str",
    "line",
    "module_path",
    "option_env",
];

/// What `core` can derive.
const DERIVES: [&str; 9] = ["Clone", "Copy", "Debug", "Default", "Eq", "Hash", "Ord", "PartialEq", "PartialOrd"];

/// What `cfg` may ask for: what is the same for the program and for the table that runs in it.
const CFG: [&str; 6] = ["all", "any", "not", "target_arch", "target_endian", "target_pointer_width"];

const WORLD: &str = "an op set is compiled on its own and sees `core` and what stands in it";

/// Checks the items of a set that are no ops.
pub(super) fn items(items: &[Item], locals: &HashSet<Ident>, errors: &mut Errors) {
    let mut world = World { depth: 0, op: false, locals, errors };
    items.iter().for_each(|item| world.visit_item(item));
}

/// Checks the body of an op.
pub(super) fn block(block: &Block, locals: &HashSet<Ident>, errors: &mut Errors) {
    World { depth: 0, op: true, locals, errors }.visit_block(block);
}

struct World<'a> {
    /// How many modules of the set are around the code being visited.
    depth: usize,
    /// Whether it is the body of an op.
    op: bool,
    locals: &'a HashSet<Ident>,
    errors: &'a mut Errors,
}

impl World<'_> {
    /// The names at the start of a path, as far as they say where it starts.
    fn root(&mut self, names: &[&Ident], absolute: bool) {
        let Some(first) = names.first() else { return };
        let supers = names.iter().take_while(|name| **name == "super").count();
        if *first == "crate" {
            self.errors.at(first, format!("{WORLD}; move what is needed into the set, and re-export it from there"));
        } else if supers > self.depth {
            let name = names[self.depth];
            self.errors.at(name, format!("{WORLD}; move what is needed into the set, and re-export it from there"));
        } else if (*first == "std" || *first == "alloc") && (absolute || !self.locals.contains(first)) {
            self.errors.at(first, format!("{WORLD}, not `{first}`; write `core` where it has the same"));
        } else if absolute && *first != "core" {
            self.errors.at(first, format!("{WORLD}, not the crate `{first}`; move what is needed into the set"));
        }
    }

    fn tree(&mut self, tree: &UseTree, absolute: bool) {
        if let UseTree::Group(group) = tree {
            group.items.iter().for_each(|tree| self.tree(tree, absolute));
            return;
        }
        let mut names = Vec::new();
        let mut rest = tree;
        loop {
            match rest {
                UseTree::Path(path) => {
                    names.push(&path.ident);
                    rest = &path.tree;
                }
                UseTree::Name(name) => break names.push(&name.ident),
                UseTree::Rename(rename) => break names.push(&rename.ident),
                UseTree::Glob(_) | UseTree::Group(_) => break,
            }
        }
        let before = self.errors.len();
        self.root(&names, absolute);
        if let Some(first) = names.first()
            && self.errors.len() == before
            && !["core", "self", "super"].iter().any(|name| *first == name)
            && !self.locals.contains(*first)
            && !super::names::RESERVED.iter().any(|name| *first == name)
        {
            self.errors.at(first, format!("{WORLD}, not `{first}`; move what is needed into the set"));
        }
    }

    fn macro_name(&mut self, name: &Ident) {
        let text = name.to_string();
        if STD_MACROS.contains(&text.as_str()) {
            let message =
                format!("{WORLD}, so there is no `{text}!`; call the host through a `#[hole]` of type `HostFn<fn(…)>`");
            self.errors.at(name, message);
        } else if SPLIT_MACROS.contains(&text.as_str()) {
            let message = format!(
                "`{text}!` would not mean the same in the program and in the stencils; write the value as a `const`, or take it through a `#[hole]`"
            );
            self.errors.at(name, message);
        } else if !self.op && WAYS.contains(&text.as_str()) {
            let message = format!(
                "`{text}!` leaves an op, and this is none; give back a value, and leave in the body of a `#[stencil]` function"
            );
            self.errors.at(name, message);
        }
    }

    fn cfg(&mut self, attr: &Attribute) {
        let Meta::List(list) = &attr.meta else { return };
        self.predicate(list.tokens.clone(), attr.path().is_ident("cfg_attr"));
    }

    fn predicate(&mut self, tokens: proc_macro2::TokenStream, only_first: bool) {
        for token in tokens {
            match token {
                TokenTree::Ident(name) if !CFG.iter().any(|known| name == known) => {
                    let message = format!(
                        "an op set means the same in every build, so it cannot ask for `{name}`; only `target_arch` is known here"
                    );
                    self.errors.at(name, message);
                }
                TokenTree::Group(group) => self.predicate(group.stream(), false),
                TokenTree::Punct(punct) if only_first && punct.as_char() == ',' => return,
                _ => {}
            }
        }
    }

    fn derive(&mut self, attr: &Attribute) {
        // What is no list of paths, the compiler complains of.
        let _ = attr.parse_nested_meta(|meta| {
            let names: Vec<_> = meta.path.segments.iter().map(|segment| &segment.ident).collect();
            if names.first().is_some_and(|first| *first != "core")
                && !matches!(names.as_slice(), [name] if DERIVES.iter().any(|known| *name == known))
            {
                let message =
                    format!("{WORLD}, where nothing but `core`'s traits can be derived; write the `impl` out");
                self.errors.at(&meta.path, message);
            }
            Ok(())
        });
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Mod(module) if module.content.is_none() => {
                let message = "the modules of an op set stand in the same file; write `mod name { … }`";
                self.errors.at(&module.ident, message);
            }
            Item::Macro(mac) if mac.ident.is_some() => {
                let message =
                    "an op set cannot define macros, since their expansion cannot be checked; write a helper function";
                self.errors.at(&mac.mac.path, message);
            }
            Item::Macro(mac) if !mac.mac.path.get_ident().is_some_and(|name| WAYS.iter().any(|way| name == way)) => {
                let message = "the items of an op set cannot come from a macro, since the expansion cannot be checked; write them out";
                self.errors.at(&mac.mac.path, message);
            }
            Item::Static(item) => {
                let message = "a static would exist twice, in the program and in the stencils; write a `const`, or take its address through a `#[hole]`";
                self.errors.at(item.static_token, message);
            }
            Item::ForeignMod(item) => {
                let message = "stencils are not linked; call the host through a `#[hole]` of type `HostFn<fn(…)>`";
                self.errors.at(&item.abi, message);
            }
            Item::ExternCrate(item) => {
                self.errors.at(&item.ident, format!("{WORLD}; move what is needed into the set"));
            }
            _ => {}
        }
    }
}

impl<'ast> Visit<'ast> for World<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        let before = self.errors.len();
        self.item(item);
        // A macro that may not be there at all is not blamed for its name, too.
        if !(matches!(item, Item::Macro(_)) && self.errors.len() > before) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.depth += 1;
        visit::visit_item_mod(self, module);
        self.depth -= 1;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        item.attrs.iter().for_each(|attr| self.visit_attribute(attr));
        self.visit_visibility(&item.vis);
        self.tree(&item.tree, item.leading_colon.is_some());
    }

    fn visit_path(&mut self, path: &'ast Path) {
        let names: Vec<_> = path.segments.iter().map(|segment| &segment.ident).collect();
        if let [name] = names.as_slice()
            && ["Callee", "Exit", "HostFn", "Label"].iter().any(|known| *name == known)
        {
            let message =
                format!("`{name}` is the type of an op's parameter, nothing else; take it in a `#[stencil]` function");
            self.errors.at(name, message);
        }
        if names.len() > 1 || path.leading_colon.is_some() {
            self.root(&names, path.leading_colon.is_some());
        }
        visit::visit_path(self, path);
    }

    fn visit_visibility(&mut self, vis: &'ast Visibility) {
        if let Visibility::Restricted(vis) = vis
            && vis.in_token.is_some()
        {
            let names: Vec<_> = vis.path.segments.iter().map(|segment| &segment.ident).collect();
            self.root(&names, vis.path.leading_colon.is_some());
        }
    }

    fn visit_attribute(&mut self, attr: &'ast Attribute) {
        if let Some((name, place)) = OURS.iter().find(|(name, _)| is_attr(attr, name)) {
            self.errors.at(attr, format!("`#[{name}]` is not expected here; it belongs on {place}"));
        } else if attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr") {
            self.cfg(attr);
        } else if attr.path().is_ident("derive") {
            self.derive(attr);
        }
    }

    fn visit_macro(&mut self, mac: &'ast Macro) {
        if let Some(name) = mac.path.segments.last() {
            self.macro_name(&name.ident);
            if name.ident == "cfg" {
                self.predicate(mac.tokens.clone(), false);
                return;
            }
        }
        let names: Vec<_> = mac.path.segments.iter().map(|segment| &segment.ident).collect();
        if names.len() > 1 {
            self.root(&names, mac.path.leading_colon.is_some());
        }
        tokens::scan(mac.tokens.clone(), &mut |found| {
            match found {
                Found::Macro(name) => self.macro_name(name),
                Found::Path(name) if name == "super" && self.depth > 0 => {}
                Found::Path(name) => self.root(&[name], false),
                Found::Call(_) | Found::Word(_) => {}
            }
            Then::GoOn
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn refused(set: Vec<Item>) -> Vec<String> {
        let mut errors = Errors::new();
        items(&set, &crate::check::scope::local_names(&set), &mut errors);
        errors.finish().map_or_else(|error| error.into_iter().map(|error| error.to_string()).collect(), |()| vec![])
    }

    #[test]
    fn what_stands_in_the_set_may_be_used() {
        let fine = refused(vec![
            parse_quote!(
                use core::{
                    cmp::Ordering,
                    mem::{size_of, align_of},
                };
            ),
            parse_quote!(
                use self::inner::helper;
            ),
            parse_quote!(
                use inner::Kind::{A, B};
            ),
            parse_quote!(
                mod inner {
                    use super::Table as T;
                    use super::*;
                    pub(crate) enum Kind {
                        A,
                        B,
                    }
                    pub(super) fn helper() {
                        super::top()
                    }
                }
            ),
            parse_quote!(
                fn top() -> u8 {
                    ::core::cmp::max(1, 2)
                }
            ),
            parse_quote!(
                #[cfg(all(target_arch = "x86_64", not(target_endian = "big")))]
                fn only() {
                    assert!(cfg!(target_arch = "x86_64"))
                }
            ),
        ]);
        assert_eq!(fine, [""; 0]);
    }

    #[test]
    fn what_stands_outside_may_not() {
        let wrong: [Item; 18] = [
            parse_quote!(
                #[derive(Clone, Serialize)]
                struct S;
            ),
            parse_quote!(
                #[derive(Clone, serde::Serialize)]
                struct S;
            ),
            parse_quote!(
                use serde;
            ),
            parse_quote!(
                fn f(to: Label) {}
            ),
            parse_quote!(
                use super::Table;
            ),
            parse_quote!(
                use crate::Table;
            ),
            parse_quote!(
                use std::mem::swap;
            ),
            parse_quote!(
                use ::serde::Serialize;
            ),
            parse_quote!(
                use {core::mem, serde::Serialize};
            ),
            parse_quote!(
                mod inner {
                    use super::super::Table;
                }
            ),
            parse_quote!(
                fn f() -> crate::Table {}
            ),
            parse_quote!(
                fn f() {
                    std::mem::swap(a, b)
                }
            ),
            parse_quote!(
                fn f() {
                    assert!(crate::table() == 1)
                }
            ),
            parse_quote!(
                fn f() {
                    assert!(super::table() == 1)
                }
            ),
            parse_quote!(
                pub(in crate::inner) fn f() {}
            ),
            parse_quote!(
                #[cfg(feature = "fast")]
                fn f() {}
            ),
            parse_quote!(
                fn f() {
                    if cfg!(debug_assertions) {}
                }
            ),
            parse_quote!(
                extern crate serde;
            ),
        ];
        for item in wrong {
            assert_eq!(refused(vec![item.clone()]).len(), 1, "{item:?}");
        }
    }
}
