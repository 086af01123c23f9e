//! The context of a machine's compiled code, which outlives whoever may ask that code to stop.

use crate::stencils::ops::Context;
use std::cell::UnsafeCell;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A context, and whether somebody wants its code to stop.
#[derive(Debug)]
struct Shared {
    context: UnsafeCell<Context>,
    requested: AtomicBool,
}

// SAFETY: other threads than the machine's reach two atomics only: `requested`, and the context's stack limit.
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
        Self(Arc::new(Shared { context, requested: AtomicBool::new(false) }))
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
    pub(crate) fn set_limit(&self, limit: usize) {
        let stack_limit = &self.get().stack_limit;
        // Stores that others see in order are slow, and most runs start at the same depth as the one before.
        if stack_limit.load(Ordering::Relaxed) == limit {
            return;
        }
        stack_limit.store(limit, Ordering::SeqCst);
        // Whoever asks sets the flag first: either it is seen here, or the limit is raised after this.
        if self.requested() {
            stack_limit.store(usize::MAX, Ordering::SeqCst);
        }
    }

    /// Whether somebody wants the code to stop.
    #[inline]
    pub(crate) fn requested(&self) -> bool {
        self.0.requested.load(Ordering::SeqCst)
    }

    /// Forgets that somebody did.
    pub(crate) fn acknowledge(&self) {
        self.0.requested.store(false, Ordering::SeqCst);
    }

    /// A handle with which others ask the code to stop.
    pub(crate) fn interrupt(&self) -> Interrupt {
        Interrupt(Arc::clone(&self.0))
    }
}

/// Stops a machine from another thread: the run that is going on, or else the next one, fails with
/// [`crate::FaultKind::Interrupted`] at the next call or the next turn of a loop. Clones stop the same machine.
#[derive(Clone)]
pub struct Interrupt(Arc<Shared>);

impl Interrupt {
    /// Asks the machine to stop. Asking once more before it has is no different.
    pub fn stop(&self) {
        self.0.requested.store(true, Ordering::SeqCst);
        let context = self.0.context.get();
        // SAFETY: the context lives as long as this handle; the place of a field is computed, nothing is read.
        let limit = unsafe { &raw const (*context).stack_limit };
        // SAFETY: an atomic, which every thread reaches as one.
        unsafe { (*limit).store(usize::MAX, Ordering::SeqCst) };
    }
}

impl fmt::Debug for Interrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requested = self.0.requested.load(Ordering::SeqCst);
        f.debug_struct("Interrupt").field("requested", &requested).finish_non_exhaustive()
    }
}
