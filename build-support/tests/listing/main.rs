//! A set with one op of every kind goes the whole way to tables, and its machine code is what it was.
//!
//! Other architectures' code is in `foreign`.
//!
//! To accept other code: `UPDATE_EXPECT=1 cargo test -p stencil-build-support`, and read the difference.

mod foreign;

use expect_test::expect_file;
use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use std::fmt::Write;
use std::ops::Range;
use stencil_build_support::{CompiledSet, Convention, Level, Options, Toolchain, compile_set};
use stencil_syntax::layout::{self, Target};
use stencil_syntax::variants::{self, Place};
use stencil_table::{HoleKind, HoleSort, StencilRecord, Table};

const SOURCE: &str = include_str!("../sets/demo.rs");

fn compile(options: &Options) -> CompiledSet {
    let folder = tempfile::tempdir().unwrap();
    let mut sets = compile_set("src/demo.rs", SOURCE, options, &Toolchain::host().unwrap(), folder.path()).unwrap();
    assert_eq!(sets.len(), 1);
    let set = sets.remove(0);
    assert_eq!((set.findings.as_slice(), set.repeated.as_slice()), ([].as_slice(), [].as_slice()));
    assert!(set.warnings.is_empty(), "{:?}", set.warnings);
    set
}

#[test]
fn every_variant_of_a_set_is_in_every_table() {
    if no_wide() {
        return;
    }
    let conventions = [Convention::Portable, Convention::Wide];
    let options = conventions.into_iter().fold(Options::default(), Options::convention).level(Level::V3);
    let set = compile(&options);
    let keys: Vec<_> = set.tables.iter().map(|table| (table.key.convention, table.key.level)).collect();
    assert_eq!(
        keys,
        [
            (Convention::Wide, Level::V3),
            (Convention::Wide, Level::Baseline),
            (Convention::Portable, Level::V3),
            (Convention::Portable, Level::Baseline),
        ]
    );
    for table in &set.tables {
        let table = Table::parse(&table.bytes).unwrap();
        table.verify_checksum().unwrap();
        assert!(table.compiler().starts_with("rustc "));
        for op in table.ops() {
            let count = table.variants_of(op).iter().filter(|stencil| is_compiled(stencil)).count();
            assert!(count > 0, "{}", table.text(op.name));
        }
    }
}

#[test]
fn portable_code_is_what_it_was() {
    let set = compile(&Options::default());
    let table = Table::parse(&set.tables[0].bytes).unwrap();
    expect_file!["../golden/demo.portable.txt"].assert_eq(&listing(&table, target(layout::Convention::Portable)));
}

#[test]
fn wide_code_is_what_it_was() {
    if no_wide() {
        return;
    }
    let set = compile(&Options::default().convention(Convention::Wide));
    let table = Table::parse(&set.tables[0].bytes).unwrap();
    expect_file!["../golden/demo.wide.txt"].assert_eq(&listing(&table, target(layout::Convention::Wide)));
}

fn target(convention: layout::Convention) -> Target {
    Target { architecture: layout::Architecture::X86_64, convention }
}

/// Whether the environment forbids what wide tables need.
fn no_wide() -> bool {
    let forbidden = !Toolchain::host().unwrap().allows_unstable();
    if forbidden {
        eprintln!("NOT TESTED: RUSTC_BOOTSTRAP forbids wide tables");
    }
    forbidden
}

fn is_compiled(stencil: &StencilRecord) -> bool {
    stencil.len != StencilRecord::PRUNED
}

/// Some variants of every op, with titles: everything in registers, everything in slots, and the last value a literal.
fn chosen<'t>(table: &Table<'t>, target: Target) -> Vec<(String, &'t StencilRecord)> {
    let mut file = syn::parse_file(SOURCE).unwrap();
    let syn::Item::Mod(mut module) = file.items.remove(0) else { panic!("no module") };
    module.attrs.clear();
    let set = stencil_syntax::op_set(syn::parse_quote!(table = "demo"), module).unwrap();
    let mut all = Vec::new();
    for (op, record) in set.ops.iter().zip(table.ops()) {
        let axes = variants::axes(&set, op, target);
        let last = axes.len().saturating_sub(1);
        let register = |axis: usize| Place::Register(axis % axes[axis].registers());
        let literal = |axis: usize, place| if axis == last { place } else { register(axis) };
        let choices: [(&str, &dyn Fn(usize) -> Place); 4] = [
            ("registers", &register),
            ("slots", &|_| Place::Slot),
            ("short literal", &|axis| literal(axis, Place::Short)),
            ("literal", &|axis| literal(axis, Place::Wide)),
        ];
        for (name, choice) in choices {
            let wanted: Vec<_> = (0..axes.len()).map(choice).collect();
            let number = (0..variants::count(&axes)).find(|n| variants::places(&axes, *n).as_ref() == Some(&wanted));
            let stencil =
                number.map(|number| &table.variants_of(record)[number]).filter(|stencil| is_compiled(stencil));
            if let Some(stencil) = stencil.filter(|_| name == "registers" || !axes.is_empty()) {
                all.push((format!("{}, {name}", op.ident), stencil));
            }
        }
    }
    all
}

/// The chosen variants, disassembled.
fn listing(table: &Table<'_>, target: Target) -> String {
    let mut text = String::new();
    for (title, stencil) in chosen(table, target) {
        writeln!(text, "{title}").unwrap();
        disassemble(table, stencil, &mut text);
    }
    text
}

/// What stands in the holes of an instruction.
fn holes_in(table: &Table<'_>, stencil: &StencilRecord, range: Range<u64>) -> String {
    let mut text = String::new();
    for hole in table.holes_of(stencil).iter().filter(|hole| range.contains(&u64::from(hole.offset))) {
        let kind = HoleKind::from_byte(hole.kind).unwrap();
        let value = if kind.sort() == HoleSort::Pool { String::new() } else { format!(" of value {}", hole.value) };
        write!(text, "  ; {kind}{value} {:+}", hole.addend).unwrap();
    }
    text
}

fn disassemble(table: &Table<'_>, stencil: &StencilRecord, text: &mut String) {
    let mut formatter = IntelFormatter::new();
    for instruction in Decoder::with_ip(64, table.code_of(stencil), 0, DecoderOptions::NONE).iter() {
        let mut line = String::new();
        formatter.format(&instruction, &mut line);
        let holes = holes_in(table, stencil, instruction.ip()..instruction.next_ip());
        writeln!(text, "    {:02x}  {line}{holes}", instruction.ip()).unwrap();
    }
}
