//! What it costs to place, write and publish 256 bytes.

use std::collections::VecDeque;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use stencil_runtime::memory::{Arena, ArenaConfig, Region, Strategy};

const CODE: [u8; 256] = [0x90; 256];

/// Regions that live at once while others are dropped.
const LIVE: usize = 1000;

fn arena(strategy: Strategy) -> Arena {
    Arena::new(ArenaConfig { strategy, ..ArenaConfig::default() }).expect("this system has both strategies")
}

fn publish(arena: &Arena) -> Region {
    let mut draft = arena.allocate(CODE.len(), 16).expect("the arena is large enough");
    draft.bytes_mut().copy_from_slice(black_box(&CODE));
    draft.publish().expect("this system lets code run")
}

/// Bytes that were never used, system faults included; dropping is not timed.
fn fresh(strategy: Strategy, rounds: u64) -> Duration {
    let (mut total, mut left) = (Duration::ZERO, rounds);
    while left > 0 {
        let arena = arena(strategy);
        let batch = left.min(10_000);
        let mut live = Vec::with_capacity(batch as usize);
        let start = Instant::now();
        live.extend((0..batch).map(|_| publish(&arena)));
        total += start.elapsed();
        left -= batch;
    }
    total
}

fn bench(criterion: &mut Criterion) {
    for (name, strategy) in [("dual", Strategy::Dual), ("flip", Strategy::Flip)] {
        let mut group = criterion.benchmark_group(format!("publish_256_bytes/{name}"));
        group.bench_function("fresh", |b| b.iter_custom(|rounds| fresh(strategy, rounds)));
        group.bench_function("and_drop_the_oldest", |b| {
            let arena = arena(strategy);
            let mut live: VecDeque<Region> = (0..LIVE).map(|_| publish(&arena)).collect();
            b.iter(|| {
                drop(live.pop_front());
                live.push_back(publish(&arena));
            });
        });
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
