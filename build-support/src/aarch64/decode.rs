//! From bytes to instructions.

use super::{Aarch64, branch};
use crate::fault::Fault;
use crate::machine::{Decoded, Step, To, Way, relocations_until, step_at};
use crate::object::Function;
use std::borrow::Cow;
use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::{InstDecoder, Instruction, Opcode, Operand};

/// An instruction, decoded and as it is.
pub(crate) struct Decoding {
    pub(super) word: u32,
    pub(super) instruction: Instruction,
}

/// See [`crate::machine::Machine::decode`].
pub(super) fn decode(function: &Function) -> Result<Decoded<'_, Aarch64>, Fault> {
    let decoder = InstDecoder::default();
    let mut steps: Vec<Step<Aarch64>> = Vec::new();
    for (index, bytes) in function.code.chunks(4).enumerate() {
        let at = 4 * index;
        let undecodable = Fault::Undecodable { offset: at };
        let Ok(word) = <[u8; 4]>::try_from(bytes).map(u32::from_le_bytes) else { return Err(undecodable) };
        let Ok(instruction) = decoder.decode(&mut U8Reader::new(bytes)) else { return Err(undecodable) };
        let first = steps.last().map_or(0, |step| step.relocations.end);
        let relocations = relocations_until(&function.relocations, first, at + 4);
        let way = way(word, &instruction);
        let relative = instruction.operands.iter().any(|operand| matches!(operand, Operand::PCOffset(_)));
        steps.push(Step {
            at,
            len: 4,
            own_code: relative && !matches!(way, Way::Branch { .. }) && relocations.is_empty(),
            instruction: Decoding { word, instruction },
            relocations,
            way,
            base: None,
        });
    }
    for index in 0..steps.len() {
        let step = &steps[index];
        if let Way::Branch { conditional, .. } = step.way {
            let to = match step.relocations.clone().next() {
                Some(relocation) => To::Relocation(relocation),
                None => step_at(&steps, destination(step)),
            };
            steps[index].way = Way::Branch { conditional, to };
        }
    }
    Ok(Decoded { code: &function.code, relocations: Cow::Borrowed(&function.relocations), steps })
}

/// Where in the function a branch goes.
fn destination(step: &Step<Aarch64>) -> Option<usize> {
    step.at.checked_add_signed(branch::distance(step.instruction.word)? as isize)
}

/// How control goes on; where branches go is found out later.
fn way(word: u32, instruction: &Instruction) -> Way {
    let branch = |conditional| Way::Branch { conditional, to: To::Nowhere };
    match instruction.opcode {
        Opcode::B => branch(false),
        Opcode::Bcc(_) | Opcode::CBZ | Opcode::CBNZ | Opcode::TBZ | Opcode::TBNZ => branch(true),
        Opcode::BL => Way::Call { indirect: false },
        Opcode::BLR => Way::Call { indirect: true },
        Opcode::BR => Way::Computed,
        Opcode::RET => Way::Return,
        // Moves between system registers, barriers, hints.
        _ if word >> 22 == 0b11_0101_0100 => Way::Next,
        // All others of the group branch or enter the system.
        _ if word >> 26 & 0b111 == 0b101 => Way::Trap,
        Opcode::UDF | Opcode::Invalid => Way::Trap,
        _ => Way::Next,
    }
}
