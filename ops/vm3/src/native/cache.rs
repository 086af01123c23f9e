//! Compiled code that machines share.

use super::program::Native;
use crate::compile::{CompileError, Space};
use crate::program::Verified;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use stencil_runtime::Convention;

/// Where machines have their compiled code: those of one cache that run clones of one [`Verified`] share what is compiled.
/// Clones are the same cache. Code of a program is freed with the last machine that runs it.
#[derive(Clone, Debug)]
pub struct CodeCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    budget: usize,
    used: AtomicUsize,
    programs: Mutex<Vec<Weak<Native>>>,
}

/// The budget of the cache of the process.
const BUDGET: usize = 64 << 20;

/// That cache.
static SHARED: LazyLock<CodeCache> = LazyLock::new(|| CodeCache::new(BUDGET));

impl CodeCache {
    /// A cache of its own, for at most `budget` bytes of machine code. What does not fit is not compiled: it is interpreted
    /// where the tier allows that.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        Self(Arc::new(Inner { budget, used: AtomicUsize::new(0), programs: Mutex::new(Vec::new()) }))
    }

    /// The cache of the process, which has a budget of 64 MiB.
    #[must_use]
    pub fn shared() -> Self {
        SHARED.clone()
    }

    /// The most bytes of machine code that it may hold.
    #[must_use]
    pub fn budget(&self) -> usize {
        self.0.budget
    }

    /// The bytes of machine code that it holds.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// The compiled functions of a program, as this cache has them, or none of them yet.
    ///
    /// # Errors
    /// When this machine has no stencils, or no memory for code.
    pub(crate) fn open(
        &self,
        program: &Verified,
        convention: Option<Convention>,
        metered: bool,
    ) -> Result<Arc<Native>, CompileError> {
        let space = Space::open(convention)?;
        let mut programs = self.0.programs.lock().unwrap_or_else(PoisonError::into_inner);
        programs.retain(|native| native.strong_count() > 0);
        for native in programs.iter().filter_map(Weak::upgrade) {
            if native.serves(program, space, metered) {
                return Ok(native);
            }
        }
        let native = Arc::new(Native::new(program.clone(), space, metered, self.clone()));
        programs.push(Arc::downgrade(&native));
        Ok(native)
    }

    /// Whether nothing fits.
    pub(super) fn is_full(&self) -> bool {
        self.bytes() >= self.0.budget
    }

    /// The error that tells so.
    pub(super) fn full(&self) -> CompileError {
        CompileError::Budget { budget: self.0.budget }
    }

    /// Makes room for `bytes` of code.
    ///
    /// # Errors
    /// When they do not fit.
    pub(super) fn reserve(&self, bytes: usize) -> Result<(), CompileError> {
        let fits = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.0.budget);
        let reserved = self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits);
        reserved.map(drop).map_err(|_| self.full())
    }

    /// Gives room back.
    pub(super) fn release(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}
