//! What instructions do to the stack, to the frame pointer, and to the register that is the system's.

use super::Aarch64;
use super::decode::Decoding;
use crate::fault::Fault;
use crate::machine::{Frame, Stack, Step};
use yaxpeax_arm::armv8::a64::{Instruction, Opcode, Operand};

/// The stack pointer's number where it is a base or an operand of its own, else that of the register that is zero.
const SP: u16 = 31;
/// The frame pointer.
const FP: u16 = 29;
/// The register that some systems keep.
const PLATFORM: u16 = 18;

/// See [`crate::machine::Machine::follow`].
pub(super) fn follow(step: &Step<Aarch64>, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault> {
    let Decoding { word, instruction } = &step.instruction;
    if instruction.operands.iter().any(|operand| names(operand, PLATFORM)) {
        faults.push(Fault::PlatformRegister { name: "x18" });
    }
    if let Some(sum) = Sum::of(*word) {
        return sum.follow(stack);
    }
    if matches!(instruction.operands[0], Operand::RegisterOrSP(_, SP)) && !compares(instruction) {
        return Err(Fault::StackUnknown);
    }
    let Some(access) = Access::of(instruction) else {
        let touched = instruction.operands.iter().any(|operand| names(operand, FP));
        return if touched { Err(Fault::FramePointer) } else { Ok(stack) };
    };
    if access.base == FP && access.writeback != 0 {
        return Err(Fault::FramePointer);
    }
    if access.base == SP && access.indexed && access.writeback != 0 {
        return Err(Fault::StackUnknown);
    }
    let depth = stack.depth - if access.base == SP { access.writeback } else { 0 };
    let base = match (access.base, stack.frame) {
        (SP, _) => Some(-stack.depth),
        (FP, Frame::Own { base, .. }) => Some(-base),
        _ => None,
    };
    let start = base.map(|base| base + access.offset);
    if let Some(start) = start.filter(|_| !access.indexed) {
        let size = size(*word).ok_or(Fault::StackUnknown)?;
        Stack { depth: depth.max(stack.depth), ..stack }.access(start, size, faults);
    }
    let frame = frame_after(instruction, stack, start)?;
    Stack::moved(depth, frame)
}

/// The frame pointer after a load or store at `start`, when that is a place on the stack. It is stored once, and loaded
/// from where it was stored.
fn frame_after(instruction: &Instruction, stack: Stack, start: Option<i64>) -> Result<Frame, Fault> {
    let at = instruction.operands.iter().take(2).position(|operand| is(operand, FP));
    let Some(at) = at else { return Ok(stack.frame) };
    let place = start.map(|start| -(start + 8 * at as i64));
    match (instruction.opcode, stack.frame, place) {
        (Opcode::STP | Opcode::STR | Opcode::STUR, Frame::Machine, Some(place)) => Ok(Frame::Saved(place)),
        (Opcode::LDP | Opcode::LDR | Opcode::LDUR, Frame::Saved(saved) | Frame::Own { saved, .. }, Some(place))
            if saved == place =>
        {
            Ok(Frame::Machine)
        }
        _ => Err(Fault::FramePointer),
    }
}

/// `add` or `sub` of an immediate: how the stack pointer moves, and how the frame pointer is set.
struct Sum {
    to: u16,
    from: u16,
    amount: i64,
}

impl Sum {
    /// The sum, when the stack pointer or the frame pointer is part of it.
    fn of(word: u32) -> Option<Self> {
        // Without flags, of 64 bits.
        let negative = match word & 0xFF80_0000 {
            0x9100_0000 => false,
            0xD100_0000 => true,
            _ => return None,
        };
        let shift = if word >> 22 & 1 == 1 { 12 } else { 0 };
        let amount = i64::from(word >> 10 & 0xFFF) << shift;
        let (to, from) = ((word & 0x1F) as u16, (word >> 5 & 0x1F) as u16);
        let ours = [to, from].iter().any(|register| [SP, FP].contains(register));
        ours.then_some(Self { to, from, amount: if negative { -amount } else { amount } })
    }

    fn follow(self, stack: Stack) -> Result<Stack, Fault> {
        let Self { to, from, amount } = self;
        match (to, from, stack.frame) {
            (SP, SP, frame) => Stack::moved(stack.depth - amount, frame),
            (SP, FP, Frame::Own { base, .. }) => Stack::moved(base - amount, stack.frame),
            (SP, ..) => Err(Fault::StackUnknown),
            // The frame pointer points to where the machine's is saved, which continues the chain.
            (FP, SP, Frame::Saved(saved)) if stack.depth - amount == saved => {
                Ok(Stack { frame: Frame::Own { saved, base: saved }, ..stack })
            }
            (FP, ..) | (_, FP, Frame::Machine | Frame::Saved(_)) => Err(Fault::FramePointer),
            // The address of a local value.
            _ => Ok(stack),
        }
    }
}

/// A load or store.
struct Access {
    base: u16,
    /// What is added to the base before the access.
    offset: i64,
    /// What is added to the base for good.
    writeback: i64,
    /// Whether a register is added too.
    indexed: bool,
}

impl Access {
    fn of(instruction: &Instruction) -> Option<Self> {
        let plain = |base| Self { base, offset: 0, writeback: 0, indexed: false };
        instruction.operands.iter().find_map(|operand| match *operand {
            Operand::RegPreIndex(base, offset, writeback) => {
                let offset = i64::from(offset);
                Some(Self { offset, writeback: if writeback { offset } else { 0 }, ..plain(base) })
            }
            Operand::RegPostIndex(base, offset) => Some(Self { writeback: i64::from(offset), ..plain(base) }),
            // The base moves by what a register holds.
            Operand::RegPostIndexReg(base, _) => Some(Self { writeback: 1, indexed: true, ..plain(base) }),
            Operand::RegRegOffset(base, ..) => Some(Self { indexed: true, ..plain(base) }),
            _ => None,
        })
    }
}

/// How many bytes a load or store of one or two registers moves; `None` for others.
fn size(word: u32) -> Option<i64> {
    let (size, vector) = (word >> 30, word >> 26 & 1 == 1);
    match word >> 27 & 0b111 {
        0b101 if vector => Some(8 << size),
        0b101 => Some(if size == 2 { 16 } else { 8 }),
        0b111 if vector && word >> 23 & 1 == 1 => Some(16),
        0b111 => Some(1 << size),
        _ => None,
    }
}

/// Whether an operand is a register, as a whole or in part.
fn is(operand: &Operand, register: u16) -> bool {
    match *operand {
        Operand::Register(_, number) | Operand::RegisterOrSP(_, number) => number == register,
        Operand::RegisterPair(_, number) => number == register || number + 1 == register,
        _ => false,
    }
}

/// Whether an operand mentions a register.
fn names(operand: &Operand, register: u16) -> bool {
    match *operand {
        Operand::RegShift(_, _, _, number) => number == register,
        Operand::RegRegOffset(base, index, ..) => base == register || index == register,
        Operand::RegPostIndexReg(base, index) => base == register || index == register,
        Operand::RegPreIndex(base, ..) | Operand::RegPostIndex(base, _) => base == register,
        _ => is(operand, register),
    }
}

/// Whether the first operand is only read.
fn compares(instruction: &Instruction) -> bool {
    matches!(instruction.opcode, Opcode::ADDS | Opcode::SUBS)
}
