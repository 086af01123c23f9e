//! Every command, on a small package with an op set of its own: what people see, what tools see, and what is refused.
//!
//! To accept other output: `UPDATE_EXPECT=1 cargo test -p cargo-stencil`, and read the difference.

use expect_test::expect_file;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use stencil_build_support::{Options, Toolchain, compile_set};

const SOURCE: &str = include_str!("demo.rs");
const TABLE: &str = "tables/demo.x86_64.portable.baseline.table";
const NEWER: &str = "newer/demo.x86_64.portable.baseline.table";

/// A package with a table that it ships, another one of a changed op set, and a budget.
struct Package(tempfile::TempDir);

impl Package {
    fn get() -> &'static Self {
        static PACKAGE: OnceLock<Package> = OnceLock::new();
        PACKAGE.get_or_init(Self::make)
    }

    fn make() -> Self {
        let package = Self(tempfile::tempdir().unwrap());
        let manifest = "[package]\nname = \"demo\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[workspace]\n";
        let budget = r#"{ "demo.x86_64.portable.baseline": { "stencils": 200, "code_bytes": 100 } }"#;
        package.write("Cargo.toml", manifest.as_bytes());
        package.write("src/lib.rs", b"");
        package.write("src/demo.rs", SOURCE.as_bytes());
        package.write("demo.budget.json", budget.as_bytes());
        let (table, lines) = compile(SOURCE);
        package.write(TABLE, &table);
        package.write(&TABLE.replace(".table", ".lines"), &lines);
        let changed = SOURCE.replace("lhs.wrapping_add(rhs)", "lhs.wrapping_add(rhs).wrapping_mul(2_500_000_000)");
        package.write(NEWER, &compile(&changed.replace("fn negate(", "fn minus(")).0);
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-stencil"));
        command.arg("stencil").args(arguments).current_dir(self.0.path());
        command.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET_DIR").output().unwrap()
    }

    /// What a command prints, the compiler's version left out.
    fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        text.replace(Toolchain::host().unwrap().compiler().unwrap(), "RUSTC")
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.text(&[arguments, &["--json"]].concat())).unwrap()
    }

    fn error(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} succeeded");
        String::from_utf8(output.stderr).unwrap()
    }
}

/// A table and the lines of its stencils.
fn compile(source: &str) -> (Vec<u8>, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let toolchain = Toolchain::host().unwrap();
    let sets = compile_set("src/demo.rs", source, &Options::default().lines(), &toolchain, folder.path()).unwrap();
    assert_eq!(sets[0].findings, []);
    let table = &sets[0].tables[0];
    (table.bytes.to_vec(), table.lines.as_ref().unwrap().to_bytes())
}

#[test]
fn list_counts_what_is_there() {
    let package = Package::get();
    expect_file!["expected/list.txt"].assert_eq(&package.text(&["list", TABLE]));
    let json = package.json(&["list", "--op", "add"]);
    assert_eq!(json[0]["table"], "demo.x86_64.portable.baseline");
    let ops: Vec<_> = json[0]["ops"].as_array().unwrap().iter().map(|op| op["op"].as_str().unwrap()).collect();
    assert_eq!(ops, ["add"]);
}

#[test]
fn show_names_holes_and_quotes_the_source() {
    let package = Package::get();
    for op in ["add", "negate", "less_then", "move_ints"] {
        expect_file![format!("expected/show.{op}.txt")].assert_eq(&package.text(&["show", op]));
    }
    let json = package.json(&["show", "add", "--variant", "slot,ints0,literal"]);
    let variants = json["variants"].as_array().unwrap();
    assert_eq!(variants.len(), 1);
    let holes = variants[0]["lines"].as_array().unwrap().iter().flat_map(|line| line["holes"].as_array().unwrap());
    let values: Vec<_> = holes.map(|hole| hole["value"].as_str().unwrap()).collect();
    assert_eq!(values, ["rhs", "dst"]);
    let number = variants[0]["number"].to_string();
    assert_eq!(package.json(&["show", "add", "--variant", &number])["variants"], json["variants"]);
    let body = SOURCE.lines().position(|line| line.contains("lhs.wrapping_add(rhs)")).unwrap() + 1;
    let lines: Vec<_> = variants[0]["lines"].as_array().unwrap().iter().map(|line| line["line"].as_u64()).collect();
    assert!(lines.contains(&Some(body as u64)), "{lines:?}");
    let all = package.json(&["show", "add", "--all"]);
    assert_eq!(all["variants"].as_array().unwrap().len(), all["count"].as_u64().unwrap() as usize);
}

