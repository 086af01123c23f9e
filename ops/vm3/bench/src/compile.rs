//! How long engines that compile take for it.
//!
//! What can be timed from outside is making a machine. So each program is given to a machine of the engine and, right
//! after, to one that would compile functions once they have run long enough, and so does everything but compile; the
//! difference is the program's compile time, verifying excluded and publishing included. Different programs take turns,
//! so that no branch predictor learns them: generated ones of several sizes, and those that are timed.

use crate::engine::Engine;
use crate::error::BenchError;
use crate::figures::{CompileTime, Compiled};
use crate::functions::{Random, function, program};
use crate::stats::{deviation, median};
use std::hint::black_box;
use std::time::Instant;
use vm3::program::Verified;
use vm3::{Tier, Vm, VmError, VmOptions};

/// Sizes of generated functions in ops, how many of each size take turns, and how often all of them do.
const SIZES: [(usize, usize, usize); 5] =
    [(10, 256, 40), (20, 256, 40), (100, 256, 20), (1_000, 256, 4), (10_000, 64, 4)];
/// A million ops, for engines that take milliseconds for them: functions of a program and their ops, and how many such
/// programs take turns how often.
const MANY: (usize, usize, usize, usize) = (100, 10_000, 2, 4);
/// How often all programs take turns.
const PROGRAM_ROUNDS: usize = 100;

/// The compile times of an engine for generated functions and for `programs`; nothing when making its machines compiles
/// nothing.
///
/// # Errors
/// When it cannot compile.
pub fn compile_times(engine: &Engine, programs: &[Verified]) -> Result<Vec<CompileTime>, BenchError> {
    if engine.options.tier == Tier::Interp || engine.options.tier == Tier::Auto {
        return Ok(Vec::new());
    }
    let mut times = Vec::new();
    for (ops, count, rounds) in SIZES {
        let mut random = Random::new(0x5EED_0003);
        let functions: Vec<Verified> = (0..count).map(|_| function(&mut random, ops)).collect();
        times.push(compile_time(engine, Compiled::Generated, &functions, rounds)?);
    }
    if engine.options.tier == Tier::Stencil {
        let (functions, ops, count, rounds) = MANY;
        let mut random = Random::new(0x5EED_0004);
        let programs: Vec<Verified> = (0..count).map(|_| program(&mut random, functions, ops)).collect();
        times.push(compile_time(engine, Compiled::Generated, &programs, rounds)?);
    }
    if !programs.is_empty() {
        times.push(compile_time(engine, Compiled::Programs, programs, PROGRAM_ROUNDS)?);
    }
    Ok(times)
}

fn compile_time(
    engine: &Engine,
    what: Compiled,
    programs: &[Verified],
    rounds: usize,
) -> Result<CompileTime, BenchError> {
    let compiling = VmOptions { stack_bytes: 1 << 16, ..engine.options.clone() };
    let without = VmOptions { tier: Tier::Auto, threshold: u32::MAX, ..compiling.clone() };
    let failed = |error| BenchError::Machine(what.name().into(), engine.name.into(), error);
    let (mut samples, mut per_op) = (Vec::new(), Vec::new());
    // The first round warms up.
    for round in 0..=rounds {
        for program in programs {
            let time = making(program, &compiling).map_err(failed)? - making(program, &without).map_err(failed)?;
            if round > 0 {
                samples.push(time);
                per_op.push(time / ops(program) as f64);
            }
        }
    }
    Ok(CompileTime {
        tier: engine.name.into(),
        what,
        programs: programs.len(),
        ops: programs.iter().map(ops).sum::<usize>() / programs.len(),
        program_ns: median(&samples),
        deviation_ns: deviation(&samples),
        op_ns: median(&per_op),
    })
}

/// The ops of all functions of a program.
fn ops(program: &Verified) -> usize {
    program.program().functions.iter().map(|function| function.code.len()).sum()
}

/// The nanoseconds it takes to make a machine.
fn making(function: &Verified, options: &VmOptions) -> Result<f64, VmError> {
    let function = function.clone();
    let start = Instant::now();
    let vm = black_box(Vm::new(function, options)?);
    let time = start.elapsed();
    drop(vm);
    Ok(time.as_nanos() as f64)
}
