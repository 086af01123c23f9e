//! Architectures without entry code: nothing can be entered.

use super::{Convention, Given, Registers, Trampolines};

/// The way in with the fixed parts.
pub(super) type Enter = unsafe extern "C-unwind" fn(u64, u64, u64, *const u8) -> Given;
/// The way in with all registers.
pub(super) type EnterWith = unsafe extern "C-unwind" fn(*mut Registers, *const u8);

/// There are none.
pub(super) const fn trampolines(_convention: Convention) -> Option<&'static Trampolines<Enter, EnterWith>> {
    None
}
