//! What random functions look like from outside.

use stencil_random::Random;
use vm3::program::{Bank, Function, RegisterCounts};

/// Registers of the i64 bank that count: how often a function may still call itself, and two nested loops.
pub(crate) const COUNTERS: u16 = 3;

/// What callers know of a function.
#[derive(Debug, Clone)]
pub(crate) struct Signature {
    pub(crate) registers: RegisterCounts,
    pub(crate) parameters: Vec<Bank>,
    /// Whether it may return a cell.
    pub(crate) gives_cell: bool,
    /// Whether the host provides it.
    pub(crate) host: bool,
}

impl Signature {
    /// A random one.
    pub(crate) fn random(random: &mut Random) -> Self {
        let many = random.once_in(12);
        let ints = COUNTERS + 1 + random.below(if many { 40 } else { 10 }) as u16;
        let floats = random.below(if many { 30 } else { 11 }) as u16;
        let cell = if random.once_in(2) { random.below(if many { 20 } else { 9 }) as u16 } else { 0 };
        // The first parameter is what a function counts its calls of itself with.
        let mut parameters = vec![Bank::I64];
        // Long runs of arguments are passed in a way of their own.
        for _ in 0..random.below(if many { 30 } else { 7 }) {
            let bank = if floats > 0 && random.once_in(2) { Bank::F64 } else { Bank::I64 };
            parameters.push(if cell > 0 && random.once_in(4) { Bank::Cell } else { bank });
        }
        let fits = |position: &usize| match parameters[*position] {
            Bank::I64 => *position < usize::from(ints),
            Bank::F64 => *position < usize::from(floats),
            Bank::Cell => *position < usize::from(cell),
        };
        let length = (0..parameters.len()).take_while(fits).count();
        parameters.truncate(length);
        let gives_cell = cell > 0 && random.once_in(2);
        Self { registers: RegisterCounts { i64: ints, f64: floats, cell }, parameters, gives_cell, host: false }
    }

    /// That of a function of the host.
    pub(crate) fn host(function: &Function) -> Self {
        let Function { registers, parameters, result, .. } = function;
        let gives_cell = *result == Bank::Cell;
        Self { registers: *registers, parameters: parameters.clone(), gives_cell, host: true }
    }

    /// How many parameters are of `bank`.
    pub(crate) fn parameters_of(&self, bank: Bank) -> u16 {
        self.parameters.iter().filter(|parameter| **parameter == bank).count() as u16
    }

    /// Whether it can be called with registers of `bank` alone.
    pub(crate) fn takes_only(&self, bank: Bank) -> bool {
        !self.host || self.parameters.iter().all(|parameter| *parameter == bank)
    }

    /// How many registers of `bank` a call by position takes its arguments from, those between them included.
    pub(crate) fn need(&self, bank: Bank) -> u16 {
        let last = self.parameters.iter().rposition(|parameter| *parameter == bank);
        last.map_or(0, |last| last as u16 + 1)
    }
}
