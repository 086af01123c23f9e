//! The command line: what it prints, and its exit status.

mod command;

use std::path::Path;
use std::process::Output;

fn vm3(arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = command::vm3().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

const FILE: &str = r#"{"programs": [
  {"name": "double", "entry": 0, "funcs": [{"name": "f", "num_regs": {"i64": 1, "f64": 0, "cell": 0},
    "param_banks": ["i64"], "result_bank": "i64", "code": [
      {"op": "AddI64", "code": 6, "a": 0, "b": 0, "c": 0}, {"op": "ReturnI64", "code": 39, "a": 0, "b": 0, "c": 0}]}],
    "cases": [{"args": ["4"], "bench": true, "expect": {"status": "ok", "raw_bits": "0x0000000000000008", "ops": 2}}]},
  {"name": "fall_off_end", "group": "error", "entry": 0, "funcs": [{"name": "f",
    "num_regs": {"i64": 0, "f64": 0, "cell": 0}, "param_banks": [], "result_bank": "i64",
    "code": [{"op": "Nop", "code": 0, "a": 0, "b": 0, "c": 0}]}],
    "cases": [{"args": [], "expect": {"status": "panic"}}]}]}"#;

fn file(folder: &Path, content: &str) -> String {
    let path = folder.join("file.json");
    std::fs::write(&path, content).unwrap();
    path.to_str().unwrap().into()
}

#[test]
fn check_counts_and_names_what_it_skips() {
    let folder = tempfile::tempdir().unwrap();
    let (status, text, _) = vm3(&["check", &file(folder.path(), FILE)]);
    assert_eq!(status, Some(0), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    let reason = "fall_off_end case 0: rejected by the verifier: function 0 `f` at pc 0: control falls off the end";
    assert!(lines[0].starts_with("skipped ") && lines[0].contains(reason), "{text}");
    assert_eq!(lines[1], "1 passed, 0 failed, 1 skipped");
}

#[test]
fn check_fails_when_a_case_differs_a_program_is_rejected_or_a_file_is_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let check = |from: &str, to: &str| {
        assert!(FILE.contains(from), "{from}");
        vm3(&["check", &file(folder.path(), &FILE.replacen(from, to, 1))])
    };
    let (status, text, _) = check("0000008", "0000009");
    assert_eq!(status, Some(1));
    assert!(text.contains("FAILED") && text.ends_with("0 passed, 1 failed, 1 skipped\n"), "{text}");
    let (status, text, _) = check("\"ops\": 2", "\"ops\": 1");
    assert_eq!(status, Some(1));
    assert!(text.contains("status is \"limit\""), "{text}");
    let (status, text, _) = check("fall_off_end", "other");
    assert_eq!(status, Some(1));
    assert!(text.ends_with("1 passed, 1 failed, 0 skipped\n"), "{text}");
    let (status, text, error) = check("\"entry\": 0", "\"entry\": -1");
    assert_eq!(status, Some(1));
    assert_eq!(text, "0 passed, 0 failed, 0 skipped\n");
    assert!(error.contains("file.json: invalid value") && error.contains("line 2"), "{error}");
}

#[test]
fn check_stops_what_does_not_end_in_every_tier() {
    let folder = tempfile::tempdir().unwrap();
    let most_ops = u64::MAX.to_string();
    for closing in [r#""op": "Jump", "code": 34"#, r#""op": "TailCallI64", "code": 38"#] {
        let endless = FILE.replace(r#""op": "ReturnI64", "code": 39"#, closing).replace(r#", "ops": 2"#, "");
        let endless = file(folder.path(), &endless);
        for tier in ["interp", "stencil", "auto"] {
            let arguments = ["check", &endless, "--max-ops", &most_ops, "--max-seconds", "0.05", "--tier", tier];
            let (status, text, _) = vm3(&arguments);
            assert_eq!(status, Some(1), "{tier}: {text}");
            assert!(text.contains("it was stopped after 0.05 s"), "{tier}: {text}");
        }
    }
    for wrong in ["soon", "-1", "inf"] {
        assert_eq!(vm3(&["check", "file.json", "--max-seconds", wrong]).0, Some(2), "{wrong}");
    }
}

#[test]
fn run_and_dump_take_a_program_of_a_json_file_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), FILE);
    assert_eq!(vm3(&["run", &path, "--name", "double", "-21"]).1, "-42\n");
    let (_, text, _) = vm3(&["dump", &path, "--name", "double"]);
    assert!(text.contains("function 0 `f`(i64) -> i64, entry"), "{text}");
    assert!(text.contains("\n      1  ReturnI64 r0\n"), "{text}");
    let (status, _, error) = vm3(&["run", &path]);
    assert_eq!(status, Some(1));
    assert!(error.contains("choose one of them with --name: double, fall_off_end"), "{error}");
    let (status, _, error) = vm3(&["run", &path, "--name", "triple"]);
    assert_eq!(status, Some(1));
    assert!(error.contains("holds no program `triple`"), "{error}");
    let (status, _, error) = vm3(&["run", &path, "--name", "fall_off_end"]);
    assert_eq!(status, Some(1));
    assert!(error.contains("malformed program: function 0 `f` at pc 0: control falls"), "{error}");
}

