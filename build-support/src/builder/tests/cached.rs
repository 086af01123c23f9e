//! When something is compiled, and when a table is taken that is there already.

use super::{Package, SOURCE, TABLE, builder, host};
use crate::cache::Mode;
use crate::{Architecture, Convention};
use expect_test::expect;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_table::{Header, Table, TableBytes, hash_of};

/// A wrapper around the compiler that writes a line for every start of it.
fn counter(folder: &Path) -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let (script, log) = (folder.join("wrapper"), folder.join("log"));
    fs::write(&script, format!("#!/bin/sh\necho start >> {}\nexec \"$@\"\n", log.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, log)
}

#[test]
fn nothing_is_compiled_when_nothing_changed() {
    let package = Package::new(SOURCE);
    let (script, log) = counter(package.folder.path());
    let starts = || fs::read_to_string(&log).map_or(0, |text| text.lines().count());
    let run = || package.run(&builder(), Mode::Take, host().wrapped_in(&script)).0.unwrap();
    run();
    let first = starts();
    assert!(first > 0);
    run();
    assert_eq!(starts(), first);
    package.edit("wrapping_add", "wrapping_mul");
    run();
    assert!(starts() > first);
}

#[test]
fn a_table_of_another_compiler_or_a_damaged_one_is_made_again() {
    let package = Package::new(SOURCE);
    package.build(&builder(), Mode::Take);
    let good = fs::read(package.out(TABLE)).unwrap();
    fs::write(package.out(TABLE), of_another_compiler(&good)).unwrap();
    package.build(&builder(), Mode::Take);
    assert_eq!(fs::read(package.out(TABLE)).unwrap(), good);
    fs::write(package.out(TABLE), &good[..good.len() / 2]).unwrap();
    package.build(&builder(), Mode::Take);
    assert_eq!(fs::read(package.out(TABLE)).unwrap(), good);
}

#[test]
fn two_folders_give_the_same_bytes() {
    let builder = builder().convention(Convention::Portable).convention(Convention::Wide);
    let source = include_str!("../../../tests/sets/demo.rs");
    let (one, other) = (Package::new(source), Package::new(&source.replace('\n', "\r\n")));
    one.build(&builder, Mode::Take);
    other.build(&builder, Mode::Take);
    // Where the environment forbids wide tables, there is only the portable one.
    let wide = host().allows_unstable().then_some("demo.x86_64.wide.baseline.table");
    for table in ["demo.x86_64.portable.baseline.table"].into_iter().chain(wide) {
        assert!(fs::read(one.out(table)).unwrap() == fs::read(other.out(table)).unwrap(), "{table} differs");
    }
}

#[test]
fn shipped_tables_serve_every_system_and_are_the_same_from_every_one() {
    let package = Package::new(SOURCE);
    let builder = builder().shipped("tables");
    let shipped = || fs::read(package.path("tables").join(TABLE)).unwrap();
    package.build(&builder, Mode::Ship);
    let first = shipped();
    for target in ["x86_64-pc-windows-msvc", "x86_64-apple-darwin"] {
        let toolchain = || host().for_target(target);
        fs::remove_dir_all(package.path("out")).unwrap();
        // A compiler that cannot be started is not missed.
        package.run(&builder, Mode::Take, toolchain().wrapped_in(Path::new("/nonexistent/wrapper"))).0.unwrap();
        assert!(fs::read(package.out(TABLE)).unwrap() == shipped());
        fs::remove_dir_all(package.path("tables")).unwrap();
        package.run(&builder, Mode::Ship, toolchain()).0.unwrap();
        // The compiler may be another one, which the environment names for other targets.
        let digest = |bytes: &[u8]| Table::parse(&TableBytes::copy_of(bytes)).unwrap().info().digest;
        assert_eq!(digest(&shipped()), digest(&first));
    }
}

#[test]
fn a_shipped_table_needs_no_compiler() {
    let package = Package::new(SOURCE);
    let builder = builder().shipped("tables");
    let notes = package.build(&builder, Mode::Ship);
    assert!(notes[0].ends_with("check it in") && notes.len() == 1, "{notes:?}");
    fs::remove_dir_all(package.path("out")).unwrap();
    // A compiler that cannot be started is not missed.
    let none = || host().wrapped_in(Path::new("/nonexistent/wrapper"));
    for mode in [Mode::Take, Mode::Shipped] {
        package.run(&builder, mode, none()).0.unwrap();
    }
    assert_eq!(fs::read(package.out(TABLE)).unwrap(), fs::read(package.path("tables").join(TABLE)).unwrap());
    let error = package.run(&builder, Mode::Compare, none()).0.unwrap_err();
    assert_eq!(error.to_string(), "cannot start `/nonexistent/wrapper`; set RUSTC or STENCIL_RUSTC to a Rust compiler");
}

#[test]
fn a_shipped_table_of_other_sources_is_not_taken() {
    let package = Package::new(SOURCE);
    let builder = builder().shipped("tables");
    let missing = expect![
        "the shipped table PACKAGE/tables/tiny.x86_64.portable.baseline.table is missing; run the build once with STENCIL_TABLES=ship"
    ];
    missing.assert_eq(&package.fail(&builder, Mode::Shipped));
    package.build(&builder, Mode::Ship);
    package.edit("wrapping_add", "wrapping_mul");
    let stale = expect![
        "the shipped table PACKAGE/tables/tiny.x86_64.portable.baseline.table was made from other sources; run the build once with STENCIL_TABLES=ship"
    ];
    stale.assert_eq(&package.fail(&builder, Mode::Shipped));
    stale.assert_eq(&package.fail(&builder, Mode::Compare));
    package.build(&builder, Mode::Take);
    assert_ne!(fs::read(package.out(TABLE)).unwrap(), fs::read(package.path("tables").join(TABLE)).unwrap());
}

