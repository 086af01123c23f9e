//! What is patched where: relocations become holes, the end of the stencil, or constants of the pool.

use super::decode::{Decoded, Step, Way};
use crate::arch::Context;
use crate::callee;
use crate::fault::Fault;
use crate::object::{Access, Reference, Relocation};
use iced_x86::Code;
use object::elf::{
    R_X86_64_32, R_X86_64_32S, R_X86_64_64, R_X86_64_GOTPCREL, R_X86_64_GOTPCRELX, R_X86_64_PC32, R_X86_64_PLT32,
    R_X86_64_REX_GOTPCRELX, RelocationType,
};
use stencil_syntax::symbols::{Form, Symbol};
use stencil_table::HoleKind;

/// The most constant data that one reference may bring into the pool, in bytes.
const CONSTANT_LIMIT: usize = 256;

/// What a relocation means for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patch<'a> {
    /// A hole.
    Hole { kind: HoleKind, value: u8, addend: i32 },
    /// A branch to a label or exit.
    Label(u8),
    /// A branch to the end of the stencil.
    End,
    /// A branch to what becomes an instruction of its own: `call!`, `ret!`, `leave!`.
    Special(Symbol),
    /// A constant.
    Constant {
        /// Its bytes.
        bytes: &'a [u8],
        /// What the hole's addend is besides the constant's place in the pool.
        addend: i64,
    },
}

/// What the gates of this module refuse.
pub(super) fn check(decoded: &Decoded<'_>, context: &Context<'_>) -> Vec<Fault> {
    let of_step = |step| patches(decoded, step, context).filter_map(|(_, patch)| patch.err());
    decoded.steps.iter().flat_map(of_step).collect()
}

/// The relocations of an instruction and what becomes of them.
pub(super) fn patches<'a>(
    decoded: &'a Decoded<'_>,
    step: &'a Step,
    context: &'a Context<'_>,
) -> impl Iterator<Item = (&'a Relocation, Result<Patch<'a>, Fault>)> {
    let relocations = &decoded.relocations[step.relocations.clone()];
    relocations.iter().map(move |relocation| (relocation, patch(relocation, step, context)))
}

fn patch<'a>(relocation: &Relocation, step: &Step, context: &'a Context<'_>) -> Result<Patch<'a>, Fault> {
    match &relocation.target {
        Reference::Symbol(symbol) => hole(*symbol, relocation, step, context),
        Reference::Undefined(name) => Err(callee::undefined(name)),
        Reference::Code(name) => Err(callee::defined(name)),
        Reference::Data { section, offset, name } => constant(*section, *offset, name, relocation, step, context),
    }
}

/// The hole that a symbol of the expansion stands for, if the field is one that its value fits.
fn hole<'a>(symbol: Symbol, relocation: &Relocation, step: &Step, context: &Context<'_>) -> Result<Patch<'a>, Fault> {
    let kind = RelocationType(relocation.kind);
    let unfit = || match (symbol, name(kind)) {
        (Symbol::Hole { form: Form::Short, .. }, _) => Fault::NoShortForm { place: context.describe(symbol) },
        (_, Some(kind)) => Fault::HoleKind { place: context.describe(symbol), kind },
        (_, None) => {
            Fault::UnknownRelocation { place: context.describe(symbol), kind: format!("relocation {}", kind.0) }
        }
    };
    let (form, value) = match symbol {
        Symbol::Hole { form, value } => (form, value),
        Symbol::Continuation | Symbol::Return | Symbol::Leave => (Form::Target, 0),
        Symbol::Stencil { op, variant } => {
            return Err(Fault::NotInlined { function: format!("variant {variant} of op {op}") });
        }
    };
    let kind = match (form, kind) {
        (Form::Slot | Form::Short, R_X86_64_32S) => HoleKind::Abs32Signed,
        (Form::Slot | Form::Short | Form::Word, R_X86_64_32) => HoleKind::Abs32Unsigned,
        (Form::Wide, R_X86_64_64) => HoleKind::Abs64,
        (Form::Target, R_X86_64_PC32 | R_X86_64_PLT32) if leaves(step, relocation) => HoleKind::LabelRel32,
        (Form::Callee, R_X86_64_PC32 | R_X86_64_PLT32) if leaves(step, relocation) => HoleKind::CalleeRel32,
        (Form::Target | Form::Callee, _) if step.way == Way::Call => {
            return Err(Fault::CalledWay { way: context.describe(symbol) });
        }
        _ => return Err(unfit()),
    };
    if step.field_at(relocation.offset) != Some(kind.width()) {
        return Err(Fault::NoOperand { place: context.describe(symbol) });
    }
    let addend = i32::try_from(relocation.addend).map_err(|_| unfit())?;
    let value = u8::try_from(value).map_err(|_| unfit())?;
    Ok(match (symbol, kind) {
        (Symbol::Continuation, _) => Patch::End,
        (Symbol::Return | Symbol::Leave, _) | (_, HoleKind::CalleeRel32) => Patch::Special(symbol),
        (_, HoleKind::LabelRel32) => Patch::Label(value),
        _ => Patch::Hole { kind, value, addend },
    })
}

/// Whether the relocation is the target of a jump that ends in it, as all that leave do.
fn leaves(step: &Step, relocation: &Relocation) -> bool {
    let jump = step.instruction.code() == Code::Jmp_rel32_64 || step.instruction.is_jcc_near();
    jump && matches!(step.way, Way::Branch { .. }) && relocation.offset + 4 == step.end() && relocation.addend == -4
}

/// The constant that a reference to data means.
fn constant<'a>(
    section: usize,
    offset: u64,
    name: &str,
    relocation: &Relocation,
    step: &Step,
    context: &'a Context<'_>,
) -> Result<Patch<'a>, Fault> {
    let section = &context.sections[section];
    let name = callee::readable(name);
    match section.access {
        Access::Writable | Access::NotLoaded | Access::Initializer => return Err(Fault::Writable { name }),
        Access::ThreadLocal => return Err(Fault::ThreadLocal { name }),
        Access::ReadOnly => {}
    }
    if RelocationType(relocation.kind) != R_X86_64_PC32 {
        return Err(Fault::AbsoluteData);
    }
    if step.field_at(relocation.offset) != Some(HoleKind::PoolRel32.width()) {
        return Err(Fault::NoOperand { place: format!("`{name}`") });
    }
    if section.relocated {
        return Err(Fault::RelocatedData);
    }
    // The field counts from its own start, the CPU from the end of the instruction.
    let behind = (step.end() - relocation.offset) as i64;
    let target = usize::try_from(offset as i64 + relocation.addend + behind).map_err(|_| Fault::AbsoluteData)?;
    let start = match section.entry_size as usize {
        0 => 0,
        size => target - target % size,
    };
    let end = if section.entry_size == 0 { section.data.len() } else { start + section.entry_size as usize };
    let bytes = section.data.get(start..end).ok_or(Fault::AbsoluteData)?;
    if bytes.len() > CONSTANT_LIMIT {
        return Err(Fault::LargeConstant { bytes: bytes.len(), limit: CONSTANT_LIMIT });
    }
    Ok(Patch::Constant { bytes, addend: (target - start) as i64 - behind })
}

fn name(kind: RelocationType) -> Option<&'static str> {
    Some(match kind {
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
