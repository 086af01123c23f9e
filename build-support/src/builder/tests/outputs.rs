//! The files that the macros and people read.

use super::{Package, SOURCE, TABLE, builder, host};
use crate::cache::Mode;
use crate::{Builder, Finding, Format};
use expect_test::expect;
use std::fs;
use stencil_table::{OpLines, Table, TableBytes};

#[test]
fn everything_that_the_macros_read_is_there() {
    let package = Package::new(SOURCE);
    let (result, lines) = package.run(&builder(), Mode::Take, host());
    result.unwrap();
    let expected = expect![[r#"
        [
            "rerun-if-changed=src/ops.rs",
            "rerun-if-env-changed=STENCIL_RUSTC",
            "rerun-if-env-changed=STENCIL_FOREIGN_RUSTC",
            "rerun-if-env-changed=RUSTC_BOOTSTRAP",
            "rerun-if-env-changed=STENCIL_TABLES",
        ]
    "#]];
    expected.assert_debug_eq(&lines);
    let list = fs::read_to_string(package.out("tiny.tables")).unwrap();
    assert_eq!(list, format!("{}\n", package.out(TABLE).display()));
    assert_eq!(fs::read_to_string(package.out("tiny.diag")).unwrap(), "");
    let bytes = TableBytes::copy_of(&fs::read(package.out(TABLE)).unwrap());
    let table = Table::parse(&bytes).unwrap();
    let names: Vec<_> = table.ops().iter().map(|op| (table.text(op.name), table.text(op.file), op.line)).collect();
    assert_eq!(names[..2], [("add", "src/ops.rs", 19), ("jump_lt", "src/ops.rs", 25)]);
}

#[test]
fn tables_are_written_in_the_languages_that_were_asked_for() {
    let package = Package::new(SOURCE);
    package.build(&builder().export(Format::C).export(Format::Go), Mode::Take);
    let bytes = TableBytes::copy_of(&fs::read(package.out(TABLE)).unwrap());
    let table = Table::parse(&bytes).unwrap();
    for format in [Format::C, Format::Go] {
        let written = package.out(TABLE).with_extension(format.extension());
        assert_eq!(fs::read_to_string(written).unwrap(), crate::export(&table, "tiny", format));
    }
    assert!(!package.out(TABLE).with_extension("json").exists());
}

/// The rows of a table's variant of an op, with the text of each line.
fn rows(package: &Package, folder: &str, op: usize, variant: usize) -> Vec<(u16, String)> {
    let path = package.path(folder).join(TABLE);
    let bytes = TableBytes::copy_of(&fs::read(&path).unwrap());
    let table = Table::parse(&bytes).unwrap();
    let lines = OpLines::parse(&fs::read(path.with_extension("lines")).unwrap()).unwrap();
    assert_eq!((lines.checksum(), lines.len()), (table.checksum(), table.stencils().len()));
    let source = fs::read_to_string(package.path("src/ops.rs")).unwrap();
    let text = |line: u32| line.checked_sub(1).and_then(|line| source.lines().nth(line as usize)).unwrap_or("none");
    let rows = lines.of(table.ops()[op].variants.start as usize + variant).iter();
    rows.map(|row| (row.offset, text(row.line).trim().to_owned())).collect()
}

#[test]
fn lines_are_of_the_authors_file_and_stand_beside_the_same_table() {
    let package = Package::new(SOURCE);
    package.build(&builder().shipped("tables"), Mode::Ship);
    let table = || fs::read(package.path("tables").join(TABLE)).unwrap();
    let without = table();
    assert!(!package.path("tables").join(TABLE).with_extension("lines").exists());
    let builder = builder().shipped("tables").lines();
    package.build(&builder, Mode::Ship);
    assert!(table() == without);
    let row = |offset: u16, text: &str| (offset, text.to_owned());
    let body = [row(0, "lhs.wrapping_add(rhs)"), row(3, "none")];
    assert_eq!(rows(&package, "tables", 0, 0), body);
    let branch = rows(&package, "tables", 1, 1);
    assert_eq!(branch.first(), Some(&row(0, "if lhs < rhs {")));
    assert_eq!(branch.last().map(|(_, text)| text.as_str()), Some("none"));
    // Tables that are taken bring theirs.
    assert_eq!(rows(&package, "out", 0, 0), body);
    fs::remove_dir_all(package.path("out")).unwrap();
    package.build(&builder, Mode::Take);
    assert_eq!(rows(&package, "out", 0, 0), body);
    // Those of another table do not count.
    package.edit("lhs.wrapping_add(rhs)", "\n        rhs.wrapping_add(lhs)");
    package.build(&builder, Mode::Take);
    assert_eq!(rows(&package, "out", 0, 0), [row(0, "rhs.wrapping_add(lhs)"), row(3, "none")]);
    package.build(&builder, Mode::Build);
    assert_eq!(rows(&package, "out", 0, 0).len(), 2);
}

#[test]
fn findings_are_written_and_the_build_goes_on() {
    let package = Package::new(SOURCE);
    package.build(&builder(), Mode::Take);
    package.edit("lhs.wrapping_add(rhs)", "lhs + rhs");
    package.build(&builder(), Mode::Take);
    assert_eq!(fs::read_to_string(package.out("tiny.tables")).unwrap(), "");
    let findings = Finding::parse_all(&fs::read_to_string(package.out("tiny.diag")).unwrap());
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!((finding.op.as_str(), finding.line, finding.column), ("add", 19, 7));
    assert!(finding.message.starts_with("`add` can panic"), "{}", finding.message);
    package.edit("lhs + rhs", "lhs.wrapping_add(rhs)");
    package.build(&builder(), Mode::Take);
    assert_eq!(fs::read_to_string(package.out("tiny.diag")).unwrap(), "");
}

#[test]
fn mistakes_that_the_macro_reports_leave_empty_outputs() {
    let package = Package::new(&SOURCE.replace("taken: Label", "taken: Label, taken: Wrong"));
    assert_eq!(package.build(&builder(), Mode::Take), Vec::<String>::new());
    assert_eq!(fs::read_to_string(package.out("tiny.tables")).unwrap(), "");
    assert_eq!(fs::read_to_string(package.out("tiny.diag")).unwrap(), "");
}

#[test]
fn mistakes_are_there_for_tools() {
    let source = SOURCE.replace("taken: Label", "taken: Label, taken: Wrong");
    let folder = tempfile::tempdir().unwrap();
    let sets = crate::compile_set("src/ops.rs", &source, &crate::Options::default(), &host(), folder.path()).unwrap();
    let places: Vec<_> = sets[0].repeated.iter().map(|finding| (finding.line, finding.column)).collect();
    assert_eq!(places, [(25, 56)]);
    assert!(sets[0].tables.is_empty() && sets[0].findings.is_empty());
}

#[test]
fn targets_without_support_are_named() {
    let package = Package::new(SOURCE);
    let fail = |target: &str| package.run(&builder(), Mode::Take, host().for_target(target)).0.unwrap_err().to_string();
    expect!["stencils cannot be compiled for `wasm32-unknown-unknown`; compile for x86_64, aarch64 or riscv64gc"]
        .assert_eq(&fail("wasm32-unknown-unknown"));
}

#[test]
fn a_compiler_without_core_is_a_fault_of_the_environment() {
    let package = Package::new(SOURCE);
    // Its own `core` may be built from source where the sources are, but not for what it does not know.
    let fail = |target: &str| package.run(&builder(), Mode::Take, host().for_target(target)).0.unwrap_err().to_string();
    assert!(fail("x86_64-unknown-nothing").starts_with("stencils cannot be compiled for `x86_64-unknown-nothing`"));
    match package.run(&builder(), Mode::Take, host().for_target("x86_64-unknown-freebsd")).0 {
        Ok(()) => eprintln!("NOT TESTED: this compiler has the sources of `core`"),
        Err(error) => expect!["`rustc` has no `core` for x86_64-unknown-freebsd; run `rustup target add x86_64-unknown-freebsd`, or `rustup component add rust-src` so that it is built, or name a compiler that has one with STENCIL_RUSTC or, where it is not for the target that cargo builds for, STENCIL_FOREIGN_RUSTC"]
            .assert_eq(&error.to_string().replace(&host().name(), "rustc")),
    }
}

#[test]
fn sets_of_one_file_need_names_of_their_own() {
    let twice = format!("{SOURCE}\nmod other {{ {} }}\n", SOURCE.split_once("Ops.\n").unwrap().1);
    expect!["src/ops.rs has two op sets with the table `tiny`; give one of them another name"]
        .assert_eq(&Package::new(&twice).fail(&builder(), Mode::Take));
    let package = Package::new(&twice.replacen("tiny", "first", 1));
    package.build(&builder(), Mode::Take);
    for table in ["tiny.tables", "first.tables"] {
        assert_eq!(fs::read_to_string(package.out(table)).unwrap().lines().count(), 1);
    }
}

#[test]
fn a_file_that_is_no_rust_is_left_to_the_compiler() {
    let package = Package::new(&SOURCE.replace("pub mod tiny {", "pub mod tiny {{"));
    let warnings = package.build(&builder(), Mode::Take);
    assert!(warnings[0].contains("src/ops.rs:") && warnings.len() == 1, "{warnings:?}");
}

#[test]
fn a_file_without_a_set_is_an_error() {
    let package = Package::new("pub fn nothing() {}\n");
    expect!["src/ops.rs has no module marked `#[stencils(table = \"…\")]`; name the file that has"]
        .assert_eq(&package.fail(&builder(), Mode::Take));
    expect!["cannot read PACKAGE/src/other.rs"].assert_eq(&package.fail(&Builder::new("src/other.rs"), Mode::Take));
}

#[test]
fn the_report_says_what_a_table_is_made_of() {
    let package = Package::new(SOURCE);
    package.build(&builder(), Mode::Take);
    // Of the second run: nothing was compiled, so there are no seconds.
    package.build(&builder(), Mode::Take);
    let compiler = host().compiler().unwrap().to_owned();
    let report = |ending| fs::read_to_string(package.out(&format!("tiny.report.{ending}"))).unwrap();
    let read = |ending| report(ending).replace(&compiler, "COMPILER");
    expect![[r#"
        tiny.x86_64.portable.baseline
          made by COMPILER
          24 stencils, 19 distinct bodies
          122 bytes of code, 0 of constants, 3712 in all
          holes: 2 abs32s, 4 abs32u, 2 abs64, 0 callee-rel32, 2 label-rel32, 0 pool-rel32
          0 jumps to the end of their stencil

          op                       stencils   pruned    bytes  longest
          add                             8        0       20        4
          jump_lt                         4        0       18        9
          move_ints                       8        0       40       10
          stash_ints                      2        0       22       11
          unstash_ints                    2        0       22       11

    "#]]
    .assert_eq(&read("txt"));
    expect![[r#"
        [
          {
            "table": "tiny.x86_64.portable.baseline",
            "compiler": "COMPILER",
            "stencils": 24,
            "distinct_bodies": 19,
            "code_bytes": 122,
            "pool_bytes": 0,
            "table_bytes": 3712,
            "holes": {
              "abs32s": 2,
              "abs32u": 4,
              "abs64": 2,
              "callee-rel32": 0,
              "label-rel32": 2,
              "pool-rel32": 0
            },
            "jumps_to_end": 0,
            "ops": [
              {
                "op": "add",
                "line": 19,
                "stencils": 8,
                "pruned": 0,
                "code_bytes": 20,
                "longest": 4,
                "shortest": 3,
                "instructions": 1,
                "distinct_bodies": 6,
                "holes": 0
              },
              {
                "op": "jump_lt",
                "line": 25,
                "stencils": 4,
                "pruned": 0,
                "code_bytes": 18,
                "longest": 9,
                "shortest": 0,
                "instructions": 0,
                "distinct_bodies": 3,
                "holes": 2
              },
              {
                "op": "move_ints",
                "line": 9,
                "stencils": 8,
                "pruned": 0,
                "code_bytes": 40,
                "longest": 10,
                "shortest": 0,
                "instructions": 0,
                "distinct_bodies": 7,
                "holes": 4
              },
              {
                "op": "stash_ints",
                "line": 9,
                "stencils": 2,
                "pruned": 0,
                "code_bytes": 22,
                "longest": 11,
                "shortest": 11,
                "instructions": 3,
                "distinct_bodies": 2,
                "holes": 2
              },
              {
                "op": "unstash_ints",
                "line": 9,
                "stencils": 2,
                "pruned": 0,
                "code_bytes": 22,
                "longest": 11,
                "shortest": 11,
                "instructions": 3,
                "distinct_bodies": 2,
                "holes": 2
              }
            ]
          }
        ]
    "#]]
    .assert_eq(&read("json"));
}
