//! What instructions do to the stack, to the frame pointer, and to the registers that are the system's.

use super::Riscv64;
use super::decode::Decoding;
use crate::fault::Fault;
use crate::machine::{Frame, Stack, Step};

/// The stack pointer.
const SP: u32 = 2;
/// The frame pointer, `s0`.
const FP: u32 = 8;
/// Registers that the system keeps.
const PLATFORM: [(u32, &str); 2] = [(3, "gp"), (4, "tp")];

/// See [`crate::machine::Machine::follow`].
pub(super) fn follow(step: &Step<Riscv64>, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault> {
    let used = match step.instruction {
        Decoding::Far => return Ok(stack),
        Decoding::Literal { register } => Used { to: Some(register), ..Used::default() },
        Decoding::Word(word) => Used::of(word),
    };
    for (register, name) in PLATFORM {
        if used.all().any(|used| used == register) {
            faults.push(Fault::PlatformRegister { name });
        }
    }
    let word = step.instruction.word();
    if let Some(access) = Access::of(word) {
        return access.follow(stack, faults);
    }
    // addi: how the stack pointer moves, and how the frame pointer is set.
    if word & 0x707F == 0x0013
        && let Used { to: Some(to), first: Some(from), .. } = used
    {
        let amount = i64::from(word as i32 >> 20);
        return match (to, from, stack.frame) {
            (SP, SP, frame) => Stack::moved(stack.depth - amount, frame),
            (SP, FP, Frame::Own { base, .. }) => Stack::moved(base - amount, stack.frame),
            (SP, ..) => Err(Fault::StackUnknown),
            // The frame pointer is the stack pointer at entry, and the machine's is saved where the chain has it.
            (FP, SP, Frame::Saved(saved)) if stack.depth == amount && saved == 16 => {
                Ok(Stack { frame: Frame::Own { saved, base: 0 }, ..stack })
            }
            (FP, ..) | (_, FP, Frame::Machine | Frame::Saved(_)) => Err(Fault::FramePointer),
            // Another sum, or the address of a local value.
            _ => Ok(stack),
        };
    }
    if used.to == Some(SP) {
        return Err(Fault::StackUnknown);
    }
    if used.all().any(|used| used == FP) { Err(Fault::FramePointer) } else { Ok(stack) }
}

/// The integer registers of an instruction.
#[derive(Debug, Default)]
struct Used {
    to: Option<u32>,
    first: Option<u32>,
    second: Option<u32>,
}

impl Used {
    fn of(word: u32) -> Self {
        let group = word >> 25;
        // Of an operation on floats: comparisons, conversions to integers and moves of bits; and the other way round.
        let to_integer = matches!(group & !3, 0x50 | 0x60 | 0x70);
        let from_integer = matches!(group & !3, 0x68 | 0x78);
        let (to, first, second) = match word & 0x7F {
            // lui, auipc, jal
            0x37 | 0x17 | 0x6F => (true, false, false),
            // jalr, loads, op-imm, op-imm-32
            0x67 | 0x03 | 0x13 | 0x1B => (true, true, false),
            // op, op-32, amo
            0x33 | 0x3B | 0x2F => (true, true, true),
            // Branches and stores
            0x63 | 0x23 => (false, true, true),
            // Loads and stores of floats
            0x07 | 0x27 => (false, true, false),
            // System registers, from a register or a number
            0x73 => (true, word >> 14 & 1 == 0, false),
            0x53 => (to_integer, from_integer, false),
            _ => (false, false, false),
        };
        let field = |used: bool, shift: u32| used.then_some(word >> shift & 0x1F);
        Self { to: field(to, 7), first: field(first, 15), second: field(second, 20) }
    }

    fn all(&self) -> impl Iterator<Item = u32> {
        [self.to, self.first, self.second].into_iter().flatten()
    }
}

/// A load or store.
struct Access {
    base: u32,
    offset: i64,
    size: i64,
    /// The integer register that is loaded or stored.
    register: Option<u32>,
    store: bool,
}

impl Access {
    fn of(word: u32) -> Option<Self> {
        let (load, store) = (i64::from(word as i32 >> 20), word as i32 >> 25 << 5 | (word >> 7 & 0x1F) as i32);
        let (to, from) = (word >> 7 & 0x1F, word >> 20 & 0x1F);
        let access = |offset, register, store| Self {
            base: word >> 15 & 0x1F,
            offset,
            size: 1 << (word >> 12 & 3),
            register,
            store,
        };
        match word & 0x7F {
            0x03 => Some(access(load, Some(to), false)),
            0x07 => Some(access(load, None, false)),
            0x23 => Some(access(i64::from(store), Some(from), true)),
            0x27 => Some(access(i64::from(store), None, true)),
            _ => None,
        }
    }

    fn follow(self, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault> {
        let base = match (self.base, stack.frame) {
            (SP, _) => Some(-stack.depth),
            (FP, Frame::Own { base, .. }) => Some(-base),
            (FP, _) => return Err(Fault::FramePointer),
            _ => None,
        };
        let start = base.map(|base| base + self.offset);
        if let Some(start) = start {
            stack.access(start, self.size, faults);
        }
        match self.register {
            Some(SP) if !self.store => Err(Fault::StackUnknown),
            // The frame pointer is stored once, and loaded from where it was stored.
            Some(FP) => match (self.store, stack.frame, start) {
                (true, Frame::Machine, Some(start)) => Ok(Stack { frame: Frame::Saved(-start), ..stack }),
                (false, Frame::Saved(saved) | Frame::Own { saved, .. }, Some(start)) if saved == -start => {
                    Ok(Stack { frame: Frame::Machine, ..stack })
                }
                _ => Err(Fault::FramePointer),
            },
            _ => Ok(stack),
        }
    }
}
