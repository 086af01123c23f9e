//! A barrier for all threads of the process: whoever looks at others pays for it, so that those need none.
//!
//! A thread stores that it goes into code and then reads where calls lead; another lets calls lead elsewhere and then reads
//! who is in code. One of them must see what the other stored, which takes a barrier on both sides between store and load.
//! Going in happens all the time and looking seldom, so where the system can have every thread pass a barrier, only who
//! looks asks for that. `tests/visits.rs` tries every interleaving.

#[cfg(target_os = "linux")]
use rustix::thread::{MembarrierCommand, membarrier};
use std::sync::LazyLock;
use std::sync::atomic::{Ordering, compiler_fence, fence};

/// Whether [`heavy`] is a barrier for all threads.
static FOR_ALL: LazyLock<bool> = LazyLock::new(register);

#[cfg(target_os = "linux")]
fn register() -> bool {
    membarrier(MembarrierCommand::RegisterPrivateExpedited).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn register() -> bool {
    false
}

/// Between the store and the load of who does this often.
#[inline(always)]
pub(super) fn light() {
    if *FOR_ALL {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// Between the store and the load of who does this seldom.
///
/// # Panics
/// When the system refuses what it has promised.
pub(super) fn heavy() {
    fence(Ordering::SeqCst);
    #[cfg(target_os = "linux")]
    if *FOR_ALL {
        membarrier(MembarrierCommand::PrivateExpedited).expect("the process is registered for barriers");
    }
}
