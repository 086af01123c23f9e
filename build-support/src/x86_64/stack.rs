//! Gates on the stack: followed along every path, it is as it was at every way out, nothing outside of the stencil's own
//! frame is touched, and the frame pointer is the machine's.

use super::decode::{Decoded, Step, To, Way};
use crate::arch::Context;
use crate::fault::Fault;
use iced_x86::{Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register};

/// The stack before an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    /// Bytes in use below the stack pointer at entry.
    depth: i64,
    frame: Frame,
}

/// What the frame pointer holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// What it held at entry.
    Machine,
    /// The same, and it is also saved on the stack at this depth.
    Saved(i64),
    /// The address where it is saved.
    Own(i64),
}

/// What the gates of this module refuse.
pub(super) fn check(decoded: &Decoded<'_>, context: &Context<'_>) -> Vec<Fault> {
    let mut walk = Walk {
        decoded,
        states: vec![None; decoded.steps.len()],
        deepest: 0,
        info: InstructionInfoFactory::new(),
        faults: Vec::new(),
    };
    walk.run();
    let limit = context.frame_limit;
    if walk.deepest > i64::from(limit) {
        walk.faults.push(Fault::FrameTooLarge { bytes: walk.deepest, limit });
    }
    walk.faults
}

struct Walk<'a> {
    decoded: &'a Decoded<'a>,
    states: Vec<Option<State>>,
    deepest: i64,
    info: InstructionInfoFactory,
    faults: Vec<Fault>,
}

impl Walk<'_> {
    fn run(&mut self) {
        let mut open = vec![(0, State { depth: 0, frame: Frame::Machine })];
        while let Some((index, state)) = open.pop() {
            match self.states.get_mut(index) {
                Some(known @ None) => *known = Some(state),
                Some(Some(known)) => {
                    if *known != state {
                        self.faults.push(Fault::StackUnknown);
                    }
                    continue;
                }
                None => continue,
            }
            let step = &self.decoded.steps[index];
            self.memory_stays_in_the_frame(step, state);
            let after = match self.frame_pointer_is_kept(step, state).and_then(|frame| follow(step, state, frame)) {
                Ok(after) => after,
                Err(fault) => {
                    self.faults.push(fault);
                    continue;
                }
            };
            self.deepest = self.deepest.max(after.depth);
            match step.way {
                Way::Next | Way::Call => open.push((index + 1, after)),
                Way::Branch { conditional, to } => {
                    match to {
                        To::Step(target) => open.push((target, after)),
                        To::Relocation(_) | To::Nowhere => self.is_as_it_was(after),
                    }
                    if conditional {
                        open.push((index + 1, after));
                    }
                }
                Way::Return | Way::Computed | Way::Trap => {}
            }
        }
    }

    /// At a way out, the stack pointer and the frame pointer are the machine's.
    fn is_as_it_was(&mut self, state: State) {
        if state.depth != 0 {
            self.faults.push(Fault::Unbalanced { bytes: state.depth });
        }
        if matches!(state.frame, Frame::Own(_)) {
            self.faults.push(Fault::FramePointer);
        }
    }

    /// Accesses relative to the stack pointer or to the stencil's own frame pointer hit the stencil's own frame.
    fn memory_stays_in_the_frame(&mut self, step: &Step, state: State) {
        let instruction = &step.instruction;
        let used = self.info.info(instruction);
        for memory in used.used_memory() {
            let base = match (memory.base(), state.frame) {
                (Register::RSP, _) => -state.depth,
                (Register::RBP, Frame::Own(at)) => -at,
                _ => continue,
            };
            let pushes = instruction.is_stack_instruction() || step.way == Way::Call;
            let start = base.wrapping_add(memory.displacement() as i64);
            let end = start.wrapping_add(memory.memory_size().size() as i64);
            if end > 0 && memory.index() == Register::None {
                self.faults.push(Fault::AboveFrame);
            } else if start < -state.depth && !pushes {
                self.faults.push(Fault::BelowStack);
            }
        }
    }

    /// The frame pointer is written by nothing but a frame of the stencil's own: saved, set to the stack pointer,
    /// restored.
    fn frame_pointer_is_kept(&mut self, step: &Step, state: State) -> Result<Frame, Fault> {
        let instruction = &step.instruction;
        let frame = match (instruction.mnemonic(), instruction.op0_register(), state.frame) {
            (Mnemonic::Push, Register::RBP, Frame::Machine) => return Ok(Frame::Saved(state.depth + 8)),
            (Mnemonic::Mov, Register::RBP, Frame::Saved(at))
                if instruction.op1_register() == Register::RSP && at == state.depth =>
            {
                return Ok(Frame::Own(at));
            }
            (Mnemonic::Pop, Register::RBP, Frame::Own(at) | Frame::Saved(at)) if at == state.depth => {
                return Ok(Frame::Machine);
            }
            (Mnemonic::Leave, _, Frame::Own(_)) => return Ok(Frame::Machine),
            (.., frame) => frame,
        };
        let used = self.info.info(instruction);
        let writes = used.used_registers().iter().any(|used| {
            used.register().full_register() == Register::RBP
                && matches!(
                    used.access(),
                    OpAccess::Write | OpAccess::CondWrite | OpAccess::ReadWrite | OpAccess::ReadCondWrite
                )
        });
        if writes { Err(Fault::FramePointer) } else { Ok(frame) }
    }
}

