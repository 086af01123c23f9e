//! The bytes and holes that go into the table: the last jump falls through where it can, and the ways out that are
//! instructions of their own are written.

use super::decode::{Decoded, Step, To, Way};
use super::relocation::{Patch, patches};
use crate::arch::Context;
use crate::fault::Fault;
use crate::object::Function;
use crate::pool::Pool;
use iced_x86::Code;
use stencil_syntax::symbols::{Form, Symbol};
use stencil_table::{Convention, Hole, HoleKind, Stencil};

/// The length of `jmp rel32`.
const JUMP: usize = 5;

/// `leave; ret`
const RETURN: &[u8] = &[0xC9, 0xC3];

/// `mov rsp, [rdi]; ret`, and the same with r14: the first fixed part's register.
const LEAVE_PORTABLE: &[u8] = &[0x48, 0x8B, 0x27, 0xC3];
const LEAVE_WIDE: &[u8] = &[0x49, 0x8B, 0x26, 0xC3];

/// The opcode of `call rel32`.
const CALL: u8 = 0xE8;

/// Turns a checked function into a stencil.
pub(super) fn stencil(decoded: &Decoded<'_>, context: &Context<'_>, pool: &mut Pool) -> Result<Stencil, Fault> {
    let mut code = decoded.code.to_vec();
    let mut holes = Vec::new();
    let mut ends = Vec::new();
    let mut last = None;
    for (index, step) in decoded.steps.iter().enumerate() {
        let at_end = index + 1 == decoded.steps.len();
        for (relocation, patch) in patches(decoded, step, context) {
            let offset = relocation.offset;
            match patch? {
                Patch::Hole { kind, value, addend } => {
                    holes.push(hole(offset, kind, value, addend)?);
                    if kind == HoleKind::CalleeRel32 {
                        last = Some(Symbol::Hole { form: Form::Callee, value: usize::from(value) });
                    }
                }
                Patch::End if at_end && is_jump(step) => last = Some(Symbol::Continuation),
                Patch::End => ends.push(offset),
                Patch::Special(symbol) => last = Some(symbol),
                Patch::Constant { bytes, addend } => {
                    let addend = pool.place(bytes) as i64 + addend;
                    let addend = i32::try_from(addend).map_err(|_| too_large("the constant pool"))?;
                    holes.push(hole(offset, HoleKind::PoolRel32, 0, addend)?);
                }
            }
        }
    }
    let jump = code.len().saturating_sub(JUMP);
    match last {
        Some(Symbol::Continuation) => code.truncate(jump),
        Some(Symbol::Return) => replace_last(&mut code, jump, RETURN),
        Some(Symbol::Leave) if context.key.convention == Convention::Wide => replace_last(&mut code, jump, LEAVE_WIDE),
        Some(Symbol::Leave) => replace_last(&mut code, jump, LEAVE_PORTABLE),
        Some(Symbol::Hole { .. }) => code[jump] = CALL,
        Some(Symbol::Stencil { .. }) | None => {}
    }
    for offset in ends {
        let distance = (code.len() as i64 - (offset as i64 + 4)) as i32;
        code[offset..offset + 4].copy_from_slice(&distance.to_le_bytes());
    }
    Ok(Stencil { code, holes })
}

fn replace_last(code: &mut Vec<u8>, jump: usize, instructions: &[u8]) {
    code.truncate(jump);
    code.extend_from_slice(instructions);
}

fn hole(offset: usize, kind: HoleKind, value: u8, addend: i32) -> Result<Hole, Fault> {
    let offset = u16::try_from(offset).map_err(|_| too_large("the code"))?;
    Ok(Hole { offset, kind, value, addend })
}

fn too_large(what: &str) -> Fault {
    Fault::Format(format!("{what} is too large for the table format; split the op"))
}

fn is_jump(step: &Step) -> bool {
    step.instruction.code() == Code::Jmp_rel32_64
}

/// The function with its last two jumps swapped, when it ends with `jcc first; jmp second` and `first` is the one that
/// wants to be last: what becomes an instruction of its own, or else the next op, which then needs no jump at all.
pub(super) fn swap_last_jumps(function: &Function, decoded: &Decoded<'_>) -> Option<Function> {
    let [.., branch, jump] = decoded.steps.as_slice() else { return None };
    let (
        Way::Branch { conditional: true, to: To::Relocation(first) },
        Way::Branch { conditional: false, to: To::Relocation(second) },
    ) = (branch.way, jump.way)
    else {
        return None;
    };
    let wish = |relocation| decoded.symbol(To::Relocation(relocation)).map(wish_to_be_last);
    let last = To::Step(decoded.steps.len() - 1);
    let reached = decoded.steps.iter().any(|step| matches!(step.way, Way::Branch { to, .. } if to == last));
    if reached || wish(first)? <= wish(second)? || !branch.instruction.is_jcc_near() || !is_jump(jump) {
        return None;
    }
    let mut swapped = function.clone();
    // The condition is the low nibble of the second opcode byte; its lowest bit inverts it.
    swapped.code[branch.at + 1] ^= 1;
    swapped.relocations[first].target = function.relocations[second].target.clone();
    swapped.relocations[second].target = function.relocations[first].target.clone();
    Some(swapped)
}

fn wish_to_be_last(symbol: Symbol) -> u8 {
    match symbol {
        Symbol::Return | Symbol::Leave | Symbol::Hole { form: Form::Callee, .. } => 2,
        Symbol::Continuation => 1,
        Symbol::Hole { .. } | Symbol::Stencil { .. } => 0,
    }
}
