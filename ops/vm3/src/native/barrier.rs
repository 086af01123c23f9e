//! A barrier for all threads of the process: whoever looks at others pays for it, so that those need none.
//!
//! A thread stores that it goes into code and then reads where calls lead; another lets calls lead elsewhere and then reads
//! who is in code. One of them must see what the other stored, which takes a barrier on both sides between store and load.
//! Going in happens all the time and looking seldom, so where the system can have every thread pass a barrier, only who
//! looks asks for that. `tests/visits.rs` tries every interleaving.

#[cfg(target_os = "linux")]
use rustix::thread::{MembarrierCommand, membarrier};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// Whether [`heavy`] is a barrier for all threads: found out once, by [`prepare`].
static FOR_ALL: AtomicBool = AtomicBool::new(false);
static PREPARED: Once = Once::new();

/// Has the system make [`heavy`] a barrier for all threads, if it can. To be called before there is anything to look at: who
/// calls [`light`] or [`heavy`] must not find the answer before this one and after it.
pub(super) fn prepare() {
    PREPARED.call_once(|| {
        #[cfg(target_os = "linux")]
        FOR_ALL.store(membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok(), Ordering::Relaxed);
    });
}

/// Between the store and the load of who does this often.
#[inline(always)]
pub(super) fn light() {
    compiler_fence(Ordering::SeqCst);
    if !FOR_ALL.load(Ordering::Relaxed) {
        full();
    }
    compiler_fence(Ordering::SeqCst);
}

/// A barrier where the system has none for all threads.
#[cold]
fn full() {
    fence(Ordering::SeqCst);
}

/// Between the store and the load of who does this seldom.
///
/// # Panics
/// When the system refuses what it has promised.
pub(super) fn heavy() {
    fence(Ordering::SeqCst);
    #[cfg(target_os = "linux")]
    if FOR_ALL.load(Ordering::Relaxed) {
        membarrier(MembarrierCommand::PrivateExpedited).expect("the process is registered for barriers");
    }
}
