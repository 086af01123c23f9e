//! The op set: one function per op, each written once.
//!
//! The bodies use nothing but `core` and what stands in this file, so that the same text can be compiled into the
//! interpreter and into stencils. An op that can leave by another way than going on returns a flow value: `Next` with the
//! result, or one variant per label or exit.

/// The op bodies.
pub mod ops {
    /// A host function for the ops that the baseline instruction set has no instruction for.
    pub type TernaryF64 = extern "C" fn(f64, f64, f64) -> f64;

    /// How [`div_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum DivI64 {
        /// With the quotient.
        Next(i64),
        /// The divisor is zero.
        DivZero,
    }

    /// How [`mod_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum ModI64 {
        /// With the remainder.
        Next(i64),
        /// The divisor is zero.
        DivZero,
    }

    /// How [`lookup_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum LookupI64 {
        /// With the entry.
        Next(i64),
        /// The table has no such entry.
        OutOfRange,
    }

    /// How [`jump_eq_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpEqI64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_ne_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpNeI64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_lt_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpLtI64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_le_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpLeI64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_gt_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpGtI64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_ge_i64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpGeI64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_eq_f64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpEqF64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_ne_f64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpNeF64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_lt_f64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpLtF64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_le_f64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpLeF64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_gt_f64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpGtF64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// How [`jump_ge_f64`] goes on.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum JumpGeF64 {
        /// To the next op.
        Next(()),
        /// To the target.
        Taken,
    }

    /// `dst = src`.
    #[inline]
    #[must_use]
    pub fn mov_i64(src: i64) -> i64 {
        src
    }

    /// `dst = src`, bit for bit.
    #[inline]
    #[must_use]
    pub fn mov_f64(src: f64) -> f64 {
        src
    }

    /// `dst = value`.
    #[inline]
    #[must_use]
    pub fn const_i64(value: i64) -> i64 {
        value
    }

    /// `dst` = the float with these bits.
    #[inline]
    #[must_use]
    pub fn const_f64(bits: u64) -> f64 {
        f64::from_bits(bits)
    }

    /// `dst = lhs + rhs`, wrapping.
    #[inline]
    #[must_use]
    pub fn add_i64(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// `dst = lhs - rhs`, wrapping.
    #[inline]
    #[must_use]
    pub fn sub_i64(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_sub(rhs)
    }

    /// `dst = lhs * rhs`, wrapping.
    #[inline]
    #[must_use]
    pub fn mul_i64(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_mul(rhs)
    }

    /// `dst = -src`, wrapping.
    #[inline]
    #[must_use]
    pub fn neg_i64(src: i64) -> i64 {
        src.wrapping_neg()
    }

    /// `dst = lhs / rhs`, truncating; `MIN / -1` is `MIN`. A zero divisor leaves through `div_zero`.
    #[inline]
    #[must_use]
    pub fn div_i64(lhs: i64, rhs: i64) -> DivI64 {
        if rhs == 0 {
            DivI64::DivZero
        } else if rhs == -1 {
            DivI64::Next(lhs.wrapping_neg())
        } else {
            DivI64::Next(lhs.wrapping_div(rhs))
        }
    }

    /// `dst = lhs % rhs` with the sign of `lhs`; `MIN % -1` is 0. A zero divisor leaves through `div_zero`.
    #[inline]
    #[must_use]
    pub fn mod_i64(lhs: i64, rhs: i64) -> ModI64 {
        if rhs == 0 {
            ModI64::DivZero
        } else if rhs == -1 {
            ModI64::Next(0)
        } else {
            ModI64::Next(lhs.wrapping_rem(rhs))
        }
    }

    /// `dst = lhs + rhs`.
    #[inline]
    #[must_use]
    pub fn add_f64(lhs: f64, rhs: f64) -> f64 {
        lhs + rhs
    }

    /// `dst = lhs - rhs`.
    #[inline]
    #[must_use]
    pub fn sub_f64(lhs: f64, rhs: f64) -> f64 {
        lhs - rhs
    }

    /// `dst = lhs * rhs`.
    #[inline]
    #[must_use]
    pub fn mul_f64(lhs: f64, rhs: f64) -> f64 {
        lhs * rhs
    }

    /// `dst = lhs / rhs`.
    #[inline]
    #[must_use]
    pub fn div_f64(lhs: f64, rhs: f64) -> f64 {
        lhs / rhs
    }

    /// `dst` = `src` with its sign bit flipped, also of a NaN.
    #[inline]
    #[must_use]
    pub fn neg_f64(src: f64) -> f64 {
        -src
    }

    /// `dst` = the square root of `src`, correctly rounded.
    #[inline]
    #[must_use]
    pub fn sqrt_f64(src: f64) -> f64 {
        src.sqrt()
    }

    /// `dst = lhs * rhs + addend`, rounded once, by a function of the host.
    #[inline]
    #[must_use]
    pub fn fma_f64(lhs: f64, rhs: f64, addend: f64, fma: TernaryF64) -> f64 {
        fma(lhs, rhs, addend)
    }

    /// `dst` = `src` rounded to the nearest float, ties to even.
    #[inline]
    #[must_use]
    pub fn i64_to_f64(src: i64) -> f64 {
        src as f64
    }

    /// `dst` = `src` truncated. What an i64 cannot hold (NaN, infinities, 2⁶³ and beyond) gives `i64::MIN`, as x86-64's
    /// conversion does, on every architecture.
    #[inline]
    #[must_use]
    pub fn f64_to_i64(src: f64) -> i64 {
        // `as` saturates: what lies below the range is `MIN` already.
        if src < 9_223_372_036_854_775_808.0 { src as i64 } else { i64::MIN }
    }

    /// Jumps to `taken` when `lhs == rhs`, else falls through.
    #[inline]
    #[must_use]
    pub fn jump_eq_i64(lhs: i64, rhs: i64) -> JumpEqI64 {
        if lhs == rhs { JumpEqI64::Taken } else { JumpEqI64::Next(()) }
    }

    /// Jumps to `taken` when `lhs != rhs`, else falls through.
    #[inline]
    #[must_use]
    pub fn jump_ne_i64(lhs: i64, rhs: i64) -> JumpNeI64 {
        if lhs != rhs { JumpNeI64::Taken } else { JumpNeI64::Next(()) }
    }

    /// Jumps to `taken` when `lhs < rhs`, else falls through.
    #[inline]
    #[must_use]
    pub fn jump_lt_i64(lhs: i64, rhs: i64) -> JumpLtI64 {
        if lhs < rhs { JumpLtI64::Taken } else { JumpLtI64::Next(()) }
    }

    /// Jumps to `taken` when `lhs <= rhs`, else falls through.
    #[inline]
    #[must_use]
    pub fn jump_le_i64(lhs: i64, rhs: i64) -> JumpLeI64 {
        if lhs <= rhs { JumpLeI64::Taken } else { JumpLeI64::Next(()) }
    }

    /// Jumps to `taken` when `lhs > rhs`, else falls through.
    #[inline]
    #[must_use]
    pub fn jump_gt_i64(lhs: i64, rhs: i64) -> JumpGtI64 {
        if lhs > rhs { JumpGtI64::Taken } else { JumpGtI64::Next(()) }
    }

    /// Jumps to `taken` when `lhs >= rhs`, else falls through.
    #[inline]
    #[must_use]
    pub fn jump_ge_i64(lhs: i64, rhs: i64) -> JumpGeI64 {
        if lhs >= rhs { JumpGeI64::Taken } else { JumpGeI64::Next(()) }
    }

    /// Jumps to `taken` when `lhs == rhs`, else falls through. A NaN on either side falls through.
    #[inline]
    #[must_use]
    pub fn jump_eq_f64(lhs: f64, rhs: f64) -> JumpEqF64 {
        if lhs == rhs { JumpEqF64::Taken } else { JumpEqF64::Next(()) }
    }

    /// Jumps to `taken` when `lhs != rhs`, else falls through. A NaN on either side counts as different.
    #[inline]
    #[must_use]
    pub fn jump_ne_f64(lhs: f64, rhs: f64) -> JumpNeF64 {
        if lhs != rhs { JumpNeF64::Taken } else { JumpNeF64::Next(()) }
    }

    /// Jumps to `taken` when `lhs < rhs`, else falls through. A NaN on either side falls through.
    #[inline]
    #[must_use]
    pub fn jump_lt_f64(lhs: f64, rhs: f64) -> JumpLtF64 {
        if lhs < rhs { JumpLtF64::Taken } else { JumpLtF64::Next(()) }
    }

    /// Jumps to `taken` when `lhs <= rhs`, else falls through. A NaN on either side falls through.
    #[inline]
    #[must_use]
    pub fn jump_le_f64(lhs: f64, rhs: f64) -> JumpLeF64 {
        if lhs <= rhs { JumpLeF64::Taken } else { JumpLeF64::Next(()) }
    }

    /// Jumps to `taken` when `lhs > rhs`, else falls through. A NaN on either side falls through.
    #[inline]
    #[must_use]
    pub fn jump_gt_f64(lhs: f64, rhs: f64) -> JumpGtF64 {
        if lhs > rhs { JumpGtF64::Taken } else { JumpGtF64::Next(()) }
    }

    /// Jumps to `taken` when `lhs >= rhs`, else falls through. A NaN on either side falls through.
    #[inline]
    #[must_use]
    pub fn jump_ge_f64(lhs: f64, rhs: f64) -> JumpGeF64 {
        if lhs >= rhs { JumpGeF64::Taken } else { JumpGeF64::Next(()) }
    }

    /// `dst = table[index]`. An index outside `0..length` leaves through `out_of_range`.
    ///
    /// # Safety
    /// `table` points to `length` ints that nobody writes during the call.
    #[inline]
    #[must_use]
    pub unsafe fn lookup_i64(index: i64, table: *const i64, length: u64) -> LookupI64 {
        if index.cast_unsigned() < length {
            // SAFETY: the index is below the length, so the element lies in the table the caller vouches for.
            let entry = unsafe { table.add(index.cast_unsigned() as usize) };
            // SAFETY: as above, and nobody writes the table meanwhile.
            LookupI64::Next(unsafe { entry.read() })
        } else {
            LookupI64::OutOfRange
        }
    }
}

#[cfg(test)]
mod tests;
