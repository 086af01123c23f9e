//! What it costs to run a stitched function that returns at once.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use stencil_runtime::Convention;
use stencil_runtime::entry::{Registers, enter, enter_with};
use stencil_runtime::memory::{Arena, ArenaConfig};
use stencil_runtime::prelude::Anchor;

/// `push rbp; mov rbp, rsp; pop rbp; ret`.
const PROLOGUE_AND_RETURN: [u8; 6] = [0x55, 0x48, 0x89, 0xe5, 0x5d, 0xc3];

fn bench(criterion: &mut Criterion) {
    let arena = Arena::new(ArenaConfig::default()).expect("this system lets code run");
    let mut draft = arena.allocate(PROLOGUE_AND_RETURN.len(), 16).expect("the arena is empty");
    draft.bytes_mut().copy_from_slice(&PROLOGUE_AND_RETURN);
    let region = draft.publish().expect("this system lets code run");
    let code = region.bytes().as_ptr();
    let mut anchor = Anchor::default();
    let context = (&raw mut anchor).expose_provenance() as u64;

    for convention in [Convention::Portable, Convention::Wide] {
        let mut group = criterion.benchmark_group(format!("enter/{convention}"));
        group.bench_function("fixed_parts", |b| {
            b.iter(|| {
                let fixed = [context, 0, 0];
                // SAFETY: the code is a stitched function of both conventions that returns at once;
                // the region lives until the end of `bench`, and so does the
                // anchor, which nobody else uses.
                unsafe { enter(black_box(convention), black_box(code), fixed) }
            });
        });
        group.bench_function("all_registers", |b| {
            let mut registers = Registers { ints: [context; 12], ..Registers::default() };
            // SAFETY: as above.
            b.iter(|| unsafe { enter_with(black_box(convention), black_box(code), &mut registers) });
        });
    }
}

criterion_group!(benches, bench);
criterion_main!(benches);
