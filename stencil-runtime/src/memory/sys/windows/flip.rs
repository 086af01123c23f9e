//! The backing that flips the protection of pages.

use std::ops::Range;
use std::ptr::{self, NonNull};

use windows_sys::Win32::System::Memory::{
    MEM_RELEASE, MEM_RESERVE, PAGE_EXECUTE_READ, PAGE_NOACCESS, PAGE_PROTECTION_FLAGS, PAGE_READWRITE, VirtualAlloc,
    VirtualFree, VirtualProtect,
};

use super::{commit, page_size, part, refused};
use crate::memory::error::MemoryError;
use crate::memory::sys::Backing;

/// One reservation whose pages are writable, then executable, then writable again. The granule is
/// a page, so a page changes its protection only while all of it belongs to one draft.
///
/// # Invariants
/// 1. `len` bytes at `start` are one reservation, and nobody else frees it.
#[derive(Debug)]
pub(in crate::memory) struct Flip {
    start: NonNull<u8>,
    len: usize,
    page: usize,
}

// SAFETY: a reservation is an address range without thread affinity; the methods only hand the
// address out or make system calls, which the kernel serialises.
unsafe impl Send for Flip {}
// SAFETY: as for `Send`.
unsafe impl Sync for Flip {}

impl Flip {
    /// Sets the protection of `range`, which has memory.
    ///
    /// # Safety
    /// As for [`Backing::open`] and [`Backing::publish`]: nothing depends on the protection the
    /// pages have.
    unsafe fn protect(
        &self,
        range: &Range<usize>,
        protection: PAGE_PROTECTION_FLAGS,
        operation: &'static str,
    ) -> Result<(), MemoryError> {
        let (start, len) = part(self.start.as_ptr(), self.len, range);
        let mut before = 0;
        // SAFETY: `part` checked that the range is inside our own reservation; the caller promises
        // that nothing depends on the protection it has.
        let done = unsafe { VirtualProtect(start.cast(), len, protection, &raw mut before) };
        if done == 0 { Err(refused(operation)) } else { Ok(()) }
    }
}

impl Drop for Flip {
    fn drop(&mut self) {
        // SAFETY: by invariant 1 the reservation is ours; the owner is being dropped, so nobody uses
        // it. A length of 0 means all of it.
        let freed = unsafe { VirtualFree(self.start.as_ptr().cast(), 0, MEM_RELEASE) };
        debug_assert!(freed != 0, "a whole reservation could not be freed");
    }
}

// SAFETY: both views are the same reservation, so the same memory; `open` leaves pages readable and
// writable, `publish` readable and executable, and no call asks for both.
unsafe impl Backing for Flip {
    fn reserve(len: usize, _landing_pads: bool) -> Result<Self, MemoryError> {
        // SAFETY: without an address the system chooses unused ones, so no memory is replaced.
        let start = unsafe { VirtualAlloc(ptr::null(), len, MEM_RESERVE, PAGE_NOACCESS) };
        let start = NonNull::new(start.cast()).ok_or_else(|| refused("reserve address space"))?;
        Ok(Self { start, len, page: page_size() })
    }

    fn executable(&self) -> NonNull<u8> {
        self.start
    }

    fn writable(&self) -> NonNull<u8> {
        self.start
    }

    fn granule(&self) -> usize {
        self.page
    }

    fn keeps_writable(&self) -> bool {
        false
    }

    unsafe fn open(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        let (start, len) = part(self.start.as_ptr(), self.len, range);
        // SAFETY: `part` checked that the range is inside our own reservation; the caller promises
        // that no thread runs in it and nothing refers to it.
        unsafe { commit(start, len, PAGE_READWRITE) }?;
        // SAFETY: as above.
        unsafe { self.protect(range, PAGE_READWRITE, "make pages writable") }
    }

    unsafe fn publish(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        // SAFETY: the caller promises that no reference to the writable range is left, and code
        // does not run in it yet.
        unsafe { self.protect(range, PAGE_EXECUTE_READ, "make pages executable") }
    }

    fn refresh(&self, _pages: &Range<usize>) -> Result<(), MemoryError> {
        // `open` takes the right to execute away, which is all the notice a watcher needs.
        Ok(())
    }
}
