//! A function as instructions, each with the relocations in it and the way control goes on.

use crate::fault::Fault;
use crate::object::{Function, Reference, Relocation};
use iced_x86::{Code, ConstantOffsets, Decoder, DecoderOptions, FlowControl, Instruction};
use stencil_syntax::symbols::Symbol;

/// A decoded function.
pub(super) struct Decoded<'a> {
    pub(super) code: &'a [u8],
    pub(super) relocations: &'a [Relocation],
    pub(super) steps: Vec<Step>,
}

/// One instruction.
pub(super) struct Step {
    /// Bytes from the start of the function.
    pub(super) at: usize,
    pub(super) instruction: Instruction,
    /// Where its displacement and immediate stand.
    pub(super) fields: ConstantOffsets,
    /// The relocations in it, as a range of the function's.
    pub(super) relocations: std::ops::Range<usize>,
    pub(super) way: Way,
}

/// How control goes on after an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// To the next instruction.
    Next,
    /// To another one, or also to the next when there is a condition.
    Branch { conditional: bool, to: To },
    /// To a function and back.
    Call,
    /// To the address on the stack.
    Return,
    /// To an address that is computed.
    Computed,
    /// Nowhere.
    Trap,
}

/// Where a branch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// To the instruction with this index.
    Step(usize),
    /// To the target of this relocation.
    Relocation(usize),
    /// Somewhere in the function where no instruction starts, or out of it.
    Nowhere,
}

impl Step {
    /// The size of the displacement or immediate that starts at an offset of the function, in bytes.
    pub(super) fn field_at(&self, offset: usize) -> Option<usize> {
        let fields = [
            (self.fields.has_displacement(), self.fields.displacement_offset(), self.fields.displacement_size()),
            (self.fields.has_immediate(), self.fields.immediate_offset(), self.fields.immediate_size()),
        ];
        let found = fields.into_iter().find(|(has, at, _)| *has && self.at + at == offset);
        found.map(|(.., size)| size)
    }

    /// Where the next instruction starts.
    pub(super) fn end(&self) -> usize {
        self.at + self.instruction.len()
    }
}

impl Decoded<'_> {
    /// The symbol of the expansion that a branch goes to.
    pub(super) fn symbol(&self, to: To) -> Option<Symbol> {
        match to {
            To::Relocation(index) => match self.relocations[index].target {
                Reference::Symbol(symbol) => Some(symbol),
                _ => None,
            },
            To::Step(_) | To::Nowhere => None,
        }
    }
}

pub(super) fn decode(function: &Function) -> Result<Decoded<'_>, Fault> {
    let mut decoder = Decoder::with_ip(64, &function.code, 0, DecoderOptions::NONE);
    let mut steps: Vec<Step> = Vec::new();
    let mut next = 0;
    while decoder.can_decode() {
        let at = decoder.position();
        let instruction = decoder.decode();
        if instruction.is_invalid() {
            return Err(Fault::Undecodable { offset: at });
        }
        let first = next;
        while function.relocations.get(next).is_some_and(|relocation| relocation.offset < decoder.position()) {
            next += 1;
        }
        let fields = decoder.get_constant_offsets(&instruction);
        steps.push(Step { at, instruction, fields, relocations: first..next, way: Way::Next });
    }
    let starts: Vec<usize> = steps.iter().map(|step| step.at).collect();
    for step in &mut steps {
        step.way = way(step, &starts);
    }
    Ok(Decoded { code: &function.code, relocations: &function.relocations, steps })
}

fn way(step: &Step, starts: &[usize]) -> Way {
    let instruction = &step.instruction;
    let to = || match step.relocations.clone().next() {
        Some(relocation) => To::Relocation(relocation),
        None => starts.binary_search(&(instruction.near_branch_target() as usize)).map_or(To::Nowhere, To::Step),
    };
    match instruction.flow_control() {
        FlowControl::Next => Way::Next,
        FlowControl::UnconditionalBranch => Way::Branch { conditional: false, to: to() },
        FlowControl::ConditionalBranch => Way::Branch { conditional: true, to: to() },
        FlowControl::Call | FlowControl::IndirectCall if instruction.code() != Code::Syscall => Way::Call,
        FlowControl::Return => Way::Return,
        FlowControl::IndirectBranch => Way::Computed,
        _ => Way::Trap,
    }
}
