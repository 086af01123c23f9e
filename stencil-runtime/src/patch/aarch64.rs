//! aarch64: immediate fields of instructions of 4 bytes, and of a pair of them.

use super::{Misfit, put, signed, word};
use stencil_table::HoleKind;

/// The 16 bits that `movz` and `movk` set.
const MOVE_WIDE: u32 = 0xFFFF << 5;

/// What tells `movz` from `movn`.
const NOT_INVERTED: u32 = 1 << 30;

/// The offset of `ldr` and `str`, in units of what is loaded.
const OFFSET: u32 = 0xFFF << 10;

/// The distance of `b` and `bl`, in instructions.
const BRANCH_26: u32 = (1 << 26) - 1;

/// The distance of a conditional branch, in instructions.
const BRANCH_19: u32 = ((1 << 19) - 1) << 5;

/// The distance of `adrp`, in pages, its two lowest bits apart from the others.
const PAGES: u32 = 3 << 29 | BRANCH_19;

/// Bytes in a page of `adrp`, whatever the system's pages are.
const PAGE: u64 = 4096;

/// The bits of a hole.
pub(super) fn mask(kind: HoleKind) -> u64 {
    u64::from(match kind {
        HoleKind::LabelMov32 => return u64::from(MOVE_WIDE) << 32 | u64::from(MOVE_WIDE),
        HoleKind::MovSignedG1 => MOVE_WIDE | NOT_INVERTED,
        HoleKind::Offset12Scaled8 | HoleKind::PoolOffset12 => OFFSET,
        HoleKind::PoolPage21 => PAGES,
        HoleKind::LabelBranch26 | HoleKind::CalleeBranch26 => BRANCH_26,
        HoleKind::LabelBranch19 => BRANCH_19,
        _ => MOVE_WIDE,
    })
}

/// See [`super::value`].
pub(super) fn value(kind: HoleKind, to: &mut [u8], value: u64) -> Result<(), Misfit> {
    let (group, whole) = match kind {
        HoleKind::MovG0 => (0, true),
        HoleKind::MovG0Part => (0, false),
        HoleKind::MovG1 => (1, true),
        HoleKind::MovG1Part => (1, false),
        HoleKind::MovG2 => (2, true),
        HoleKind::MovG2Part => (2, false),
        HoleKind::MovG3 => (3, false),
        HoleKind::MovSignedG1 => {
            let sign = (value as i64 >> 63) as u64;
            let field = ((value ^ sign) >> 16) as u32;
            put(to, MOVE_WIDE | NOT_INVERTED, (field & 0xFFFF) << 5 | !(sign as u32) & NOT_INVERTED);
            return if (value ^ sign) >> 32 == 0 { Ok(()) } else { Err(Misfit) };
        }
        _ => {
            put(to, OFFSET, (value as u32 / 8) << 10);
            return if value.is_multiple_of(8) && value / 8 <= 0xFFF { Ok(()) } else { Err(Misfit) };
        }
    };
    put(to, MOVE_WIDE, ((value >> (16 * group)) as u32 & 0xFFFF) << 5);
    if whole && value >> (16 * (group + 1)) != 0 { Err(Misfit) } else { Ok(()) }
}

/// See [`super::distance`].
pub(super) fn distance(kind: HoleKind, to: &mut [u8], distance: i64) -> Result<(), Misfit> {
    if kind == HoleKind::LabelMov32 {
        put(to, MOVE_WIDE, (distance as u32 & 0xFFFF) << 5);
        put(&mut to[4..], MOVE_WIDE, (distance as u32 >> 16) << 5);
        return i32::try_from(distance).map(|_| ()).map_err(|_| Misfit);
    }
    let (mask, bits, shift) = branch(kind);
    let units = distance / 4;
    if distance % 4 != 0 || units >> (bits - 1) != units >> 63 {
        return Err(Misfit);
    }
    put(to, mask, (units as u32) << shift);
    Ok(())
}

/// See [`super::distance_in`].
pub(super) fn distance_in(kind: HoleKind, from: &[u8]) -> i64 {
    if kind == HoleKind::LabelMov32 {
        let half = |at: usize| word(&from[at..]) >> 5 & 0xFFFF;
        return signed(half(4) << 16 | half(0), 32);
    }
    let (mask, bits, shift) = branch(kind);
    4 * signed((word(from) & mask) >> shift, bits)
}

/// See [`super::constant`].
pub(super) fn constant(kind: HoleKind, to: &mut [u8], from: u64, constant: u64) -> Result<(), Misfit> {
    if kind == HoleKind::PoolPage21 {
        let pages = (constant / PAGE) as i64 - (from / PAGE) as i64;
        put(to, PAGES, (pages as u32 & 3) << 29 | (pages as u32 >> 2) << 5 & BRANCH_19);
        return if pages >> 20 == pages >> 63 { Ok(()) } else { Err(Misfit) };
    }
    let (offset, scale) = (constant % PAGE, scale(word(to)));
    put(to, OFFSET, ((offset >> scale) as u32) << 10);
    if offset.is_multiple_of(1 << scale) { Ok(()) } else { Err(Misfit) }
}

/// The logarithm of the unit in which `add`, `ldr` or `str` counts its offset.
fn scale(instruction: u32) -> u32 {
    let (size, vector, opcode) = (instruction >> 30, instruction >> 26 & 1, instruction >> 22 & 3);
    match instruction >> 24 & 0x1F {
        // Data processing: `add`.
        0b10001 => 0,
        _ if vector == 1 && opcode >= 2 => 4,
        _ => size,
    }
}

/// The field of a branch: its bits, how many they are, and how many are below them.
fn branch(kind: HoleKind) -> (u32, u32, u32) {
    match kind {
        HoleKind::LabelBranch19 => (BRANCH_19, 19, 5),
        _ => (BRANCH_26, 26, 0),
    }
}

#[cfg(test)]
mod tests;
