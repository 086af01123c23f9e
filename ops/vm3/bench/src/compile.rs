//! How long engines that compile take for it.
//!
//! What can be timed from outside is making a machine. So each function is given to a machine of the engine and, right
//! before, to one of the interpreter, which does everything but compile; the difference is the function's compile time,
//! verifying excluded and publishing included. Different functions take turns, so that no branch predictor learns them.

use crate::engine::Engine;
use crate::error::BenchError;
use crate::figures::CompileTime;
use crate::functions::{Random, function};
use crate::stats::{deviation, median};
use std::hint::black_box;
use std::time::Instant;
use vm3::program::Verified;
use vm3::{Tier, Vm, VmError, VmOptions};

/// Sizes of functions in ops, how many of each size take turns, and how often all of them do.
const SIZES: [(usize, usize, usize); 5] =
    [(10, 256, 40), (20, 256, 40), (100, 256, 20), (1_000, 256, 4), (10_000, 64, 4)];

/// The compile times of an engine; nothing when making its machines compiles nothing.
///
/// # Errors
/// When it cannot compile.
pub fn compile_times(engine: &Engine) -> Result<Vec<CompileTime>, BenchError> {
    if engine.options.tier == Tier::Interp || engine.options.tier == Tier::Auto {
        return Ok(Vec::new());
    }
    let times = SIZES.into_iter().map(|(ops, functions, rounds)| compile_time(engine, ops, functions, rounds));
    times
        .collect::<Result<_, _>>()
        .map_err(|error| BenchError::Machine("generated functions".into(), engine.name.into(), error))
}

fn compile_time(engine: &Engine, ops: usize, count: usize, rounds: usize) -> Result<CompileTime, VmError> {
    let mut random = Random::new(0x5EED_0003);
    let functions: Vec<Verified> = (0..count).map(|_| function(&mut random, ops)).collect();
    let compiling = VmOptions { stack_bytes: 1 << 16, ..engine.options.clone() };
    let without = VmOptions { tier: Tier::Interp, ..compiling.clone() };
    let mut samples = Vec::new();
    // The first round warms up.
    for round in 0..=rounds {
        for function in &functions {
            let difference = making(function, &compiling)? - making(function, &without)?;
            if round > 0 {
                samples.push(difference);
            }
        }
    }
    let function_ns = median(&samples);
    let deviation_ns = deviation(&samples);
    let (tier, op_ns) = (engine.name.into(), function_ns / ops as f64);
    Ok(CompileTime { tier, ops, functions: count, function_ns, deviation_ns, op_ns })
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
