//! How a run ends.

use crate::frames::Place;
use crate::program::{Bank, Cell};
use crate::stencils::ops;

/// What a return op gave, before it lands in a register or is boxed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Returned {
    /// The register of a `ReturnI64`.
    I64(i64),
    /// The register of a `ReturnF64`.
    F64(f64),
    /// The register of a `ReturnCell`.
    Cell(Cell),
    /// The constant of a `ReturnConstK`. It differs from an int in where it lands.
    Constant(i64),
}

impl Returned {
    /// The bank of the return op.
    #[must_use]
    pub const fn bank(self) -> Bank {
        match self {
            Self::I64(_) | Self::Constant(_) => Bank::I64,
            Self::F64(_) => Bank::F64,
            Self::Cell(_) => Bank::Cell,
        }
    }

    /// All 64 bits.
    #[must_use]
    pub const fn raw_bits(self) -> u64 {
        match self {
            Self::I64(int) | Self::Constant(int) => int.cast_unsigned(),
            Self::F64(float) => float.to_bits(),
            Self::Cell(cell) => cell.bits(),
        }
    }

    /// The value boxed: ints keep 48 bits, every NaN becomes the canonical one.
    #[must_use]
    pub const fn cell(self) -> Cell {
        match self {
            Self::I64(int) | Self::Constant(int) => Cell::int(int),
            Self::F64(float) => Cell::float(float),
            Self::Cell(cell) => cell,
        }
    }

    /// The register that a call with its result in `bank` stores this value to, and the bits it stores. Ints and floats
    /// are converted to the call's bank; a cell goes to the cell bank and a constant to the i64 bank whatever the call
    /// says.
    #[must_use]
    pub fn landing(self, bank: Bank) -> (Bank, u64) {
        match (self, bank) {
            (Self::I64(int), Bank::I64) => (Bank::I64, int.cast_unsigned()),
            (Self::I64(int), Bank::F64) => (Bank::F64, ops::i64_to_f64(int).to_bits()),
            (Self::F64(float), Bank::I64) => (Bank::I64, ops::f64_to_i64(float).cast_unsigned()),
            (Self::F64(float), Bank::F64) => (Bank::F64, float.to_bits()),
            (Self::I64(_) | Self::F64(_), Bank::Cell) | (Self::Cell(_), _) => (Bank::Cell, self.cell().bits()),
            (Self::Constant(int), _) => (Bank::I64, int.cast_unsigned()),
        }
    }
}

/// A run that a `Deopt` op ended. The frames stay as they were, see [`crate::Vm::backtrace`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deopt {
    /// The bytecode position that the op names.
    pub target: u16,
    /// Where the op is.
    pub place: Place,
    /// How many frames there were.
    pub depth: usize,
}

/// How a run that did not fail ended.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// With a return of the frame it started with.
    Returned(Returned),
    /// With a deopt.
    Deopt(Deopt),
}

impl Outcome {
    /// The result as a cell; the sentinel for a deopt.
    #[must_use]
    pub const fn cell(self) -> Cell {
        match self {
            Self::Returned(returned) => returned.cell(),
            Self::Deopt(deopt) => Cell::deopt(deopt.target),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_land_where_the_definition_says() {
        let int = Returned::I64(-3);
        assert_eq!(int.landing(Bank::I64), (Bank::I64, (-3_i64).cast_unsigned()));
        assert_eq!(int.landing(Bank::F64), (Bank::F64, (-3.0_f64).to_bits()));
        assert_eq!(int.landing(Bank::Cell), (Bank::Cell, Cell::int(-3).bits()));
        let float = Returned::F64(-2.5);
        assert_eq!(float.landing(Bank::I64), (Bank::I64, (-2_i64).cast_unsigned()));
        assert_eq!(float.landing(Bank::F64), (Bank::F64, (-2.5_f64).to_bits()));
        assert_eq!(float.landing(Bank::Cell), (Bank::Cell, (-2.5_f64).to_bits()));
        for bank in Bank::ALL {
            let cell = Returned::Cell(Cell::NULL);
            assert_eq!(cell.landing(bank), (Bank::Cell, Cell::NULL.bits()));
            assert_eq!(Returned::Constant(9).landing(bank), (Bank::I64, 9));
        }
    }

    #[test]
    fn boxing_cuts_ints_and_keeps_raw_bits() {
        let returned = Returned::I64(1 << 47);
        assert_eq!(returned.cell().as_int(), -(1 << 47));
        assert_eq!(returned.raw_bits(), 1 << 47);
        assert_eq!(Returned::F64(-f64::NAN).cell().bits(), 0x7ff8_0000_0000_0000);
    }
}
