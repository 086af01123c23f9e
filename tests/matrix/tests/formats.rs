//! Tables whose stencils were taken from objects of other systems, and those for processors of a higher level, do what the
//! bodies of the ops do, and have the variants of the table for every processor that is taken from ELF objects.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use stencil_build_support::{CompiledSet, Convention, Error, Level, Options, Toolchain, compile_set};
use stencil_matrix::bench::Bench;
use stencil_matrix::ops::Machine;
use stencil_matrix::sweep::{Plan, sweep};
use stencil_runtime::{StencilRecord, Table, host_has};

const SEED: u64 = 0x5EED_0006;

/// The op set compiled in both conventions; `None` where nothing can compile for the target.
fn compiled(toolchain: &Toolchain, options: &Options) -> Option<CompiledSet> {
    let folder = tempfile::tempdir().unwrap();
    let options = options.clone().convention(Convention::Portable).convention(Convention::Wide);
    let text = include_str!("../src/stencils.rs");
    match compile_set("stencils.rs", text, &options, toolchain, folder.path()) {
        Ok(mut sets) => sets.pop(),
        Err(error @ Error::NoCore { .. }) => {
            assert!(std::env::var_os("STENCIL_FOREIGN_RUSTC").is_none(), "{error}");
            println!("NOT RUN: {error}");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

/// Which stencils a table has.
fn variants(table: &Table<'_>) -> Vec<bool> {
    table.stencils().iter().map(|stencil| stencil.len != StencilRecord::PRUNED).collect()
}

fn try_format(target: &str) {
    let toolchain = Toolchain::host().unwrap().foreign(target);
    let Some(set) = compiled(&toolchain, &Options::default()) else { return };
    try_tables(target, &set, Level::Baseline);
}

/// Tries the tables of a level.
fn try_tables(target: &str, set: &CompiledSet, level: Level) {
    assert!(set.findings.is_empty() && set.repeated.is_empty(), "{:#?}", set.findings);
    let tables: Vec<_> = set.tables.iter().filter(|table| table.key.level == level).collect();
    let conventions: Vec<_> = tables.iter().map(|table| table.key.convention).collect();
    assert_eq!(conventions, [Convention::Wide, Convention::Portable]);
    for compiled in tables {
        let table = Table::parse(&compiled.bytes).unwrap();
        let report = compiled.report(&set.name).unwrap();
        let elf = stencil_matrix::TABLES.all().unwrap().iter();
        let elf = elf.clone().find(|elf| elf.info().convention == compiled.key.convention).unwrap();
        // Literals that are moved serve ops that have lost the short variant where literals fold.
        let pairs = variants(&table).into_iter().zip(variants(elf)).collect::<Vec<_>>();
        let folds = compiled.key.convention == Convention::Wide;
        assert!(pairs.len() == elf.stencils().len());
        assert!(pairs.iter().all(|(own, elf)| if folds { own >= elf } else { own == elf }), "{pairs:?}");
        let mut bench = Bench::<Machine>::new(&table, SEED).unwrap();
        let plan = Plan { ops: &|_| true, places: &|_| true, sample: Some(8), seed: SEED };
        let swept = sweep(&mut bench, &table, plan);
        assert!(swept.differences.is_empty(), "{:#?}", swept.differences);
        assert!(swept.refused.is_empty(), "{:#?}", swept.refused);
        let (key, code) = (compiled.key.convention, report.code_bytes);
        println!(
            "{target}, {key}, {level}: {} runs, {} stencils, {code} bytes of code",
            swept.runs,
            swept.stencils.len()
        );
        assert!(swept.runs > 200_000, "too few: {}", swept.runs);
    }
}

#[test]
fn level_v3() {
    if !host_has(Level::V3) {
        println!("NOT RUN: this processor has no AVX2, BMI or FMA");
        return;
    }
    let set = compiled(&Toolchain::host().unwrap(), &Options::default().level(Level::V3)).unwrap();
    try_tables("here", &set, Level::V3);
    for table in set.tables.iter().filter(|table| table.key.level == Level::V3) {
        assert_eq!(Table::parse(&table.bytes).unwrap().info().level, Level::V3);
    }
}

#[test]
fn mach_o() {
    try_format("x86_64-apple-darwin");
}

#[test]
fn coff_of_msvc() {
    try_format("x86_64-pc-windows-msvc");
}

#[test]
fn coff_of_gnu() {
    try_format("x86_64-pc-windows-gnu");
}
