//! Branches, and the ways out that are instructions of their own.

use crate::machine::Special;
use stencil_table::{Hole, HoleKind};

/// `ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret`
const RETURN: [u32; 4] = [0x0081_3083, 0x0001_3403, 0x0101_0113, 0x0000_8067];

/// `ld t0, 0(a0); mv sp, t0; ld ra, 0(t0); ret`
const LEAVE: [u32; 4] = [0x0005_3283, 0x0002_8113, 0x0002_B083, 0x0000_8067];

/// `auipc ra, 0; jalr ra`
const CALL: [u32; 2] = [0x0000_0097, 0x0000_80E7];

/// `j`: `jal zero`
const JUMP: u32 = 0x0000_006F;

/// The bits of a conditional branch's distance.
const DISTANCE: u32 = 0xFE00_0F80;

/// A conditional branch without its distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Condition(u32);

impl Condition {
    /// The condition of a conditional branch.
    pub(super) fn of(word: u32) -> Self {
        Self(word & !DISTANCE)
    }

    /// The condition that holds when this one does not.
    pub(super) fn inverted(self) -> Self {
        Self(self.0 ^ 1 << 12)
    }

    /// The branch to a place at this distance, which it reaches.
    fn to(self, distance: i64) -> u32 {
        let low = distance as u32;
        self.0 | (low & 0x1000) << 19 | (low & 0x7E0) << 20 | (low & 0x1E) << 7 | (low & 0x800) >> 4
    }
}

/// A jump to a place at this distance, which it reaches.
fn jump(distance: i64) -> u32 {
    let low = distance as u32;
    JUMP | (low & 0x10_0000) << 11 | (low & 0x7FE) << 20 | (low & 0x800) << 9 | low & 0xF_F000
}

/// How far a branch or jump goes, in bytes; `None` when it is none, or a call.
pub(super) fn distance(word: u32) -> Option<i64> {
    let sign = i64::from(word as i32 >> 31);
    match word & 0x7F {
        0x63 => {
            let bits = (word >> 20 & 0x7E0) | (word >> 7 & 0x1E) | (word << 4 & 0x800);
            Some(sign << 12 | i64::from(bits))
        }
        0x6F if word >> 7 & 0x1F == 0 => {
            let bits = (word >> 20 & 0x7FE) | (word >> 9 & 0x800) | (word & 0xF_F000);
            Some(sign << 20 | i64::from(bits))
        }
        _ => None,
    }
}

/// See [`crate::machine::Machine::special`].
pub(super) fn special(way: Special) -> (Vec<u8>, Vec<Hole>) {
    match way {
        Special::Return => (bytes(&RETURN), Vec::new()),
        Special::Leave => (bytes(&LEAVE), Vec::new()),
        Special::Call(value) => (bytes(&CALL), vec![Hole { offset: 0, kind: HoleKind::CalleePair, value, addend: 0 }]),
    }
}

/// See [`crate::machine::Machine::lengths`]: the long form jumps over a jump.
pub(super) fn lengths(condition: Option<Condition>) -> (usize, usize) {
    (4, if condition.is_some() { 8 } else { 4 })
}

/// See [`crate::machine::Machine::reaches`]. A jump crosses every stencil.
pub(super) fn reaches(condition: Option<Condition>, distance: i64) -> bool {
    condition.is_none() || (-0x1000..0x1000).contains(&distance)
}

/// See [`crate::machine::Machine::branch`].
pub(super) fn branch(condition: Option<Condition>, length: usize, distance: i64) -> Vec<u8> {
    match condition {
        None => bytes(&[jump(distance)]),
        Some(condition) if length == 4 => bytes(&[condition.to(distance)]),
        Some(condition) => bytes(&[condition.inverted().to(8), jump(distance - 4)]),
    }
}

/// See [`crate::machine::Machine::label`]: a conditional branch reaches too little, and jumps over a jump.
pub(super) fn label(condition: Option<Condition>, value: u8) -> (Vec<u8>, Hole) {
    let hole = |offset| Hole { offset, kind: HoleKind::LabelJump20, value, addend: 0 };
    match condition {
        None => (bytes(&[JUMP]), hole(0)),
        Some(condition) => (bytes(&[condition.inverted().to(8), JUMP]), hole(4)),
    }
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
