//! riscv64, without compressed instructions.

use super::Registers;
use super::fixed::{Effect, Patterns, stack};
use stencil_runtime::Architecture;

pub(super) static PATTERNS: Patterns = Patterns {
    registers: Registers::of(Architecture::Riscv64),
    // addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16
    prologue: &[0xFF01_0113, 0x0011_3423, 0x0081_3023, 0x0101_0413],
    entering: |done| stack(if done == 0 { 0 } else { 16 }, [&[][..], &[], &[(1, -8)], &[(8, -16), (1, -8)]][done]),
    // ld s0, 0(sp); addi sp, sp, 16, behind `ld ra, 8(sp)`
    epilogue: &[0x0001_3403, 0x0101_0113],
    ending: |done| stack(if done == 0 { 16 } else { 0 }, &[]),
    // mv sp, t0; ld ra, 0(t0)
    leave: &[0x0002_8113, 0x0002_B083],
    leaving: |done| if done == 0 { stack(0, &[(1, 0)]) } else { stack(0, &[]) },
    saved_at: -16,
    // s1 to s11, fs0 to fs11
    preserved: |register| matches!(register, 9 | 18..=27 | 40 | 41 | 50..=59),
    effect,
};

/// The number that DWARF has for floating-point register 0.
const FLOATS: u16 = 32;

fn effect(word: u32) -> Effect {
    let immediate = word.cast_signed() >> 20;
    let [destination, second] = [7, 20].map(|from| (word >> from & 31) as u16);
    match word & 0xF_FFFF {
        // addi of sp to sp, of sp to s0, of s0 to sp
        0x1_0113 => return Effect::Adjust(immediate),
        0x1_0413 => return Effect::Frame(immediate),
        0x4_0113 => return Effect::Back(immediate),
        _ => {}
    }
    // Where the immediate of a store stands.
    let divided = immediate & !31 | i32::from(destination);
    match word & 0xF_F07F {
        // sd, fsd, ld and fld by sp
        0x1_3023 => return Effect::Store { registers: [Some(second), None], at: divided, before: 0 },
        0x1_3027 => return Effect::Store { registers: [Some(second + FLOATS), None], at: divided, before: 0 },
        0x1_3003 => return Effect::Load { registers: [Some(destination), None], at: immediate, behind: 0 },
        0x1_3007 => return Effect::Load { registers: [Some(destination + FLOATS), None], at: immediate, behind: 0 },
        _ => {}
    }
    // The sign, in all bits from one on.
    let sign = |from: u32| word.cast_signed() >> 31 << from;
    let bits = |from: u32, count: u32, to: u32| ((word >> from & ((1 << count) - 1)) << to).cast_signed();
    match word & 0x7F {
        0x63 => Effect::Jump(sign(12) | bits(7, 1, 11) | bits(25, 6, 5) | bits(8, 4, 1)),
        // A jump that leaves no return address.
        0x6F if destination == 0 => Effect::Jump(sign(20) | bits(12, 8, 12) | bits(20, 1, 11) | bits(21, 10, 1)),
        0x67 if destination == 0 => Effect::Away,
        _ => Effect::Other,
    }
}
