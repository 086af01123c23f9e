//! Machine code as people read it; of each architecture by a disassembler of its own.

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "riscv64")]
mod riscv64;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod unsupported;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
use aarch64::instructions;
#[cfg(target_arch = "riscv64")]
use riscv64::instructions;
use std::fmt::Write as _;
use std::io::{self, Write};
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
use unsupported::instructions;
use vm3::{Listing, Piece, Stencil};
#[cfg(target_arch = "x86_64")]
use x86_64::instructions;

/// Writes the instructions of a piece of code, stencil by stencil.
pub(super) fn write(listing: &Listing, piece: &Piece, out: &mut dyn Write) -> io::Result<()> {
    piece.stencils.iter().try_for_each(|stencil| write_stencil(listing, stencil, out))
}

fn write_stencil(listing: &Listing, stencil: &Stencil, out: &mut dyn Write) -> io::Result<()> {
    let code = &listing.bytes[stencil.range.clone()];
    if code.is_empty() {
        return writeln!(out, "{:64}; {}, no instruction", "", stencil.op);
    }
    let mut at = stencil.range.start;
    let mut name = Some(stencil.op);
    for (length, text) in instructions(code, listing.address + at as u64) {
        let bytes = bytes(listing, stencil, at, length);
        let name = name.take().map_or(String::new(), |op| format!("; {op}"));
        writeln!(out, "      {at:6x}  {bytes:34} {text:38} {name}")?;
        at += length;
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
