//! riscv64: immediate fields of instructions of 4 bytes, and pairs of them.

use super::{Misfit, put, signed, word};
use stencil_table::HoleKind;

/// The upper 20 bits of `lui` and `auipc`.
const UPPER: u32 = 0xFFFF_F000;

/// The 12 bits of `addi`, `jalr` and loads.
const LOWER: u32 = 0xFFF0_0000;

/// The 12 bits of stores, in two pieces.
const LOWER_OF_STORE: u32 = 0xFE00_0F80;

/// The bits of a hole.
pub(super) fn mask(kind: HoleKind) -> u64 {
    match kind {
        HoleKind::Hi20 | HoleKind::Hi20Word | HoleKind::PoolHi20 | HoleKind::LabelJump20 => u64::from(UPPER),
        HoleKind::Lo12S | HoleKind::Offset12S => u64::from(LOWER_OF_STORE),
        HoleKind::LabelPair | HoleKind::CalleePair => u64::from(LOWER) << 32 | u64::from(UPPER),
        _ => u64::from(LOWER),
    }
}

/// See [`super::value`].
pub(super) fn value(kind: HoleKind, to: &mut [u8], value: u64) -> Result<(), Misfit> {
    let (low, number) = (value as u32, value as i64);
    let fits = match kind {
        HoleKind::Hi20 | HoleKind::Hi20Word => {
            put(to, UPPER, upper(low));
            kind == HoleKind::Hi20Word && u32::try_from(value).is_ok()
                || kind == HoleKind::Hi20 && i32::try_from(number.wrapping_add(0x800)).is_ok()
        }
        HoleKind::Lo12S | HoleKind::Offset12S => {
            put(to, LOWER_OF_STORE, (low & 0xFE0) << 20 | (low & 0x1F) << 7);
            kind == HoleKind::Lo12S || (-0x800..0x800).contains(&number)
        }
        _ => {
            put(to, LOWER, low << 20);
            kind == HoleKind::Lo12I || (-0x800..0x800).contains(&number)
        }
    };
    if fits { Ok(()) } else { Err(Misfit) }
}

/// See [`super::distance`].
pub(super) fn distance(kind: HoleKind, to: &mut [u8], distance: i64) -> Result<(), Misfit> {
    if kind == HoleKind::LabelJump20 {
        let low = distance as u32;
        let field = (low & 0x10_0000) << 11 | (low & 0x7FE) << 20 | (low & 0x800) << 9 | low & 0xF_F000;
        put(to, UPPER, field);
        return if distance % 2 == 0 && distance >> 20 == distance >> 63 { Ok(()) } else { Err(Misfit) };
    }
    if i32::try_from(distance.saturating_add(0x800)).is_err() {
        return Err(Misfit);
    }
    put(to, UPPER, upper(distance as u32));
    put(&mut to[4..], LOWER, (distance as u32) << 20);
    Ok(())
}

/// See [`super::distance_in`].
pub(super) fn distance_in(kind: HoleKind, from: &[u8]) -> i64 {
    let word = word(from);
    if kind == HoleKind::LabelJump20 {
        let field = word >> 11 & 0x10_0000 | word >> 20 & 0x7FE | word >> 9 & 0x800 | word & 0xF_F000;
        return signed(field, 21);
    }
    i64::from((word & UPPER) as i32) + signed(super::word(&from[4..]) >> 20, 12)
}

/// See [`super::constant`]; the way is the distance, from the first half of a pair whichever half the hole is.
pub(super) fn constant(kind: HoleKind, to: &mut [u8], distance: i64) -> Result<(), Misfit> {
    match kind {
        HoleKind::PoolHi20 => put(to, UPPER, upper(distance as u32)),
        _ => put(to, LOWER, (distance as u32) << 20),
    }
    if i32::try_from(distance.saturating_add(0x800)).is_ok() { Ok(()) } else { Err(Misfit) }
}

/// The upper bits to which the sign-extended lower 12 are added.
fn upper(value: u32) -> u32 {
    value.wrapping_add(0x800) & UPPER
}

#[cfg(test)]
mod tests;
