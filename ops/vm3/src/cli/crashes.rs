//! Where compiled code was when a fatal signal came.

use vm3::GuestPlace;

/// Has it written.
pub(super) fn report() {
    // Without it crashes say less.
    drop(stencil_debug::report_crashes(describe));
}

/// Writes what an address in compiled code stands for.
fn describe(address: u64, text: &mut dyn std::fmt::Write) -> Result<bool, std::fmt::Error> {
    let Some(place) = GuestPlace::try_of_address(address) else { return Ok(false) };
    write!(text, "{place}")?;
    Ok(true)
}
