//! The allocator against a model: one state per granule.

use super::*;
use crate::memory::test_support::Random;

const GRANULE: usize = 64;
const PAGE: usize = 4096;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Free,
    Used,
    Retired,
}

/// What every granule of the space should be.
struct Model(Vec<State>);

impl Model {
    fn new(size: usize) -> Self {
        Self(vec![State::Free; size / GRANULE])
    }

    fn change(&mut self, range: &Range<usize>, from: State, to: State) {
        for state in &mut self.0[range.start / GRANULE..range.end / GRANULE] {
            assert_eq!(*state, from, "{range:?}");
            *state = to;
        }
    }

    fn recycle(&mut self) {
        self.0.iter_mut().filter(|state| **state == State::Retired).for_each(|state| *state = State::Free);
    }

    fn bytes(&self, wanted: State) -> usize {
        self.0.iter().filter(|state| **state == wanted).count() * GRANULE
    }

    /// Whether some free range could hold `len` bytes at `align`.
    fn fits(&self, len: usize, align: usize) -> bool {
        let granules = len.div_ceil(GRANULE);
        let mut starts = (0..self.0.len()).step_by(align.max(GRANULE) / GRANULE);
        starts.any(|start| self.0.get(start..start + granules).is_some_and(|run| run.iter().all(|s| *s == State::Free)))
    }
}

/// Checks the invariants of `space` and that it agrees with `model`.
fn check(space: &Space, model: &Model) {
    assert_eq!(space.used(), model.bytes(State::Used));
    assert_eq!(space.retired(), model.bytes(State::Retired));
    let free: usize = space.by_start.values().sum();
    assert_eq!(free + space.size - space.top, model.bytes(State::Free));
    let mut previous_end = None;
    for (&start, &len) in &space.by_start {
        assert!(len > 0 && previous_end != Some(start), "free ranges touch at {start}");
        assert!(start + len < space.top, "a free range touches the top");
        assert!(space.by_len.contains(&(len, start)));
        assert!(model.0[start / GRANULE..(start + len) / GRANULE].iter().all(|s| *s == State::Free));
        previous_end = Some(start + len);
    }
    assert_eq!(space.by_start.len(), space.by_len.len());
}

#[test]
fn random_churn_agrees_with_the_model() {
    for seed in 0..24 {
        let mut random = Random::new(seed);
        let size = PAGE * (1 + random.below(32));
        let mut space = Space::new(size, GRANULE);
        let mut model = Model::new(size);
        let mut live = Vec::new();
        for _ in 0..1500 {
            match random.below(8) {
                0..4 => {
                    let longest = if random.below(8) == 0 { size } else { 1000 };
                    let len = 1 + random.below(longest);
                    let align = 1 << random.below(13);
                    match space.take(len, align) {
                        Some(range) => {
                            assert!(range.start.is_multiple_of(align) && range.len() >= len);
                            model.change(&range, State::Free, State::Used);
                            live.push(range);
                        }
                        None => assert!(!model.fits(len, align), "{len} bytes at {align} were refused"),
                    }
                }
                4..7 if !live.is_empty() => {
                    let range = live.swap_remove(random.below(live.len()));
                    if random.below(2) == 0 {
                        model.change(&range, State::Used, State::Free);
                        space.release(range);
                    } else {
                        model.change(&range, State::Used, State::Retired);
                        space.retire(range);
                    }
                }
                7 => {
                    model.recycle();
                    space.recycle();
                }
                _ => {}
            }
            check(&space, &model);
        }
        for range in live.drain(..) {
            space.release(range);
        }
        space.recycle();
        assert_eq!((space.top, space.used(), space.by_start.len()), (0, 0, 0), "all merged, nothing leaked");
    }
}

#[test]
fn churn_of_equal_sizes_does_not_grow() {
    let mut space = Space::new(1 << 20, GRANULE);
    let mut random = Random::new(1);
    let mut live: Vec<_> = (0..100).map(|_| space.take(300, 1).unwrap()).collect();
    let peak = space.peak();
    for _ in 0..10_000 {
        space.release(live.swap_remove(random.below(live.len())));
        live.push(space.take(300, 1).unwrap());
    }
    assert_eq!(space.peak(), peak);
}

#[test]
fn best_fit_is_preferred_to_the_top_and_to_longer_ranges() {
    let mut space = Space::new(1 << 20, GRANULE);
    let long = space.take(1024, 1).unwrap();
    let _fence = space.take(64, 1).unwrap();
    let short = space.take(256, 1).unwrap();
    let _fence = space.take(64, 1).unwrap();
    space.release(long);
    space.release(short.clone());
    assert_eq!(space.take(200, 1), Some(short));
}

#[test]
fn a_range_that_fits_only_by_its_alignment_is_found() {
    let mut space = Space::new(2 * PAGE, GRANULE);
    let first = space.take(PAGE, PAGE).unwrap();
    let _second = space.take(PAGE, PAGE).unwrap();
    space.release(first.clone());
    assert_eq!(space.take(PAGE, PAGE), Some(first));
}

#[test]
fn lengths_that_overflow_are_refused() {
    let mut space = Space::new(PAGE, GRANULE);
    for len in [usize::MAX, usize::MAX - 62, isize::MAX as usize, PAGE + 1] {
        assert_eq!(space.take(len, PAGE), None);
    }
    assert_eq!(space.used(), 0);
}

#[test]
fn retired_pages_are_merged_and_cover_every_range() {
    let mut space = Space::new(16 * PAGE, GRANULE);
    let ranges: Vec<_> = (0..16).map(|_| space.take(PAGE - 64, PAGE).unwrap()).collect();
    for index in [5, 1, 2, 4, 15] {
        space.retire(ranges[index].clone());
    }
    let pages = space.retired_pages(PAGE);
    assert_eq!(pages, [PAGE..3 * PAGE, 4 * PAGE..6 * PAGE, 15 * PAGE..16 * PAGE]);
}
