//! The dual mapping: one section of the paging file, seen through a writable and through an
//! executable view.
//!
//! Once both views exist, the handle of the section is closed: no further view can be made, and the
//! system does not let a view's pages get rights that the view was mapped without. Publishing is
//! then no system call at all.
//!
//! A section is charged to the process when its pages are committed, which happens as the arena
//! fills, in both views: the system shares commitment between views, Wine does not let the other
//! view see it.
//!
//! Neither view has to lie anywhere, and none is ever replaced, so `MapViewOfFile`, which all
//! versions have, does all that `MapViewOfFile3` and placeholders would.

use std::ops::Range;
use std::os::windows::io::{AsRawHandle as _, FromRawHandle as _, OwnedHandle};
use std::ptr::{self, NonNull};
use std::sync::{Mutex, PoisonError};

use windows_sys::Win32::Foundation::INVALID_HANDLE_VALUE;
use windows_sys::Win32::System::Memory::{
    CreateFileMappingW, FILE_MAP, FILE_MAP_EXECUTE, FILE_MAP_READ, FILE_MAP_WRITE, MEMORY_MAPPED_VIEW_ADDRESS,
    MapViewOfFile, PAGE_EXECUTE_READ, PAGE_EXECUTE_READWRITE, PAGE_READWRITE, SEC_RESERVE, UnmapViewOfFile,
};

use super::{code_changed, commit, part, refused};
use crate::memory::error::MemoryError;
use crate::memory::sys::Backing;

/// Drafts are kept apart by a cache line, so that writing one does not disturb a core that runs its
/// neighbour.
const GRANULE: usize = 64;

/// Memory is taken from the system in steps of this many bytes; a multiple of every page size.
const STEP: usize = 64 << 10;

/// A view of a section that is unmapped when dropped.
///
/// # Invariants
/// 1. `len` bytes at `start` are one view, and nobody else unmaps it.
#[derive(Debug)]
struct View {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: a view is an address range without thread affinity; its methods only hand the address
// out or make system calls, which the kernel serialises.
unsafe impl Send for View {}
// SAFETY: as for `Send`.
unsafe impl Sync for View {}

impl View {
    /// Maps all of `section`, wherever there is room.
    fn map(section: &OwnedHandle, len: usize, access: FILE_MAP, operation: &'static str) -> Result<Self, MemoryError> {
        // SAFETY: the handle is open, and the system chooses unused addresses.
        let view = unsafe { MapViewOfFile(section.as_raw_handle(), access, 0, 0, len) };
        let start = NonNull::new(view.Value.cast()).ok_or_else(|| refused(operation))?;
        Ok(Self { start, len })
    }
}

impl Drop for View {
    fn drop(&mut self) {
        let view = MEMORY_MAPPED_VIEW_ADDRESS { Value: self.start.as_ptr().cast() };
        // SAFETY: by invariant 1 this is a view of ours; the owner is being dropped, so nobody uses
        // it.
        let unmapped = unsafe { UnmapViewOfFile(view) };
        debug_assert!(unmapped != 0, "a whole view could not be unmapped");
    }
}

/// Two views of one section.
#[derive(Debug)]
pub(in crate::memory) struct Dual {
    writable: View,
    executable: View,
    /// How many bytes, from the start, have memory.
    committed: Mutex<usize>,
}

// SAFETY: both views map the same section from offset 0, so the same memory. One view is only ever
// mapped readable and writable, the other only readable and executable. `open` leaves pages
// committed in both.
unsafe impl Backing for Dual {
    fn reserve(len: usize, _landing_pads: bool) -> Result<Self, MemoryError> {
        let size = len as u64;
        let rights = PAGE_EXECUTE_READWRITE | SEC_RESERVE;
        let (high, low) = ((size >> 32) as u32, size as u32);
        // SAFETY: no file, no attributes and no name: a section of the paging file that is ours alone.
        let section = unsafe { CreateFileMappingW(INVALID_HANDLE_VALUE, ptr::null(), rights, high, low, ptr::null()) };
        if section.is_null() {
            return Err(refused("create a section"));
        }
        // SAFETY: the handle has just been made, and goes nowhere else.
        let section = unsafe { OwnedHandle::from_raw_handle(section) };
        let writable = View::map(&section, len, FILE_MAP_WRITE, "map the writable view")?;
        let access = FILE_MAP_READ | FILE_MAP_EXECUTE;
        let executable = View::map(&section, len, access, "map the executable view")?;
        Ok(Self { writable, executable, committed: Mutex::new(0) })
    }

    fn executable(&self) -> NonNull<u8> {
        self.executable.start
    }

    fn writable(&self) -> NonNull<u8> {
        self.writable.start
    }

    fn granule(&self) -> usize {
        GRANULE
    }

    fn keeps_writable(&self) -> bool {
        true
    }

    unsafe fn open(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        // A panic of another holder leaves the number as it was.
        let mut committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner);
        if range.end > *committed {
            let end = range.end.next_multiple_of(STEP).min(self.writable.len);
            for (view, protection) in [(&self.writable, PAGE_READWRITE), (&self.executable, PAGE_EXECUTE_READ)] {
                let (start, len) = part(view.start.as_ptr(), view.len, &(*committed..end));
                // SAFETY: `part` checked that the pages are inside our own view; their protection is
                // what the view has anyway.
                unsafe { commit(start, len, protection) }?;
            }
            *committed = end;
        }
        Ok(())
    }

    unsafe fn publish(&self, _range: &Range<usize>) -> Result<(), MemoryError> {
        Ok(())
    }

    fn refresh(&self, pages: &Range<usize>) -> Result<(), MemoryError> {
        let (start, len) = part(self.executable.start.as_ptr(), self.executable.len, pages);
        code_changed(start, len)
    }
}

#[cfg(test)]
mod tests;
