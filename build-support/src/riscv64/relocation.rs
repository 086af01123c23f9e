//! Which fields of which relocations can be holes.

use super::Riscv64;
use super::decode::{Decoding, LITERAL};
use crate::machine::{Misplaced, Step, Way};
use crate::object::Relocation;
use object::elf::{
    R_RISCV_32, R_RISCV_64, R_RISCV_BRANCH, R_RISCV_CALL, R_RISCV_CALL_PLT, R_RISCV_GOT_HI20, R_RISCV_HI20,
    R_RISCV_JAL, R_RISCV_LO12_I, R_RISCV_LO12_S, R_RISCV_PCREL_HI20, R_RISCV_PCREL_LO12_I, R_RISCV_PCREL_LO12_S,
    RelocationType,
};
use stencil_syntax::symbols::Form;
use stencil_table::HoleKind;

/// See [`crate::machine::Machine::hole`].
pub(super) fn hole(form: Form, relocation: &Relocation, step: &Step<Riscv64>) -> Result<HoleKind, Misplaced> {
    let word = step.instruction.word();
    let (operation, function) = (word & 0x7F, word >> 12 & 7);
    let far = step.instruction == Decoding::Far && matches!(step.way, Way::Branch { .. });
    let at = relocation.offset - step.at;
    let (kind, fits) = match (form, RelocationType(relocation.kind)) {
        (Form::Wide, R_RISCV_64) => {
            (HoleKind::Abs64, matches!(step.instruction, Decoding::Literal { .. }) && at == LITERAL)
        }
        (Form::Short, R_RISCV_HI20) => (HoleKind::Hi20, operation == 0x37),
        // addi
        (Form::Short, R_RISCV_LO12_I) => (HoleKind::Lo12I, operation == 0x13 && function == 0),
        (Form::Word, R_RISCV_HI20) => (HoleKind::Hi20Word, operation == 0x37),
        // addiw
        (Form::Word, R_RISCV_LO12_I) => (HoleKind::Lo12I, operation == 0x1B && function == 0),
        // ld, fld; sd, fsd
        (Form::Slot, R_RISCV_LO12_I) => (HoleKind::Offset12I, matches!(operation, 0x03 | 0x07) && function == 3),
        (Form::Slot, R_RISCV_LO12_S) => (HoleKind::Offset12S, matches!(operation, 0x23 | 0x27) && function == 3),
        (Form::Target, R_RISCV_CALL | R_RISCV_CALL_PLT) if far => (HoleKind::LabelPair, true),
        (Form::Callee, R_RISCV_CALL | R_RISCV_CALL_PLT) if far => (HoleKind::CalleePair, true),
        _ => return Err(Misplaced::Field),
    };
    if fits && (at == 0 || kind == HoleKind::Abs64) { Ok(kind) } else { Err(Misplaced::NoOperand) }
}

/// See [`crate::machine::Machine::constant`].
pub(super) fn constant(relocation: &Relocation, step: &Step<Riscv64>) -> Result<(HoleKind, i64), Misplaced> {
    let word = step.instruction.word();
    let (kind, fits) = match RelocationType(relocation.kind) {
        R_RISCV_PCREL_HI20 => (HoleKind::PoolHi20, word & 0x7F == 0x17),
        // addi and loads
        R_RISCV_PCREL_LO12_I => (HoleKind::PoolLo12I, matches!(word & 0x7F, 0x13 | 0x03 | 0x07) && step.base.is_some()),
        _ => return Err(Misplaced::Field),
    };
    if fits && relocation.offset == step.at { Ok((kind, 0)) } else { Err(Misplaced::NoOperand) }
}

/// See [`crate::machine::Machine::name`].
pub(super) fn name(kind: RelocationType) -> Option<&'static str> {
    Some(match kind {
        R_RISCV_32 => "R_RISCV_32",
        R_RISCV_64 => "R_RISCV_64",
        R_RISCV_BRANCH => "R_RISCV_BRANCH",
        R_RISCV_CALL => "R_RISCV_CALL",
        R_RISCV_CALL_PLT => "R_RISCV_CALL_PLT",
        R_RISCV_GOT_HI20 => "R_RISCV_GOT_HI20",
        R_RISCV_HI20 => "R_RISCV_HI20",
        R_RISCV_JAL => "R_RISCV_JAL",
        R_RISCV_LO12_I => "R_RISCV_LO12_I",
        R_RISCV_LO12_S => "R_RISCV_LO12_S",
        R_RISCV_PCREL_HI20 => "R_RISCV_PCREL_HI20",
        R_RISCV_PCREL_LO12_I => "R_RISCV_PCREL_LO12_I",
        R_RISCV_PCREL_LO12_S => "R_RISCV_PCREL_LO12_S",
        _ => return None,
    })
}