#[test]
fn show_does_without_the_source() {
    let package = Package::get();
    // The source beside this one is not what it was made from.
    let text = package.text(&["show", "add", NEWER]);
    assert!(text.contains("(values have numbers for names: src/demo.rs is not what the table was made from"), "{text}");
    assert!(text.contains("; operand2 ("), "{text}");
    assert!(!text.contains("wrapping_add"), "{text}");
}

#[test]
fn why_says_what_became_of_values() {
    let package = Package::get();
    for op in ["add", "negate", "less_then"] {
        expect_file![format!("expected/why.{op}.txt")].assert_eq(&package.text(&["why", op]));
    }
    let json = package.json(&["why", "add"]);
    assert_eq!(json["table"]["gates"].as_array().unwrap().len(), stencil_build_support::GATES.len());
    assert_eq!(json["table"]["values"][2]["holes"][0]["range"][0], i64::MIN);
}

#[test]
fn size_looks_at_the_budget() {
    let package = Package::get();
    expect_file!["expected/size.txt"].assert_eq(&package.text(&["size", "--top", "3"]));
    let budget = &package.json(&["size"])[0]["budget"];
    assert_eq!((&budget[0]["what"], &budget[0]["limit"]), (&Value::from("stencils"), &Value::from(200.0)));
}

#[test]
fn diff_tells_what_grew() {
    let package = Package::get();
    expect_file!["expected/diff.txt"].assert_eq(&package.text(&["diff", TABLE, NEWER]));
    let json = package.json(&["diff", TABLE, NEWER]);
    assert_eq!((&json["new_ops"][0], &json["gone_ops"][0]), (&Value::from("minus"), &Value::from("negate")));
    assert_eq!(json["ops"][0]["op"], "add");
    let same = package.json(&["diff", TABLE, TABLE]);
    assert_eq!((same["ops"].as_array().unwrap().len(), same["new_kinds"].as_array().unwrap().len()), (0, 0));
}

#[test]
fn export_writes_a_file_or_prints() {
    let package = Package::get();
    let printed = package.run(&["export", "c", TABLE]).stdout;
    package.text(&["export", "c", TABLE, "--output", "demo.h"]);
    assert_eq!(fs::read(package.path("demo.h")).unwrap(), printed);
    assert!(String::from_utf8(printed).unwrap().contains("static const demo_stencil demo_stencils["));
    assert!(package.text(&["export", "go", TABLE, "--name", "other"]).contains("\npackage other\n"));
}

/// A package of its own: what a build leaves behind is looked at by every command.
#[test]
fn what_was_built_last_goes_before_what_is_shipped() {
    let package = Package::make();
    let out = Path::new("target/debug/build/demo-0123456789abcdef/out/stencils");
    let newer = fs::read(package.path(NEWER)).unwrap();
    package.write(out.join("demo.x86_64.portable.baseline.table").to_str().unwrap(), &newer);
    package.write(out.join("demo.tables").to_str().unwrap(), b"");
    assert_eq!(package.json(&["show", "minus", "-p", "demo"])["op"], "minus");
    assert_eq!(package.json(&["list"]).as_array().unwrap().len(), 1);
    let finding = b"gone\t7\t3\t`gone` can panic\n";
    package.write(out.join("demo.diag").to_str().unwrap(), finding);
    fs::remove_dir_all(package.path("tables")).unwrap();
    fs::remove_file(package.path(out.join("demo.x86_64.portable.baseline.table").to_str().unwrap())).unwrap();
    assert_eq!(package.text(&["why", "gone"]), "gone was refused, line 7: `gone` can panic\n");
}

#[test]
fn what_is_not_there_is_named() {
    let package = Package::get();
    let errors = [
        &["show", "ad"] as &[&str],
        &["show", "add", "--variant", "9999"],
        &["show", "add", "--variant", "slot,slot"],
        &["list", "--arch", "riscv64"],
        &["list", "-p", "nobody"],
        &["list", "src/lib.rs"],
    ];
    let place = fs::canonicalize(package.0.path()).unwrap().display().to_string();
    let errors: String =
        errors.iter().map(|arguments| format!("{}\n{}", arguments.join(" "), package.error(arguments))).collect();
    expect_file!["expected/errors.txt"].assert_eq(&errors.replace(&place, "PACKAGE"));
}
