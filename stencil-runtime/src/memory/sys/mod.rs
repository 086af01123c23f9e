//! What executable memory needs from the operating system.
//!
//! A [`Backing`] is one reservation of address space with an executable view and a writable view,
//! which may be the same. `page_size` is the smallest unit of protection, in bytes.
//!
//! | system | [`Dual`] | [`PerThread`] | [`Flip`] |
//! |---|---|---|---|
//! | Linux | `linux` | | `unix` |
//! | macOS on Apple silicon | | `apple` | `unix` |
//! | other unixes | | | `unix` |
//! | Windows | `windows` | | `windows` |
//!
//! What a system does not have is `unsupported::Unsupported`, which cannot be made.
//!
//! To port: write a module with a type that implements `Backing` and name it below.

use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;

use super::error::MemoryError;

#[cfg(all(target_os = "macos", target_arch = "aarch64"))]
mod apple;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod unix;
mod unsupported;
#[cfg(windows)]
mod windows;

#[cfg(all(target_os = "macos", target_arch = "aarch64"))]
pub(super) use apple::PerThread;
#[cfg(target_os = "linux")]
pub(super) use linux::Dual;
#[cfg(unix)]
pub(super) use unix::{Flip, page_size};
#[cfg(not(any(target_os = "linux", windows)))]
pub(super) use unsupported::Unsupported as Dual;
#[cfg(not(all(target_os = "macos", target_arch = "aarch64")))]
pub(super) use unsupported::Unsupported as PerThread;
#[cfg(not(any(unix, windows)))]
pub(super) use unsupported::{Unsupported as Flip, page_size};
#[cfg(windows)]
pub(super) use windows::{Dual, Flip, page_size};

/// One reservation of address space. Ranges are byte offsets into it.
///
/// # Safety
/// From `reserve` until the value is dropped, `len` bytes at `executable()` and at `writable()`
/// belong to it. After `open(range)`, the writable view of `range` can be read and written; after
/// `publish(range)`, the executable view can be read and run, and holds what the writable view held;
/// that can still be written, with the same effect, if `keeps_writable()`. No address is ever
/// writable and executable to one thread.
pub(super) unsafe trait Backing: fmt::Debug + Send + Sync {
    /// Reserves `len` bytes, a multiple of `page_size()`. With `landing_pads`, the processor is asked
    /// to let code there be reached indirectly only at landing pads, if it can and the system lets
    /// programs ask for it.
    fn reserve(len: usize, landing_pads: bool) -> Result<Self, MemoryError>
    where
        Self: Sized;

    /// The address of the executable view.
    fn executable(&self) -> NonNull<u8>;

    /// The address of the writable view.
    fn writable(&self) -> NonNull<u8>;

    /// What the starts and lengths of all ranges are multiples of; a power of two, at most a page.
    fn granule(&self) -> usize;

    /// Whether the writable view of a published range can still be written.
    fn keeps_writable(&self) -> bool;

    /// Makes `range` writable.
    ///
    /// # Safety
    /// The caller owns `range`: no thread runs in it and nothing else refers to it.
    unsafe fn open(&self, range: &Range<usize>) -> Result<(), MemoryError>;

    /// Makes `range` executable.
    ///
    /// # Safety
    /// The caller owns `range`, and has given up every reference to its writable view.
    unsafe fn publish(&self, range: &Range<usize>) -> Result<(), MemoryError>;

    /// Tells whoever watches the executable view (an emulator, a dynamic instrumenter) that code in
    /// `pages` is no longer what it was. Other code in these pages may be running meanwhile.
    fn refresh(&self, pages: &Range<usize>) -> Result<(), MemoryError>;
}
