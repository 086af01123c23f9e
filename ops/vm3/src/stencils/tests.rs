//! The edges of every op that has some.

use super::TABLES;
use super::ops::*;
use crate::host;
use stencil_runtime::memory::{Arena, ArenaConfig};
use stencil_runtime::{Assembler, CodeSpace, Reg, Slot};

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
    // SAFETY: these are its two ints.
    let lookup = |index| unsafe { lookup_i64(index, table.as_ptr(), 2) };
    assert_eq!(lookup(1), LookupI64::Next(20));
    for index in [2, -1, i64::MIN, i64::MAX] {
        assert_eq!(lookup(index), LookupI64::OutOfRange);
    }
}

/// The op that calls the host, which no program uses on a processor with the instruction, wherever its operands are.
#[test]
fn multiply_and_add_by_the_host_keeps_every_other_register() {
    const PLACES: u32 = 10;
    let value = |place: u32| 1.5 + f64::from(place);
    for table in TABLES.usable().unwrap() {
        let space = CodeSpace::new(Arena::new(ArenaConfig::default()).unwrap(), table).unwrap();
        let mut asm = Assembler::<Machine>::new(table);
        let (ints, floats) = (asm.registers(0), asm.registers(1));
        // Places are the float registers and two slots.
        let slot_of = |place: u32| Slot(1 + place);
        for case in 0..1000_u32 {
            let [dst, lhs, rhs, addend] =
                [1, 7, 3, 9].map(|step| case * step / 7 % PLACES + case % 3).map(|p| p % PLACES);
            asm.prologue();
            for register in 0..ints {
                asm.move_ints(Reg(register as u8), i64::from(register) - 2);
            }
            for register in 0..floats {
                asm.move_floats(Reg(register as u8), slot_of(register));
            }
            let operand = |place: u32| match u8::try_from(place) {
                Ok(register) if place < floats => stencil_runtime::Place::<f64>::from(Reg(register)),
                _ => slot_of(place).into(),
            };
            asm.fma_f64(operand(dst), operand(lhs), operand(rhs), operand(addend), host::fma());
            for register in 0..floats {
                asm.move_floats(slot_of(register), Reg(register as u8));
            }
            for register in 0..ints {
                asm.move_ints(Slot(20 + register), Reg(register as u8));
            }
            asm.ret();
            let code = space.publish(&mut asm).unwrap();
            let mut frame = [0_u64; 32];
            for place in 0..PLACES {
                frame[slot_of(place).0 as usize] = value(place).to_bits();
            }
            let mut context = Context::new();
            let fixed = Fixed { ctx: &raw mut context, frame: frame.as_mut_ptr() };
            // SAFETY: the code starts with a prologue, returns, and uses no slot beyond the frame's 32.
            unsafe { code.enter(0, &fixed) };
            for place in 0..PLACES {
                let expected = if place == dst { value(lhs).mul_add(value(rhs), value(addend)) } else { value(place) };
                let found = f64::from_bits(frame[slot_of(place).0 as usize]);
                assert_eq!(found, expected, "place {place} of {dst} = {lhs} * {rhs} + {addend}");
            }
            let kept: Vec<i64> = frame[20..].iter().take(ints as usize).map(|bits| bits.cast_signed()).collect();
            assert_eq!(kept, (0..i64::from(ints)).map(|register| register - 2).collect::<Vec<_>>());
        }
    }
}

#[test]
fn ints_are_boxed_the_same_way_everywhere() {
    let values = [0, 1, -1, (1 << 47) - 1, 1 << 47, -(1 << 47), -(1 << 47) - 1, i64::MAX, i64::MIN];
    for value in values {
        assert_eq!(box_int(value).cast_unsigned(), boxed_int(value));
        assert_eq!(unboxed_int(boxed_int(value)), value << 16 >> 16);
    }
}
