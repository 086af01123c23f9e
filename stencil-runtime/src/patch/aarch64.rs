//! aarch64: immediate fields of instructions of 4 bytes.

use super::{Misfit, put, signed, word};
use stencil_table::HoleKind;

/// The 16 bits that `movz` and `movk` set.
const MOVE_WIDE: u32 = 0xFFFF << 5;

/// The offset of `ldr` and `str`, in units of what is loaded.
const OFFSET: u32 = 0xFFF << 10;

/// The distance of `b` and `bl`, in instructions.
const BRANCH_26: u32 = (1 << 26) - 1;

/// The distance of a conditional branch, in instructions.
const BRANCH_19: u32 = ((1 << 19) - 1) << 5;

/// The bits of a hole.
pub(super) fn mask(kind: HoleKind) -> u32 {
    match kind {
        HoleKind::Offset12Scaled8 => OFFSET,
        HoleKind::LabelBranch26 | HoleKind::CalleeBranch26 => BRANCH_26,
        HoleKind::LabelBranch19 => BRANCH_19,
        _ => MOVE_WIDE,
    }
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
    let (mask, bits, shift) = branch(kind);
    4 * signed((word(from) & mask) >> shift, bits)
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
