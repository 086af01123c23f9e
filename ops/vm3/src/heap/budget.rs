//! How many bytes the heap may hold.

use super::HeapError;

/// Counts the bytes of slots and of their storage against a limit.
#[derive(Debug)]
pub(super) struct Budget {
    /// At most `limit`.
    used: usize,
    limit: usize,
}

impl Budget {
    pub(super) const fn new(limit: usize) -> Self {
        Self { used: 0, limit }
    }

    /// Whether `bytes` more would fit, for asking before they are allocated.
    ///
    /// # Errors
    /// [`HeapError::Full`] when the limit would be passed.
    pub(super) const fn check(&self, bytes: usize) -> Result<(), HeapError> {
        if bytes <= self.limit - self.used { Ok(()) } else { Err(HeapError::Full { limit: self.limit }) }
    }

    /// Takes `bytes`.
    ///
    /// # Errors
    /// [`HeapError::Full`] when the limit would be passed; then nothing is taken.
    pub(super) fn charge(&mut self, bytes: usize) -> Result<(), HeapError> {
        self.check(bytes)?;
        self.used += bytes;
        Ok(())
    }

    /// Gives back `bytes` that were taken before.
    pub(super) const fn refund(&mut self, bytes: usize) {
        debug_assert!(bytes <= self.used);
        self.used -= bytes;
    }

    /// Bytes taken at present.
    pub(super) const fn used(&self) -> usize {
        self.used
    }
}
