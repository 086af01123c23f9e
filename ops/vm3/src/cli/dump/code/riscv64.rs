//! riscv64, by a disassembler that is not ours. What is no instruction is data that the code reads.

use riscv_isa::{Decoder, Target};
use std::str::FromStr;

/// See [`super::write`]: the length and the text of each instruction of code at an address.
pub(super) fn instructions(code: &[u8], _address: u64) -> Vec<(usize, String)> {
    let target = Target::from_str("RV64IMAFDC_Zicsr_Zifencei").ok();
    let decoded = |word: &[u8; 4]| Decoder::from_le_bytes(target?, word).next();
    let text = |word: &[u8; 4]| match decoded(word) {
        Some(instruction) => instruction.to_string(),
        None => format!(".word {:#010x}", u32::from_le_bytes(*word)),
    };
    code.as_chunks().0.iter().map(|word| (4, text(word))).collect()
}
