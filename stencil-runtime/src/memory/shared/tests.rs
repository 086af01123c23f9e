//! Reuse: no byte that ran is handed out again before its page was refreshed.

use std::collections::HashSet;
use std::ptr::NonNull;
use std::sync::Arc;

use super::*;
use crate::memory::sys::{Flip, page_size};
use crate::memory::test_support::Random;

const GRANULE: usize = 64;

/// Passes everything on, with a smaller granule, and remembers what was refreshed.
#[derive(Debug)]
struct Recorder {
    flip: Flip,
    refreshed: Arc<Mutex<Vec<Range<usize>>>>,
}

// SAFETY: what a `Flip` promises, as everything is passed on to one.
unsafe impl Backing for Recorder {
    fn reserve(len: usize, landing_pads: bool) -> Result<Self, MemoryError> {
        Ok(Self { flip: Flip::reserve(len, landing_pads)?, refreshed: Arc::default() })
    }

    fn executable(&self) -> NonNull<u8> {
        self.flip.executable()
    }

    fn writable(&self) -> NonNull<u8> {
        self.flip.writable()
    }

    fn granule(&self) -> usize {
        GRANULE
    }

    fn keeps_writable(&self) -> bool {
        self.flip.keeps_writable()
    }

    unsafe fn open(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        // SAFETY: the contract is the same.
        unsafe { self.flip.open(range) }
    }

    unsafe fn publish(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        // SAFETY: the contract is the same.
        unsafe { self.flip.publish(range) }
    }

    fn refresh(&self, pages: &Range<usize>) -> Result<(), MemoryError> {
        self.refreshed.lock().unwrap().push(pages.clone());
        Ok(())
    }
}

#[test]
fn what_ran_is_refreshed_before_it_is_used_again() {
    let (page, size) = (page_size(), 256 << 10);
    let recorder = Recorder::reserve(size, false).unwrap();
    let refreshed = Arc::clone(&recorder.refreshed);
    let shared = Shared::new(Box::new(recorder), Strategy::Dual, size, page);
    let mut random = Random::new(3);
    let mut live = Vec::new();
    let mut stale: HashSet<usize> = HashSet::new();
    let mut refreshes = 0;
    for _ in 0..20_000 {
        if random.below(2) == 0 || live.is_empty() {
            if let Ok(range) = shared.take(1 + random.below(3000), 16) {
                for pages in refreshed.lock().unwrap().drain(..) {
                    assert!(pages.start.is_multiple_of(page) && pages.end.is_multiple_of(page));
                    assert!(pages.end <= size);
                    stale.retain(|granule| !pages.contains(granule));
                    refreshes += 1;
                }
                assert!(!range.clone().step_by(GRANULE).any(|granule| stale.contains(&granule)));
                live.push(range);
            }
        } else {
            let range = live.swap_remove(random.below(live.len()));
            let ran = random.below(4) > 0;
            if ran {
                stale.extend(range.clone().step_by(GRANULE));
            }
            shared.give_back(range, ran);
        }
    }
    assert!(refreshes > 0 && refreshes < 5000, "{refreshes} refreshes are not a batch each");
}
