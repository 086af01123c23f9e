//! Random programs, run before and after rewriting; the bytes are read by iced.

use crate::machine::Special;
use crate::machine::tests::rewrite::{self, Judge, Read};
use crate::x86_64::X86_64;
use crate::x86_64::branch::Condition;
use iced_x86::{Decoder, DecoderOptions, FlowControl, Mnemonic, Register};

impl Judge for X86_64 {
    const PADDING: usize = 100;

    fn sample(flag: u8, set: bool) -> Condition {
        Condition::new(flag << 1 | u8::from(!set))
    }

    fn flag(condition: Condition) -> (u8, bool) {
        (condition.number() >> 1, condition.number() & 1 == 0)
    }

    fn number(number: u32) -> Vec<u8> {
        // mov eax, number
        [&[0xB8][..], &number.to_le_bytes()].concat()
    }

    fn nothing() -> Vec<u8> {
        vec![0x90]
    }

    fn read(code: &[u8], at: usize) -> (usize, Read<Condition>) {
        let instruction = Decoder::with_ip(64, &code[at..], at as u64, DecoderOptions::NONE).decode();
        let to = instruction.near_branch_target() as usize;
        let read = match (instruction.flow_control(), instruction.mnemonic()) {
            (FlowControl::ConditionalBranch, _) => {
                Read::Branch { condition: Some(Condition::new(instruction.condition_code() as u8 - 1)), to }
            }
            (FlowControl::UnconditionalBranch, _) => Read::Branch { condition: None, to },
            (FlowControl::Return, _) => Read::Return,
            (_, Mnemonic::Pop) => Read::Special(Special::Return),
            (_, Mnemonic::Mov) if instruction.op0_register() == Register::RSP => Read::Special(Special::Leave),
            (_, Mnemonic::Mov) => Read::Number(instruction.immediate32()),
            _ => Read::Other,
        };
        (instruction.len(), read)
    }
}

#[test]
fn a_rewritten_program_does_the_same() {
    rewrite::a_rewritten_program_does_the_same::<X86_64>();
}
