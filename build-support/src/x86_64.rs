//! 64-bit x86.

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
use iced_x86::{ConstantOffsets, Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic};
use stencil_syntax::symbols::Form;
use stencil_table::{Convention, Hole, HoleKind, Level};

/// The backend.
pub(crate) struct X86_64;

impl Backend for X86_64 {
    fn flags(&self, level: Level) -> Vec<String> {
        let cpu = match level {
            Level::Baseline => "x86-64",
            Level::V3 => "x86-64-v3",
        };
        // Addresses of holes are absolute 32-bit numbers; nothing may be kept below the stack pointer, since other
        // systems have no red zone.
        [
            format!("target-cpu={cpu}"),
            "relocation-model=static".into(),
            "code-model=small".into(),
            "no-redzone=yes".into(),
        ]
        .map(|flag| format!("-C{flag}"))
        .to_vec()
    }

    fn take(&self, function: &Function, context: &Context<'_>, pool: &mut Pool) -> Result<Extracted, Vec<Fault>> {
        machine::take::<Self>(function, context, pool)
    }

    fn instructions(&self, code: &[u8]) -> usize {
        Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter().count()
    }

    fn jumps_to_end(&self, code: &[u8]) -> usize {
        let leads_there = |instruction: &Instruction| {
            let branch =
                matches!(instruction.flow_control(), FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch);
            // A hole is zero, so a branch to a label at the end looks the same but for its length.
            let short = instruction.len() == 2 || instruction.near_branch_target() != instruction.next_ip();
            branch && short && instruction.near_branch_target() == code.len() as u64
        };
        Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter().filter(leads_there).count()
    }
}

/// An instruction and where its displacement and immediate stand.
pub(crate) struct Decoding {
    instruction: Instruction,
    fields: ConstantOffsets,
    /// Whether it only makes or drops a frame that nothing uses.
    idle: bool,
}

impl Machine for X86_64 {
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

    fn reads(step: &Step<Self>) -> Option<usize> {
        let instruction = &step.instruction.instruction;
        let size = instruction.memory_size().size();
        (instruction.is_ip_rel_memory_operand() && size > 0).then_some(size)
    }

    fn name(kind: u32) -> Option<&'static str> {
        relocation::name(kind)
    }

    fn follow(step: &Step<Self>, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault> {
        stack::follow(step, stack, faults)
    }

    fn is_padding(step: &Step<Self>) -> bool {
        step.instruction.idle || step.instruction.instruction.mnemonic() == Mnemonic::Nop
    }

    fn condition(step: &Step<Self>) -> Result<Condition, Fault> {
        Condition::of(&step.instruction.instruction)
    }

    fn inverted(condition: Condition) -> Condition {
        condition.inverted()
    }

    fn special(way: Special, convention: Convention) -> (Vec<u8>, Vec<Hole>) {
        branch::special(way, convention)
    }

    fn lengths(condition: Option<Condition>) -> (usize, usize) {
        branch::lengths(condition)
    }

    fn reaches(_condition: Option<Condition>, distance: i64) -> bool {
        branch::reaches(distance)
    }

    fn branch(condition: Option<Condition>, length: usize, distance: i64) -> Vec<u8> {
        branch::branch(condition, length, distance)
    }

    fn label(condition: Option<Condition>, value: u8) -> (Vec<u8>, Hole) {
        branch::label(condition, value)
    }
}
