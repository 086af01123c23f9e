//! Threads that share a small code cache; the same for ten minutes is the example `stress`.

#[path = "../examples/stress/work.rs"]
mod work;

use std::time::{Duration, Instant};
use vm3::CodeCache;
use work::{Work, work};

#[test]
fn threads_compile_run_evict_and_free_and_leave_nothing() {
    let cache = CodeCache::new(100_000);
    let until = Instant::now() + Duration::from_secs(2);
    let done = work(&Work { threads: 8, programs: 6, functions: 12, ops: 150, seed: 11, until }, &cache);
    assert_eq!(cache.bytes(), 0);
    assert!(done.runs > 100 && done.replaced > 0 && cache.evictions() > 100, "{done:?} {}", cache.evictions());
    // The threads wanted more than there was.
    assert!(done.most_bytes > cache.budget() / 2, "{done:?}");
}
