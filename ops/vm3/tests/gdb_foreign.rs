//! A real gdb on compiled programs of another architecture, through the emulator that runs these tests.

#![cfg(all(target_os = "linux", not(target_arch = "x86_64")))]

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// The emulator, if these tests run in one that debuggers can talk to, and there is a debugger.
fn emulator() -> Option<OsString> {
    let runner = std::env::var_os("STENCIL_RUNNER");
    let emulator = runner.filter(|runner| runner.to_string_lossy().contains("qemu"));
    if emulator.is_none() || Command::new("gdb-multiarch").arg("--version").output().is_err() {
        eprintln!("NOT RUN: qemu or gdb-multiarch is not here");
        return None;
    }
    emulator
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
fn lines_backtraces_and_registers_are_there_through_the_emulator() {
    let Some(emulator) = emulator() else { return };
    // A port that is free at the moment.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let vm3 = env!("CARGO_BIN_EXE_vm3");
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("programs/fib.vm3");
    let mut running = Command::new(emulator)
        .args(["-g", &port, vm3, "run"])
        .arg(program)
        .args(["6", "--tier", "stencil", "--gdb=at-once"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let commands = folder.path().join("commands");
    let script = format!(
        "set pagination off\nset confirm off\nset style enabled off\nset debuginfod enabled off\n\
         set breakpoint pending on\nset width 0\nset tcp connect-timeout 60\nfile {vm3}\n\
         target remote localhost:{port}\nbreak fib.vm3:14\ncontinue\ninfo locals\nbacktrace\nnext\ninfo locals\n\
         up\ninfo locals\nkill\n"
    );
    std::fs::write(&commands, script).unwrap();
    let output = Command::new("gdb-multiarch").args(["-q", "-nx", "-batch", "-x"]).arg(&commands).output().unwrap();
    // It ends when the debugger does.
    drop(running.kill());
    running.wait().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    in_order(
        &text,
        &[
            "Breakpoint 1, fib () at ",
            "fib.vm3:14",
            "AddI64 r0, r2, r3",
            // The sum of the two before the second number, which is the first to be added.
            "r0 = 2\n",
            "r2 = 1\nr3 = 0\n",
            "#0  fib () at ",
            "fib.vm3:14",
            " in fib () at ",
            "fib.vm3:",
            " in stencil_runtime::entry::",
            " in main ()",
            "ReturnI64 r0",
            "r0 = 1\n",
            " in fib () at ",
            "r0 = <optimized out>",
        ],
    );
}
