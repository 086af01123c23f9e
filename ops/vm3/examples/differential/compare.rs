//! Running one program in every tier and comparing what can be seen of it.

use super::generate;
use super::hosts;
use super::seen::{Seen, compare};
use stencil_random::Random;
use vm3::program::Verified;
use vm3::{Convention, Outcome, Tier, Vm, VmOptions};

/// What became of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It returned.
    Returned,
    /// It ended in a deopt.
    Deopt,
    /// It failed.
    Fault,
    /// It takes so many ops that it was only run with fuel.
    Long,
}

/// A run of more ops than this is long.
const MOST_OPS: u64 = 300_000;

/// Long runs are given less fuel than this.
const LONG_FUEL: usize = 20_000;

/// Runs of one machine. The second one begins with what the first has left on the heap.
const RUNS: usize = 2;

/// How a machine is made: tier, convention, and after how many calls functions are compiled.
type Way = (Tier, Option<Convention>, u32);

/// Checks the program of a seed.
///
/// # Errors
/// What differs.
pub(crate) fn check(seed: u64) -> Result<Checked, String> {
    let mut random = Random::new(seed);
    let program = generate::program(&mut random);
    let verified = program.verify().map_err(|error| format!("the program is malformed: {error}"))?;
    let arguments: Vec<i64> = (0..random.below(6)).map(|_| random.word() as i64 >> random.below(64)).collect();
    // Small stacks and heaps end many runs, and small stacks let compiled code give up where the interpreter has room.
    let stack_bytes = random.of(&[1 << 10, 1 << 12, 1 << 16, 1 << 20]);
    let heap_bytes = random.of(&[600, 1 << 10, 1 << 12, 1 << 22, 1 << 22]);
    let interpreted = VmOptions { stack_bytes, heap_bytes, ..VmOptions::default() };
    let mut vm = machine(&verified, &interpreted)?;
    let mut expected = Vec::new();
    let mut most_ops = 0;
    for _ in 0..RUNS {
        let (outcome, counts) = vm.call_counted(0, &arguments, MOST_OPS);
        let ops = counts.map_or(0, |counts| counts.ops);
        if ops >= MOST_OPS {
            expected.clear();
            break;
        }
        most_ops = most_ops.max(ops);
        expected.push(Seen::of(&mut vm, &verified, outcome));
    }
    let all = [Convention::Portable, Convention::Wide];
    let conventions = all.into_iter().filter(|convention| stencil_runtime::entry::supports(*convention));
    let stencil = conventions.map(|convention| (Tier::Stencil, Some(convention), 0));
    // Compiled at some point of the run: calls cross in both directions.
    let thresholds = [0, 1, 2 + random.below(40) as u32, interpreted.threshold];
    let auto = thresholds.map(|threshold| (Tier::Auto, None, threshold));
    #[cfg(feature = "cranelift")]
    let upper = [(Tier::Cranelift, None, 0)];
    #[cfg(not(feature = "cranelift"))]
    let upper = [];
    let ways: Vec<Way> = stencil.into_iter().chain(auto).chain(upper).collect();
    let is_long = expected.is_empty();
    for way @ (tier, convention, threshold) in ways.iter().copied().filter(|_| !is_long) {
        let mut vm = machine(&verified, &VmOptions { tier, convention, threshold, ..interpreted.clone() })?;
        for (run, expected) in expected.iter().enumerate() {
            let outcome = vm.call(0, &arguments);
            let found = Seen::of(&mut vm, &verified, outcome);
            compare(expected, &found).map_err(|text| format!("{way:?}, run {run}: {text}"))?;
        }
    }
    // The same with as much fuel as is used, or some that may be too little. Cranelift's code takes none.
    #[cfg(feature = "cranelift")]
    let ways: Vec<Way> = ways.into_iter().filter(|(tier, ..)| *tier != Tier::Cranelift).collect();
    let fuel = match is_long {
        true => [(); 2].map(|()| random.below(LONG_FUEL) as u64),
        false => [most_ops, random.below(most_ops as usize + 1) as u64],
    };
    check_metered(&verified, &arguments, &VmOptions { fuel: Some(0), ..interpreted }, fuel, &ways)?;
    Ok(match expected.first().map(|seen| &seen.outcome) {
        Some(Ok(Outcome::Returned(_))) => Checked::Returned,
        Some(Ok(Outcome::Deopt(_))) => Checked::Deopt,
        Some(Err(_)) => Checked::Fault,
        None => Checked::Long,
    })
}

/// A machine with the functions of the host that a program declares.
fn machine(program: &Verified, options: &VmOptions) -> Result<Vm, String> {
    let functions = hosts::functions(program.program());
    Vm::with_host(program.clone(), options, functions).map_err(|error| error.to_string())
}

/// Runs a program once with each amount of fuel in every tier, and compares as [`check`] does, the fuel left included.
fn check_metered(
    program: &Verified,
    arguments: &[i64],
    interpreted: &VmOptions,
    fuels: [u64; RUNS],
    ways: &[Way],
) -> Result<(), String> {
    let run = |options: &VmOptions| {
        let mut vm = machine(program, options)?;
        let mut seen = Vec::new();
        for fuel in fuels {
            vm.set_fuel(fuel).map_err(|error| error.to_string())?;
            let outcome = vm.call(0, arguments);
            seen.push((Seen::of(&mut vm, program, outcome), vm.fuel()));
        }
        Ok::<_, String>(seen)
    };
    let expected = run(interpreted)?;
    for way @ (tier, convention, threshold) in ways.iter().copied() {
        let found = run(&VmOptions { tier, convention, threshold, ..interpreted.clone() })?;
        for ((fuel, expected), found) in fuels.iter().zip(&expected).zip(&found) {
            let context = |text| format!("{way:?} with fuel for {fuel} ops: {text}");
            compare(&expected.0, &found.0).map_err(context)?;
            if expected.1 != found.1 {
                return Err(context(format!("{:?} is left, expected {:?}", found.1, expected.1)));
            }
        }
    }
    Ok(())
}
