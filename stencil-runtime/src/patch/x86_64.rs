//! x86-64: fields of 4 or 8 whole bytes.

use super::Misfit;
use stencil_table::HoleKind;

/// See [`super::value`].
pub(super) fn value(kind: HoleKind, to: &mut [u8], value: u64) -> Result<(), Misfit> {
    if kind == HoleKind::Abs64 {
        to[..8].copy_from_slice(&value.to_le_bytes());
        return Ok(());
    }
    to[..4].copy_from_slice(&(value as u32).to_le_bytes());
    let fits = match kind {
        HoleKind::Abs32Signed => i32::try_from(value as i64).is_ok(),
        _ => u32::try_from(value).is_ok(),
    };
    if fits { Ok(()) } else { Err(Misfit) }
}

/// See [`super::distance`].
#[inline]
pub(super) fn distance(to: &mut [u8], distance: i64) -> Result<(), Misfit> {
    let distance = i32::try_from(distance).map_err(|_| Misfit)?;
    to[..4].copy_from_slice(&distance.to_le_bytes());
    Ok(())
}

/// See [`super::distance_in`].
pub(super) fn distance_in(from: &[u8]) -> i64 {
    i64::from(super::word(from) as i32)
}
