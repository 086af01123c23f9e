//! Which fields of which relocations can be holes.

use super::Aarch64;
use crate::machine::{Misplaced, Step, Way};
use crate::object::Relocation;
use object::elf::{
    R_AARCH64_ABS64, R_AARCH64_ADD_ABS_LO12_NC, R_AARCH64_ADR_GOT_PAGE, R_AARCH64_ADR_PREL_PG_HI21, R_AARCH64_CALL26,
    R_AARCH64_JUMP26, R_AARCH64_LD64_GOT_LO12_NC, R_AARCH64_LDST8_ABS_LO12_NC, R_AARCH64_LDST16_ABS_LO12_NC,
    R_AARCH64_LDST32_ABS_LO12_NC, R_AARCH64_LDST64_ABS_LO12_NC, R_AARCH64_LDST128_ABS_LO12_NC, R_AARCH64_MOVW_SABS_G1,
    R_AARCH64_MOVW_UABS_G0, R_AARCH64_MOVW_UABS_G0_NC, R_AARCH64_MOVW_UABS_G1, R_AARCH64_MOVW_UABS_G1_NC,
    R_AARCH64_MOVW_UABS_G2, R_AARCH64_MOVW_UABS_G2_NC, R_AARCH64_MOVW_UABS_G3, RelocationType,
};
use stencil_syntax::symbols::Form;
use stencil_table::HoleKind;

/// See [`crate::machine::Machine::hole`].
pub(super) fn hole(form: Form, relocation: &Relocation, step: &Step<Aarch64>) -> Result<HoleKind, Misplaced> {
    let kind = match (form, RelocationType(relocation.kind)) {
        (Form::Wide | Form::Word | Form::Short, R_AARCH64_MOVW_UABS_G0_NC) => HoleKind::MovG0Part,
        (Form::Word, R_AARCH64_MOVW_UABS_G0) => HoleKind::MovG0,
        (Form::Wide, R_AARCH64_MOVW_UABS_G1_NC) => HoleKind::MovG1Part,
        (Form::Wide, R_AARCH64_MOVW_UABS_G2_NC) => HoleKind::MovG2Part,
        (Form::Wide, R_AARCH64_MOVW_UABS_G3) => HoleKind::MovG3,
        (Form::Word, R_AARCH64_MOVW_UABS_G1) => HoleKind::MovG1,
        (Form::Short, R_AARCH64_MOVW_SABS_G1) => HoleKind::MovSignedG1,
        (Form::Slot, R_AARCH64_LDST64_ABS_LO12_NC) => HoleKind::Offset12Scaled8,
        (Form::Target, R_AARCH64_JUMP26) if matches!(step.way, Way::Branch { .. }) => HoleKind::LabelBranch26,
        (Form::Callee, R_AARCH64_JUMP26) if matches!(step.way, Way::Branch { .. }) => HoleKind::CalleeBranch26,
        _ => return Err(Misplaced::Field),
    };
    let word = step.instruction.word;
    let fits = match kind {
        HoleKind::Offset12Scaled8 => is_access(word) && word >> 30 == 3,
        HoleKind::LabelBranch26 | HoleKind::CalleeBranch26 => true,
        // movz, which leaves nothing of what was in the register.
        HoleKind::MovG0 => word & 0x7FE0_0000 == 0x5280_0000,
        // movz of a whole register: what is inverted has ones in its upper half.
        HoleKind::MovSignedG1 => word & 0xFFE0_0000 == 0xD2A0_0000,
        // movz and movk of the 16 bits that the kind says; the half of the register is the hole's.
        _ => word & 0x5F80_0000 == 0x5280_0000 && word >> 21 & 3 == group(kind),
    };
    if fits && relocation.offset == step.at { Ok(kind) } else { Err(Misplaced::NoOperand) }
}

/// Which 16 bits a move sets.
fn group(kind: HoleKind) -> u32 {
    match kind {
        HoleKind::MovG1 | HoleKind::MovG1Part => 1,
        HoleKind::MovG2 | HoleKind::MovG2Part => 2,
        HoleKind::MovG3 => 3,
        _ => 0,
    }
}

