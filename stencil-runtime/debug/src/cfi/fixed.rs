//! aarch64 and riscv64, whose instructions have 4 bytes here: the stack is followed from instruction to instruction, as on
//! x86-64; what single instructions do with it is the architecture's own.

use super::{Cfa, Registers, Row, Rules, push};
use std::collections::BTreeMap;

/// What is one architecture's own.
#[derive(Debug)]
pub(super) struct Patterns {
    pub(super) registers: Registers,
    /// A function's prologue, with what holds behind each instruction; behind the last one it is the common rule.
    pub(super) prologue: &'static [u32],
    /// What the prologue's instructions before the last one have done.
    pub(super) entering: fn(usize) -> Rules,
    /// A function's end, from the instruction that restores the frame pointer to the one before the return.
    pub(super) epilogue: &'static [u32],
    pub(super) ending: fn(usize) -> Rules,
    /// Leaving, from what sets the stack pointer to what comes before the return.
    pub(super) leave: &'static [u32],
    pub(super) leaving: fn(usize) -> Rules,
    /// Where the machine's frame pointer is saved, from a stencil's own.
    pub(super) saved_at: i32,
    /// Registers that callees preserve, as DWARF numbers them, but for the frame pointer.
    pub(super) preserved: fn(u16) -> bool,
    /// What an instruction does.
    pub(super) effect: fn(u32) -> Effect,
}

/// What an instruction does with the stack, or with control.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Other,
    /// Adds to the stack pointer.
    Adjust(i32),
    /// Stores registers, 8 bytes each, from a distance to the stack pointer on, to which `before` has been added.
    Store { registers: [Option<u16>; 2], at: i32, before: i32 },
    /// Loads registers in the same way, then adds to the stack pointer.
    Load { registers: [Option<u16>; 2], at: i32, behind: i32 },
    /// Sets the frame pointer to this distance from the stack pointer.
    Frame(i32),
    /// Sets the stack pointer to this distance from the frame pointer.
    Back(i32),
    /// Jumps by this many bytes, or also goes on.
    Jump(i32),
    /// Goes where nothing here says.
    Away,
}

/// Rules that find the canonical frame address `above` the stack pointer, with these registers saved.
pub(super) fn stack(above: i32, saved: &[(u16, i32)]) -> Rules {
    Rules { cfa: Cfa::Stack(above), saved: saved.to_vec() }
}

/// How far below the canonical frame address the stack pointer is behind a prologue.
const PROLOGUE: i32 = 16;

/// The stack before an instruction of a stencil.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Stack {
    /// Bytes in use below those of the prologue.
    depth: i32,
    /// How deep the frame pointer is, if it is a stencil's own.
    own: Option<i32>,
    /// Registers that are saved, with the bytes from the canonical frame address.
    saved: Vec<(u16, i32)>,
}

impl Stack {
    fn rules(&self, patterns: &Patterns) -> Rules {
        let Patterns { registers, saved_at, .. } = *patterns;
        let mut rules = match self.own {
            None => registers.framed(),
            Some(_) => registers.behind(Cfa::Own { at: saved_at, above: registers.above }),
        };
        rules.saved.extend(&self.saved);
        rules
    }

    /// The stack behind an instruction.
    fn after(&mut self, effect: Effect, patterns: &Patterns) {
        match effect {
            Effect::Other | Effect::Jump(_) => {}
            Effect::Adjust(by) => self.adjust(by),
            Effect::Store { registers, at, before } => {
                self.adjust(before);
                for (register, at) in registers.into_iter().zip([at, at + 8]) {
                    let new = |register: &u16| {
                        // Of a register that is saved twice, the first place has the caller's value.
                        (patterns.preserved)(*register) && self.saved.iter().all(|(saved, _)| saved != register)
                    };
                    if let Some(register) = register.filter(new) {
                        self.saved.push((register, self.frame_offset(at)));
                    }
                }
            }
            Effect::Load { registers, at, behind } => {
                for (register, at) in registers.into_iter().zip([at, at + 8]) {
                    let Some(register) = register else { continue };
                    let place = (register, self.frame_offset(at));
                    self.saved.retain(|saved| *saved != place);
                    if register == patterns.registers.frame {
                        self.own = None;
                    }
                }
                self.adjust(behind);
            }
            Effect::Frame(above) => self.own = Some(self.depth - above),
            Effect::Back(from) => {
                if let Some(own) = self.own {
                    self.adjust(self.depth - own + from);
                }
            }
            // What stands behind a way out begins like every stencil.
            Effect::Away => *self = Self::default(),
        }
    }

    /// The distance from the canonical frame address to what is `at` the stack pointer.
    fn frame_offset(&self, at: i32) -> i32 {
        at - self.depth - PROLOGUE
    }

