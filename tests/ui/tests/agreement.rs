//! What the language refuses because of the runtime: names that it has, and limits that are its own.

use std::collections::BTreeSet;
use std::path::Path;
use syn::{ImplItem, Item, Visibility};

fn public(vis: &Visibility) -> bool {
    matches!(vis, Visibility::Public(_))
}

#[test]
fn every_name_of_the_prelude_is_reserved() {
    let prelude = syn::parse_file(stencil_table::prelude::SOURCE).unwrap();
    let names = prelude.items.iter().filter_map(|item| match item {
        Item::Struct(item) => public(&item.vis).then_some(&item.ident),
        Item::Trait(item) => public(&item.vis).then_some(&item.ident),
        Item::Const(item) => public(&item.vis).then_some(&item.ident),
        Item::Enum(item) => public(&item.vis).then_some(&item.ident),
        Item::Fn(item) => public(&item.vis).then_some(&item.sig.ident),
        Item::Type(item) => public(&item.vis).then_some(&item.ident),
        _ => None,
    });
    let names: BTreeSet<String> = names.map(ToString::to_string).collect();
    assert!(names.contains("Anchor"));
    let reserved: BTreeSet<String> = stencil_syntax::RESERVED.iter().map(ToString::to_string).collect();
    assert_eq!(names.difference(&reserved).collect::<Vec<_>>(), [""; 0]);
    let language = ["Callee", "Emit", "Exit", "Fixed", "HostFn", "Label", "stencils"].map(str::to_owned);
    let language = BTreeSet::from(language);
    assert_eq!(reserved.difference(&names).cloned().collect::<BTreeSet<_>>(), language);
}

#[test]
fn no_op_can_hide_behind_a_method_of_the_assembler() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../stencil-runtime/src");
    let folder = std::fs::read_dir(sources.join("assembler")).unwrap().map(|entry| entry.unwrap().path());
    let mut methods: BTreeSet<String> = ["into", "try_into"].map(str::to_owned).into();
    // Its files, not the folders of their tests.
    for path in folder.filter(|path| path.is_file()).chain([sources.join("assembler.rs")]) {
        let file = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let impls = file.items.iter().filter_map(|item| match item {
            Item::Impl(item) if item.trait_.is_none() => Some(item),
            _ => None,
        });
        for item in impls {
            let syn::Type::Path(ty) = &*item.self_ty else { continue };
            if ty.path.segments.last().is_none_or(|last| last.ident != "Assembler") {
                continue;
            }
            methods.extend(item.items.iter().filter_map(|item| match item {
                ImplItem::Fn(method) if public(&method.vis) => Some(method.sig.ident.to_string()),
                _ => None,
            }));
        }
    }
    assert!(methods.contains("emit"));
    let refused: BTreeSet<String> = stencil_syntax::METHODS.iter().map(ToString::to_string).collect();
    assert_eq!(
        refused, methods,
        "`METHODS` of stencil-syntax lists the assembler's public methods; bring it up to date"
    );
}

#[test]
fn as_many_registers_are_borrowed_as_the_anchor_has_room_for() {
    assert_eq!(stencil_syntax::MOST_BORROWED, stencil_runtime::prelude::Anchor::SCRATCH_WORDS);
}
