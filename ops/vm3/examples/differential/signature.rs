//! What random functions look like from outside.

use super::random::Random;
use vm3::program::{Bank, RegisterCounts};

/// Registers of the i64 bank that count: how often a function may still call itself, and two nested loops.
pub(crate) const COUNTERS: u16 = 3;

/// What callers know of a function.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub(crate) registers: RegisterCounts,
    pub(crate) parameters: Vec<Bank>,
}

impl Signature {
    /// A random one.
    pub(crate) fn random(random: &mut Random) -> Self {
        let many = random.once_in(12);
        let ints = COUNTERS + 1 + random.below(if many { 40 } else { 10 }) as u16;
        let floats = random.below(if many { 30 } else { 11 }) as u16;
        // Functions with cells are interpreted, and so are calls to them.
        let cell = u16::from(random.once_in(6));
        // The first parameter is what a function counts its calls of itself with.
        let mut parameters = vec![Bank::I64];
        for _ in 0..random.below(7) {
            parameters.push(if floats > 0 && random.once_in(2) { Bank::F64 } else { Bank::I64 });
        }
        let fits = |position: &usize| match parameters[*position] {
            Bank::I64 => *position < usize::from(ints),
            _ => *position < usize::from(floats),
        };
        let length = (0..parameters.len()).take_while(fits).count();
        parameters.truncate(length);
        Self { registers: RegisterCounts { i64: ints, f64: floats, cell }, parameters }
    }

    /// How many parameters are of `bank`.
    pub(crate) fn parameters_of(&self, bank: Bank) -> u16 {
        self.parameters.iter().filter(|parameter| **parameter == bank).count() as u16
    }
}
