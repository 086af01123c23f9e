//! aarch64 on Windows.

use std::io;

use windows_sys::Win32::System::Diagnostics::Debug::FlushInstructionCache;
use windows_sys::Win32::System::Threading::{FlushProcessWriteBuffers, GetCurrentProcess};

/// A word of zeros is `udf #0`.
pub(crate) const TRAP: u8 = 0;

/// Makes `code` visible to instruction fetch on all cores.
///
/// # Errors
/// When the system refuses.
pub(crate) fn after_write(code: &[u8]) -> io::Result<()> {
    // SAFETY: a constant handle; the call cannot fail.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the call changes no memory.
    let flushed = unsafe { FlushInstructionCache(process, code.as_ptr().cast(), code.len()) };
    if flushed == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Interrupts every core that runs a thread of this process; a core that comes back from an interrupt fetches anew.
/// Cannot fail.
pub(crate) fn before_run() -> io::Result<()> {
    // SAFETY: the call has no other effect.
    unsafe { FlushProcessWriteBuffers() };
    Ok(())
}
