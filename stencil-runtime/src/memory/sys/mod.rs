//! What executable memory needs from the operating system.
//!
//! A [`Backing`] is one reservation of address space with an executable view and a writable view,
//! which may be the same. Linux has both kinds; other unixes have [`Flip`]; elsewhere both are
//! `unsupported::Unsupported`, which cannot be made. `page_size` is the smallest unit of
//! protection, in bytes.
//!
//! To port: write a module with a type that implements `Backing` (`VirtualAlloc2` and two
//! `MapViewOfFile3` views for a `Dual` on Windows, `MAP_JIT` for a `Flip` on Apple silicon) and
//! name it below.

use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;

use super::error::MemoryError;

#[cfg(target_os = "linux")]
mod linux;
#[cfg(unix)]
mod unix;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(target_os = "linux")]
pub(super) use linux::Dual;
#[cfg(unix)]
pub(super) use unix::{Flip, page_size};
#[cfg(not(target_os = "linux"))]
pub(super) use unsupported::Unsupported as Dual;
#[cfg(not(unix))]
pub(super) use unsupported::{Unsupported as Flip, page_size};

/// One reservation of address space. Ranges are byte offsets into it.
///
/// # Safety
/// From `reserve` until the value is dropped, `len` bytes at `executable()` and at `writable()`
/// belong to it and are backed by the same memory. After `open(range)`, the writable view of
/// `range` can be read and written; after `publish(range)`, the executable view can be read and
/// run, and the writable view can still be written if `keeps_writable()`. No address is ever
/// writable and executable.
pub(super) unsafe trait Backing: fmt::Debug + Send + Sync {
    /// Reserves `len` bytes, a multiple of `page_size()`.
    fn reserve(len: usize) -> Result<Self, MemoryError>
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
