//! Functions of the host that random programs call: they do the same whenever they are called with the same.

use stencil_random::Random;
use vm3::program::{Bank, Cell, Function, Program};
use vm3::{HostCall, HostError, HostFunctions, Value};

/// A random function of the host.
pub(crate) fn function(random: &mut Random, index: usize) -> Function {
    let banks: &[Bank] = random.of(&[&[Bank::I64], &[Bank::F64], &Bank::ALL]);
    let parameters: Vec<Bank> = (0..random.below(6)).map(|_| random.of(banks)).collect();
    Function::host(format!("f{index}"), &parameters, random.of(&Bank::ALL))
}

/// Those that a program declares.
pub(crate) fn functions(program: &Program) -> HostFunctions {
    let mut functions = HostFunctions::new();
    for function in program.functions.iter().filter(|function| function.host) {
        let result = function.result;
        functions.bind(&function.name, &function.parameters, result, move |call| answer(call, result));
    }
    functions
}

/// A value that depends on all arguments, or an error.
fn answer(call: &mut HostCall<'_>, result: Bank) -> Result<Value, HostError> {
    let bits = |value: &Value| match *value {
        Value::I64(int) => int.cast_unsigned(),
        // Tiers agree on what is no number, not on its bits.
        Value::F64(float) if float.is_nan() => f64::NAN.to_bits(),
        Value::F64(float) => float.to_bits(),
        Value::Cell(cell) => cell.bits(),
    };
    let seed = call.arguments().iter().fold(0, |seed: u64, value| seed.rotate_left(7) ^ bits(value));
    let mut random = Random::new(seed);
    if random.once_in(12) {
        return Err(HostError::new("this call fails"));
    }
    let small = random.word() as i64 >> random.of(&[0, 32, 56, 61]);
    Ok(match result {
        Bank::I64 => Value::I64(small),
        Bank::F64 => Value::F64(small as f64 / 8.0),
        Bank::Cell => match call.arguments().iter().find(|value| value.bank() == Bank::Cell) {
            Some(passed) if random.once_in(2) => *passed,
            _ if random.once_in(2) => Value::Cell(Cell::int(small >> 16)),
            _ => Value::Cell(call.new_string(&vec![b'h'; random.below(12)])?),
        },
    })
}
