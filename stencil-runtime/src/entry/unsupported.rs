//! Architectures without entry code: everything is refused.

use super::{Convention, Registers, UnsupportedHost};

/// As [`super::supports`].
pub(super) const fn supports(_convention: Convention) -> bool {
    false
}

/// Refuses.
///
/// # Safety
/// None needed: nothing runs.
pub(super) unsafe fn enter(convention: Convention, _code: *const u8, _fixed: [u64; 3]) -> Result<(), UnsupportedHost> {
    Err(UnsupportedHost { convention })
}

/// Refuses.
///
/// # Safety
/// None needed: nothing runs.
pub(super) unsafe fn enter_with(
    convention: Convention,
    _code: *const u8,
    _registers: &mut Registers,
) -> Result<(), UnsupportedHost> {
    Err(UnsupportedHost { convention })
}
