//! Stencils beside what the compiler makes of the same bodies as ordinary functions, on every architecture.

use crate::arch;
use crate::object::Object;
use crate::{Architecture, Convention, Error, Holes, Level, Options, TableKey, Toolchain, compile, compile_set};
use std::fmt::Write as _;
use stencil_syntax::layout::Format;
use stencil_table::Table;

/// The ops that functions can be written for, and the functions.
const OWN: &[(&str, &str)] = &[
    ("add", "(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }"),
    ("neg", "(src: f64) -> f64 { -src }"),
    ("scale", "(src: f64) -> f64 { src * 2.5 }"),
    ("lookup", "(index: i64, table: *const i64) -> i64 { unsafe { *table.offset(index as isize) } }"),
    ("to_int", "(src: f64) -> i64 { src as i64 }"),
];

/// Ops whose stencils are longer than that, and why.
const REASONS: &[(&str, &str)] = &[("lookup", "the table's address comes as an argument there and from a hole here")];

const SET: &str = include_str!("../../../tests/sets/demo.rs");

/// For every op the instructions of the compiler's function, without its return, and of the shortest stencil.
fn counts(architecture: Architecture) -> Result<Vec<(usize, usize)>, Error> {
    let toolchain = Toolchain::host()?.for_architecture(architecture);
    let folder = tempfile::tempdir().unwrap();
    toolchain.prepare(folder.path())?;
    let mut source = "#![no_std]\n#![allow(improper_ctypes_definitions)]\n".to_owned();
    for (number, (_, function)) in OWN.iter().enumerate() {
        writeln!(source, "#[unsafe(no_mangle)] pub extern \"C\" fn stencil_op_{number}_0{function}").unwrap();
    }
    let (root, object) = (folder.path().join("own.rs"), folder.path().join("own.o"));
    std::fs::write(&root, source).unwrap();
    let backend = arch::backend(architecture);
    let key = TableKey { architecture, convention: Convention::Portable, level: Level::Baseline };
    let compiled =
        toolchain.compile(&root, &object, &compile::flags(backend, key, Format::Elf, Holes::Sound), false)?;
    assert!(compiled.success, "{}", compiled.text);
    let object = Object::read(&object)?;
    let set = compile_set("demo.rs", SET, &Options::default(), &toolchain, &folder.path().join("set"))?.remove(0);
    assert!(set.findings.is_empty(), "{:#?}", set.findings);
    let table = Table::parse(&set.tables[0].bytes).unwrap();
    let report = crate::TableReport::of(&table, &set.name);
    let of_op = |(number, (name, _)): (usize, &(&str, &str))| {
        let own = backend.instructions(&object.stencils[&(number, 0)].code) - 1;
        let stencil = report.ops.iter().find(|op| op.op == *name).unwrap();
        (own, stencil.instructions)
    };
    Ok(OWN.iter().enumerate().map(of_op).collect())
}

#[test]
fn no_stencil_is_much_longer_than_the_compilers_own_function() {
    for architecture in Architecture::ALL {
        let counts = match counts(*architecture) {
            Err(error @ Error::NoCore { .. }) => {
                assert!(std::env::var_os("STENCIL_FOREIGN_RUSTC").is_none(), "{error}");
                println!("NOT RUN: {error}");
                continue;
            }
            counts => counts.unwrap(),
        };
        for ((name, _), (own, stencil)) in OWN.iter().zip(counts) {
            println!("{architecture}, {name}: {own} instructions by the compiler, {stencil} in the stencil");
            assert!(stencil > 0);
            let reason = REASONS.iter().any(|(op, _)| op == name);
            assert!(reason || 2 * stencil <= 3 * own, "{architecture}, {name}: {stencil} instructions for {own}");
        }
    }
}
