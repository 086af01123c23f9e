//! The edges of every op that has some.

use super::ops::*;

#[test]
fn division_guards_zero_and_the_one_overflow() {
    assert_eq!(div_i64(7, 0), DivI64::DivZero);
    assert_eq!(mod_i64(7, 0), ModI64::DivZero);
    assert_eq!(div_i64(i64::MIN, -1), DivI64::Next(i64::MIN));
    assert_eq!(mod_i64(i64::MIN, -1), ModI64::Next(0));
    assert_eq!(div_i64(-7, 2), DivI64::Next(-3));
    assert_eq!(mod_i64(-7, 2), ModI64::Next(-1));
    assert_eq!(mod_i64(7, -2), ModI64::Next(1));
}

#[test]
fn conversions_to_int_give_min_outside_the_range() {
    let edge = 9_223_372_036_854_775_808.0_f64;
    let outside = [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, edge, -edge, 1e300, -1e300];
    for src in outside {
        assert_eq!(f64_to_i64(src), i64::MIN, "{src}");
    }
    for (src, int) in [
        (-0.0, 0),
        (1.9, 1),
        (-1.9, -1),
        (9_223_372_036_854_774_784.0, 9_223_372_036_854_774_784),
        (-9_223_372_036_854_774_784.0, -9_223_372_036_854_774_784),
    ] {
        assert_eq!(f64_to_i64(src), int);
    }
    assert_eq!(i64_to_f64(i64::MAX), edge);
    assert_eq!(i64_to_f64((1 << 53) + 1), 9_007_199_254_740_992.0);
}

#[test]
fn float_compares_treat_nan_as_unordered() {
    let nan = f64::NAN;
    for (lhs, rhs) in [(nan, 1.0), (1.0, nan), (nan, nan)] {
        assert_eq!(jump_eq_f64(lhs, rhs), JumpEqF64::Next);
        assert_eq!(jump_ne_f64(lhs, rhs), JumpNeF64::Taken);
        assert_eq!(jump_lt_f64(lhs, rhs), JumpLtF64::Next);
        assert_eq!(jump_le_f64(lhs, rhs), JumpLeF64::Next);
        assert_eq!(jump_gt_f64(lhs, rhs), JumpGtF64::Next);
        assert_eq!(jump_ge_f64(lhs, rhs), JumpGeF64::Next);
    }
    assert_eq!(jump_eq_f64(-0.0, 0.0), JumpEqF64::Taken);
}

#[test]
fn negation_keeps_every_other_bit() {
    for bits in [0x7ff0_0000_0000_0001, 0xfff8_0000_0000_0123, 0, 1] {
        let src = f64::from_bits(bits);
        assert_eq!(neg_f64(src).to_bits(), bits ^ 1 << 63);
    }
}

#[test]
fn lookups_check_their_index() {
    let table = [10, 20];
    let lookup = |index| lookup_i64(index, table.as_ptr(), 2);
    assert_eq!(lookup(1), LookupI64::Next(20));
    for index in [2, -1, i64::MIN, i64::MAX] {
        assert_eq!(lookup(index), LookupI64::OutOfRange);
    }
}