/// The stack after an instruction.
fn follow(step: &Step, state: State, frame: Frame) -> Result<State, Fault> {
    let instruction = &step.instruction;
    let depth = match (instruction.mnemonic(), instruction.op0_register()) {
        (Mnemonic::Push, _) | (Mnemonic::Pop, _) | (Mnemonic::Pushfq, _) | (Mnemonic::Popfq, _) => {
            if instruction.op0_register() == Register::RSP && instruction.mnemonic() == Mnemonic::Pop {
                return Err(Fault::StackUnknown);
            }
            state.depth - i64::from(instruction.stack_pointer_increment())
        }
        (Mnemonic::Sub, Register::RSP) => state.depth + immediate(instruction)?,
        (Mnemonic::Add, Register::RSP) => state.depth - immediate(instruction)?,
        (Mnemonic::Lea, Register::RSP) => match (instruction.memory_base(), instruction.memory_index(), state.frame) {
            (Register::RSP, Register::None, _) => state.depth - instruction.memory_displacement64() as i64,
            (Register::RBP, Register::None, Frame::Own(at)) => at - instruction.memory_displacement64() as i64,
            _ => return Err(Fault::StackUnknown),
        },
        (Mnemonic::Mov, Register::RSP) => match (instruction.op1_register(), state.frame) {
            (Register::RBP, Frame::Own(at)) => at,
            _ => return Err(Fault::StackUnknown),
        },
        (Mnemonic::Leave, _) => match state.frame {
            Frame::Own(at) => at - 8,
            Frame::Machine | Frame::Saved(_) => return Err(Fault::FramePointer),
        },
        (Mnemonic::Call, _) => state.depth,
        _ if writes_stack_pointer(instruction) => return Err(Fault::StackUnknown),
        _ => state.depth,
    };
    if depth < 0 {
        return Err(Fault::Unbalanced { bytes: depth });
    }
    // What was saved is gone when the stack shrinks past it.
    if let Frame::Saved(at) | Frame::Own(at) = frame
        && depth < at
    {
        return Err(Fault::FramePointer);
    }
    Ok(State { depth, frame })
}

fn immediate(instruction: &Instruction) -> Result<i64, Fault> {
    match instruction.op1_kind() {
        OpKind::Immediate8to64 | OpKind::Immediate32to64 => Ok(instruction.immediate(1) as i64),
        _ => Err(Fault::StackUnknown),
    }
}

fn writes_stack_pointer(instruction: &Instruction) -> bool {
    let mut info = InstructionInfoFactory::new();
    info.info(instruction).used_registers().iter().any(|used| {
        used.register().full_register() == Register::RSP
            && !matches!(used.access(), OpAccess::Read | OpAccess::CondRead)
    })
}
