//! From bytes to instructions, and to the groups of instructions that are one to us: far jumps and calls, and literals
//! that stand among the code.

use super::{Riscv64, branch};
use crate::fault::Fault;
use crate::machine::{Decoded, Step, To, Way, relocations_until, step_at};
use crate::object::{Function, Reference, Relocation};
use object::elf::{
    R_RISCV_64, R_RISCV_CALL, R_RISCV_CALL_PLT, R_RISCV_PCREL_HI20, R_RISCV_PCREL_LO12_I, R_RISCV_PCREL_LO12_S,
    RelocationType,
};
use std::borrow::Cow;

/// What a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decoding {
    /// One instruction.
    Word(u32),
    /// `auipc` and `jalr` to a symbol.
    Far,
    /// `auipc`, `ld` of the 8 bytes behind, `j` past them, and the bytes: loads them into a register.
    Literal {
        /// The register.
        register: u32,
    },
}

/// Where the 8 bytes of a literal are.
pub(super) const LITERAL: usize = 12;

impl Decoding {
    /// The instruction; 0, which is none, for a group.
    pub(super) fn word(self) -> u32 {
        match self {
            Self::Word(word) => word,
            Self::Far | Self::Literal { .. } => 0,
        }
    }

    fn len(self) -> usize {
        match self {
            Self::Word(_) => 4,
            Self::Far => 8,
            Self::Literal { .. } => LITERAL + 8,
        }
    }
}

/// See [`crate::machine::Machine::decode`].
pub(super) fn decode(function: &Function) -> Result<Decoded<'_, Riscv64>, Fault> {
    let relocations = with_constants(&function.relocations);
    let mut steps: Vec<Step<Riscv64>> = Vec::new();
    let mut at = 0;
    while at < function.code.len() {
        let first = steps.last().map_or(0, |step| step.relocations.end);
        let (instruction, way) = instruction(function, at, relocations.get(first))?;
        let len = instruction.len();
        let range = relocations_until(&relocations, first, at + len);
        let word = instruction.word();
        // `auipc`, and `jal` that is a call.
        let relative = word & 0x7F == 0x17 || word & 0x7F == 0x6F && word >> 7 & 0x1F != 0;
        steps.push(Step {
            at,
            len,
            own_code: relative && range.is_empty(),
            instruction,
            relocations: range,
            way,
            base: None,
        });
        at += len;
    }
    for index in 0..steps.len() {
        let step = &steps[index];
        if let Way::Branch { conditional, .. } = step.way {
            let to = match step.relocations.clone().next() {
                Some(relocation) => To::Relocation(relocation),
                None => {
                    let distance = branch::distance(step.instruction.word()).unwrap_or_default();
                    step_at(&steps, step.at.checked_add_signed(distance as isize))
                }
            };
            steps[index].way = Way::Branch { conditional, to };
        }
        let base = steps[index].relocations.clone().find_map(|relocation| base(&function.relocations[relocation]));
        if let Some(To::Step(base)) = base.map(|base| step_at(&steps, Some(base))) {
            steps[index].base = Some(base);
        }
    }
    Ok(Decoded { code: &function.code, relocations: Cow::Owned(relocations), steps })
}

/// Where the `auipc` is whose constant a relocation has the low bits of.
fn base(relocation: &Relocation) -> Option<usize> {
    let low = matches!(RelocationType(relocation.kind), R_RISCV_PCREL_LO12_I | R_RISCV_PCREL_LO12_S);
    match relocation.target {
        Reference::Own { offset } if low => Some(offset),
        _ => None,
    }
}

/// The relocations, where the low bits of a constant's distance name the constant and not the `auipc`.
fn with_constants(relocations: &[Relocation]) -> Vec<Relocation> {
    let resolved = |relocation: &Relocation| {
        let high = base(relocation).and_then(|base| {
            let is_high =
                |other: &&Relocation| other.offset == base && RelocationType(other.kind) == R_RISCV_PCREL_HI20;
            relocations.iter().find(is_high)
        });
        match high {
            Some(high) => Relocation { target: high.target.clone(), addend: high.addend, ..relocation.clone() },
            None => relocation.clone(),
        }
    };
    relocations.iter().map(resolved).collect()
}

/// The instruction or group at an offset, and how control goes on; where branches go is found out later. `relocation` is
/// the next one.
fn instruction(function: &Function, at: usize, relocation: Option<&Relocation>) -> Result<(Decoding, Way), Fault> {
    let word = |index: usize| {
        let bytes = function.code.get(at + 4 * index..at + 4 * index + 4)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    };
    let first = word(0).ok_or(Fault::Undecodable { offset: at })?;
    let register = first >> 7 & 0x1F;
    let from_register = register << 15;
    let kind_at = |offset| relocation.filter(|next| next.offset == at + offset).map(|next| RelocationType(next.kind));
    if first == 0x17 | register << 7 {
        let second = word(1).unwrap_or_default();
        if matches!(kind_at(0), Some(R_RISCV_CALL | R_RISCV_CALL_PLT)) {
            if second == 0x67 | from_register {
                return Ok((Decoding::Far, Way::Branch { conditional: false, to: To::Nowhere }));
            }
            if second == 0xE7 | from_register {
                return Ok((Decoding::Far, Way::Call { indirect: false }));
            }
        }
        // ld register, 12(register); j past
        let load = 0x00C0_3003 | from_register | register << 7;
        let whole = second == load && word(2) == Some(0x00C0_006F) && word(4).is_some();
        if whole && kind_at(LITERAL) == Some(R_RISCV_64) {
            return Ok((Decoding::Literal { register }, Way::Next));
        }
    }
    let way = way(first).ok_or(Fault::Undecodable { offset: at })?;
    Ok((Decoding::Word(first), way))
}

/// How control goes on after one instruction; `None` for what is no instruction of the G extensions.
fn way(word: u32) -> Option<Way> {
    let (to, from, function) = (word >> 7 & 0x1F, word >> 15 & 0x1F, word >> 12 & 7);
    let branch = |conditional| Way::Branch { conditional, to: To::Nowhere };
    Some(match word & 0x7F {
        0x63 if !matches!(function, 2 | 3) => branch(true),
        0x6F if to == 0 => branch(false),
        0x6F => Way::Call { indirect: false },
        0x67 if function == 0 => match (to, from) {
            (0, 1) => Way::Return,
            (0, _) => Way::Computed,
            _ => Way::Call { indirect: true },
        },
        // `ecall` and `ebreak`; `unimp`, which writes a counter that cannot be written.
        0x73 if function == 0 || word == 0xC000_1073 => Way::Trap,
        // lui, auipc, op, op-imm, op-32, op-imm-32, fence, system, amo
        0x37 | 0x17 | 0x33 | 0x13 | 0x3B | 0x1B | 0x0F | 0x73 | 0x2F => Way::Next,
        0x03 if function != 7 => Way::Next,
        0x23 if function < 4 => Way::Next,
        // Loads and stores of floats of 4 and 8 bytes
        0x07 | 0x27 if matches!(function, 2 | 3) => Way::Next,
        // fmadd, fmsub, fnmsub, fnmadd, op-fp
        0x43 | 0x47 | 0x4B | 0x4F | 0x53 => Way::Next,
        _ => return None,
    })
}
