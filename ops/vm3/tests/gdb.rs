//! A real gdb on compiled programs: breakpoints on lines, steps, backtraces, registers of the program as variables.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::process::Command;

/// What gdb says to a script about a run of a program; `None` where there is no gdb.
fn gdb(script: &str, program: &str, argument: &str) -> Option<String> {
    if Command::new("gdb").arg("--version").output().is_err() {
        eprintln!("NOT RUN: gdb is not here");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let commands = folder.path().join("commands");
    let head = "set pagination off\nset confirm off\nset style enabled off\nset debuginfod enabled off\n\
                set breakpoint pending on\nset width 0\n";
    std::fs::write(&commands, format!("{head}{script}")).unwrap();
    let program = format!("{}/{program}", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("gdb")
        .args(["-q", "-nx", "-batch", "-x"])
        .arg(&commands)
        .args(["--args", env!("CARGO_BIN_EXE_vm3"), "run", &program, argument, "--tier", "stencil", "--gdb"])
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    // A container may forbid tracing.
    if text.contains("ptrace: Operation not permitted") {
        eprintln!("NOT RUN: processes cannot be traced here");
        return None;
    }
    Some(text)
}

/// Asserts that texts appear one after the other.
fn in_order(text: &str, expected: &[&str]) {
    let mut rest = text;
    for part in expected {
        let Some(at) = rest.find(part) else { panic!("no `{part}` in what is left:\n{rest}\nall:\n{text}") };
        rest = &rest[at + part.len()..];
    }
}

#[test]
fn a_loop_is_stopped_at_and_stepped_through_by_lines() {
    let script = "break sum_loop.vm3:13\nrun\ninfo locals\nnext\nnext\nnext\ninfo locals\ndelete\n\
                  tbreak sum_loop.vm3:16\ncontinue\nprint r1\ninfo symbol $pc\n";
    let Some(text) = gdb(script, "programs/sum_loop.vm3", "1000") else { return };
    in_order(
        &text,
        &[
            "Breakpoint 1, sum_loop () at ",
            "programs/sum_loop.vm3:13",
            "AddI64K r2, r2, 1",
            "r0 = 1000",
            "r1 = 0",
            "r2 = 0",
            "Jump next",
            "AddI64 r1, r1, r2",
            "AddI64K r2, r2, 1",
            "r0 = 1000",
            "r1 = 1",
            "r2 = 1",
            "ReturnI64 r1",
            "$1 = 499500",
            "sum_loop:6 ReturnI64 r1",
        ],
    );
}

#[test]
fn a_backtrace_goes_through_recursion_to_the_host() {
    // The third return: of fib(2), called by fib(4), called by fib(5). Callers do without calls of leaves.
    let script = "break fib.vm3:16\nignore 1 2\nrun\nbacktrace\nup\ninfo frame\ndelete\nfinish\n";
    let Some(text) = gdb(script, "programs/fib.vm3", "5") else { return };
    let frames = ["#0  fib () at ", "fib.vm3:16", "#1  ", " in fib () at ", "fib.vm3:13", "#2  ", " in fib () at "];
    in_order(&text, &frames);
    in_order(&text, &["stencil_runtime::entry::", " in main ()"]);
    in_order(&text, &["called by frame at", "caller of frame at", "Saved registers:", "rbp at ", "rip at "]);
    // The call returns to the one that waits at the first call op.
    in_order(&text, &["rip at ", " in fib () at ", "fib.vm3:11"]);
}
