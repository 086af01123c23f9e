//! From bytes to instructions.

use super::{Decoding, X86_64};
use crate::fault::Fault;
use crate::machine::{Decoded, Step, To, Way, relocations_until, step_at};
use crate::object::Function;
use iced_x86::{Code, Decoder, DecoderOptions, FlowControl, Instruction, InstructionInfoFactory, Mnemonic, Register};
use std::borrow::Cow;

/// See [`crate::machine::Machine::decode`].
pub(super) fn decode(function: &Function) -> Result<Decoded<'_, X86_64>, Fault> {
    let mut decoder = Decoder::with_ip(64, &function.code, 0, DecoderOptions::NONE);
    let mut steps: Vec<Step<X86_64>> = Vec::new();
    while decoder.can_decode() {
        let at = decoder.position();
        let instruction = decoder.decode();
        if instruction.is_invalid() {
            return Err(Fault::Undecodable { offset: at });
        }
        let first = steps.last().map_or(0, |step| step.relocations.end);
        let relocations = relocations_until(&function.relocations, first, decoder.position());
        let fields = decoder.get_constant_offsets(&instruction);
        let relative = instruction.is_ip_rel_memory_operand() || instruction.is_call_near();
        steps.push(Step {
            at,
            len: instruction.len(),
            own_code: relative && relocations.is_empty(),
            relocations,
            way: Way::Next,
            base: None,
            instruction: Decoding { instruction, fields, idle: false },
        });
    }
    if frame_is_unused(&steps) {
        steps.iter_mut().for_each(|step| step.instruction.idle = is_frame(&step.instruction.instruction));
    }
    for index in 0..steps.len() {
        steps[index].way = way(&steps[index], &steps);
    }
    Ok(Decoded { code: &function.code, relocations: Cow::Borrowed(&function.relocations), steps })
}

/// Whether nothing touches the stack but what makes and drops a frame: on Apple's systems every function has one.
fn frame_is_unused(steps: &[Step<X86_64>]) -> bool {
    let mut info = InstructionInfoFactory::new();
    let touches = |instruction: &Instruction, info: &mut InstructionInfoFactory| {
        let mut used = info.info(instruction).used_registers().iter().map(|used| used.register().full_register());
        used.any(|register| matches!(register, Register::RSP | Register::RBP))
    };
    steps.iter().map(|step| &step.instruction.instruction).all(|step| is_frame(step) || !touches(step, &mut info))
}

/// `push rbp`, `mov rbp, rsp` and `pop rbp`
fn is_frame(instruction: &Instruction) -> bool {
    match instruction.mnemonic() {
        Mnemonic::Push | Mnemonic::Pop => instruction.op0_register() == Register::RBP,
        Mnemonic::Mov => instruction.op0_register() == Register::RBP && instruction.op1_register() == Register::RSP,
        _ => false,
    }
}

fn way(step: &Step<X86_64>, steps: &[Step<X86_64>]) -> Way {
    let instruction = &step.instruction.instruction;
    let to = || match step.relocations.clone().next() {
        Some(relocation) => To::Relocation(relocation),
        None => step_at(steps, usize::try_from(instruction.near_branch_target()).ok()),
    };
    match instruction.flow_control() {
        FlowControl::Next => Way::Next,
        FlowControl::UnconditionalBranch => Way::Branch { conditional: false, to: to() },
        FlowControl::ConditionalBranch => Way::Branch { conditional: true, to: to() },
        FlowControl::Call | FlowControl::IndirectCall if instruction.code() != Code::Syscall => {
            Way::Call { indirect: instruction.is_call_near_indirect() }
        }
        FlowControl::Return => Way::Return,
        FlowControl::IndirectBranch => Way::Computed,
        _ => Way::Trap,
    }
}
