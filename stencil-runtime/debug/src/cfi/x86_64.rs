//! x86-64: the stack is followed from instruction to instruction, as the gates of the build helper let stencils use it:
//! pushes and pops, fixed frames, frames that the frame pointer names.

use super::{Cfa, Registers, Row, Rules, push};
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};
use std::collections::BTreeMap;
use stencil_runtime::Architecture;

const REGISTERS: Registers = Registers::of(Architecture::X86_64);

/// What the frame pointer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Frame {
    /// The machine's.
    Machine,
    /// A stencil's own: this many bytes below the machine's, where that is saved.
    Own(i32),
    /// The caller's, before or behind the frame of the function; the stack pointer is this far from the canonical frame
    /// address.
    Caller(i32),
}

/// The stack before an instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stack {
    frame: Frame,
    /// Bytes in use below what the machine's frame pointer names.
    depth: i32,
    /// What stencils have pushed, with the depth it is at.
    pushed: Vec<(Register, i32)>,
}

impl Stack {
    const fn machine() -> Self {
        Self { frame: Frame::Machine, depth: 0, pushed: Vec::new() }
    }

    /// As it is `above` the stack pointer from the canonical frame address, in the caller's frame.
    const fn caller(above: i32) -> Self {
        Self { frame: Frame::Caller(above), depth: 0, pushed: Vec::new() }
    }

    fn rules(&self) -> Rules {
        let cfa = match self.frame {
            Frame::Machine => Cfa::Frame(16),
            Frame::Own(_) => Cfa::Own { at: 0, above: 16 },
            Frame::Caller(above) => {
                let mut rules = REGISTERS.behind(Cfa::Stack(above));
                rules.saved.retain(|(register, _)| above > 8 || *register != REGISTERS.frame);
                return rules;
            }
        };
        let mut rules = REGISTERS.behind(cfa);
        let preserved = self.pushed.iter().filter_map(|(register, depth)| Some((number(*register)?, -16 - depth)));
        // Of a register that is saved twice, the first place has the caller's value.
        for (register, at) in preserved {
            if rules.saved.iter().all(|(saved, _)| *saved != register) {
                rules.saved.push((register, at));
            }
        }
        rules
    }
}

/// DWARF's number of a register that callees preserve, but for the frame pointer.
const fn number(register: Register) -> Option<u16> {
    match register {
        Register::RBX => Some(3),
        Register::R12 => Some(12),
        Register::R13 => Some(13),
        Register::R14 => Some(14),
        Register::R15 => Some(15),
        _ => None,
    }
}

/// The rows of a piece of code, of which `functions` are the offsets of prologues.
pub(super) fn rows(bytes: &[u8], functions: &[u32]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut functions = functions.iter().map(|start| *start as usize).peekable();
    // What stencils jump to while they use the stack.
    let mut targets: BTreeMap<usize, Stack> = BTreeMap::new();
    let mut stack = Stack::machine();
    let mut decoder = Decoder::with_ip(64, bytes, 0, DecoderOptions::NO_INVALID_CHECK);
    let mut instruction = Instruction::default();
    while decoder.can_decode() {
        let at = decoder.position();
        let starts = functions.next_if_eq(&at).is_some();
        if starts {
            stack = Stack::caller(8);
        } else if !targets.is_empty()
            && let Some(known) = targets.remove(&at)
        {
            stack = known;
        }
        push(&mut rows, at, stack.rules());
        decoder.decode_out(&mut instruction);
        stack = match instruction.flow_control() {
            FlowControl::Next | FlowControl::Call | FlowControl::IndirectCall => after(&instruction, stack),
            // Stencils give back all stack before a way out, so a jump with some in use stays in its stencil, and what
            // follows uses as much unless something has jumped there.
            FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch => {
                note(&mut targets, &instruction, &stack);
                stack
            }
            // What stands behind a way out begins like every stencil.
            _ => Stack::machine(),
        };
    }
    rows
}

/// Keeps what is at a jump's target, unless it is what is everywhere.
fn note(targets: &mut BTreeMap<usize, Stack>, jump: &Instruction, stack: &Stack) {
    let near = matches!(jump.op0_kind(), OpKind::NearBranch64 | OpKind::NearBranch32 | OpKind::NearBranch16);
    if near && *stack != Stack::machine() && jump.near_branch_target() > jump.ip() {
        targets.insert(jump.near_branch_target() as usize, stack.clone());
    }
}

/// The stack after an instruction that control goes on behind.
fn after(instruction: &Instruction, mut stack: Stack) -> Stack {
    let (first, second) = (instruction.op0_register(), instruction.op1_register());
    match (instruction.mnemonic(), first, stack.frame) {
        // A prologue.
        (Mnemonic::Push, Register::RBP, Frame::Caller(8)) => return Stack::caller(16),
        (Mnemonic::Mov, Register::RBP, Frame::Caller(_)) => return Stack::machine(),
        // The end of the function, or of one within it that is rejoined with its caller: `add rsp, 8` comes next, and the
        // machine's frame pointer is that of the caller already.
        (Mnemonic::Pop, Register::RBP, Frame::Machine) if stack.depth == 0 => return Stack::caller(8),
        (Mnemonic::Add, Register::RSP, Frame::Caller(_)) => return Stack::machine(),
        // To leave: the stack pointer is where the trampoline's return address is.
        (Mnemonic::Mov, Register::RSP, Frame::Machine) if instruction.op1_kind() == OpKind::Memory => {
            return Stack::caller(8);
        }
        (Mnemonic::Push, register, _) => {
            stack.depth += 8;
            stack.pushed.push((register, stack.depth));
        }
        (Mnemonic::Pop, register, frame) => {
            if register == Register::RBP && matches!(frame, Frame::Own(_)) {
                stack.frame = Frame::Machine;
            }
            stack.depth -= 8;
        }
        (Mnemonic::Mov, Register::RBP, Frame::Machine) if second == Register::RSP => {
            stack.frame = Frame::Own(stack.depth);
        }
        (Mnemonic::Leave, _, Frame::Own(base)) => {
            (stack.frame, stack.depth) = (Frame::Machine, base - 8);
        }
        (Mnemonic::Sub, Register::RSP, _) => stack.depth += instruction.immediate(1) as i32,
        (Mnemonic::Add, Register::RSP, _) => stack.depth -= instruction.immediate(1) as i32,
        (Mnemonic::Lea, Register::RSP, frame) => match (instruction.memory_base(), frame) {
            (Register::RBP, Frame::Own(base)) => stack.depth = base - instruction.memory_displacement64() as i32,
            _ => stack.depth -= instruction.memory_displacement64() as i32,
        },
        (Mnemonic::Mov, Register::RSP, Frame::Own(base)) if second == Register::RBP => stack.depth = base,
        _ => return stack,
    }
    let depth = stack.depth;
    stack.pushed.retain(|(_, at)| *at <= depth);
    stack
}
