//! The state that all handles of an arena share: which bytes are used, and the memory they are.

use std::fmt;
use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::error::MemoryError;
use super::space::Space;
use super::sys::Backing;
use super::{Stats, Strategy};

/// Retired bytes are made usable in batches of at least this size (and of at least a quarter of
/// what is in use), so that the system calls for it are shared by many ranges.
const RECYCLE_BATCH: usize = 64 << 10;

/// The state of an arena.
pub(super) struct Shared {
    backing: Box<dyn Backing>,
    strategy: Strategy,
    reserved: usize,
    page: usize,
    space: Mutex<Space>,
}

impl Shared {
    /// An arena of `reserved` free bytes.
    pub(super) fn new(backing: Box<dyn Backing>, strategy: Strategy, reserved: usize, page: usize) -> Self {
        let space = Mutex::new(Space::new(reserved, backing.granule()));
        Self { backing, strategy, reserved, page, space }
    }

    /// The size of a page, in bytes.
    pub(super) fn page(&self) -> usize {
        self.page
    }

    /// The addresses of the executable view.
    pub(super) fn addresses(&self) -> Range<u64> {
        let start = self.backing.executable().addr().get() as u64;
        start..start + self.reserved as u64
    }

    /// How writing and executing are kept apart.
    pub(super) fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Where the bytes are.
    pub(super) fn stats(&self) -> Stats {
        let space = self.space();
        Stats {
            reserved: self.reserved,
            committed: space.peak().next_multiple_of(self.page),
            used: space.used(),
            free: self.reserved - space.used(),
        }
    }

    /// The memory.
    pub(super) fn backing(&self) -> &dyn Backing {
        &*self.backing
    }

    /// Takes back a range from [`Shared::take`]; `ran` unless no thread ever ran code in it.
    pub(super) fn give_back(&self, range: Range<usize>, ran: bool) {
        let mut space = self.space();
        if ran { space.retire(range) } else { space.release(range) }
    }

    /// The allocator. A panic of another holder cannot have left it half changed: none of its
    /// methods runs foreign code.
    fn space(&self) -> MutexGuard<'_, Space> {
        self.space.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A free range of `len` bytes or a little more.
    pub(super) fn take(&self, len: usize, align: usize) -> Result<Range<usize>, MemoryError> {
        let mut space = self.space();
        if space.retired() >= RECYCLE_BATCH.max(space.used() / 4) {
            self.recycle(&mut space)?;
        }
        if let Some(range) = space.take(len, align) {
            return Ok(range);
        }
        if space.retired() > 0 {
            self.recycle(&mut space)?;
        }
        let free = self.reserved - space.used();
        space.take(len, align).ok_or(MemoryError::Full { requested: len, free, reserved: self.reserved })
    }

    /// Makes all retired ranges usable again.
    fn recycle(&self, space: &mut Space) -> Result<(), MemoryError> {
        for pages in space.retired_pages(self.page) {
            self.backing.refresh(&pages)?;
        }
        space.recycle();
        Ok(())
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("executable", &self.backing.executable())
            .field("strategy", &self.strategy)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
