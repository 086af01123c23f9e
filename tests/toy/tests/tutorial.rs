//! What the tutorial shows is what is there: its code is in the files it names, and its commands print what it says.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The command, run by the program that `STENCIL_RUNNER` names where it is one for another machine, such as an emulator.
fn command() -> Command {
    let program = env!("CARGO_BIN_EXE_stencil-toy");
    let Some(runner) = std::env::var_os("STENCIL_RUNNER") else { return Command::new(program) };
    let mut command = Command::new(runner);
    command.arg(program);
    command
}

/// A block of the tutorial: the language, what follows it, and the lines.
struct Block<'a> {
    language: &'a str,
    file: &'a str,
    lines: Vec<&'a str>,
}

fn blocks(document: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(head) = line.strip_prefix("```") {
            let (language, file) = head.split_once(' ').unwrap_or((head, ""));
            let lines = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { language, file, lines });
        }
    }
    blocks
}

/// Whether the lines stand in a text one after the other.
fn shows(text: &str, lines: &[&str]) -> bool {
    let text: Vec<&str> = text.lines().collect();
    !lines.is_empty() && text.windows(lines.len()).any(|window| window == lines)
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn tutorial() -> String {
    fs::read_to_string(folder().join("README.md")).unwrap()
}

#[test]
fn every_block_is_part_of_a_file() {
    let tutorial = tutorial();
    let mut files = Vec::new();
    for Block { language, file, lines } in blocks(&tutorial) {
        if language == "console" {
            continue;
        }
        assert!(!file.is_empty(), "no file is named for {lines:#?}");
        let text = fs::read_to_string(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(shows(&text, &lines), "{file} does not hold\n{}", lines.join("\n"));
        files.push(file);
    }
    for file in ["Cargo.toml", "build.rs", "src/stencils.rs", "src/host.rs", "src/interpreter.rs", "src/compiler.rs"] {
        assert!(files.contains(&file), "nothing of {file} is shown");
    }
}

#[test]
fn every_command_prints_what_follows_it() {
    let tutorial = tutorial();
    let mut commands = 0;
    for Block { lines, .. } in blocks(&tutorial).iter().filter(|block| block.language == "console") {
        let program = lines[0].strip_prefix("$ cargo run -q -p stencil-toy -- tests/toy/").unwrap();
        let output = command().arg(program).current_dir(folder()).stdin(Stdio::null()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), lines[1..].join("\n") + "\n");
        commands += 1;
    }
    assert!(commands > 0);
}

#[test]
fn a_block_that_is_elsewhere_is_found_out() {
    let text = "a\n  b\nc\n";
    assert!(shows(text, &["a", "  b"]) && shows(text, &["c"]));
    for other in [&["b"][..], &["a", "c"], &["c", "d"], &[]] {
        assert!(!shows(text, other), "{other:?}");
    }
}

#[test]
fn mistakes_are_reported_where_they_are() {
    let run = |arguments: &[&str]| {
        let output = command().args(arguments).stdin(Stdio::null()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("overrun.bf");
    fs::write(&path, "+\n[ > + ]").unwrap();
    let path = path.to_str().unwrap();
    let message =
        format!("{path}:2:3: the head leaves the tape here, which has 30000 cells; keep it between the ends\n");
    assert_eq!(run(&[path]), (Some(1), message));
    assert_eq!(run(&["no such file"]).0, Some(1));
    let (status, usage) = run(&[]);
    assert_eq!(status, Some(2));
    assert!(usage.starts_with("usage: stencil-toy"));
}
