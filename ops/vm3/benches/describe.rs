//! What compiling takes when somebody is told of the code: time per op of a program of 200 functions, by listener.
//!
//! Each listener has a process of its own, for it listens to all code of one. `cargo bench -p vm3 --bench describe`.

use std::error::Error;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use stencil_debug::{Debugger, JitDump, PerfMap, Unwinding};
use vm3::program::{Verified, text};
use vm3::{CodeCache, Describer, Tier, Vm, VmOptions, listen};

const LISTENERS: [&str; 5] = ["none", "unwinding", "gdb", "perf-map", "jitdump"];
const FUNCTIONS: usize = 200;
const TURNS: usize = 41;

/// Functions of about 50 ops, with loops, branches and calls.
fn program() -> Result<Verified, Box<dyn Error>> {
    let mut source = String::new();
    for function in 0..FUNCTIONS {
        let callee = (function + 1) % FUNCTIONS;
        writeln!(
            source,
            "func f{function}(i64) -> i64 {{\n    regs 8 i64, 2 f64\n    ConstI64K r1, 0\n    ConstI64K r2, 0"
        )?;
        writeln!(source, "next:\n    CmpGeI64Br r2, r0, done")?;
        for step in 0..9 {
            let [a, b, c] = [3 + step % 5, 1 + step % 4, 3 + (step + 2) % 5];
            writeln!(source, "    AddI64 r{a}, r{b}, r{c}\n    MulI64 r{c}, r{a}, r2\n    SubI64K r{a}, r{c}, {step}")?;
            writeln!(source, "    I64ToF64 d0, r{a}\n    AddF64 d1, d1, d0")?;
        }
        writeln!(source, "    CallI64 r3, r2, f{callee}\n    AddI64 r1, r1, r3\n    AddI64K r2, r2, 1\n    Jump next")?;
        writeln!(source, "done:\n    ReturnI64 r1\n}}\n")?;
    }
    let mut program = text::parse(&source)?;
    program.source.file = Some("generated.vm3".to_owned());
    Ok(program.verify()?)
}

/// Prints what an op takes.
fn measure(listener: &str) -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let guest = Arc::new(Describer::best()?);
    match listener {
        "none" => {}
        "unwinding" => listen(Arc::new(Unwinding::new()?))?,
        "gdb" => listen(Arc::new(Debugger::new(guest)))?,
        "perf-map" => listen(Arc::new(PerfMap::at(guest, &folder.path().join("map"))?))?,
        "jitdump" => listen(Arc::new(JitDump::new(guest, folder.path())?))?,
        _ => return Err(format!("no listener `{listener}`; choose one of {}", LISTENERS.join(", ")).into()),
    }
    let program = program()?;
    let ops: usize = program.program().functions.iter().map(|function| function.code.len()).sum();
    let mut times = Vec::new();
    for _ in 0..TURNS {
        // A cache of its own, so that everything is compiled, and freed at the end of the turn.
        let cache = CodeCache::new(usize::MAX);
        let start = Instant::now();
        let vm = Vm::new(program.clone(), &VmOptions { tier: Tier::Stencil, cache, ..VmOptions::default() })?;
        times.push(start.elapsed());
        drop(vm);
    }
    times.sort();
    let per_op = |time: Duration| time.as_nanos() as f64 / ops as f64;
    let [first, median, last] = [1, 2, 3].map(|quarter| per_op(times[TURNS * quarter / 4]));
    println!("{listener:10} {median:8.1} ns per op, spread {:.1}, {ops} ops", last - first);
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo adds an option of its own.
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    match wanted {
        Some(listener) => measure(&listener),
        None => {
            for listener in LISTENERS {
                let status = Command::new(std::env::current_exe()?).arg(listener).status()?;
                if !status.success() {
                    return Err(format!("{listener} failed: {status}").into());
                }
            }
            Ok(())
        }
    }
}
