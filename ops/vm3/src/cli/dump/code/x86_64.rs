//! x86-64, by a disassembler that is not ours.

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};

/// See [`super::write`]: the length and the text of each instruction of code at an address.
pub(super) fn instructions(code: &[u8], address: u64) -> Vec<(usize, String)> {
    let mut formatter = IntelFormatter::new();
    let instructions = Decoder::with_ip(64, code, address, DecoderOptions::NONE).into_iter();
    let text = |instruction| {
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        (instruction.len(), text)
    };
    instructions.map(text).collect()
}
