//! Division by constants, without a division.

use super::emitter::emit;
use super::function::Function;
use super::pins::{Pin, Set};
use stencil_runtime::{Place, Reg};

/// What replaces a division by a constant from 3 on: the quotient of `n` is the high half of
/// `n * (magic + 2⁶⁴ if wide)`, shifted right, plus 1 when `n` is negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Factor {
    magic: i64,
    wide: bool,
    shift: u8,
}

impl Factor {
    /// That of a divisor from 3 on, below 2⁶³. The smallest 2ᵖ is taken whose quotient, rounded up, is near
    /// enough for every dividend (Hacker's Delight, chapter 10).
    fn of(divisor: u64) -> Self {
        // What 2ᵖ is times the divisor, and what is left of it.
        let (mut power, mut quotient, mut rest) = (63_u8, (1 << 63) / divisor, (1 << 63) % divisor);
        // The largest dividend that is one less than a multiple.
        let largest = u128::from((1 << 63) - 1 - rest);
        loop {
            let twice = rest << 1;
            let carries = twice >= divisor;
            (power, quotient) = (power + 1, quotient << 1 | u64::from(carries));
            rest = if carries { twice - divisor } else { twice };
            if 1 << power > largest * u128::from(divisor - rest) {
                break;
            }
        }
        let magic = (quotient + 1).cast_signed();
        Self { magic, wide: magic < 0, shift: power - 64 }
    }
}

/// Whether [`Function::divide_by`] divides by this constant.
pub(super) const fn is_divisor(constant: i64) -> bool {
    constant != 0 && constant != i64::MIN
}

impl Function<'_> {
    /// Emits the quotient, or the remainder if `rest`, of a register and a constant that [`is_divisor`].
    pub(super) fn divide_by(&mut self, dst: u32, lhs: u32, divisor: i64, rest: bool) {
        let (to, from) = (self.int(dst), self.int(lhs));
        match divisor.unsigned_abs() {
            1 if rest => emit!(self, move_ints, to, 0),
            1 if divisor < 0 => emit!(self, neg_i64, to, from),
            1 if to != from => emit!(self, move_ints, to, from),
            1 => {}
            _ => self.divide_in_registers(to, from, divisor, rest),
        }
    }

    /// The same for other divisors than 1 and -1: the stencils work on registers.
    fn divide_in_registers(&mut self, to: Place<i64>, from: Place<i64>, divisor: i64, rest: bool) {
        let (register, lender) = match to.as_register() {
            Some(register) => (register, None),
            None => self.borrow(),
        };
        let from = from.as_register().unwrap_or_else(|| {
            emit!(self, move_ints, register, from);
            register
        });
        let size = divisor.unsigned_abs();
        if size.is_power_of_two() && size <= 1 << 31 {
            let (mask, shift) = (size as u32 - 1, size.trailing_zeros() as u8);
            if rest {
                emit!(self, mod_by_power, register, from, mask);
            } else {
                emit!(self, div_by_power, register, from, mask, shift);
            }
        } else {
            let Factor { magic, wide, shift } = Factor::of(size);
            let divisor = size.cast_signed();
            match (rest, wide) {
                (false, false) => emit!(self, div_by, register, from, magic, shift),
                (false, true) => emit!(self, div_by_wide, register, from, magic, shift),
                (true, false) => emit!(self, mod_by, register, from, magic, shift, divisor),
                (true, true) => emit!(self, mod_by_wide, register, from, magic, shift, divisor),
            }
        }
        // The remainder has the sign of the dividend, whatever that of the divisor.
        if divisor < 0 && !rest {
            emit!(self, neg_i64, register, register);
        }
        if to != register.into() {
            emit!(self, move_ints, to, register);
        }
        if let Some(pin) = lender {
            self.fetch(pin);
        }
    }

    /// A machine register of ints to use for a moment, and what is pinned in it, which is at home then and to be fetched
    /// afterwards.
    fn borrow(&mut self) -> (Reg, Option<Pin>) {
        let all: Set = (1 << self.registers.ints) - 1;
        let [pinned, views] = [self.pins.all & all, self.pins.views()];
        // Best is one that nothing is in, then one that is at home anyway.
        let choices = [pinned & self.clean & !views, pinned & !views, pinned];
        let choice = choices.into_iter().find(|choice| *choice != 0).unwrap_or_default();
        let pin = if pinned == all { self.pins.iter(choice & choice.wrapping_neg()).next() } else { None };
        match pin {
            Some(pin) => {
                self.save(self.pins.set_of(pin.slot));
                (pin.register, Some(pin))
            }
            None => (Reg((!pinned).trailing_zeros() as u8), None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stencils::ops;

    /// Numbers at which a quotient could be off by one.
    fn dividends(divisor: i64) -> impl Iterator<Item = i64> {
        let near = |number: i64| (-2..=2).map(move |offset| number.wrapping_add(offset));
        let multiples = [1, 2, 3, 1 << 20, i64::MAX / divisor, i64::MAX / divisor - 1];
        let multiples = multiples.into_iter().map(move |times| divisor.wrapping_mul(times));
        let plain = [0, i64::MAX, i64::MIN, 1 << 62, 1 << 32, 0x1234_5678_9abc_def0];
        multiples.chain(plain).flat_map(near).flat_map(|number| [number, number.wrapping_neg()])
    }

    #[test]
    fn factors_give_quotients_and_remainders() {
        let odd =
            (3..2000).chain((2..62).flat_map(|bits| [(1 << bits) - 1, 1 << bits, (1 << bits) + 1, 3 << (bits - 2)]));
        let others = [i64::MAX, i64::MAX - 1, 139_968, 1_000_000_007, 10_i64.pow(18), 0x5555_5555_5555_5555];
        let mut wide = [0; 2];
        for divisor in odd.chain(others).filter(|divisor: &i64| *divisor > 2) {
            let factor = Factor::of(divisor.cast_unsigned());
            let Factor { magic, shift, .. } = factor;
            wide[usize::from(factor.wide)] += 1;
            for dividend in dividends(divisor) {
                let (quotient, rest) = if factor.wide {
                    let quotient = ops::div_by_wide(dividend, magic, shift);
                    (quotient, ops::mod_by_wide(dividend, magic, shift, divisor))
                } else {
                    (ops::div_by(dividend, magic, shift), ops::mod_by(dividend, magic, shift, divisor))
                };
                let expected = (dividend / divisor, dividend % divisor);
                assert_eq!((quotient, rest), expected, "{dividend} and {divisor}, {factor:?}");
            }
        }
        assert!(wide[0] > 100 && wide[1] > 100, "both forms are tried: {wide:?}");
    }

    #[test]
    fn powers_of_two_shift_and_mask() {
        for shift in 1..=31_u8 {
            let divisor = 1_i64 << shift;
            let mask = (divisor - 1) as u32;
            for dividend in dividends(divisor) {
                assert_eq!(ops::div_by_power(dividend, mask, shift), dividend / divisor, "{dividend}");
                assert_eq!(ops::mod_by_power(dividend, mask), dividend % divisor, "{dividend}");
            }
        }
    }
}