#[test]
fn a_comparison_is_made_or_loudly_is_not() {
    let package = Package::new(SOURCE);
    let builder = builder().shipped("tables");
    package.build(&builder, Mode::Ship);
    assert_eq!(package.build(&builder, Mode::Compare), Vec::<String>::new());
    let shipped = package.path("tables").join(TABLE);
    let good = fs::read(&shipped).unwrap();
    fs::write(&shipped, of_another_compiler(&good)).unwrap();
    let notes = package.build(&builder, Mode::Compare);
    assert!(notes[0].contains("NOT COMPARED") && notes.len() == 1, "{notes:?}");
    let at = good.windows(3).position(|window| window == [0x48, 0x01, 0xD2]).unwrap();
    let mut bad = good;
    bad[at + 2] ^= 1;
    fs::write(&shipped, checked(bad)).unwrap();
    let error = package.fail(&builder, Mode::Compare);
    assert!(error.contains("differs from what rustc"), "{error}");
}

/// The table with another compiler's name in it.
fn of_another_compiler(table: &[u8]) -> Vec<u8> {
    let mut table = table.to_vec();
    let at = table.windows(6).position(|window| window == b"rustc ").unwrap();
    table[at + 6] ^= 1;
    checked(table)
}

/// The table with its checksum made right again.
fn checked(mut table: Vec<u8>) -> Vec<u8> {
    let hash = hash_of(&table[std::mem::offset_of!(Header, len)..]);
    table[std::mem::offset_of!(Header, checksum)..][..8].copy_from_slice(&hash.to_le_bytes());
    table
}

#[test]
fn a_wide_table_falls_back_to_a_portable_one() {
    let package = Package::new(SOURCE);
    let builder = builder().convention(Convention::Wide);
    let (result, lines) = package.run(&builder, Mode::Take, host().stable_only());
    result.unwrap();
    let warnings: Vec<_> = lines.iter().filter(|line| line.starts_with("warning=")).collect();
    expect![[r#"
        [
            "warning=no wide table for `tiny`: RUSTC_BOOTSTRAP forbids the unstable features that it needs; programs use the portable table, which has fewer registers",
        ]
    "#]]
    .assert_debug_eq(&warnings);
    assert!(fs::read_to_string(package.out("tiny.tables")).unwrap().ends_with(&format!("{TABLE}\n")));
}

#[test]
fn a_budget_warns_and_fails_the_comparison() {
    let package = Package::new(SOURCE);
    let builder = builder().budget("budget.json").shipped("tables");
    let budget = |text: &str| fs::write(package.path("budget.json"), text).unwrap();
    budget("{ \"tiny.x86_64.portable.baseline\": { \"stencils\": 5, \"table_bytes\": 100000 } }");
    let warnings = package.build(&builder, Mode::Take);
    assert!(warnings[0].contains("stencils of 5"), "{warnings:?}");
    package.build(&builder, Mode::Ship);
    expect!["over budget: tiny.x86_64.portable.baseline has 24 stencils of 5; make the op set smaller or raise PACKAGE/budget.json"]
        .assert_eq(&package.fail(&builder, Mode::Compare));
    budget("{ \"tiny.x86_64.portable.baseline\": { \"stencils\": 24 } }");
    assert_eq!(package.build(&builder, Mode::Compare), Vec::<String>::new());
    budget("{ \"tiny.x86_64.portable.baseline\": { \"stencil\": 20 } }");
    expect!["cannot read the budget PACKAGE/budget.json"].assert_eq(&package.fail(&builder, Mode::Take));
}

/// With a compiler that has `core` for other architectures, or its sources, their tables are shipped and compared too;
/// without, nothing pretends to be.
#[test]
fn tables_of_other_architectures_are_shipped_beside_the_targets() {
    let package = Package::new(SOURCE);
    let all = [Architecture::X86_64, Architecture::Aarch64, Architecture::Riscv64];
    let builder = all.into_iter().fold(builder().shipped("tables"), crate::Builder::architecture);
    let name = |architecture| format!("tables/tiny.{architecture}.portable.baseline.table");
    let (result, _) = package.run(&builder, Mode::Ship, host());
    assert!(package.path(&name(Architecture::X86_64)).exists());
    if let Err(error) = result {
        assert!(error.to_string().contains("rustup component add rust-src"), "{error}");
        // What is not there cannot be right.
        let stale = package.fail(&builder, Mode::Compare);
        expect!["the shipped table PACKAGE/tables/tiny.aarch64.portable.baseline.table is missing; run the build once with STENCIL_TABLES=ship"].assert_eq(&stale);
        eprintln!(
            "NOT TESTED: the compiler has no `core` for other architectures; STENCIL_FOREIGN_RUSTC names another"
        );
        return;
    }
    for architecture in all {
        let bytes = fs::read(package.path(&name(architecture))).unwrap();
        let bytes = stencil_table::TableBytes::copy_of(&bytes);
        let table = stencil_table::Table::parse(&bytes).unwrap();
        table.verify_checksum().unwrap();
        assert_eq!(table.info().architecture, architecture);
    }
    assert_eq!(package.build(&builder, Mode::Compare), Vec::<String>::new());
    // The program gets the tables of its own architecture.
    assert_eq!(fs::read_to_string(package.out("tiny.tables")).unwrap().lines().count(), 1);
    package.edit("wrapping_add", "wrapping_sub");
    assert!(package.fail(&builder, Mode::Compare).contains("was made from other sources"));
}
