//! Writing values and distances into holes, and reading distances back. One file per architecture; to port, add one.
//!
//! A hole of x86-64 is a field of whole bytes; elsewhere it is some bits of an instruction, of which the others stay.
//! Any architecture's code can be patched on any host.

mod aarch64;
mod riscv64;
mod x86_64;

use stencil_table::{Architecture, HoleKind};

/// A value or distance that a hole cannot hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misfit;

/// Writes a value, the addend added, into a hole of a kind. What lies in the hole is overwritten even when the value does
/// not fit.
///
/// # Panics
/// When `to` is shorter than the hole, or the kind is not one for values.
pub(crate) fn value(kind: HoleKind, to: &mut [u8], value: u64) -> Result<(), Misfit> {
    match kind.architecture() {
        None | Some(Architecture::X86_64) => x86_64::value(kind, to, value),
        Some(Architecture::Aarch64) => aarch64::value(kind, to, value),
        Some(Architecture::Riscv64) => riscv64::value(kind, to, value),
    }
}

/// Writes the distance from a hole to a place, the addend added, into the hole.
///
/// # Panics
/// When `to` is shorter than the hole, or the kind is one for values.
#[inline]
pub(crate) fn distance(kind: HoleKind, to: &mut [u8], distance: i64) -> Result<(), Misfit> {
    match kind.architecture() {
        None | Some(Architecture::X86_64) => x86_64::distance(to, distance),
        Some(Architecture::Aarch64) => aarch64::distance(kind, to, distance),
        Some(Architecture::Riscv64) => riscv64::distance(kind, to, distance),
    }
}

/// The distance that was written into a hole, the addend still added.
///
/// # Panics
/// As [`distance`].
pub(crate) fn distance_in(kind: HoleKind, from: &[u8]) -> i64 {
    match kind.architecture() {
        None | Some(Architecture::X86_64) => x86_64::distance_in(from),
        Some(Architecture::Aarch64) => aarch64::distance_in(kind, from),
        Some(Architecture::Riscv64) => riscv64::distance_in(kind, from),
    }
}

/// Writes the way from a hole at the address `from` to a constant at the address `constant`, the addend added, into the
/// hole.
///
/// # Panics
/// When `to` is shorter than the hole, or the kind is none for the pool.
pub(crate) fn constant(kind: HoleKind, to: &mut [u8], from: u64, constant: u64) -> Result<(), Misfit> {
    match kind.architecture() {
        None | Some(Architecture::X86_64) => x86_64::distance(to, constant.wrapping_sub(from) as i64),
        Some(Architecture::Aarch64) => aarch64::constant(kind, to, from, constant),
        Some(Architecture::Riscv64) => riscv64::constant(kind, to, constant.wrapping_sub(from) as i64),
    }
}

/// Which bits of the bytes at a hole belong to it; as many bytes count as the hole has.
pub(crate) fn mask(kind: HoleKind) -> [u8; 8] {
    match kind.architecture() {
        None | Some(Architecture::X86_64) => [0xFF; 8],
        Some(Architecture::Aarch64) => aarch64::mask(kind).to_le_bytes(),
        Some(Architecture::Riscv64) => riscv64::mask(kind).to_le_bytes(),
    }
}

/// The instruction at the start of `bytes`.
pub(crate) fn word(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Puts `field` in place of the bits of `mask` in the instruction at the start of `bytes`.
fn put(bytes: &mut [u8], mask: u32, field: u32) {
    let word = word(bytes) & !mask | field & mask;
    bytes[..4].copy_from_slice(&word.to_le_bytes());
}

/// The low `bits` bits of a field as a signed number.
fn signed(field: u32, bits: u32) -> i64 {
    let unused = 32 - bits;
    i64::from((field << unused) as i32 >> unused)
}
