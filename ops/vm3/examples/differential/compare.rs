//! Running one program in every tier and comparing what can be seen of it.

use super::generate;
use super::random::Random;
use vm3::program::{Bank, Field, Opcode, Verified};
use vm3::{Convention, Fault, Outcome, Returned, Tier, Vm, VmOptions};

/// What became of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checked {
    /// It returned.
    Returned,
    /// It ended in a deopt.
    Deopt,
    /// It failed.
    Fault,
    /// It takes too many ops to be run.
    Long,
}

/// A run of more ops than this is not compared.
const MOST_OPS: u64 = 300_000;

/// Checks the program of a seed.
///
/// # Errors
/// What differs.
pub(crate) fn check(seed: u64) -> Result<Checked, String> {
    let mut random = Random::new(seed);
    let program = generate::program(&mut random);
    let verified = program.verify().map_err(|error| format!("the program is malformed: {error}"))?;
    let arguments: Vec<i64> = (0..random.below(6)).map(|_| random.next() as i64 >> random.below(64)).collect();
    // Small stacks end many runs, and let compiled code give up where the interpreter still has room.
    let stack_bytes = random.of(&[1 << 10, 1 << 12, 1 << 16, 1 << 20]);
    let interpreted = VmOptions { stack_bytes, ..VmOptions::default() };
    let machine = |options: &VmOptions| Vm::new(verified.clone(), options).map_err(|error| error.to_string());
    let mut expected = machine(&interpreted)?;
    let (outcome, counts) = expected.call_counted(0, &arguments, MOST_OPS);
    if counts.is_some_and(|counts| counts.ops >= MOST_OPS) {
        return Ok(Checked::Long);
    }
    let conventions = [Convention::Portable, Convention::Wide];
    let stencil = conventions.map(|convention| (Tier::Stencil, Some(convention), 0));
    // Compiled at some point of the run: calls cross in both directions.
    let auto = [(Tier::Auto, None, random.below(4) as u32), (Tier::Auto, None, random.below(40) as u32)];
    for (tier, convention, threshold) in stencil.into_iter().chain(auto) {
        let mut vm = machine(&VmOptions { tier, convention, threshold, ..interpreted.clone() })?;
        for run in 0..2 {
            let found = vm.call(0, &arguments);
            let context = |text| format!("{tier} {convention:?} after {threshold} calls, run {run}: {text}");
            compare(&verified, (&expected, &outcome), (&vm, &found)).map_err(context)?;
        }
    }
    Ok(match outcome {
        Ok(Outcome::Returned(_)) => Checked::Returned,
        Ok(Outcome::Deopt(_)) => Checked::Deopt,
        Err(_) => Checked::Fault,
    })
}

type Ended<'r> = (&'r Vm, &'r Result<Outcome, Fault>);

fn compare(program: &Verified, expected: Ended<'_>, found: Ended<'_>) -> Result<(), String> {
    let same = match (expected.1, found.1) {
        (Ok(Outcome::Returned(Returned::F64(left))), Ok(Outcome::Returned(Returned::F64(right)))) => {
            same_bits(Bank::F64, left.to_bits(), right.to_bits())
        }
        (left, right) => left == right,
    };
    if !same {
        return Err(format!("{:?}, expected {:?}", found.1, expected.1));
    }
    let places: [Vec<_>; 2] = [expected.0, found.0].map(|vm| vm.backtrace().collect());
    if places[0] != places[1] {
        return Err(format!("stopped at {:?}, expected {:?}", places[1], places[0]));
    }
    let Some(place) = places[0].first() else { return Ok(()) };
    // After a deopt every register counts, after a failure those that the op reads.
    let function = &program.program().functions[place.function];
    let op = function.code[place.pc];
    let registers: Vec<(Bank, u16)> = if matches!(expected.1, Ok(Outcome::Deopt(_))) {
        let banks = [Bank::I64, Bank::F64].into_iter();
        banks.flat_map(|bank| (0..function.registers.of(bank)).map(move |register| (bank, register))).collect()
    } else {
        let fields = op.opcode().map_or([Field::Unused; 3], Opcode::fields).into_iter().zip(op.values()).skip(1);
        fields.filter(|(field, _)| *field == Field::I64).map(|(_, register)| (Bank::I64, register)).collect()
    };
    for (bank, register) in registers {
        let [left, right] = [expected.0, found.0].map(|vm| vm.register(*place, bank, register).unwrap_or_default());
        if !same_bits(bank, left, right) {
            return Err(format!("{bank} register {register} at {place:?} is {right:#x}, expected {left:#x}"));
        }
    }
    Ok(())
}

/// Whether two registers are alike: every NaN is like every other.
fn same_bits(bank: Bank, left: u64, right: u64) -> bool {
    let nan = |bits| f64::from_bits(bits).is_nan();
    left == right || bank == Bank::F64 && nan(left) && nan(right)
}
