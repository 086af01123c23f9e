//! A limit to the time that a run takes.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;
use vm3::Interrupt;

/// Runs something, and stops the machine it runs on when it takes longer than `limit`. The second value says whether it
/// did.
pub(super) fn within<T>(limit: Duration, machine: Interrupt, run: impl FnOnce() -> T) -> (T, bool) {
    let (done, wait) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let watch = scope.spawn(move || {
            let late = wait.recv_timeout(limit) == Err(RecvTimeoutError::Timeout);
            if late {
                machine.stop();
            }
            late
        });
        let result = run();
        drop(done);
        (result, watch.join().unwrap_or(false))
    })
}
