//! What instructions do to the stack.

use super::X86_64;
use crate::fault::Fault;
use crate::machine::{Frame, Stack, Step, Way};
use iced_x86::{Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register};

/// See [`crate::machine::Machine::follow`].
pub(super) fn follow(step: &Step<X86_64>, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault> {
    let instruction = &step.instruction.instruction;
    let mut info = InstructionInfoFactory::new();
    memory_stays_in_the_frame(step, stack, &mut info, faults);
    let frame = frame_pointer_is_kept(instruction, stack, &mut info)?;
    Stack::moved(depth(instruction, stack, &mut info)?, frame)
}

/// Accesses relative to the stack pointer or to the stencil's own frame pointer hit the stencil's own frame.
fn memory_stays_in_the_frame(
    step: &Step<X86_64>,
    stack: Stack,
    info: &mut InstructionInfoFactory,
    faults: &mut Vec<Fault>,
) {
    let instruction = &step.instruction.instruction;
    let pushes = instruction.is_stack_instruction() || matches!(step.way, Way::Call { .. });
    for memory in info.info(instruction).used_memory() {
        let base = match (memory.base(), stack.frame) {
            (Register::RSP, _) => -stack.depth,
            (Register::RBP, Frame::Own { base, .. }) => -base,
            _ => continue,
        };
        let start = base.wrapping_add(memory.displacement() as i64);
        let size = memory.memory_size().size() as i64;
        if start.wrapping_add(size) > 0 && memory.index() == Register::None {
            faults.push(Fault::AboveFrame);
        } else if start < -stack.depth && !pushes {
            faults.push(Fault::BelowStack);
        }
    }
}

/// The frame pointer after an instruction. It is written by nothing but a frame of the stencil's own: saved, set to the
/// stack pointer, restored.
fn frame_pointer_is_kept(
    instruction: &Instruction,
    stack: Stack,
    info: &mut InstructionInfoFactory,
) -> Result<Frame, Fault> {
    let frame = match (instruction.mnemonic(), instruction.op0_register(), stack.frame) {
        (Mnemonic::Push, Register::RBP, Frame::Machine) => return Ok(Frame::Saved(stack.depth + 8)),
        (Mnemonic::Mov, Register::RBP, Frame::Saved(at))
            if instruction.op1_register() == Register::RSP && at == stack.depth =>
        {
            return Ok(Frame::Own { saved: at, base: at });
        }
        // Windows has it point into the frame.
        (Mnemonic::Lea, Register::RBP, Frame::Saved(at))
            if instruction.memory_base() == Register::RSP && instruction.memory_index() == Register::None =>
        {
            return Ok(Frame::Own { saved: at, base: stack.depth - instruction.memory_displacement64() as i64 });
        }
        (Mnemonic::Pop, Register::RBP, Frame::Own { saved: at, .. } | Frame::Saved(at)) if at == stack.depth => {
            return Ok(Frame::Machine);
        }
        (Mnemonic::Leave, _, Frame::Own { .. }) => return Ok(Frame::Machine),
        (.., frame) => frame,
    };
    if writes(instruction, Register::RBP, info) { Err(Fault::FramePointer) } else { Ok(frame) }
}

/// Bytes in use after an instruction.
fn depth(instruction: &Instruction, stack: Stack, info: &mut InstructionInfoFactory) -> Result<i64, Fault> {
    Ok(match (instruction.mnemonic(), instruction.op0_register()) {
        (Mnemonic::Push, _) | (Mnemonic::Pop, _) | (Mnemonic::Pushfq, _) | (Mnemonic::Popfq, _) => {
            if instruction.op0_register() == Register::RSP && instruction.mnemonic() == Mnemonic::Pop {
                return Err(Fault::StackUnknown);
            }
            stack.depth - i64::from(instruction.stack_pointer_increment())
        }
        (Mnemonic::Sub, Register::RSP) => stack.depth + immediate(instruction)?,
        (Mnemonic::Add, Register::RSP) => stack.depth - immediate(instruction)?,
        (Mnemonic::Lea, Register::RSP) => match (instruction.memory_base(), instruction.memory_index(), stack.frame) {
            (Register::RSP, Register::None, _) => stack.depth - instruction.memory_displacement64() as i64,
            (Register::RBP, Register::None, Frame::Own { base, .. }) => {
                base - instruction.memory_displacement64() as i64
            }
            _ => return Err(Fault::StackUnknown),
        },
        (Mnemonic::Mov, Register::RSP) => match (instruction.op1_register(), stack.frame) {
            (Register::RBP, Frame::Own { base, .. }) => base,
            _ => return Err(Fault::StackUnknown),
        },
        (Mnemonic::Leave, _) => match stack.frame {
            Frame::Own { saved, .. } => saved - 8,
            Frame::Machine | Frame::Saved(_) => return Err(Fault::FramePointer),
        },
        (Mnemonic::Call, _) => stack.depth,
        _ if writes(instruction, Register::RSP, info) => return Err(Fault::StackUnknown),
        _ => stack.depth,
    })
}

fn immediate(instruction: &Instruction) -> Result<i64, Fault> {
    match instruction.op1_kind() {
        OpKind::Immediate8to64 | OpKind::Immediate32to64 => Ok(instruction.immediate(1) as i64),
        _ => Err(Fault::StackUnknown),
    }
}

/// Whether an instruction may write a register or a part of it.
fn writes(instruction: &Instruction, register: Register, info: &mut InstructionInfoFactory) -> bool {
    info.info(instruction).used_registers().iter().any(|used| {
        used.register().full_register() == register
            && matches!(
                used.access(),
                OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
            )
    })
}
