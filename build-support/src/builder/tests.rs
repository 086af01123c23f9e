//! What a build script leaves behind, and what it does when it runs again.

use super::{Builder, Surroundings};
use crate::cache::Mode;
use crate::{Convention, Error, Finding, Toolchain};
use expect_test::expect;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_table::{Header, Table, TableBytes, hash_of};

const SOURCE: &str = "//! Ops.

#[stencil_macros::stencils(table = \"tiny\", operand(reg))]
pub mod tiny {
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[bank]
        ints: [i64; 2],
    }

    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
    }

    /// Adds.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// Jumps.
    #[stencil]
    fn jump_lt(lhs: i64, rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }
}
";

/// A package on disk.
struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    fn new(source: &str) -> Self {
        let package = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(package.path("src")).unwrap();
        fs::write(package.path("src/ops.rs"), source).unwrap();
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn out(&self, name: &str) -> PathBuf {
        self.path("out").join(name)
    }

    /// Replaces the first part of the source that reads `from`.
    fn edit(&self, from: &str, to: &str) {
        let source = fs::read_to_string(self.path("src/ops.rs")).unwrap();
        assert!(source.contains(from));
        fs::write(self.path("src/ops.rs"), source.replacen(from, to, 1)).unwrap();
    }

    fn run(&self, builder: &Builder, mode: Mode, toolchain: Toolchain) -> (Result<(), Error>, Vec<String>) {
        let package = self.folder.path().to_owned();
        let at = Surroundings { package, out: self.path("out"), mode, toolchain };
        let mut lines = Vec::new();
        (builder.run(&at, &mut lines), lines)
    }

    /// The warnings of a run that succeeds.
    fn build(&self, builder: &Builder, mode: Mode) -> Vec<String> {
        let (result, lines) = self.run(builder, mode, host());
        result.unwrap();
        lines.into_iter().filter(|line| line.starts_with("warning=")).collect()
    }

    fn fail(&self, builder: &Builder, mode: Mode) -> String {
        let (result, _) = self.run(builder, mode, host());
        result.unwrap_err().to_string().replace(&self.folder.path().display().to_string(), "PACKAGE")
    }
}

fn host() -> Toolchain {
    Toolchain::host().unwrap()
}

fn builder() -> Builder {
    Builder::new("src/ops.rs")
}

const TABLE: &str = "tiny.x86_64.portable.baseline.table";

/// A wrapper around the compiler that writes a line for every start of it.
fn counter(folder: &Path) -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let (script, log) = (folder.join("wrapper"), folder.join("log"));
    fs::write(&script, format!("#!/bin/sh\necho start >> {}\nexec \"$@\"\n", log.display())).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, log)
}

#[test]
fn everything_that_the_macros_read_is_there() {
    let package = Package::new(SOURCE);
    let (result, lines) = package.run(&builder(), Mode::Take, host());
    result.unwrap();
    let expected = expect![[r#"
        [
            "rerun-if-changed=src/ops.rs",
            "rerun-if-env-changed=RUSTC",
            "rerun-if-env-changed=RUSTC_WRAPPER",
            "rerun-if-env-changed=RUSTC_WORKSPACE_WRAPPER",
            "rerun-if-env-changed=STENCIL_RUSTC",
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
    let source = include_str!("../../tests/sets/demo.rs");
    let (one, other) = (Package::new(source), Package::new(&source.replace('\n', "\r\n")));
    one.build(&builder, Mode::Take);
    other.build(&builder, Mode::Take);
    for table in ["demo.x86_64.portable.baseline.table", "demo.x86_64.wide.baseline.table"] {
        assert!(fs::read(one.out(table)).unwrap() == fs::read(other.out(table)).unwrap(), "{table} differs");
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
                "longest": 4
              },
              {
                "op": "jump_lt",
                "line": 25,
                "stencils": 4,
                "pruned": 0,
                "code_bytes": 18,
                "longest": 9
              },
              {
                "op": "move_ints",
                "line": 9,
                "stencils": 8,
                "pruned": 0,
                "code_bytes": 40,
                "longest": 10
              },
              {
                "op": "stash_ints",
                "line": 9,
                "stencils": 2,
                "pruned": 0,
                "code_bytes": 22,
                "longest": 11
              },
              {
                "op": "unstash_ints",
                "line": 9,
                "stencils": 2,
                "pruned": 0,
                "code_bytes": 22,
                "longest": 11
              }
            ]
          }
        ]
    "#]]
    .assert_eq(&read("json"));
}
