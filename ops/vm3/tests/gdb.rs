//! A real gdb on compiled programs: breakpoints on lines, steps, backtraces, registers of the program as variables.

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::path::Path;
use std::process::Command;

/// What gdb says to a script about a run of a program; `None` where there is no gdb.
fn gdb(script: &str, program: &str, argument: &str) -> Option<String> {
    gdb_with(script, program, argument, &["--tier", "stencil"])
}

/// The same with further options of `vm3 run`.
fn gdb_with(script: &str, program: &str, argument: &str, options: &[&str]) -> Option<String> {
    if Command::new("gdb").arg("--version").output().is_err() {
        eprintln!("NOT RUN: gdb is not here");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let commands = folder.path().join("commands");
    let head = "set pagination off\nset confirm off\nset style enabled off\nset debuginfod enabled off\n\
                set breakpoint pending on\nset width 0\n";
    std::fs::write(&commands, format!("{head}{script}")).unwrap();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(program);
    let output = Command::new("gdb")
        .args(["-q", "-nx", "-batch", "-x"])
        .arg(&commands)
        .args(["--args", env!("CARGO_BIN_EXE_vm3"), "run"])
        .arg(program)
        .args([argument, "--gdb"])
        .args(options)
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

/// A loop that calls a function which makes a list.
const LISTS: &str = "func main(i64) -> i64 {
    regs 4 i64
    ConstI64K r1, 0
    ConstI64K r2, 0
again:
    CmpGeI64Br r2, r0, done
    CallI64 r3, r2, make
    AddI64 r1, r1, r3
    AddI64K r2, r2, 1
    Jump again
done:
    ReturnI64 r1
}

func make(i64) -> i64 {
    regs 2 i64, 1 cell
    NewList c0, 0
    ListLenI64 r1, c0
    ReturnI64 r1
}
";

#[test]
fn a_backtrace_goes_from_the_host_through_compiled_functions_to_the_interpreter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lists.vm3");
    std::fs::write(&path, LISTS).unwrap();
    let host = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/native/heap.rs")).unwrap();
    let line = host.lines().position(|line| line.contains("heap.new_list(room")).unwrap() + 1;
    // By then the interpreter has gone over to compiled code in the middle of the loop.
    let script = format!("break native/heap.rs:{line}\nignore 1 500\nrun\nbacktrace\n");
    let options = ["--tier", "auto", "--threshold", "10"];
    let Some(text) = gdb_with(&script, path.to_str().unwrap(), "1000", &options) else { return };
    in_order(
        &text,
        &[
            "#0  ",
            "new_list () at ops/vm3/src/native/heap.rs:",
            " in make () at ",
            "lists.vm3:17",
            " in main () at ",
            "lists.vm3:7",
            " in stencil_runtime::entry::",
            "ops/vm3/src/interp/run.rs:",
            "execute () at ops/vm3/src/cli/run.rs:",
            " in main ()",
        ],
    );
}

#[test]
fn registers_are_right_at_every_op_of_a_program_that_works_on_the_heap() {
    // Lines of histogram.vm3 and what its registers hold before the op there; the numbers are those of its generator.
    let first = (42 * 3877 + 29573) % 139_968;
    let second = (first * 3877 + 29573) % 139_968;
    let not_set = "<optimized out>";
    let head = "r0 = 1000\n";
    let stops: [(u32, String); 8] = [
        (11, format!("{head}r1 = {not_set}\nr2 = {not_set}\nr3 = {not_set}\nr4 = {not_set}\nr5 = {not_set}\n")),
        (12, format!("{head}r1 = {not_set}\nr2 = {not_set}\nr3 = {not_set}\nr4 = {not_set}\nr5 = {not_set}\n")),
        (16, format!("{head}r1 = 0\nr2 = 42\nr3 = 139968\nr4 = {not_set}\nr5 = {not_set}\n")),
        (21, format!("{head}r1 = 0\nr2 = {first}\nr3 = 139968\nr4 = {}\nr5 = {not_set}\n", first % 10_007)),
        (23, format!("{head}r1 = 0\nr2 = {first}\nr3 = 139968\nr4 = {}\nr5 = 1\n", first % 10_007)),
        (24, format!("{head}r1 = 0\nr2 = {first}\nr3 = 139968\nr4 = {}\nr5 = 1\n", first % 10_007)),
        (22, format!("{head}r1 = 1\nr2 = {second}\nr3 = 139968\nr4 = {}\nr5 = 0\n", second % 10_007)),
        (24, format!("{head}r1 = 1\nr2 = {second}\nr3 = 139968\nr4 = {}\nr5 = 1\n", second % 10_007)),
    ];
    let mut script = "break histogram.vm3:11\nrun\ndelete\ninfo locals\n".to_owned();
    for (line, _) in &stops[1..] {
        script.push_str(&format!("tbreak histogram.vm3:{line}\ncontinue\ninfo locals\n"));
    }
    let Some(text) = gdb(&script, "programs/histogram.vm3", "1000") else { return };
    let expected: Vec<String> =
        stops.iter().flat_map(|(line, locals)| [format!("\n{line}\t"), locals.clone()]).collect();
    in_order(&text, &expected.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn the_second_view_is_stepped_through_by_lines_of_the_ops() {
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/stencils.rs")).unwrap();
    let line = |wanted: &str| source.lines().position(|line| line.contains(wanted)).unwrap() + 1;
    // The body of the op that adds to the sum and to the counter, and one behind it.
    let (add, less) = (line("fn add_i64(") + 1, line("fn jump_lt_i64(") + 1);
    let [add_text, less_text] = [add, less].map(|line| source.lines().nth(line - 1).unwrap().trim());
    let script = format!(
        "break stencils.rs:{add}\nrun\ncontinue\ninfo symbol $pc\nprint r1\nstep\nstep\nstep\nstep\nbacktrace\n"
    );
    let Some(text) = gdb_with(&script, "programs/sum_loop.vm3", "1000", &["--tier", "stencil", "--lines", "ops"])
    else {
        return;
    };
    let (stopped, stepped) = (format!("src/stencils.rs:{add}"), format!("{add}\t"));
    in_order(
        &text,
        &[
            "Breakpoint 1, sum_loop () at ",
            &stopped,
            add_text,
            "Breakpoint 1, sum_loop () at ",
            &stopped,
            "sum_loop:",
            " AddI64",
            "$1 = 0",
        ],
    );
    // One turn of the loop: from one addition through the compare to the next.
    in_order(&text, &["$1 = 0", &format!("{less}\t"), less_text, &stepped, add_text, "#0  sum_loop () at "]);
    in_order(&text, &["src/stencils.rs:", "#1  ", " in stencil_runtime::entry::", " in main ()"]);
}
