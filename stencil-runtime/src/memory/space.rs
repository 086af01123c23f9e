//! Which bytes of an arena are in use: an allocator of offsets that touches no memory.
//!
//! Below `top` every byte is in use, free or retired; at and above `top` all bytes are free. Free
//! ranges below `top` are taken best fit first and merged with their neighbours when they come
//! back, so `top` grows only when nothing below it fits. A *retired* range held code that ran: its
//! bytes come back only through [`Space::recycle`], which the arena calls once the executable view
//! of their pages has been refreshed.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The free, used and retired ranges of `0..size`.
///
/// # Invariants
/// 1. Used, free and retired ranges are pairwise disjoint and lie in `0..size`.
/// 2. Their starts and lengths are multiples of `granule`.
/// 3. No two free ranges touch each other, and none touches `top`.
/// 4. `by_start` and `by_len` hold the same ranges.
#[derive(Debug)]
pub(super) struct Space {
    size: usize,
    granule: usize,
    top: usize,
    peak: usize,
    used: usize,
    by_start: BTreeMap<usize, usize>,
    by_len: BTreeSet<(usize, usize)>,
    retired: Vec<Range<usize>>,
    retired_bytes: usize,
}

impl Space {
    /// All of `0..size` free; ranges will be multiples of `granule`, a power of two that divides
    /// `size`.
    pub(super) fn new(size: usize, granule: usize) -> Self {
        debug_assert!(granule.is_power_of_two() && size.is_multiple_of(granule));
        Self {
            size,
            granule,
            top: 0,
            peak: 0,
            used: 0,
            by_start: BTreeMap::new(),
            by_len: BTreeSet::new(),
            retired: Vec::new(),
            retired_bytes: 0,
        }
    }

    /// Takes `len` bytes, rounded up to the granule, at a multiple of `align` (a power of two).
    /// `None` when no free range fits.
    pub(super) fn take(&mut self, len: usize, align: usize) -> Option<Range<usize>> {
        let len = len.checked_next_multiple_of(self.granule)?;
        let align = align.max(self.granule);
        let range = self
            .take_best_fit(len, align)
            .or_else(|| self.take_top(len, align))
            .or_else(|| self.take_exact_fit(len, align))?;
        self.used += len;
        self.peak = self.peak.max(range.end);
        Some(range)
    }

    /// Gives back a used range that never ran: it is free at once.
    pub(super) fn release(&mut self, range: Range<usize>) {
        self.used -= range.len();
        self.insert_free(range);
    }

    /// Gives back a used range that may have run: it is free after the next [`Space::recycle`].
    pub(super) fn retire(&mut self, range: Range<usize>) {
        self.used -= range.len();
        self.retired_bytes += range.len();
        self.retired.push(range);
    }

    /// The pages under the retired ranges, ascending, as few ranges as it takes. `page` is a power
    /// of two.
    pub(super) fn retired_pages(&mut self, page: usize) -> Vec<Range<usize>> {
        self.retired.sort_unstable_by_key(|range| range.start);
        let mut pages: Vec<Range<usize>> = Vec::new();
        for range in &self.retired {
            let start = range.start & !(page - 1);
            let end = range.end.next_multiple_of(page);
            match pages.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ => pages.push(start..end),
            }
        }
        pages
    }

    /// Makes all retired ranges free.
    pub(super) fn recycle(&mut self) {
        self.retired_bytes = 0;
        let mut retired = std::mem::take(&mut self.retired);
        retired.sort_unstable_by_key(|range| range.start);
        // Those that touch each other come back as one.
        for touching in retired.chunk_by(|before, range| before.end == range.start) {
            if let [first, ..] = touching {
                self.insert_free(first.start..touching[touching.len() - 1].end);
            }
        }
        retired.clear();
        self.retired = retired;
    }

    /// Bytes in use.
    pub(super) fn used(&self) -> usize {
        self.used
    }

    /// Bytes that are retired.
    pub(super) fn retired(&self) -> usize {
        self.retired_bytes
    }

    /// The end of the highest range that was ever in use.
    pub(super) fn peak(&self) -> usize {
        self.peak
    }

    /// The shortest free range that fits wherever its start lies; among equals the lowest.
    fn take_best_fit(&mut self, len: usize, align: usize) -> Option<Range<usize>> {
        let worst_case = len.checked_add(align - self.granule)?;
        let &(free_len, start) = self.by_len.range((worst_case, 0)..).next()?;
        Some(self.carve(start, free_len, len, align))
    }

    /// The bytes at `top`.
    fn take_top(&mut self, len: usize, align: usize) -> Option<Range<usize>> {
        let start = self.top.next_multiple_of(align);
        let end = start.checked_add(len).filter(|&end| end <= self.size)?;
        let skipped = self.top..start;
        self.top = end;
        if !skipped.is_empty() {
            self.insert_free(skipped);
        }
        Some(start..end)
    }

    /// A free range that fits only because its start is already aligned. Linear, and only when all
    /// else failed.
    fn take_exact_fit(&mut self, len: usize, align: usize) -> Option<Range<usize>> {
        let fits = |&(&start, &free_len): &(&usize, &usize)| start.next_multiple_of(align) - start + len <= free_len;
        let (&start, &free_len) = self.by_start.iter().find(fits)?;
        Some(self.carve(start, free_len, len, align))
    }

    /// Takes `len` aligned bytes out of the free range at `start`, which must be long enough.
    fn carve(&mut self, start: usize, free_len: usize, len: usize, align: usize) -> Range<usize> {
        self.remove_free(start, free_len);
        let taken = start.next_multiple_of(align);
        let (end, free_end) = (taken + len, start + free_len);
        if taken > start {
            self.add_free(start, taken - start);
        }
        if free_end > end {
            self.add_free(end, free_end - end);
        }
        taken..end
    }

    /// Adds a free range, merged with what it touches.
    fn insert_free(&mut self, range: Range<usize>) {
        let Range { mut start, mut end } = range;
        if let Some((&before, &len)) = self.by_start.range(..start).next_back()
            && before + len == start
        {
            self.remove_free(before, len);
            start = before;
        }
        if let Some(&len) = self.by_start.get(&end) {
            self.remove_free(end, len);
            end += len;
        }
        if end == self.top {
            self.top = start;
        } else {
            self.add_free(start, end - start);
        }
    }

    fn add_free(&mut self, start: usize, len: usize) {
        self.by_start.insert(start, len);
        self.by_len.insert((len, start));
    }

    fn remove_free(&mut self, start: usize, len: usize) {
        self.by_start.remove(&start);
        self.by_len.remove(&(len, start));
    }
}

#[cfg(test)]
mod tests;
