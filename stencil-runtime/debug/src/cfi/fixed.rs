//! aarch64 and riscv64, whose instructions have 4 bytes here: what matters is told by single instructions.

use super::{Cfa, Registers, Row, Rules, push};
use stencil_runtime::Architecture;

/// The instructions of one architecture that concern the frame.
#[derive(Debug)]
pub(super) struct Patterns {
    registers: Registers,
    /// A function's prologue, with what holds behind each instruction; behind the last one it is the common rule.
    prologue: &'static [u32],
    /// What the prologue's instructions before the last one have done.
    entering: fn(usize) -> Rules,
    /// A function's end, from the instruction that restores the frame pointer to the one before the return.
    epilogue: &'static [u32],
    ending: fn(usize) -> Rules,
    /// Leaving, from what sets the stack pointer to what comes before the return.
    leave: &'static [u32],
    leaving: fn(usize) -> Rules,
    /// Sets the frame pointer to a frame of the stencil's own.
    own: fn(u32) -> bool,
    /// Restores the machine's.
    restore: fn(u32) -> bool,
    /// Where the machine's is saved, from the stencil's own.
    saved_at: i32,
    /// Jumps without a condition, and returns.
    ends: fn(u32) -> bool,
}

/// Rules that find the canonical frame address `above` the stack pointer, with these registers saved.
fn stack(above: i32, saved: &[(u16, i32)]) -> Rules {
    Rules { cfa: Cfa::Stack(above), saved: saved.to_vec() }
}

pub(super) static AARCH64: Patterns = Patterns {
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
    // add x29, sp, #n
    own: |word| word & 0xFF80_03FF == 0x9100_03FD,
    // ldp x29, x30, [sp, #n], or behind which n is added
    restore: |word| matches!(word & 0xFFC0_7FFF, 0xA940_7BFD | 0xA8C0_7BFD),
    saved_at: 0,
    // b, br, ret
    ends: |word| word >> 26 == 5 || word & 0xFFFF_FC1F == 0xD61F_0000 || word == 0xD65F_03C0,
};

pub(super) static RISCV64: Patterns = Patterns {
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
    // addi s0, sp, n
    own: |word| word & 0xF_FFFF == 0x1_0413,
    // ld s0, n(sp)
    restore: |word| word & 0xF_FFFF == 0x1_3403,
    saved_at: -16,
    // jal zero, jalr zero
    ends: |word| word & 0xFFF == 0x06F || word & 0xFFF == 0x067,
};

/// The rows of a piece of code, of which `functions` are the offsets of prologues.
pub(super) fn rows(patterns: &Patterns, bytes: &[u8], functions: &[u32]) -> Vec<Row> {
    let words: Vec<u32> = bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let mut functions = functions.iter().map(|start| *start as usize / 4).peekable();
    let (framed, mut rows) = (patterns.registers.framed(), Vec::new());
    let own = patterns.registers.behind(Cfa::Own { at: patterns.saved_at, above: patterns.registers.above });
    let (mut rules, mut at) = (framed.clone(), 0);
    while at < words.len() {
        let rest = &words[at..];
        if functions.next_if_eq(&at).is_some() {
            for done in 0..patterns.prologue.len() {
                push(&mut rows, 4 * (at + done), (patterns.entering)(done));
            }
            at += patterns.prologue.len();
            rules = framed.clone();
            continue;
        }
        push(&mut rows, 4 * at, rules.clone());
        let is_framed = rules == framed;
        for (sequence, after) in [(patterns.epilogue, patterns.ending), (patterns.leave, patterns.leaving)] {
            // A return has to follow: what rejoins its caller restores the same registers.
            let returns = rest.get(sequence.len()).is_some_and(|word| (patterns.ends)(*word));
            if is_framed && rest.starts_with(sequence) && returns {
                for done in 0..sequence.len() {
                    push(&mut rows, 4 * (at + done + 1), after(done));
                }
                at += sequence.len();
            }
        }
        let word = words[at];
        if (patterns.ends)(word) || (patterns.restore)(word) {
            rules = framed.clone();
        } else if (patterns.own)(word) {
            rules = own.clone();
        }
        at += 1;
    }
    rows
}
