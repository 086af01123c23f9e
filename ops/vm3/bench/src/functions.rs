//! Functions to compile, all different.

use vm3::program::{Bank, Cell, Function, Op, Opcode, Program, RegisterCounts, Verified};

/// xorshift64*.
#[derive(Debug)]
pub struct Random(u64);

impl Random {
    /// Numbers that depend on `seed` only, which is not 0.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u16) -> u16 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % u64::from(bound)) as u16
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.below(choices.len() as u16))]
    }
}

/// Registers of each bank.
const INTS: u16 = 8;
const FLOATS: u16 = 6;

/// A program of one function with `ops` ops, the return included. About a third computes on ints in registers and a
/// quarter on ints and immediates, a fifth on floats, and a seventh are branches, one in four of which goes back; the
/// rest are moves and constants. It is made to be compiled, not to be run: it need not end.
///
/// # Panics
/// When `ops` is 0 or more than 65535.
#[must_use]
pub fn function(random: &mut Random, ops: usize) -> Verified {
    program(random, 1, ops)
}

/// The same with several functions, all different, each of `ops` ops.
///
/// # Panics
/// When `functions` is not from 1 to 65535, and as for [`function`].
#[must_use]
pub fn program(random: &mut Random, functions: usize, ops: usize) -> Verified {
    let functions = (0..functions).map(|_| generated(random, ops)).collect();
    let program = Program { functions, ..Program::default() };
    program.verify().expect("registers, constants and targets are within their bounds")
}

fn generated(random: &mut Random, ops: usize) -> Function {
    let last = u16::try_from(ops).ok().and_then(|ops| ops.checked_sub(1)).expect("a function has 1 to 65535 ops");
    let mut code: Vec<Op> = (0..last).map(|pc| op(random, pc, last)).collect();
    code.push(Op::new(Opcode::ReturnI64, random.below(INTS), 0, 0));
    Function {
        name: "generated".into(),
        registers: RegisterCounts { i64: INTS, f64: FLOATS, cell: 0 },
        parameters: vec![Bank::I64],
        result: Bank::I64,
        constants: vec![Cell::float(2.5), Cell::float(-0.125)],
        tables: Vec::new(),
        code,
        host: false,
    }
}

fn op(random: &mut Random, pc: u16, last: u16) -> Op {
    use Opcode::*;
    let [a, b, c] = [(); 3].map(|()| random.below(INTS));
    let [x, y, z] = [(); 3].map(|()| random.below(FLOATS));
    let immediate = random.below(200).cast_signed() - 100;
    match random.below(20) {
        0..7 => Op::new(random.of(&[AddI64, AddI64, SubI64, MulI64]), a, b, c.cast_signed()),
        7..11 => Op::new(random.of(&[AddI64K, AddI64K, SubI64K, MulI64K]), a, b, immediate),
        11 => Op::new(random.of(&[DivI64K, ModI64K]), a, b, immediate.abs() + 2),
        12..15 => Op::new(random.of(&[AddF64, SubF64, MulF64, DivF64]), x, y, z.cast_signed()),
        15 => Op::new(random.of(&[I64ToF64, ConstF64K]), x, random.below(2), random.below(2).cast_signed()),
        16 => random.of(&[Op::new(MovI64, a, b, 0), Op::new(ConstI64K, a, 0, immediate)]),
        _ => {
            let near = 1 + random.below(12);
            let target = if random.below(4) == 0 { pc.saturating_sub(near) } else { last.min(pc.saturating_add(near)) };
            let target = target.cast_signed();
            match random.below(2) {
                0 => Op::new(random.of(&[CmpLtI64Br, CmpGeI64Br, CmpEqI64Br]), a, b, target),
                _ => Op::new(random.of(&[CmpLtI64KBr, CmpGeI64KBr, CmpNeI64KBr]), a, immediate.cast_unsigned(), target),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_have_their_size_and_differ() {
        let mut random = Random::new(1);
        let made: Vec<Verified> = [1, 10, 10, 300, 65_535].map(|ops| function(&mut random, ops)).into();
        let lengths = made.iter().map(|made| made.program().functions[0].code.len());
        assert_eq!(lengths.collect::<Vec<_>>(), [1, 10, 10, 300, 65_535]);
        assert_ne!(made[1].program(), made[2].program());
        let several = program(&mut random, 3, 20);
        let functions = &several.program().functions;
        assert!(functions.len() == 3 && functions.iter().all(|function| function.code.len() == 20));
        assert_ne!(functions[0].code, functions[1].code);
    }
}
