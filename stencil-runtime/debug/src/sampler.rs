//! Taking samples of a thread that runs stitched code: where it is, and who has called that.

use crate::signal::{Handler, Interrupted, install, restore};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use std::{fmt, io, ptr};

/// The most frames of a sample.
const DEPTH: usize = 128;

/// How many words all samples of a run may take.
const WORDS: usize = 1 << 22;

/// How far above the stack pointer of a function of the host the frame of stitched code is looked for, in words.
const REACH: u64 = 4096;

/// A sample of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Addresses in stitched code: where it is, or waits for the host, then where each caller waits.
    pub frames: Vec<u64>,
    /// Whether it was in the host, which the innermost frame had called if there is one.
    pub in_host: bool,
}

/// The samples of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Samples {
    /// In the order in which they were taken.
    pub samples: Vec<Sample>,
    /// How many there was no room for.
    pub lost: usize,
}

/// What the handler works on.
static WORD_STORE: OnceLock<Box<[AtomicU64]>> = OnceLock::new();
static USED: AtomicUsize = AtomicUsize::new(0);
static LOST: AtomicUsize = AtomicUsize::new(0);
static ACTIVE: AtomicBool = AtomicBool::new(false);
/// The code's addresses, then the stack's.
static BOUNDS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];
/// Held by the only sampler.
static ONE: Mutex<()> = Mutex::new(());

/// Samples of the thread that made it, by the processor time of the process. There is one at a time.
pub struct Sampler {
    before: libc::sigaction,
    _one: MutexGuard<'static, ()>,
}

impl fmt::Debug for Sampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sampler").finish_non_exhaustive()
    }
}

impl Sampler {
    /// Takes a sample of this thread whenever `every` of processor time has passed; `code` are the addresses of stitched
    /// code. Waits until there is no other sampler.
    ///
    /// # Errors
    /// When the system refuses the handler or the timer.
    pub fn start(code: Range<u64>, every: Duration) -> io::Result<Self> {
        let one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        WORD_STORE.get_or_init(|| (0..WORDS).map(|_| AtomicU64::new(0)).collect());
        let stack = stack()?;
        for (bound, value) in BOUNDS.iter().zip([code.start, code.end, stack.start, stack.end]) {
            bound.store(value, Ordering::Relaxed);
        }
        USED.store(0, Ordering::Relaxed);
        LOST.store(0, Ordering::Relaxed);
        let handler: Handler = on_tick;
        let before = install(libc::SIGPROF, handler, libc::SA_RESTART | libc::SA_ONSTACK)?;
        ACTIVE.store(true, Ordering::Release);
        let sampler = Self { before, _one: one };
        set_timer(every)?;
        Ok(sampler)
    }

    /// Ends and gives what was sampled.
    #[must_use]
    pub fn stop(self) -> Samples {
        self.end();
        let words = WORD_STORE.get().map_or(&[][..], |words| &words[..USED.load(Ordering::Acquire).min(WORDS)]);
        let mut words = words.iter().map(|word| word.load(Ordering::Relaxed));
        let mut samples = Vec::new();
        while let Some(head) = words.next() {
            let frames = words.by_ref().take((head >> 1) as usize).collect();
            samples.push(Sample { frames, in_host: head & 1 != 0 });
        }
        Samples { samples, lost: LOST.load(Ordering::Relaxed) }
    }

    fn end(&self) {
        // Turning a timer off does not fail.
        drop(set_timer(Duration::ZERO));
        ACTIVE.store(false, Ordering::Release);
    }
}

impl Drop for Sampler {
    fn drop(&mut self) {
        self.end();
        // It worked when the handler was installed.
        drop(restore(libc::SIGPROF, &self.before));
    }
}

