//! Ownership of one used range of an arena.

use std::fmt;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use super::error::MemoryError;
use super::shared::Shared;

/// A used range of an arena. It does not know whether the range is open or published: a draft or a
/// region does.
///
/// # Invariants
/// 1. `range` was taken from `shared`, so it lies inside the reservation; no other lease overlaps
///    it.
/// 2. Nobody else makes a reference to the bytes of `range`, in either view.
/// 3. `ran` is set unless no thread ever ran code in `range` since it was taken.
pub(super) struct Lease {
    shared: Arc<Shared>,
    range: Range<usize>,
    ran: bool,
}

impl Lease {
    /// Takes `len` bytes, rounded up to the granule, at a multiple of `align`, and opens them.
    pub(super) fn open(shared: &Arc<Shared>, len: usize, align: usize) -> Result<Self, MemoryError> {
        let range = shared.take(len, align)?;
        // A lease from here on, so that the range goes back when it cannot be opened.
        let lease = Self { shared: Arc::clone(shared), range, ran: false };
        // SAFETY: the range has just been taken, so it is ours alone (invariant 1), and no thread
        // is in it: what was published there became free when its region was dropped, which
        // says that nobody runs it any more.
        unsafe { shared.backing().open(&lease.range) }?;
        Ok(lease)
    }

    /// Makes the range executable.
    ///
    /// Takes the lease mutably, so no slice of [`Lease::writable`] is borrowed.
    pub(super) fn publish(&mut self) -> Result<(), MemoryError> {
        self.ran = true;
        // SAFETY: by invariants 1 and 2 the range is ours alone, and `&mut self` says that no slice
        // of it is borrowed.
        unsafe { self.shared.backing().publish(&self.range) }
    }

    /// Whether the writable view outlives [`Lease::publish`].
    pub(super) fn keeps_writable(&self) -> bool {
        self.shared.backing().keeps_writable()
    }

    /// The address of the first byte in the executable view.
    pub(super) fn executable(&self) -> NonNull<u8> {
        // SAFETY: by invariant 1 the offset is inside the reservation, which is one mapping.
        unsafe { self.shared.backing().executable().add(self.range.start) }
    }

    /// All bytes of the range, through the writable view.
    ///
    /// # Safety
    /// The range has not been published since it was opened, or [`Lease::keeps_writable`] says that
    /// it does not matter; and no thread runs in it.
    pub(super) unsafe fn writable(&mut self) -> &mut [u8] {
        // SAFETY: by invariant 1 the offset is inside the reservation, which is one mapping.
        let start = unsafe { self.shared.backing().writable().add(self.range.start) };
        // SAFETY: the range is mapped as long as `shared` lives, writable as the caller promises,
        // and initialised (the system zeroes new memory). `&mut self` and invariants 1 and
        // 2 make this the only reference to it.
        unsafe { std::slice::from_raw_parts_mut(start.as_ptr(), self.range.len()) }
    }

    /// All bytes of the range, through the executable view.
    ///
    /// # Safety
    /// The range is published.
    pub(super) unsafe fn readable(&self) -> &[u8] {
        // SAFETY: the range is mapped as long as `shared` lives, readable as it is published, and
        // initialised. Writing needs `&mut self` (invariant 2), so nothing changes under
        // the reference.
        unsafe { std::slice::from_raw_parts(self.executable().as_ptr(), self.range.len()) }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.give_back(self.range.clone(), self.ran);
    }
}

impl fmt::Debug for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("executable", &self.executable())
            .field("len", &self.range.len())
            .finish_non_exhaustive()
    }
}
