//! The context of a machine's compiled code, which outlives whoever may ask that code to stop.

use super::barrier;
use crate::fault::FaultKind;
use crate::stencils::ops::Context;
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Somebody wants the code to stop.
const STOP: u8 = 1;
/// A time limit wants it to.
const LATE: u8 = 2;

/// Somebody waits for the machine to leave all code, and does not mind if it comes back at once.
const LEAVE: u8 = 4;

/// A context, and who wants its code to stop.
#[derive(Debug)]
struct Shared {
    context: UnsafeCell<Context>,
    requested: AtomicU8,
    /// Counts the ways into code from where none runs, and out again: odd while code runs.
    visits: AtomicU64,
    /// Where in the native stack code was last gone into from where none runs. Only the machine asks.
    origin: AtomicUsize,
}

// SAFETY: other threads than the machine's reach three atomics only: `requested`, `visits`, and the context's stack limit.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// The context of one machine.
#[derive(Debug)]
pub(crate) struct OwnContext(Arc<Shared>);

impl OwnContext {
    /// A context that no code uses yet.
    pub(crate) fn new() -> Self {
        let context = UnsafeCell::new(Context::new());
        Self(Arc::new(Shared {
            context,
            requested: AtomicU8::new(0),
            visits: AtomicU64::new(0),
            origin: AtomicUsize::new(0),
        }))
    }

    /// For who wants to know whether the machine is in code.
    pub(super) fn visitor(&self) -> Visitor {
        Visitor(Arc::downgrade(&self.0))
    }

    /// The machine is about to run code, from where none runs, which is at `origin` in the native stack.
    #[inline(always)]
    pub(super) fn go_in(&self, origin: usize) {
        let Shared { visits, origin: last, .. } = &*self.0;
        last.store(origin, Ordering::Relaxed);
        visits.store(visits.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        barrier::light();
    }

    /// The machine is back there.
    #[inline(always)]
    pub(super) fn go_out(&self) {
        let visits = &self.0.visits;
        visits.store(visits.load(Ordering::Relaxed) + 1, Ordering::Release);
    }

    /// Where in the native stack the code that runs was gone into from where none ran. None while none runs.
    #[inline]
    pub(super) fn origin(&self) -> Option<usize> {
        let Shared { visits, origin, .. } = &*self.0;
        (visits.load(Ordering::Relaxed) % 2 == 1).then(|| origin.load(Ordering::Relaxed))
    }

    /// The machine has left code, as somebody may have asked it to.
    pub(super) fn has_left(&self) {
        self.0.forget(LEAVE);
    }

    /// Where it is.
    pub(crate) fn address(&self) -> *mut Context {
        self.0.context.get()
    }

    /// What it holds. Code that is entered while this is borrowed may change it: all that code changes is in cells, but for
    /// the anchor, which is not to be seen from here.
    pub(crate) fn get(&self) -> &Context {
        // SAFETY: the context is valid, and its fields that change meanwhile are cells and atomics. The anchor changes when
        // code is entered, which needs a pointer from `address`, and nothing reads it through this reference.
        unsafe { &*self.0.context.get() }
    }

    /// Sets the limit of the native stack, unless somebody wants the code to stop.
    #[inline]
    pub(crate) fn set_limit(&self, limit: usize) {
        // Stores that others see in order are slow, and most runs start at the same depth as the one before.
        if self.get().stack_limit.load(Ordering::Relaxed) != limit {
            self.change_limit(limit);
        }
    }

    #[cold]
    fn change_limit(&self, limit: usize) {
        let stack_limit = &self.get().stack_limit;
        stack_limit.store(limit, Ordering::SeqCst);
        // Whoever asks sets the flag first: either it is seen here, or the limit is raised after this.
        if self.0.requested.load(Ordering::SeqCst) != 0 {
            stack_limit.store(usize::MAX, Ordering::SeqCst);
        }
    }

    /// Whether somebody wants the run to stop.
    #[inline]
    pub(crate) fn requested(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst) & (STOP | LATE) != 0
    }