/// See [`crate::machine::Machine::constant`].
pub(super) fn constant(relocation: &Relocation, step: &Step<Aarch64>) -> Result<(HoleKind, i64), Misplaced> {
    let word = step.instruction.word;
    let (kind, fits) = match RelocationType(relocation.kind) {
        R_AARCH64_ADR_PREL_PG_HI21 => (HoleKind::PoolPage21, word & 0x9F00_0000 == 0x9000_0000),
        R_AARCH64_ADD_ABS_LO12_NC => (HoleKind::PoolOffset12, word & 0xFFC0_0000 == 0x9100_0000),
        R_AARCH64_LDST8_ABS_LO12_NC
        | R_AARCH64_LDST16_ABS_LO12_NC
        | R_AARCH64_LDST32_ABS_LO12_NC
        | R_AARCH64_LDST64_ABS_LO12_NC
        | R_AARCH64_LDST128_ABS_LO12_NC => (HoleKind::PoolOffset12, is_access(word)),
        _ => return Err(Misplaced::Field),
    };
    if fits && relocation.offset == step.at { Ok((kind, 0)) } else { Err(Misplaced::NoOperand) }
}

/// Whether it is a load or store with an unsigned offset in units of its size.
fn is_access(word: u32) -> bool {
    word & 0x3B00_0000 == 0x3900_0000
}

/// See [`crate::machine::Machine::name`].
pub(super) fn name(kind: RelocationType) -> Option<&'static str> {
    Some(match kind {
        R_AARCH64_ABS64 => "R_AARCH64_ABS64",
        R_AARCH64_ADD_ABS_LO12_NC => "R_AARCH64_ADD_ABS_LO12_NC",
        R_AARCH64_ADR_GOT_PAGE => "R_AARCH64_ADR_GOT_PAGE",
        R_AARCH64_ADR_PREL_PG_HI21 => "R_AARCH64_ADR_PREL_PG_HI21",
        R_AARCH64_CALL26 => "R_AARCH64_CALL26",
        R_AARCH64_JUMP26 => "R_AARCH64_JUMP26",
        R_AARCH64_LD64_GOT_LO12_NC => "R_AARCH64_LD64_GOT_LO12_NC",
        R_AARCH64_LDST8_ABS_LO12_NC => "R_AARCH64_LDST8_ABS_LO12_NC",
        R_AARCH64_LDST16_ABS_LO12_NC => "R_AARCH64_LDST16_ABS_LO12_NC",
        R_AARCH64_LDST32_ABS_LO12_NC => "R_AARCH64_LDST32_ABS_LO12_NC",
        R_AARCH64_LDST64_ABS_LO12_NC => "R_AARCH64_LDST64_ABS_LO12_NC",
        R_AARCH64_LDST128_ABS_LO12_NC => "R_AARCH64_LDST128_ABS_LO12_NC",
        R_AARCH64_MOVW_SABS_G1 => "R_AARCH64_MOVW_SABS_G1",
        R_AARCH64_MOVW_UABS_G0 => "R_AARCH64_MOVW_UABS_G0",
        R_AARCH64_MOVW_UABS_G0_NC => "R_AARCH64_MOVW_UABS_G0_NC",
        R_AARCH64_MOVW_UABS_G1 => "R_AARCH64_MOVW_UABS_G1",
        R_AARCH64_MOVW_UABS_G1_NC => "R_AARCH64_MOVW_UABS_G1_NC",
        R_AARCH64_MOVW_UABS_G2 => "R_AARCH64_MOVW_UABS_G2",
        R_AARCH64_MOVW_UABS_G2_NC => "R_AARCH64_MOVW_UABS_G2_NC",
        R_AARCH64_MOVW_UABS_G3 => "R_AARCH64_MOVW_UABS_G3",
        _ => return None,
    })
}
