//! Code that can run.

use super::lease::Lease;
use crate::icache;

/// How much of freed code is overwritten with traps. Writing all of it would cost as much as publishing it did.
const TRAPPED: usize = 256;

/// Executable bytes that nobody can write. Keep the region alive, perhaps in an `Arc`, wherever its
/// code may run: dropping it says that no thread is inside, and its bytes will hold other code.
///
/// # Invariants
/// 1. `lease` is published, and `len` is at most its length.
#[derive(Debug)]
pub struct Region {
    lease: Lease,
    len: usize,
}

impl Region {
    /// The first `len` bytes of a published lease.
    pub(super) fn new(lease: Lease, len: usize) -> Self {
        Self { lease, len }
    }

    /// The address of the first byte.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.lease.executable().addr().get() as u64
    }

    /// The length, in bytes, as it was allocated; never 0.
    #[expect(clippy::len_without_is_empty, reason = "a region is never empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The code, read back from where it runs.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: by invariant 1 the lease is published.
        let whole = unsafe { self.lease.readable() };
        &whole[..self.len]
    }
}

impl Drop for Region {
    /// Overwrites the start of the code with traps where that takes no system call, so that a stray call of it is seen.
    fn drop(&mut self) {
        if self.lease.keeps_writable() {
            // SAFETY: the writable view outlives publishing, and whoever drops a region says that
            // no thread is inside.
            let bytes = unsafe { self.lease.writable() };
            let start = bytes.len().min(TRAPPED);
            bytes[..start].fill(icache::TRAP);
        }
    }
}
