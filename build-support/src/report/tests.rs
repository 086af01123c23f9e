//! How many instructions vm3's stencils have beside what the compiler makes of the same ops as functions: more than half
//! again as many only for a reason.

use super::TableReport;
use crate::compile::flags;
use crate::sources::Sources;
use crate::{Error, TableKey, Toolchain, arch, source};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, SymbolKind};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use stencil_syntax::ast::{Action, OpSet};
use stencil_syntax::expand::Holes;
use stencil_syntax::layout::Format;
use stencil_table::{Architecture, Table, TableBytes};

/// The op set, where the workspace has it.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ops/vm3")
}

/// The reasons that are given, by op.
fn reasons() -> BTreeMap<String, String> {
    serde_json::from_str(&std::fs::read_to_string(folder().join("stencils.reasons.json")).unwrap()).unwrap()
}

/// The instructions of each op as a function, its return counted, by the op's name. `None` when there is no compiler.
fn functions(set: &OpSet, key: TableKey) -> Option<HashMap<String, usize>> {
    let toolchain = Toolchain::host().unwrap().for_architecture(key.architecture);
    let folder = tempfile::tempdir().unwrap();
    match toolchain.prepare(folder.path()) {
        Err(error @ Error::NoCore { .. }) => {
            assert!(std::env::var_os("STENCIL_FOREIGN_RUSTC").is_none(), "{error}");
            println!("NOT TESTED: {error}");
            return None;
        }
        prepared => prepared.unwrap(),
    }
    let sources = folder.path().join("own");
    Sources::of_set(set, key, Format::Elf, Holes::Sound).write(&sources).unwrap();
    let bodies = || set.ops.iter().filter(|op| matches!(op.action, Action::Body(_)));
    let mut text = String::from("#![no_std]\n#![allow(warnings)]\nmod prelude { include!(\"prelude.rs\"); }\n");
    text.push_str("mod ops { include!(\"ops.rs\"); }\n");
    for op in bodies() {
        let name = op.ident.to_string();
        writeln!(
            text,
            "#[unsafe(no_mangle)] extern \"C\" fn reach_{name}() -> *const () {{ ops::{name} as *const () }}"
        )
        .unwrap();
    }
    let (root, object) = (sources.join("own.rs"), sources.join("own.o"));
    std::fs::write(&root, text).unwrap();
    let mut flags = flags(arch::backend(key.architecture), key, Format::Elf, Holes::Sound);
    // Equal functions would be one, under the name of any of them.
    flags.extend(["-Csymbol-mangling-version=v0", "-Zmerge-functions=disabled"].map(str::to_owned));
    let compiled = toolchain.compile(&root, &object, &flags, true).unwrap();
    assert!(compiled.success, "{}", compiled.text);

    let bytes = std::fs::read(&object).unwrap();
    let file = object::File::parse(&*bytes).unwrap();
    let mut counts = HashMap::new();
    for symbol in file.symbols().filter(|symbol| symbol.kind() == SymbolKind::Text) {
        let Some(section) = symbol.section_index() else { continue };
        let data = file.section_by_index(section).unwrap().data().unwrap();
        let code = &data[symbol.address() as usize..][..symbol.size() as usize];
        let count = arch::backend(key.architecture).instructions(code);
        counts.insert(symbol.name().unwrap().to_owned(), count);
    }
    let of_op = |name: &str| {
        let ends = format!("3ops{}{name}", name.len());
        let found = counts.iter().find(|(symbol, _)| symbol.ends_with(&ends));
        *found.unwrap_or_else(|| panic!("the compiler has made no function `{name}`")).1
    };
    Some(bodies().map(|op| op.ident.to_string()).map(|name| (name.clone(), of_op(&name))).collect())
}

#[test]
fn no_op_of_vm3_has_half_again_as_many_instructions_as_its_function_without_a_reason() {
    if !Toolchain::host().unwrap().allows_unstable() {
        println!("NOT TESTED: RUSTC_BOOTSTRAP forbids to keep equal functions apart");
        return;
    }
    let path = folder().join("src/stencils.rs");
    let text = std::fs::read_to_string(&path).unwrap();
    let sets = source::op_sets("src/stencils.rs", &text).unwrap();
    let set = sets[0].set.as_ref().unwrap();
    let mut own: BTreeMap<Architecture, Option<HashMap<String, usize>>> = BTreeMap::new();
    let (mut longer, mut missing) = (Vec::new(), String::new());
    let reasons = reasons();
    let mut tables: Vec<_> = folder().join("tables").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    tables.retain(|path| path.extension().is_some_and(|extension| extension == "table"));
    tables.sort();
    assert!(tables.len() >= 4, "{tables:?}");
    for path in &tables {
        let bytes = TableBytes::copy_of(&std::fs::read(path).unwrap());
        let table = Table::parse(&bytes).unwrap();
        let key = TableKey::of(&table);
        let functions = own.entry(key.architecture).or_insert_with(|| functions(set, key));
        let Some(functions) = functions else { continue };
        println!("{}: instructions of the shortest variant, and of the function", key.stem());
        for op in TableReport::of(&table, "vm3").ops {
            let Some(function) = functions.get(&op.op) else { continue };
            let is_longer = 2 * op.instructions > 3 * function;
            println!("  {:<28} {:>4} {function:>4}{}", op.op, op.instructions, if is_longer { "  longer" } else { "" });
            if is_longer && !reasons.contains_key(&op.op) {
                writeln!(missing, "{}: `{}` has {}, its function {function}", key.stem(), op.op, op.instructions)
                    .unwrap();
            }
            longer.extend(is_longer.then_some(op.op));
        }
    }
    assert!(missing.is_empty(), "give a reason in ops/vm3/stencils.reasons.json, or make them shorter:\n{missing}");
    if own.values().all(Option::is_some) {
        for op in reasons.keys() {
            assert!(longer.contains(op), "`{op}` needs no reason in ops/vm3/stencils.reasons.json; take it out");
        }
    }
}
