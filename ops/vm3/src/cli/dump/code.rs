//! Machine code as people read it.

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use std::fmt::Write as _;
use std::io::{self, Write};
use vm3::{Listing, Piece, Stencil};

/// Writes the instructions of a piece of code, stencil by stencil.
pub(super) fn write(listing: &Listing, piece: &Piece, out: &mut dyn Write) -> io::Result<()> {
    piece.stencils.iter().try_for_each(|stencil| write_stencil(listing, stencil, out))
}

fn write_stencil(listing: &Listing, stencil: &Stencil, out: &mut dyn Write) -> io::Result<()> {
    let code = &listing.bytes[stencil.range.clone()];
    if code.is_empty() {
        return writeln!(out, "{:64}; {}, no instruction", "", stencil.op);
    }
    let start = listing.address + stencil.range.start as u64;
    let mut decoder = Decoder::with_ip(64, code, start, DecoderOptions::NONE);
    let mut formatter = IntelFormatter::new();
    let mut name = Some(stencil.op);
    for instruction in &mut decoder {
        let at = (instruction.ip() - listing.address) as usize;
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        let bytes = bytes(listing, stencil, at, instruction.len());
        let name = name.take().map_or(String::new(), |op| format!("; {op}"));
        writeln!(out, "      {at:6x}  {bytes:34} {text:38} {name}")?;
    }
    Ok(())
}

/// The bytes of an instruction, those of holes in brackets.
fn bytes(listing: &Listing, stencil: &Stencil, start: usize, length: usize) -> String {
    let mut text = String::new();
    let in_hole = |at: usize| stencil.holes.iter().any(|hole| hole.contains(&at));
    for at in start..start + length {
        let opens = in_hole(at) && (at == start || !in_hole(at - 1));
        let closes = in_hole(at) && (at + 1 == start + length || !in_hole(at + 1));
        // Writing to a string cannot fail.
        let _ =
            write!(text, "{}{:02x}{}", if opens { "[" } else { "" }, listing.bytes[at], if closes { "]" } else { "" });
    }
    text
}
