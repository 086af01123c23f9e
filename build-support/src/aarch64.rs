//! 64-bit Arm. All instructions have 4 bytes.

mod branch;
mod decode;
mod relocation;
mod stack;
#[cfg(test)]
mod tests;

use crate::arch::{Backend, Context};
use crate::fault::Fault;
use crate::machine::{self, Decoded, Extracted, Machine, Misplaced, Special, Stack, Step};
use crate::object::{Function, Relocation};
use crate::pool::Pool;
use branch::Condition;
use decode::Decoding;
use object::elf::RelocationType;
use stencil_syntax::symbols::Form;
use stencil_table::{Convention, Hole, HoleKind, Level};

/// The backend.
pub(crate) struct Aarch64;

/// `nop`
const NOP: u32 = 0xD503_201F;

impl Backend for Aarch64 {
    fn flags(&self, _level: Level) -> Vec<String> {
        // x18 is the system's on macOS and Windows; calls of atomic helpers would be calls.
        [
            "target-cpu=generic",
            "target-feature=+reserve-x18,-outline-atomics",
            "relocation-model=static",
            "code-model=small",
        ]
        .map(|flag| format!("-C{flag}"))
        .to_vec()
    }

    fn take(&self, function: &Function, context: &Context<'_>, pool: &mut Pool) -> Result<Extracted, Vec<Fault>> {
        machine::take::<Self>(function, context, pool)
    }

    fn instructions(&self, code: &[u8]) -> usize {
        code.len() / 4
    }

    fn jumps_to_end(&self, code: &[u8]) -> usize {
        machine::branches_to_end(code, branch::distance)
    }
}

impl Machine for Aarch64 {
    type Instruction = Decoding;
    type Condition = Condition;

    fn decode(function: &Function) -> Result<Decoded<'_, Self>, Fault> {
        decode::decode(function)
    }

    fn hole(form: Form, relocation: &Relocation, step: &Step<Self>) -> Result<HoleKind, Misplaced> {
        relocation::hole(form, relocation, step)
    }

    fn constant(relocation: &Relocation, step: &Step<Self>) -> Result<(HoleKind, i64), Misplaced> {
        relocation::constant(relocation, step)
    }

    fn reads(_step: &Step<Self>) -> Option<usize> {
        // An address takes two instructions, of which the first says nothing about what is there.
        None
    }

    fn name(kind: u32) -> Option<&'static str> {
        relocation::name(RelocationType(kind))
    }

    fn follow(step: &Step<Self>, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault> {
        stack::follow(step, stack, faults)
    }

    fn is_padding(step: &Step<Self>) -> bool {
        step.instruction.word == NOP
    }

    fn condition(step: &Step<Self>) -> Result<Condition, Fault> {
        Condition::of(step.instruction.word).ok_or(Fault::ComputedJump)
    }

    fn inverted(condition: Condition) -> Condition {
        condition.inverted()
    }

    fn special(way: Special, _convention: Convention) -> (Vec<u8>, Vec<Hole>) {
        branch::special(way)
    }

    fn lengths(condition: Option<Condition>) -> (usize, usize) {
        branch::lengths(condition)
    }

    fn reaches(condition: Option<Condition>, distance: i64) -> bool {
        branch::reaches(condition, distance)
    }

    fn branch(condition: Option<Condition>, length: usize, distance: i64) -> Vec<u8> {
        branch::branch(condition, length, distance)
    }

    fn label(condition: Option<Condition>, value: u8) -> (Vec<u8>, Hole) {
        branch::label(condition, value)
    }
}
