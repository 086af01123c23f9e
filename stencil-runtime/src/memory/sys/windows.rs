//! Address space on Windows, and its two backings.
//!
//! | module | what lives there |
//! |---|---|
//! | `dual` | one section, seen through two views |
//! | `flip` | pages that change their protection |

mod dual;
mod flip;

use std::io;
use std::ops::Range;

use windows_sys::Win32::System::Diagnostics::Debug::FlushInstructionCache;
use windows_sys::Win32::System::Memory::{MEM_COMMIT, PAGE_PROTECTION_FLAGS, VirtualAlloc};
use windows_sys::Win32::System::SystemInformation::{GetSystemInfo, SYSTEM_INFO};
use windows_sys::Win32::System::Threading::GetCurrentProcess;

use crate::memory::error::MemoryError;

pub(in crate::memory) use dual::Dual;
pub(in crate::memory) use flip::Flip;

/// The size of a page, in bytes.
pub(in crate::memory) fn page_size() -> usize {
    let mut info = SYSTEM_INFO::default();
    // SAFETY: the call fills in the struct, which is ours, and cannot fail.
    unsafe { GetSystemInfo(&raw mut info) };
    info.dwPageSize as usize
}

/// The system's answer to a call that failed just now, about `operation`.
fn refused(operation: &'static str) -> MemoryError {
    MemoryError::system(operation)(io::Error::last_os_error())
}

/// The address and length of `range` in the `len` bytes at `start`.
///
/// # Panics
/// If `range` is not inside them.
fn part(start: *mut u8, len: usize, range: &Range<usize>) -> (*mut u8, usize) {
    assert!(range.start <= range.end && range.end <= len, "{range:?} is outside the {len} bytes mapped");
    (start.wrapping_add(range.start), range.len())
}

/// Backs reserved pages with memory, so that they can be used as `protection` says. Pages that have
/// memory keep it and what it holds.
///
/// # Safety
/// The `len` bytes at `start` belong to one reservation of the caller's, and nothing depends on the
/// protection that they have.
unsafe fn commit(start: *mut u8, len: usize, protection: PAGE_PROTECTION_FLAGS) -> Result<(), MemoryError> {
    // SAFETY: the caller owns the reservation, and committing changes no page's content.
    let committed = unsafe { VirtualAlloc(start.cast(), len, MEM_COMMIT, protection) };
    if committed.is_null() { Err(refused("back pages with memory")) } else { Ok(()) }
}

/// Tells an emulator of another architecture that code has changed.
fn code_changed(start: *const u8, len: usize) -> Result<(), MemoryError> {
    // SAFETY: a constant handle; the call cannot fail.
    let process = unsafe { GetCurrentProcess() };
    // SAFETY: the call changes no memory, and refuses addresses that are not mapped.
    let flushed = unsafe { FlushInstructionCache(process, start.cast(), len) };
    if flushed == 0 { Err(refused("announce that code has changed")) } else { Ok(()) }
}
