//! Compiled code that machines share.

use super::barrier;
use super::clock::Clock;
use super::program::Native;
use crate::compile::{CompileError, Space};
use crate::program::Verified;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};

/// Where machines have their compiled code: those of one cache that run clones of one [`Verified`] share what is compiled.
/// Clones are the same cache. Code of a program is freed with the last machine that runs it, and when there is no room for
/// other code and it is not used: it is interpreted then, and compiled again when it is hot again.
#[derive(Clone, Debug)]
pub struct CodeCache(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    budget: usize,
    used: AtomicUsize,
    programs: Mutex<HashMap<Key, Weak<Native>>>,
    clock: Mutex<Clock>,
    evictions: AtomicU64,
}

/// What tells the compiled functions of programs from one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    program: usize,
    space: usize,
    metered: bool,
}

impl Key {
    fn of(program: &Verified, space: &Space, metered: bool) -> Self {
        Self { program: program.identity(), space: std::ptr::from_ref(space).addr(), metered }
    }
}

/// The budget of the cache of the process.
const BUDGET: usize = 64 << 20;

/// That cache.
static SHARED: LazyLock<CodeCache> = LazyLock::new(|| CodeCache::new(BUDGET));

impl CodeCache {
    /// A cache of its own, for at most `budget` bytes of machine code. Where that is too little, what was not used for
    /// longest is evicted, and what does not fit even then is interpreted where the tier allows that. The ways into functions that
    /// the host or the interpreter has called, some hundred bytes each, stay for as long as their program.
    #[must_use]
    pub fn new(budget: usize) -> Self {
        barrier::prepare();
        let (programs, clock) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Inner { budget, used: AtomicUsize::new(0), programs, clock, evictions: AtomicU64::new(0) }))
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

    /// The bytes of machine code that it holds, what machines are still inside of included.
    #[must_use]
    pub fn bytes(&self) -> usize {
        // Evicted code is freed when there is need for room, or here.
        self.clock().free(self);
        self.used()
    }

    /// The same, with what could be freed.
    pub(super) fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// How many functions have lost their code so far because there was no room for others.
    #[must_use]
    pub fn evictions(&self) -> u64 {
        self.0.evictions.load(Ordering::Relaxed)
    }

    /// Counts a function that lost its code.
    pub(super) fn note_eviction(&self) {
        self.0.evictions.fetch_add(1, Ordering::Relaxed);
    }

    /// The compiled functions of a program, as this cache has them, or none of them yet.
    pub(crate) fn open(&self, program: &Verified, space: &'static Space, metered: bool) -> Arc<Native> {
        let key = Key::of(program, space, metered);
        let mut programs = self.programs();
        if let Some(native) = programs.get(&key).and_then(Weak::upgrade) {
            return native;
        }
        let native = Arc::new(Native::new(program.clone(), space, metered, self.clone()));
        programs.insert(key, Arc::downgrade(&native));
        native
    }

    /// Forgets a program that nobody runs any more, unless somebody has opened it again.
    pub(super) fn forget(&self, program: &Verified, space: &Space, metered: bool) {
        let key = Key::of(program, space, metered);
        let mut programs = self.programs();
        if programs.get(&key).is_some_and(|native| native.strong_count() == 0) {
            programs.remove(&key);
        }
    }

    fn programs(&self) -> MutexGuard<'_, HashMap<Key, Weak<Native>>> {
        self.0.programs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn clock(&self) -> MutexGuard<'_, Clock> {
        self.0.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes up code that was made, for which there is room.
    pub(super) fn add(&self, native: Weak<Native>, function: usize, bytes: usize) {
        self.clock().add(native, function, bytes);
    }

    /// The error that tells so.
    pub(super) fn full(&self) -> CompileError {
        CompileError::Budget { budget: self.0.budget }
    }

    /// Takes room for `bytes` of code, and evicts other code for it if there is need, but none of `spared`.
    ///
    /// # Errors
    /// When they do not fit.
    pub(super) fn reserve(&self, bytes: usize, spared: Option<&Native>) -> Result<(), CompileError> {
        if self.take(bytes) {
            return Ok(());
        }
        if bytes > self.0.budget {
            return Err(self.full());
        }
        // Held until the room is taken, so that nobody takes it who has not made it.
        let mut clock = self.clock();
        clock.make_room(self, bytes, spared);
        if self.take(bytes) { Ok(()) } else { Err(self.full()) }
    }

    /// Takes room for `bytes` of code if it is there.
    fn take(&self, bytes: usize) -> bool {
        let fits = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.0.budget);
        self.0.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fits).is_ok()
    }

    /// Gives room back.
    pub(super) fn release(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}
