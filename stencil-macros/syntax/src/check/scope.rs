//! The names that may stand at the start of a path in a set.

use proc_macro2::Ident;
use std::collections::HashSet;
use syn::visit::Visit;
use syn::{Attribute, Block, Item, ItemUse, Path, UseTree};

/// The names that items bring in, in nested modules too, and a few more: those of fields and parameters.
pub(super) fn local_names(items: &[Item]) -> HashSet<Ident> {
    struct Names(HashSet<Ident>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_ident(&mut self, ident: &'ast Ident) {
            self.0.insert(ident.clone());
        }
        fn visit_block(&mut self, _: &'ast Block) {}
        fn visit_item_use(&mut self, item: &'ast ItemUse) {
            // `use name;` brings in nothing that was not there.
            if !matches!(item.tree, UseTree::Name(_)) {
                leaves(&item.tree, &mut |name| {
                    self.0.insert(name.clone());
                });
            }
        }
        fn visit_type(&mut self, _: &'ast syn::Type) {}
        fn visit_path(&mut self, _: &'ast Path) {}
        fn visit_attribute(&mut self, _: &'ast Attribute) {}
    }
    let mut names = Names(HashSet::new());
    items.iter().for_each(|item| names.visit_item(item));
    names.0
}

/// The names that a `use` brings in.
fn leaves(tree: &UseTree, see: &mut dyn FnMut(&Ident)) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, see),
        UseTree::Name(name) => see(&name.ident),
        UseTree::Rename(rename) => see(&rename.rename),
        UseTree::Glob(_) => {}
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, see)),
    }
}