fn set_timer(every: Duration) -> io::Result<()> {
    let time = libc::timeval { tv_sec: every.as_secs() as i64, tv_usec: i64::from(every.subsec_micros()) };
    let timer = libc::itimerval { it_interval: time, it_value: time };
    // SAFETY: the timer is valid; what was set before is not asked for.
    match unsafe { libc::setitimer(libc::ITIMER_PROF, &raw const timer, ptr::null_mut()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The addresses of this thread's stack that are certainly mapped: from here to its end.
fn stack() -> io::Result<Range<u64>> {
    let mut attributes = std::mem::MaybeUninit::<libc::pthread_attr_t>::uninit();
    // SAFETY: asks for this thread.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: the attributes are valid for writes.
    let found = unsafe { libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) };
    if found != 0 {
        return Err(io::Error::from_raw_os_error(found));
    }
    let (mut start, mut length) = (ptr::null_mut(), 0);
    // SAFETY: the attributes were filled in, the other two are valid for writes.
    let found = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut start, &raw mut length) };
    // SAFETY: they were filled in and are not used any more.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    match found {
        0 => Ok(start as u64..start as u64 + length as u64),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}

extern "C" fn on_tick(_signal: libc::c_int, _info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    if !ACTIVE.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: the handler was installed so that it is given a context.
    let at = unsafe { Interrupted::read(context) };
    let [start, end, low, high] = [0, 1, 2, 3].map(|index: usize| BOUNDS[index].load(Ordering::Relaxed));
    // Another thread's.
    if !(low..high).contains(&at.stack) {
        return;
    }
    let mut frames = [0; DEPTH];
    let (count, in_host) = walk(at, &(start..end), high, &mut frames);
    let Some(words) = WORD_STORE.get() else { return };
    let from = USED.fetch_add(count + 1, Ordering::Relaxed);
    let Some(place) = words.get(from..from + count + 1) else {
        USED.fetch_sub(count + 1, Ordering::Relaxed);
        LOST.fetch_add(1, Ordering::Relaxed);
        return;
    };
    place[0].store((count as u64) << 1 | u64::from(in_host), Ordering::Relaxed);
    for (word, frame) in place[1..].iter().zip(frames) {
        word.store(frame, Ordering::Relaxed);
    }
}

/// A word of the stack, if there is one at this address: above `from`, below `high`.
fn word(address: u64, from: u64, high: u64) -> Option<u64> {
    let inside = address.is_multiple_of(8) && address >= from && address.checked_add(8)? <= high;
    // SAFETY: what is between the stack pointer and the stack's end is mapped, and changes only below the handler's own
    // frame while this thread is in it.
    inside.then(|| unsafe { (address as usize as *const u64).read_volatile() })
}

/// Finds the frames of stitched code, and whether the thread is in the host.
fn walk(at: Interrupted, code: &Range<u64>, high: u64, frames: &mut [u64; DEPTH]) -> (usize, bool) {
    let in_host = !code.contains(&at.address);
    let mut frame = at.frame;
    let mut count = 0;
    if in_host {
        // The host keeps no chain of frames: the first address in code on the stack is where that waits for it. Behind
        // come what the stencil keeps, then the frame: the first word that names one above itself, with a return address.
        let words = (0..REACH).map(|index| at.stack + 8 * index);
        let waits = words.clone().find(|here| word(*here, at.stack, high).is_some_and(|word| code.contains(&word)));
        let Some(waits) = waits else { return (0, true) };
        frames[0] = word(waits, at.stack, high).unwrap_or(0) - 1;
        count = 1;
        frame = waits + 8;
        let is_frame = |here: &u64| {
            let saved = word(*here, at.stack, high).unwrap_or(0);
            saved > *here && saved < high && word(*here + 8, at.stack, high).is_some()
        };
        frame = (0..64).map(|index| frame + 8 * index).find(is_frame).unwrap_or(high);
    } else {
        frames[0] = at.address;
        count += 1;
    }
    let mut above = at.stack;
    while count < DEPTH {
        let (Some(next), Some(back)) = (word(frame, above, high), word(frame.saturating_add(8), above, high)) else {
            break;
        };
        // The trampoline, or what a prologue has not set up yet.
        if !code.contains(&back) {
            break;
        }
        frames[count] = back - 1;
        count += 1;
        (above, frame) = (frame + 16, next);
    }
    (count, in_host)
}
