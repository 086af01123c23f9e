//! Random programs, run before and after rewriting; the bytes are read by the disassembler.

use crate::aarch64::Aarch64;
use crate::aarch64::branch::Condition;
use crate::machine::Special;
use crate::machine::tests::rewrite::{self, Judge, Read};
use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::{InstDecoder, Opcode, Operand};

impl Judge for Aarch64 {
    const PADDING: usize = 100;

    fn sample(flag: u8, set: bool) -> Condition {
        let word = match flag {
            // b.eq and the like
            0..=3 => 0x5400_0000 | u32::from(flag) << 1 | u32::from(!set),
            // cbz and cbnz x4, x5
            4 | 5 => 0xB400_0000 | u32::from(!set) << 24 | u32::from(flag),
            // tbz and tbnz w0, #6, #7
            _ => 0x3600_0000 | u32::from(!set) << 24 | u32::from(flag) << 19,
        };
        Condition::of(word).unwrap()
    }

    fn flag(condition: Condition) -> (u8, bool) {
        let all = (0..8).flat_map(|flag| [(flag, true), (flag, false)]);
        all.into_iter().find(|(flag, set)| Self::sample(*flag, *set) == condition).unwrap()
    }

    fn number(number: u32) -> Vec<u8> {
        // movz w0, #number
        (0x5280_0000 | number << 5).to_le_bytes().to_vec()
    }

    fn nothing() -> Vec<u8> {
        0xD503_201F_u32.to_le_bytes().to_vec()
    }

    fn read(code: &[u8], at: usize) -> (usize, Read<Condition>) {
        let word = u32::from_le_bytes(code[at..at + 4].try_into().unwrap());
        let instruction = InstDecoder::default().decode(&mut U8Reader::new(&code[at..at + 4])).unwrap();
        let distance = instruction.operands.iter().find_map(|operand| match operand {
            Operand::PCOffset(distance) => Some(*distance as isize),
            _ => None,
        });
        let to = distance.map_or(at, |distance| at.checked_add_signed(distance).unwrap());
        let first = instruction.operands[0];
        let read = match instruction.opcode {
            Opcode::B => Read::Branch { condition: None, to },
            Opcode::Bcc(_) | Opcode::CBZ | Opcode::CBNZ | Opcode::TBZ | Opcode::TBNZ => {
                Read::Branch { condition: Condition::of(word), to }
            }
            Opcode::RET => Read::Return,
            Opcode::LDP => Read::Special(Special::Return),
            Opcode::ADD if matches!(first, Operand::RegisterOrSP(_, 31)) => Read::Special(Special::Leave),
            Opcode::MOVZ => Read::Number(word >> 5 & 0xFFFF),
            _ => Read::Other,
        };
        (4, read)
    }
}

#[test]
fn a_rewritten_program_does_the_same() {
    rewrite::a_rewritten_program_does_the_same::<Aarch64>();
}