#[test]
fn errors_of_assembly_name_file_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.vm3");
    std::fs::write(&path, "func f() -> i64 {\n    Jmup f\n}\n").unwrap();
    let (status, _, error) = vm3(&["run", path.to_str().unwrap()]);
    assert_eq!(status, Some(1));
    assert_eq!(error, format!("error: {}: line 2, column 5: there is no op `Jmup`\n", path.display()));
}

#[test]
fn dump_shows_code_with_op_names_and_holes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.vm3");
    let source = "func f(i64) -> i64 {\n regs 1 i64\n AddI64K r0, r0, 1234\n DivI64 r0, r0, r0\n ReturnI64 r0\n}
func g() -> i64 {\n regs 1 i64, 1 cell\n NewList c0, 0\n ListPushI64 c0, r0\n ReturnConstK 0\n}";
    std::fs::write(&path, source).unwrap();
    let path = path.to_str().unwrap();
    let (status, text, error) = vm3(&["dump", path]);
    assert_eq!(status, Some(0), "{error}");
    let add = text.lines().skip_while(|line| !line.contains("AddI64K r0, r0, 1234")).nth(1).unwrap();
    let hole = match std::env::consts::ARCH {
        "x86_64" => "[d2040000]",
        // The literal comes before the sum, in two instructions.
        "aarch64" => "[0800a0d2]",
        _ => "lui",
    };
    assert!(add.contains(hole) && add.contains("; add_i64"), "{add}");
    for part in ["entry", "exit at 1", "host at 1", "end of the region"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (status, bytecode, _) = vm3(&["dump", path, "--code", "none"]);
    assert_eq!(status, Some(0));
    assert!(bytecode.contains("AddI64K r0, r0, 1234") && !bytecode.contains("add_i64"), "{bytecode}");
}

#[test]
fn bench_writes_its_figures() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), FILE);
    let out = folder.path().join("out.json");
    let arguments = ["bench", &path, "--json", out.to_str().unwrap(), "--samples", "3", "--sample-ms", "1"];
    let (status, text, error) = vm3(&arguments);
    assert_eq!(status, Some(0), "{error}");
    for tier in vm3::Tier::ALL {
        assert!(text.contains(&format!("double [4] {tier}")), "{text}");
    }
    let figures: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(out).unwrap()).unwrap();
    let figures = figures.as_array().unwrap();
    assert_eq!(figures.len(), vm3::Tier::ALL.len());
    for figure in figures {
        assert_eq!(figure["ops"], 2);
        assert!(figure["median_ns"].as_f64().is_some_and(|median| median > 0.0));
    }
}

#[test]
fn help_and_wrong_usage() {
    for command in ["run", "check", "bench", "dump"] {
        let (status, text, _) = vm3(&[command, "--help"]);
        assert_eq!(status, Some(0));
        assert!(text.contains("Usage: vm3") && text.contains("--help"), "{text}");
    }
    let (status, _, error) = vm3(&["run", "x", "--tier", "warp"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("interp"), "{error}");
    let (status, _, error) = vm3(&["run", "/nonexistent/x.vm3"]);
    assert_eq!(status, Some(1));
    assert!(error.starts_with("error: cannot read /nonexistent/x.vm3: "), "{error}");
}

#[cfg(not(target_os = "linux"))]
#[test]
fn what_only_linux_has_is_refused_by_name() {
    let asked = [("`--gdb`", "--gdb"), ("`--lines`", "--lines=ops"), ("`--perf-map`", "--perf-map")];
    for (name, option) in asked {
        let (status, _, error) = vm3(&["run", option, "programs/fib.vm3", "5"]);
        assert_eq!((status, error.contains(name)), (Some(1), true), "{error}");
    }
    let (status, _, error) = vm3(&["profile", "programs/fib.vm3", "--tier", "stencil", "5"]);
    assert_eq!(status, Some(1));
    assert_eq!(error.trim_end(), "error: `vm3 profile` is not supported on this system; use it on Linux");
}
