//! Code that is being written.

use super::error::MemoryError;
use super::lease::Lease;
use super::region::Region;
use crate::icache;

/// Writable bytes whose executable address is already known. Dropping a draft frees them.
///
/// # Invariants
/// 1. `lease` is open, and `len` is at most its length.
#[derive(Debug)]
pub struct Draft {
    lease: Lease,
    len: usize,
}

impl Draft {
    /// A draft of the first `len` bytes of a newly opened lease.
    pub(super) fn new(lease: Lease, len: usize) -> Self {
        Self { lease, len }
    }

    /// The address at which the first byte will run.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.lease.executable().addr().get() as u64
    }

    /// The bytes, as many as were allocated. They are not at [`Draft::address`]: code that refers
    /// to itself is computed with that address and stored here.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.len;
        &mut self.whole()[..len]
    }

    /// Makes the code executable. From then on nobody can write it.
    ///
    /// When this returns, every thread that learns of the region runs the new bytes, on every
    /// architecture.
    ///
    /// # Errors
    /// [`MemoryError::System`] when the system refuses; the bytes are then free again.
    pub fn publish(mut self) -> Result<Region, MemoryError> {
        let len = self.len;
        self.whole()[len..].fill(icache::TRAP);
        let Self { mut lease, len } = self;
        lease.publish()?;
        // SAFETY: it has just been published.
        let code = unsafe { lease.readable() };
        icache::after_write(code).map_err(MemoryError::system("write new code back for instruction fetch"))?;
        icache::before_run().map_err(MemoryError::system("make all threads fetch new code"))?;
        Ok(Region::new(lease, len))
    }

    /// All bytes of the lease, padding included.
    fn whole(&mut self) -> &mut [u8] {
        // SAFETY: by invariant 1 the lease is open: not published since, so nothing runs in it
        // either.
        unsafe { self.lease.writable() }
    }
}