    /// How a run fails that is stopped.
    pub(crate) fn request(&self) -> FaultKind {
        if self.0.requested.load(Ordering::SeqCst) & STOP != 0 { FaultKind::Interrupted } else { FaultKind::TimedOut }
    }

    /// Forgets the request that a run failed with, if it did.
    pub(crate) fn acknowledge(&self, kind: FaultKind) {
        match kind {
            FaultKind::Interrupted => self.0.forget(STOP),
            FaultKind::TimedOut => self.0.forget(LATE),
            _ => {}
        }
    }

    /// A handle with which others ask the code to stop.
    pub(crate) fn interrupt(&self) -> Interrupt {
        Interrupt(Arc::clone(&self.0))
    }
}

impl Shared {
    fn request(&self, who: u8) {
        self.requested.fetch_or(who, Ordering::SeqCst);
        let context = self.context.get();
        // SAFETY: the context lives as long as this; the place of a field is computed, nothing is read.
        let limit = unsafe { &raw const (*context).stack_limit };
        // SAFETY: an atomic, which every thread reaches as one.
        unsafe { (*limit).store(usize::MAX, Ordering::SeqCst) };
    }

    fn forget(&self, who: u8) {
        self.requested.fetch_and(!who, Ordering::SeqCst);
    }
}

/// Who runs code of a program, if it is still there.
#[derive(Debug)]
pub(super) struct Visitor(Weak<Shared>);

impl Visitor {
    /// Whether it is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    /// Its visit, if it is in code.
    pub(super) fn visit(&self) -> Option<Visit> {
        let shared = self.0.upgrade()?;
        let number = shared.visits.load(Ordering::Acquire);
        (number % 2 == 1).then_some(Visit { shared, number })
    }
}

/// A machine that was in code once, and when.
#[derive(Debug)]
pub(super) struct Visit {
    shared: Arc<Shared>,
    number: u64,
}

impl Visit {
    /// Whether it has been in code ever since. If not, all that it did there is done.
    pub(super) fn goes_on(&self) -> bool {
        self.shared.visits.load(Ordering::Acquire) == self.number
    }

    /// Asks the machine to leave code at the next call or the next turn of a loop.
    pub(super) fn end_soon(&self) {
        self.shared.request(LEAVE);
    }
}

/// Stops a machine from another thread: the run that is going on, or else the next one, fails with
/// [`FaultKind::Interrupted`] at the next call or the next turn of a loop. Clones stop the same machine.
#[derive(Clone)]
pub struct Interrupt(Arc<Shared>);

impl Interrupt {
    /// Asks the machine to stop. Asking once more before it has is no different.
    pub fn stop(&self) {
        self.0.request(STOP);
    }

    /// Takes back what was asked, for a machine that has not stopped: the run that it was to stop had ended before.
    pub fn clear(&self) {
        self.0.forget(STOP);
    }

    /// Stops the machine once `time` has passed, unless what is returned is dropped before: what it runs then fails with
    /// [`FaultKind::TimedOut`].
    #[must_use = "the limit ends when this is dropped"]
    pub fn after(&self, time: Duration) -> TimeLimit {
        let (done, wait) = mpsc::channel::<()>();
        let shared = Arc::clone(&self.0);
        let watch = thread::spawn(move || {
            if wait.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                shared.request(LATE);
            }
        });
        TimeLimit { shared: Arc::clone(&self.0), watch: Some((done, watch)) }
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requested = self.0.requested.load(Ordering::SeqCst) & STOP != 0;
        f.debug_struct("Interrupt").field("requested", &requested).finish_non_exhaustive()
    }
}

/// A limit to the time that a machine runs, see [`Interrupt::after`]. It watches from a thread of its own, and holds for
/// everything that the machine runs until this is dropped or one run was stopped. A later run never pays for it.
#[must_use = "the limit ends when this is dropped"]
pub struct TimeLimit {
    shared: Arc<Shared>,
    watch: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Drop for TimeLimit {
    fn drop(&mut self) {
        if let Some((done, watch)) = self.watch.take() {
            drop(done);
            // The thread does nothing that panics.
            drop(watch.join());
        }
        self.shared.forget(LATE);
    }
}

impl fmt::Debug for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimeLimit").finish_non_exhaustive()
    }
}
