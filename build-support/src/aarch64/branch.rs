//! Branches, and the ways out that are instructions of their own.

use crate::machine::Special;
use stencil_table::{Hole, HoleKind};

/// `ldp x29, x30, [sp], #16; ret`
const RETURN: [u32; 2] = [0xA8C1_7BFD, 0xD65F_03C0];

/// `ldr x16, [x0]; mov sp, x16; ldr x30, [x16]; ret`
const LEAVE: [u32; 4] = [0xF940_0010, 0x9100_021F, 0xF940_021E, 0xD65F_03C0];

/// `bl`
const CALL: u32 = 0x9400_0000;

/// `b`
const JUMP: u32 = 0x1400_0000;

/// A conditional branch without its distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Condition(u32);

/// The field of a distance: how many bits above how many others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Field {
    bits: u32,
    shift: u32,
}

const BRANCH_26: Field = Field { bits: 26, shift: 0 };
const BRANCH_19: Field = Field { bits: 19, shift: 5 };
const BRANCH_14: Field = Field { bits: 14, shift: 5 };

impl Field {
    fn mask(self) -> u32 {
        ((1 << self.bits) - 1) << self.shift
    }

    /// The distance in an instruction, in bytes.
    fn read(self, word: u32) -> i64 {
        let unused = 32 - self.bits - self.shift;
        i64::from(((word & self.mask()) << unused) as i32 >> (unused + self.shift)) * 4
    }

    fn reaches(self, distance: i64) -> bool {
        let units = distance / 4;
        units >> (self.bits - 1) == units >> 63
    }

    fn write(self, word: u32, distance: i64) -> u32 {
        word & !self.mask() | ((distance / 4) as u32) << self.shift & self.mask()
    }
}

/// The field of a branch that is no call; `None` for other instructions.
fn field(word: u32) -> Option<Field> {
    match word >> 24 {
        0x14..=0x17 => Some(BRANCH_26),
        // b.cond; cbz and cbnz
        0x54 | 0x34 | 0x35 | 0xB4 | 0xB5 => Some(BRANCH_19),
        // tbz and tbnz
        0x36 | 0x37 | 0xB6 | 0xB7 => Some(BRANCH_14),
        _ => None,
    }
}

/// How far a branch goes, in bytes; `None` when it is none, or a call.
pub(super) fn distance(word: u32) -> Option<i64> {
    field(word).map(|field| field.read(word))
}

impl Condition {
    /// The condition of a conditional branch.
    pub(super) fn of(word: u32) -> Option<Self> {
        let field = field(word).filter(|field| *field != BRANCH_26)?;
        // The last two conditions both mean "always", and inverting one gives the other.
        let always = word >> 24 == 0x54 && word & 0xE == 0xE;
        (!always).then_some(Self(word & !field.mask()))
    }

    /// The condition that holds when this one does not.
    pub(super) fn inverted(self) -> Self {
        Self(if self.0 >> 24 == 0x54 { self.0 ^ 1 } else { self.0 ^ 1 << 24 })
    }

    fn field(self) -> Field {
        field(self.0).unwrap_or(BRANCH_19)
    }
}

/// See [`crate::machine::Machine::special`].
pub(super) fn special(way: Special) -> (Vec<u8>, Vec<Hole>) {
    match way {
        Special::Return => (bytes(&RETURN), Vec::new()),
        Special::Leave => (bytes(&LEAVE), Vec::new()),
        Special::Call(value) => {
            (bytes(&[CALL]), vec![Hole { offset: 0, kind: HoleKind::CalleeBranch26, value, addend: 0 }])
        }
    }
}

/// See [`crate::machine::Machine::lengths`]: the long form jumps over a jump.
pub(super) fn lengths(condition: Option<Condition>) -> (usize, usize) {
    (4, if condition.is_some() { 8 } else { 4 })
}

/// See [`crate::machine::Machine::reaches`].
pub(super) fn reaches(condition: Option<Condition>, distance: i64) -> bool {
    condition.map_or(BRANCH_26, Condition::field).reaches(distance)
}

/// See [`crate::machine::Machine::branch`].
pub(super) fn branch(condition: Option<Condition>, length: usize, distance: i64) -> Vec<u8> {
    match condition {
        None => bytes(&[BRANCH_26.write(JUMP, distance)]),
        Some(condition) if length == 4 => bytes(&[condition.field().write(condition.0, distance)]),
        Some(condition) => {
            let over = condition.inverted();
            bytes(&[over.field().write(over.0, 8), BRANCH_26.write(JUMP, distance - 4)])
        }
    }
}

/// See [`crate::machine::Machine::label`]: what tests a bit reaches too little, and jumps over a jump.
pub(super) fn label(condition: Option<Condition>, value: u8) -> (Vec<u8>, Hole) {
    let hole = |offset, kind| Hole { offset, kind, value, addend: 0 };
    match condition {
        None => (bytes(&[JUMP]), hole(0, HoleKind::LabelBranch26)),
        Some(condition) if condition.field() == BRANCH_19 => (bytes(&[condition.0]), hole(0, HoleKind::LabelBranch19)),
        Some(condition) => (branch(Some(condition), 8, 4), hole(4, HoleKind::LabelBranch26)),
    }
}

fn bytes(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}
