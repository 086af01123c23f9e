//! Branches, and the ways out that are instructions of their own.

use crate::fault::Fault;
use crate::machine::Special;
use iced_x86::Instruction;
use stencil_table::{Convention, Hole, HoleKind};

/// `pop rbp; ret`
const RETURN: &[u8] = &[0x5D, 0xC3];

/// `mov rsp, [rdi]; ret` and `mov rsp, [r14]; ret`: the first fixed part's register in each convention.
const LEAVE_PORTABLE: &[u8] = &[0x48, 0x8B, 0x27, 0xC3];
const LEAVE_WIDE: &[u8] = &[0x49, 0x8B, 0x26, 0xC3];

/// `call rel32`
const CALL: &[u8] = &[0xE8, 0, 0, 0, 0];

/// The length of a branch with an 8-bit distance.
const SHORT: usize = 2;

/// The condition of a branch: the low nibble of its opcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Condition(u8);

impl Condition {
    /// The condition with this number in opcodes, 0 to 15.
    pub(super) fn new(number: u8) -> Self {
        Self(number & 0xF)
    }

    /// The condition of an instruction.
    pub(super) fn of(instruction: &Instruction) -> Result<Self, Fault> {
        if instruction.is_jcc_short_or_near() {
            // The first of iced's conditions is "none"; the others are in the order of the opcodes.
            Ok(Self::new(instruction.condition_code() as u8 - 1))
        } else {
            Err(Fault::CountingBranch)
        }
    }

    /// Its number in opcodes.
    pub(super) fn number(self) -> u8 {
        self.0
    }

    /// The condition that holds when this one does not.
    pub(super) fn inverted(self) -> Self {
        Self(self.0 ^ 1)
    }
}

/// See [`crate::machine::Machine::special`].
pub(super) fn special(way: Special, convention: Convention) -> (Vec<u8>, Vec<Hole>) {
    match (way, convention) {
        (Special::Return, _) => (RETURN.to_vec(), Vec::new()),
        (Special::Leave, Convention::Portable) => (LEAVE_PORTABLE.to_vec(), Vec::new()),
        (Special::Leave, Convention::Wide) => (LEAVE_WIDE.to_vec(), Vec::new()),
        (Special::Call(value), _) => {
            (CALL.to_vec(), vec![Hole { offset: 1, kind: HoleKind::CalleeRel32, value, addend: -4 }])
        }
    }
}

/// See [`crate::machine::Machine::lengths`].
pub(super) fn lengths(condition: Option<Condition>) -> (usize, usize) {
    (SHORT, near(condition).len() + 4)
}

/// Whether the short form reaches a place at this distance from its start.
pub(super) fn reaches(distance: i64) -> bool {
    i8::try_from(distance - SHORT as i64).is_ok()
}

/// See [`crate::machine::Machine::branch`].
pub(super) fn branch(condition: Option<Condition>, length: usize, distance: i64) -> Vec<u8> {
    // The CPU counts from the end.
    let distance = distance - length as i64;
    if length == SHORT {
        return vec![condition.map_or(0xEB, |condition| 0x70 | condition.number()), distance as u8];
    }
    let mut bytes = near(condition);
    bytes.extend((distance as i32).to_le_bytes());
    bytes
}

/// See [`crate::machine::Machine::label`].
pub(super) fn label(condition: Option<Condition>, value: u8) -> (Vec<u8>, Hole) {
    let mut bytes = near(condition);
    let hole = Hole { offset: bytes.len() as u16, kind: HoleKind::LabelRel32, value, addend: -4 };
    bytes.extend([0; 4]);
    (bytes, hole)
}

/// The opcode of a branch with a 32-bit distance.
fn near(condition: Option<Condition>) -> Vec<u8> {
    condition.map_or(vec![0xE9], |condition| vec![0x0F, 0x80 | condition.number()])
}
