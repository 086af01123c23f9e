//! Describing code to debuggers, in time for those that look and without making others wait.

use crate::dwarf;
use crate::gdb::Registered;
use crate::guest::{Detail, Guest};
use crate::snapshot::Snapshot;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fs, mem, thread};
use stencil_runtime::{Attachment, Listener, PublishedCode};

/// Describes the code of every space that it listens to, to a debugger that is attached or will be: functions, lines,
/// variables and frames.
///
/// While the process is traced, each piece of code is described before it is handed out, so that breakpoints in it are
/// there when it first runs. Otherwise a thread of its own describes what was published in the last milliseconds, and code
/// that is gone by then is not described at all. [`Debugger::at_once`] does without it.
///
/// Another compiler in the process that has the same interface shares its list; both must not change it at the same time.
#[derive(Debug)]
pub struct Debugger {
    guest: Arc<dyn Guest>,
    queue: Arc<Queue>,
}

/// How long the thread waits for more once there is something to describe.
const GATHERING: Duration = Duration::from_millis(2);

/// What is to be described.
#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<Waiting>,
    /// Held by who describes what has been waiting.
    describing: Mutex<()>,
    filled: Condvar,
    /// Whether code is described at once.
    at_once: AtomicBool,
}

#[derive(Debug, Default)]
struct Waiting {
    pieces: Vec<Arc<Piece>>,
    /// Whether there will be no more.
    closed: bool,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Describes what is waiting.
    fn drain(&self, guest: &dyn Guest) {
        let describing = self.describing.lock().unwrap_or_else(PoisonError::into_inner);
        let pieces = mem::take(&mut self.lock().pieces);
        pieces.iter().for_each(|piece| piece.describe(guest));
        drop(describing);
    }
}

/// A piece of code.
#[derive(Debug)]
struct Piece(Mutex<State>);

#[derive(Debug)]
enum State {
    Waiting(Snapshot),
    Described {
        _registered: Registered,
    },
    /// The code is gone, or cannot be described.
    Gone,
}

impl Piece {
    /// Describes the code, unless it is gone. Who frees it waits meanwhile, so that what is described is there.
    fn describe(&self, guest: &dyn Guest) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let State::Waiting(snapshot) = mem::replace(&mut *state, State::Gone)
            && let Some(registered) = describe(guest, &snapshot.code())
        {
            *state = State::Described { _registered: registered };
        }
    }
}

/// Goes with the code.
struct Attached(Arc<Piece>);

impl Drop for Attached {
    fn drop(&mut self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = State::Gone;
    }
}

fn describe(guest: &dyn Guest, code: &PublishedCode<'_>) -> Option<Registered> {
    let description = guest.describe(code, Detail::All)?;
    dwarf::image(code, &description).ok().map(Registered::new)
}

impl Debugger {
    /// A listener that describes code as `guest` does.
    #[must_use]
    pub fn new(guest: Arc<dyn Guest>) -> Self {
        let queue = Arc::new(Queue::default());
        let started = !is_traced() && {
            let (queue, guest) = (Arc::clone(&queue), Arc::clone(&guest));
            let name = "stencil-debug".to_owned();
            thread::Builder::new().name(name).spawn(move || work(&queue, &*guest)).is_ok()
        };
        queue.at_once.store(!started, Ordering::Relaxed);
        Self { guest, queue }
    }

    /// The same, but each piece of code is described before it is handed out, as for a debugger that the system does not
    /// show: an emulator's.
    #[must_use]
    pub fn at_once(guest: Arc<dyn Guest>) -> Self {
        Self { guest, queue: Arc::new(Queue { at_once: AtomicBool::new(true), ..Queue::default() }) }
    }

    /// Returns when all code that has been published is described.
    pub fn flush(&self) {
        self.queue.drain(&*self.guest);
    }
}

impl Drop for Debugger {
    fn drop(&mut self) {
        self.queue.lock().closed = true;
        self.queue.filled.notify_one();
    }
}

impl Listener for Debugger {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        if self.queue.at_once.load(Ordering::Relaxed) {
            return Some(Box::new(describe(&*self.guest, code)?));
        }
        let piece = Arc::new(Piece(Mutex::new(State::Waiting(Snapshot::of(code)))));
        let mut waiting = self.queue.lock();
        waiting.pieces.push(Arc::clone(&piece));
        if waiting.pieces.len() == 1 {
            self.queue.filled.notify_one();
        }
        drop(waiting);
        Some(Box::new(Attached(piece)))
    }
}

/// Describes what comes into the queue until that is closed.
fn work(queue: &Queue, guest: &dyn Guest) {
    loop {
        let is_idle = |waiting: &mut Waiting| waiting.pieces.is_empty() && !waiting.closed;
        let waiting = queue.filled.wait_while(queue.lock(), is_idle).unwrap_or_else(PoisonError::into_inner);
        if waiting.closed && waiting.pieces.is_empty() {
            return;
        }
        drop(waiting);
        thread::sleep(GATHERING);
        queue.drain(guest);
        queue.at_once.store(is_traced(), Ordering::Relaxed);
    }
}

/// Whether a debugger is attached to this process, or that cannot be found out.
fn is_traced() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|line| line.strip_prefix("TracerPid:")).is_none_or(|tracer| tracer.trim() != "0")
}
