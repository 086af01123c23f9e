//! What tests leave out where programs run many times slower than the machine.

use std::env::var_os;

/// Whether a test is to do only a part of what it does elsewhere, since an emulator runs it: whether `STENCIL_EMULATED` is set.
#[must_use]
pub fn emulated() -> bool {
    var_os("STENCIL_EMULATED").is_some()
}
