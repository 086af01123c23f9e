//! aarch64, by a disassembler that is not ours. What is no instruction is data that the code reads.

use yaxpeax_arch::{Decoder, U8Reader};
use yaxpeax_arm::armv8::a64::InstDecoder;

/// See [`super::write`]: the length and the text of each instruction of code at an address.
pub(super) fn instructions(code: &[u8], _address: u64) -> Vec<(usize, String)> {
    let decoder = InstDecoder::default();
    let text = |word: &[u8; 4]| match decoder.decode(&mut U8Reader::new(word)) {
        Ok(instruction) => instruction.to_string(),
        Err(_) => format!(".word {:#010x}", u32::from_le_bytes(*word)),
    };
    code.as_chunks().0.iter().map(|word| (4, text(word))).collect()
}
