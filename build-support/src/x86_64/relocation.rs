//! Which fields of which relocations can be holes.

use super::{Decoding, X86_64};
use crate::machine::{Misplaced, Step, Way};
use crate::object::{Relocation, kinds};
use iced_x86::{Code, OpKind};
use object::elf::{
    R_X86_64_32, R_X86_64_32S, R_X86_64_64, R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_PC32, R_X86_64_PLT32,
    R_X86_64_REX_GOTPCRELX, RelocationType,
};
use stencil_syntax::symbols::Form;
use stencil_table::HoleKind;

/// See [`crate::machine::Machine::hole`].
pub(super) fn hole(form: Form, relocation: &Relocation, step: &Step<X86_64>) -> Result<HoleKind, Misplaced> {
    let kind = match (form, RelocationType(relocation.kind)) {
        _ if relocation.kind == kinds::ABSOLUTE_32 => extended(form, step)?,
        (Form::Slot | Form::Short, R_X86_64_32S) => HoleKind::Abs32Signed,
        (Form::Slot | Form::Short | Form::Word, R_X86_64_32) => HoleKind::Abs32Unsigned,
        (Form::Wide, R_X86_64_64) => HoleKind::Abs64,
        (Form::Target, R_X86_64_PC32 | R_X86_64_PLT32) if leaves(step, relocation) => HoleKind::LabelRel32,
        (Form::Callee, R_X86_64_PC32 | R_X86_64_PLT32) if leaves(step, relocation) => HoleKind::CalleeRel32,
        _ => return Err(Misplaced::Field),
    };
    in_field(kind, relocation, step)
}

/// The kind of hole that 32 bits of an address become: which way the CPU extends them, the instruction says.
fn extended(form: Form, step: &Step<X86_64>) -> Result<HoleKind, Misplaced> {
    let Decoding { instruction, fields, .. } = &step.instruction;
    let is_signed = fields.has_displacement() || instruction.op_kinds().any(|kind| kind == OpKind::Immediate32to64);
    match form {
        Form::Slot | Form::Short if is_signed => Ok(HoleKind::Abs32Signed),
        Form::Slot | Form::Short | Form::Word if !is_signed => Ok(HoleKind::Abs32Unsigned),
        _ => Err(Misplaced::Field),
    }
}

/// See [`crate::machine::Machine::constant`].
pub(super) fn constant(relocation: &Relocation, step: &Step<X86_64>) -> Result<(HoleKind, i64), Misplaced> {
    if RelocationType(relocation.kind) != R_X86_64_PC32 {
        return Err(Misplaced::Field);
    }
    // The field counts from its own start, the CPU from the end of the instruction.
    let behind = step.end() - relocation.offset;
    in_field(HoleKind::PoolRel32, relocation, step).map(|kind| (kind, behind as i64))
}

/// The kind of hole if the relocation covers a displacement or immediate of its size.
fn in_field(kind: HoleKind, relocation: &Relocation, step: &Step<X86_64>) -> Result<HoleKind, Misplaced> {
    let fields = &step.instruction.fields;
    let fields = [
        (fields.has_displacement(), fields.displacement_offset(), fields.displacement_size()),
        (fields.has_immediate(), fields.immediate_offset(), fields.immediate_size()),
    ];
    let found = fields.into_iter().find(|(has, at, _)| *has && step.at + at == relocation.offset);
    if found.is_some_and(|(.., size)| size == kind.width()) { Ok(kind) } else { Err(Misplaced::NoOperand) }
}

/// Whether the relocation is the target of a jump that ends in it, as all that leave do.
fn leaves(step: &Step<X86_64>, relocation: &Relocation) -> bool {
    let instruction = &step.instruction.instruction;
    let jump = instruction.code() == Code::Jmp_rel32_64 || instruction.is_jcc_near();
    jump && matches!(step.way, Way::Branch { .. }) && relocation.offset + 4 == step.end() && relocation.addend == -4
}

/// See [`crate::machine::Machine::name`].
pub(super) fn name(kind: u32) -> Option<&'static str> {
    if kind == kinds::ABSOLUTE_32 {
        return Some("IMAGE_REL_AMD64_ADDR32");
    }
    Some(match RelocationType(kind) {
        R_X86_64_64 => "R_X86_64_64",
        R_X86_64_32 => "R_X86_64_32",
        R_X86_64_32S => "R_X86_64_32S",
        R_X86_64_PC32 => "R_X86_64_PC32",
        R_X86_64_PLT32 => "R_X86_64_PLT32",
        R_X86_64_GOTPCREL => "R_X86_64_GOTPCREL",
        R_X86_64_GOTPCRELX => "R_X86_64_GOTPCRELX",
        R_X86_64_REX_GOTPCRELX => "R_X86_64_REX_GOTPCRELX",
        _ => return None,
    })
}
