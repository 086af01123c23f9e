//! Random programs, run before and after rewriting.

use crate::machine::Special;
use crate::machine::tests::rewrite::{self, Judge, Read};
use crate::riscv64::Riscv64;
use crate::riscv64::branch::Condition;

impl Judge for Riscv64 {
    const PADDING: usize = 4100;

    fn sample(flag: u8, set: bool) -> Condition {
        // beq and bne of a register for every flag
        Condition::of(0x0000_0063 | u32::from(!set) << 12 | u32::from(flag) << 15)
    }

    fn flag(condition: Condition) -> (u8, bool) {
        let all = (0..8).flat_map(|flag| [(flag, true), (flag, false)]);
        all.into_iter().find(|(flag, set)| Self::sample(*flag, *set) == condition).unwrap()
    }

    fn number(number: u32) -> Vec<u8> {
        // li a0, number
        (0x0000_0513 | number << 20).to_le_bytes().to_vec()
    }

    fn nothing() -> Vec<u8> {
        0x0000_0013_u32.to_le_bytes().to_vec()
    }

    fn read(code: &[u8], at: usize) -> (usize, Read<Condition>) {
        let word = u32::from_le_bytes(code[at..at + 4].try_into().unwrap());
        // The bits of a distance, from the lowest on, by where they stand.
        let field =
            |places: &[u32]| places.iter().zip(1..).fold(0, |sum, (place, bit)| sum | (word >> place & 1) << bit);
        let to = |field: u32, bits: u32| {
            let distance = (field << (32 - bits)) as i32 >> (32 - bits);
            at.checked_add_signed(distance as isize).unwrap()
        };
        let read = match (word & 0x7F, word) {
            (0x63, _) => {
                let distance = field(&[8, 9, 10, 11, 25, 26, 27, 28, 29, 30, 7, 31]);
                Read::Branch { condition: Some(Condition::of(word)), to: to(distance, 13) }
            }
            (0x6F, _) => {
                let low = [21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 20];
                let distance = field(&[&low[..], &[12, 13, 14, 15, 16, 17, 18, 19, 31]].concat());
                Read::Branch { condition: None, to: to(distance, 21) }
            }
            // ret; ld ra, 8(sp), which a return begins with; mv sp, t0; li a0
            (_, 0x0000_8067) => Read::Return,
            (_, 0x0081_3083) => Read::Special(Special::Return),
            (_, 0x0002_8113) => Read::Special(Special::Leave),
            (0x13, _) if word & 0xFFFFF == 0x513 => Read::Number(word >> 20),
            _ => Read::Other,
        };
        (4, read)
    }
}

#[test]
fn a_rewritten_program_does_the_same() {
    rewrite::a_rewritten_program_does_the_same::<Riscv64>();
}
