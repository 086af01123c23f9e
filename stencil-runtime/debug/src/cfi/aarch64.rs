//! aarch64.

use super::Registers;
use super::fixed::{Effect, Patterns, stack};
use stencil_runtime::Architecture;

pub(super) static PATTERNS: Patterns = Patterns {
    registers: Registers::of(Architecture::Aarch64),
    // stp x29, x30, [sp, #-16]!; mov x29, sp
    prologue: &[0xA9BF_7BFD, 0x9100_03FD],
    entering: |done| if done == 0 { stack(0, &[]) } else { stack(16, &[(29, -16), (30, -8)]) },
    // ldp x29, x30, [sp], #16
    epilogue: &[0xA8C1_7BFD],
    ending: |_| stack(0, &[]),
    // mov sp, x16; ldr x30, [x16]
    leave: &[0x9100_021F, 0xF940_021E],
    leaving: |done| if done == 0 { stack(0, &[(30, 0)]) } else { stack(0, &[]) },
    saved_at: 0,
    // x19 to x28, d8 to d15
    preserved: |register| matches!(register, 19..=28 | 72..=79),
    effect,
};

/// The number that DWARF has for floating-point register 0.
const FLOATS: u16 = 64;

fn effect(word: u32) -> Effect {
    let signed = |from: u32, bits: u32| (word << (32 - from - bits)).cast_signed() >> (32 - bits);
    let [rd, rn] = [word & 31, word >> 5 & 31];
    let register = |number: u32, base: u16| (number != 31).then_some(number as u16 + base);
    let (first, second) = (rd, word >> 10 & 31);
    // Loads and stores of x and d registers by the stack pointer.
    let floats = if word >> 26 & 1 != 0 { FLOATS } else { 0 };
    let both = [register(first, floats), register(second, floats)];
    let one = [both[0], None];
    if rn == 31 {
        let (loads, by) = (word >> 22 & 1 != 0, 8 * signed(15, 7));
        match word & 0xFB80_0000 {
            // Pairs of x registers, and of d registers, without the bit that tells them apart.
            0xA880_0000 | 0xA900_0000 | 0xA980_0000 if floats == 0 => return pair(word, loads, both, by),
            0x6880_0000 | 0x6900_0000 | 0x6980_0000 if floats != 0 => return pair(word, loads, both, by),
            _ => {}
        }
        match word & 0xFBE0_0C00 {
            // One register: behind, before.
            0xF800_0400 => return Effect::Store { registers: one, at: -signed(12, 9), before: signed(12, 9) },
            0xF840_0400 => return Effect::Load { registers: one, at: 0, behind: signed(12, 9) },
            0xF800_0C00 => return Effect::Store { registers: one, at: 0, before: signed(12, 9) },
            _ => {}
        }
        let at = (word >> 10 & 0xFFF) as i32 * 8;
        match word & 0xFBC0_0000 {
            0xF900_0000 => return Effect::Store { registers: one, at, before: 0 },
            0xF940_0000 => return Effect::Load { registers: one, at, behind: 0 },
            _ => {}
        }
    }
    let immediate = (word >> 10 & 0xFFF) as i32 * if word >> 22 & 1 != 0 { 4096 } else { 1 };
    match (word & 0xFF80_0000, rd, rn) {
        // add and sub of immediates
        (0x9100_0000, 31, 31) => return Effect::Adjust(immediate),
        (0xD100_0000, 31, 31) => return Effect::Adjust(-immediate),
        (0x9100_0000, 29, 31) => return Effect::Frame(immediate),
        (0x9100_0000, 31, 29) => return Effect::Back(immediate),
        (0xD100_0000, 31, 29) => return Effect::Back(-immediate),
        _ => {}
    }
    match word >> 24 {
        // b
        0x14..=0x17 => Effect::Jump(4 * signed(0, 26)),
        // b.cond, cbz and cbnz, tbz and tbnz
        0x54 | 0x34 | 0x35 | 0xB4 | 0xB5 => Effect::Jump(4 * signed(5, 19)),
        0x36 | 0x37 | 0xB6 | 0xB7 => Effect::Jump(4 * signed(5, 14)),
        // br, ret
        0xD6 if word & 0xFFFF_FC1F == 0xD61F_0000 || word == 0xD65F_03C0 => Effect::Away,
        _ => Effect::Other,
    }
}

/// A load or store of a pair.
fn pair(word: u32, loads: bool, registers: [Option<u16>; 2], by: i32) -> Effect {
    // Where the first one is from the old stack pointer, and what is added to that.
    let (at, moved) = match word >> 23 & 3 {
        0b01 => (0, by),
        0b10 => (by, 0),
        _ => (by, by),
    };
    if loads {
        Effect::Load { registers, at, behind: moved }
    } else {
        Effect::Store { registers, at: at - moved, before: moved }
    }
}