    fn adjust(&mut self, by: i32) {
        self.depth -= by;
        let end = self.frame_offset(0);
        self.saved.retain(|(_, at)| *at >= end);
    }
}

/// The rows of a piece of code, of which `functions` are the offsets of prologues.
pub(super) fn rows(patterns: &Patterns, bytes: &[u8], functions: &[u32]) -> Vec<Row> {
    let words: Vec<u32> = bytes.as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let mut functions = functions.iter().map(|start| *start as usize / 4).peekable();
    let (mut rows, mut stack, mut at) = (Vec::new(), Stack::default(), 0);
    // What stencils jump to while they use the stack.
    let mut targets: BTreeMap<usize, Stack> = BTreeMap::new();
    let away = |word: &u32| matches!((patterns.effect)(*word), Effect::Away | Effect::Jump(_));
    while at < words.len() {
        let rest = &words[at..];
        if functions.next_if_eq(&at).is_some() {
            for done in 0..patterns.prologue.len() {
                push(&mut rows, 4 * (at + done), (patterns.entering)(done));
            }
            at += patterns.prologue.len();
            stack = Stack::default();
            continue;
        }
        if !targets.is_empty()
            && let Some(known) = targets.remove(&at)
        {
            stack = known;
        }
        push(&mut rows, 4 * at, stack.rules(patterns));
        if stack == Stack::default() {
            let sequences = [(patterns.epilogue, patterns.ending), (patterns.leave, patterns.leaving)];
            // A return has to follow: what rejoins its caller restores the same registers.
            let ends = |sequence: &[u32]| rest.starts_with(sequence) && rest.get(sequence.len()).is_some_and(away);
            if let Some((sequence, after)) = sequences.into_iter().find(|(sequence, _)| ends(sequence)) {
                for done in 0..sequence.len() {
                    push(&mut rows, 4 * (at + done + 1), after(done));
                }
                at += sequence.len() + 1;
                continue;
            }
        }
        let effect = (patterns.effect)(words[at]);
        // Stencils give back all stack before a way out, so a jump with some in use stays in its stencil, and what follows
        // uses as much unless something has jumped there.
        if let Effect::Jump(by) = effect
            && stack != Stack::default()
            && by > 0
        {
            targets.insert(at + by as usize / 4, stack.clone());
        }
        stack.after(effect, patterns);
        at += 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::{aarch64, riscv64};
    use super::*;

    /// What is saved besides frame pointer and return address, by the number of the instruction.
    fn saved(patterns: &Patterns, words: &[u32]) -> Vec<(u32, Vec<(u16, i32)>)> {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let framed = patterns.registers.framed();
        let behind = rows(patterns, &bytes, &[0]).into_iter().filter(|row| row.rules.cfa == framed.cfa);
        behind.map(|row| (row.offset / 4, row.rules.saved[2..].to_vec())).collect()
    }

    #[test]
    fn registers_that_a_stencil_keeps_are_found_until_it_restores_them() {
        let words = [
            0xA9BF_7BFD, // stp x29, x30, [sp, #-16]!
            0x9100_03FD, // mov x29, sp
            0xD100_C3FF, // sub sp, sp, #48
            0xA902_4FF4, // stp x20, x19, [sp, #32]
            0xFD00_07E8, // str d8, [sp, #8]
            0x9400_0000, // bl
            0xFD40_07E8, // ldr d8, [sp, #8]
            0xA942_4FF4, // ldp x20, x19, [sp, #32]
            0x9100_C3FF, // add sp, sp, #48
            0xA8C1_7BFD, // ldp x29, x30, [sp], #16
            0xD65F_03C0, // ret
        ];
        let pair = [(20, -32), (19, -24)];
        let all = [&pair[..], &[(72, -56)]].concat();
        let expected = [(2, vec![]), (4, pair.to_vec()), (5, all), (7, pair.to_vec()), (8, vec![])];
        assert_eq!(saved(&aarch64::PATTERNS, &words), expected);
    }

    #[test]
    fn the_same_on_riscv64_also_where_a_branch_leads() {
        let words = [
            0xFF01_0113,
            0x0011_3423,
            0x0081_3023,
            0x0101_0413, // the prologue
            0xFE01_0113, // addi sp, sp, -32
            0x0091_3C23, // sd s1, 24(sp)
            0x00B5_0863, // beq a0, a1, 16
            0x0181_3483, // ld s1, 24(sp)
            0x0201_0113, // addi sp, sp, 32
            0x0000_8067, // ret
            0x0181_3483, // ld s1, 24(sp), where the branch leads
            0x0201_0113, // addi sp, sp, 32
            0x0000_8067, // ret
        ];
        let kept = vec![(9, -24)];
        let expected = [(4, vec![]), (6, kept.clone()), (8, vec![]), (10, kept), (11, vec![])];
        assert_eq!(saved(&riscv64::PATTERNS, &words), expected);
    }
}
