//! What is patched where: relocations become holes, the end of the stencil, or constants of the pool.

use super::{Decoded, Machine, Special, Step, Way};
use crate::arch::Context;
use crate::callee;
use crate::fault::Fault;
use crate::object::{Access, Reference, Relocation};
use stencil_syntax::symbols::{Form, Symbol};
use stencil_table::{HoleKind, HoleSort, POOL_ALIGN};

/// The most constant data that one reference may bring into the pool, in bytes.
const CONSTANT_LIMIT: usize = 256;

/// Why a field cannot be a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// The field's size or sense is another one.
    Field,
    /// It is no operand of an instruction.
    NoOperand,
}

/// What a relocation means for the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patch<'a> {
    /// A hole.
    Hole { kind: HoleKind, value: u8, addend: i32 },
    /// A branch to a label or exit.
    Label(u8),
    /// A branch to the end of the stencil.
    End,
    /// A branch to what becomes an instruction of its own.
    Special(Special),
    /// A constant.
    Constant {
        /// The kind of its hole.
        kind: HoleKind,
        /// Its bytes.
        bytes: &'a [u8],
        /// What the hole's addend is besides the constant's place in the pool.
        addend: i64,
    },
}

/// What the gates of this module refuse.
pub(super) fn check<M: Machine>(decoded: &Decoded<'_, M>, context: &Context<'_>) -> Vec<Fault> {
    let of_step = |step| patches(decoded, step, context).filter_map(|(_, patch)| patch.err());
    decoded.steps.iter().flat_map(of_step).collect()
}

/// The relocations of an instruction and what becomes of them.
pub(super) fn patches<'a, M: Machine>(
    decoded: &'a Decoded<'_, M>,
    step: &'a Step<M>,
    context: &'a Context<'_>,
) -> impl Iterator<Item = (&'a Relocation, Result<Patch<'a>, Fault>)> {
    let relocations = &decoded.relocations[step.relocations.clone()];
    relocations.iter().map(move |relocation| (relocation, patch(relocation, step, context)))
}

fn patch<'a, M: Machine>(
    relocation: &Relocation,
    step: &Step<M>,
    context: &'a Context<'_>,
) -> Result<Patch<'a>, Fault> {
    match &relocation.target {
        Reference::Symbol(symbol) => hole(*symbol, relocation, step, context),
        Reference::Undefined(name) => Err(callee::undefined(name)),
        Reference::Own { .. } => Err(Fault::OwnCode),
        Reference::Code { name, .. } => Err(callee::defined(name)),
        Reference::Data { section, offset, name } => constant(*section, *offset, name, relocation, step, context),
    }
}

/// The hole that a symbol of the expansion stands for, if the field is one that its value fits.
fn hole<'a, M: Machine>(
    symbol: Symbol,
    relocation: &Relocation,
    step: &Step<M>,
    context: &Context<'_>,
) -> Result<Patch<'a>, Fault> {
    let place = || context.describe(symbol);
    let unfit = || match (symbol, M::name(relocation.kind)) {
        (Symbol::Hole { form: Form::Short, .. }, _) => Fault::NoShortForm { place: place() },
        (_, Some(kind)) => Fault::HoleKind { place: place(), kind },
        (_, None) => Fault::UnknownRelocation { place: place(), kind: format!("relocation {}", relocation.kind) },
    };
    let (form, value) = match symbol {
        Symbol::Hole { form, value } => (form, value),
        Symbol::Continuation | Symbol::Return | Symbol::Leave => (Form::Target, 0),
        Symbol::Stencil { op, variant } => {
            return Err(Fault::NotInlined { function: format!("variant {variant} of op {op}") });
        }
    };
    let is_way = matches!(form, Form::Target | Form::Callee);
    let kind = match M::hole(form, relocation, step) {
        Ok(kind) => kind,
        Err(_) if is_way && matches!(step.way, Way::Call { .. }) => {
            return Err(Fault::CalledWay { way: place() });
        }
        Err(Misplaced::Field) => return Err(unfit()),
        Err(Misplaced::NoOperand) => return Err(Fault::NoOperand { place: place() }),
    };
    let addend = i32::try_from(relocation.addend).map_err(|_| unfit())?;
    let value = u8::try_from(value).map_err(|_| unfit())?;
    Ok(match (symbol, kind.sort()) {
        (Symbol::Continuation, _) => Patch::End,
        (Symbol::Return | Symbol::Leave, _) | (_, HoleSort::Callee) => {
            Patch::Special(Special::of(symbol).ok_or_else(unfit)?)
        }
        (_, HoleSort::Label) => Patch::Label(value),
        (_, HoleSort::Value | HoleSort::Pool) => Patch::Hole { kind, value, addend },
    })
}

/// The constant that a reference to data means.
fn constant<'a, M: Machine>(
    section: usize,
    offset: u64,
    name: &str,
    relocation: &Relocation,
    step: &Step<M>,
    context: &'a Context<'_>,
) -> Result<Patch<'a>, Fault> {
    let section = &context.sections[section];
    let name = callee::readable(name);
    match section.access {
        Access::Writable | Access::NotLoaded | Access::Initializer => return Err(Fault::Writable { name }),
        Access::ThreadLocal => return Err(Fault::ThreadLocal { name }),
        Access::ReadOnly => {}
    }
    let (kind, behind) = M::constant(relocation, step).map_err(|misplaced| match misplaced {
        Misplaced::Field => Fault::AbsoluteData,
        Misplaced::NoOperand => Fault::NoOperand { place: format!("`{name}`") },
    })?;
    if section.relocated {
        return Err(Fault::RelocatedData);
    }
    let target = usize::try_from(offset as i64 + relocation.addend + behind).map_err(|_| Fault::AbsoluteData)?;
    let (start, end) = match (section.entry_size as usize, M::reads(step)) {
        (0, Some(size)) if section.mixed => (target, target + size),
        (0, _) => (0, section.data.len()),
        (size, _) => (target - target % size, target - target % size + size),
    };
    let bytes = section.data.get(start..end).ok_or(Fault::AbsoluteData)?;
    if bytes.len() > CONSTANT_LIMIT {
        return Err(Fault::LargeConstant { bytes: bytes.len(), limit: CONSTANT_LIMIT });
    }
    if section.align > POOL_ALIGN as u64 {
        return Err(Fault::AlignedConstant { bytes: section.align, limit: POOL_ALIGN });
    }
    Ok(Patch::Constant { kind, bytes, addend: (target - start) as i64 - behind })
}
