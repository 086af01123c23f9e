//! What tests leave out where programs run many times slower than the machine.

use std::env::var_os;

/// Whether a test is to do only a part of what it does elsewhere: an emulator runs it, which `STENCIL_RUNNER` names, and
/// `STENCIL_WHOLE` is not set.
#[must_use]
pub fn emulated() -> bool {
    var_os("STENCIL_RUNNER").is_some() && var_os("STENCIL_WHOLE").is_none()
}
