//! Address space on any unix, and the backing that flips the protection of pages.

use std::ffi::c_void;
use std::ops::Range;
use std::ptr::{self, NonNull};

use rustix::mm::{self, MapFlags, MprotectFlags, ProtFlags};

use super::Backing;
use crate::memory::error::MemoryError;

/// The size of a page, in bytes.
pub(in crate::memory) fn page_size() -> usize {
    rustix::param::page_size()
}

/// What may be done with pages that hold code. Where the processor and the system can, code in them
/// is reached indirectly only at landing pads when `landing_pads` says so.
pub(super) fn executable(landing_pads: bool) -> ProtFlags {
    let access = ProtFlags::READ | ProtFlags::EXEC;
    #[cfg(all(target_arch = "aarch64", target_os = "linux"))]
    if landing_pads && std::arch::is_aarch64_feature_detected!("bti") {
        return access | ProtFlags::from_bits_retain(MprotectFlags::BTI.bits());
    }
    let _ = landing_pads;
    access
}

/// A mapping that is unmapped when dropped.
///
/// # Invariants
/// 1. `start..start + len` is mapped, and nothing else in the process unmaps or replaces it.
#[derive(Debug)]
pub(super) struct View {
    start: NonNull<u8>,
    len: usize,
}

// SAFETY: a view is an address range without thread affinity (mmap, mprotect and munmap act on the
// whole process); its methods only hand the address out or make system calls, which the kernel
// serialises.
unsafe impl Send for View {}
// SAFETY: as for `Send`.
unsafe impl Sync for View {}

impl View {
    /// Takes over a new mapping of `len` bytes at `start`.
    ///
    /// # Safety
    /// `mmap` has just returned `start` for `len` bytes, and nobody else will unmap it.
    pub(super) unsafe fn adopt(start: *mut c_void, len: usize) -> Self {
        let start = NonNull::new(start.cast()).expect("mmap never answers with a null address");
        Self { start, len }
    }

    /// The lowest address.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.start
    }

    /// The address and length of `range`.
    ///
    /// # Panics
    /// If `range` is not inside the view.
    pub(super) fn part(&self, range: &Range<usize>) -> (*mut c_void, usize) {
        assert!(
            range.start <= range.end && range.end <= self.len,
            "{range:?} is outside the {} bytes mapped",
            self.len
        );
        (self.start.as_ptr().wrapping_add(range.start).cast(), range.len())
    }
}

impl Drop for View {
    fn drop(&mut self) {
        // SAFETY: invariant 1 says the range is mapped and ours; the owner is being dropped, so
        // nobody uses it.
        let unmapped = unsafe { mm::munmap(self.start.as_ptr().cast(), self.len) };
        debug_assert!(unmapped.is_ok(), "munmap of a whole mapping failed: {unmapped:?}");
    }
}

/// One private view whose pages are writable, then executable, then writable again. The granule is
/// a page, so a page changes its protection only while all of it belongs to one draft.
#[derive(Debug)]
pub(in crate::memory) struct Flip {
    view: View,
    page: usize,
    landing_pads: bool,
}

impl Flip {
    /// Sets the protection of `range`.
    ///
    /// # Safety
    /// As for [`Backing::open`] and [`Backing::publish`]: nothing depends on the protection the
    /// pages have.
    unsafe fn protect(
        &self,
        range: &Range<usize>,
        flags: MprotectFlags,
        operation: &'static str,
    ) -> Result<(), MemoryError> {
        let (start, len) = self.view.part(range);
        // SAFETY: `part` checked that the range is inside our own mapping; the caller promises that
        // nothing depends on the protection it has.
        unsafe { mm::mprotect(start, len, flags) }.map_err(MemoryError::system(operation))
    }
}

// SAFETY: both views are the same mapping, so the same memory; `open` leaves pages readable and
// writable, `publish` readable and executable, and no call asks for both.
unsafe impl Backing for Flip {
    fn reserve(len: usize, landing_pads: bool) -> Result<Self, MemoryError> {
        let flags = MapFlags::PRIVATE | MapFlags::NORESERVE;
        // SAFETY: a null hint without MAP_FIXED lets the kernel choose unused addresses, so no
        // memory is replaced.
        let start = unsafe { mm::mmap_anonymous(ptr::null_mut(), len, ProtFlags::empty(), flags) }
            .map_err(MemoryError::system("reserve address space"))?;
        // SAFETY: `mmap` has just returned it, and the address goes nowhere else.
        let view = unsafe { View::adopt(start, len) };
        Ok(Self { view, page: page_size(), landing_pads })
    }

    fn executable(&self) -> NonNull<u8> {
        self.view.start()
    }

    fn writable(&self) -> NonNull<u8> {
        self.view.start()
    }

    fn granule(&self) -> usize {
        self.page
    }

    fn keeps_writable(&self) -> bool {
        false
    }

    unsafe fn open(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        // SAFETY: the caller promises that no thread runs in the range and nothing refers to it.
        unsafe { self.protect(range, MprotectFlags::READ | MprotectFlags::WRITE, "make pages writable") }
    }

    unsafe fn publish(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        let access = MprotectFlags::from_bits_retain(executable(self.landing_pads).bits());
        // SAFETY: the caller promises that no reference to the writable range is left, and code
        // does not run in it yet.
        unsafe { self.protect(range, access, "make pages executable") }
    }

    fn refresh(&self, _pages: &Range<usize>) -> Result<(), MemoryError> {
        // `open` takes the right to execute away, which is all the notice a watcher needs.
        Ok(())
    }
}
