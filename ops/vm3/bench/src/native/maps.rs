//! Maps from int to int, by the algorithm of vm3's: open addressing with linear probing over a power-of-two table.

use super::choices::random;

/// The smallest table that is not empty.
const MIN_TABLE: usize = 8;

/// A map.
#[derive(Debug, Default)]
pub struct IntMap {
    entries: Box<[Entry]>,
    live: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// The key's hash; 0 where there is no entry.
    hash: u64,
    key: i64,
    value: i64,
}

/// The splitmix64 finaliser with the lowest bit set, so never 0.
fn hash(key: i64) -> u64 {
    let mut bits = key.cast_unsigned();
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ bits >> 31) | 1
}

impl IntMap {
    /// A map with room for `expected` entries.
    fn with_room(expected: usize) -> Self {
        match expected {
            0 => Self::default(),
            _ => Self::with_table((2 * expected + 2).next_power_of_two().max(MIN_TABLE)),
        }
    }

    fn with_table(length: usize) -> Self {
        Self { entries: vec![Entry::default(); length].into_boxed_slice(), live: 0 }
    }

    /// Where `key` stands, or the free entry where it would; the table is not empty.
    fn find(&self, key: i64, hash: u64) -> usize {
        let mask = self.entries.len() - 1;
        let mut index = hash as u32 as usize & mask;
        loop {
            let entry = &self.entries[index];
            if entry.hash == 0 || entry.hash == hash && entry.key == key {
                return index;
            }
            index = (index + 1) & mask;
        }
    }

    fn get(&self, key: i64) -> i64 {
        if self.entries.is_empty() { 0 } else { self.entries[self.find(key, hash(key))].value }
    }

    fn set(&mut self, key: i64, value: i64) {
        if 2 * (self.live + 1) > self.entries.len() {
            self.grow();
        }
        let hash = hash(key);
        let index = self.find(key, hash);
        self.live += usize::from(self.entries[index].hash == 0);
        self.entries[index] = Entry { hash, key, value };
    }

    #[cold]
    fn grow(&mut self) {
        let mut grown = Self::with_table((2 * self.entries.len()).max(MIN_TABLE));
        for entry in self.entries.iter().filter(|entry| entry.hash != 0) {
            let index = grown.find(entry.key, entry.hash);
            grown.entries[index] = *entry;
        }
        grown.live = self.live;
        *self = grown;
    }

    fn add(&mut self, key: i64) {
        self.set(key, self.get(key).wrapping_add(1));
    }

    /// The keys and values, by key.
    pub(super) fn sorted(&self) -> Vec<(i64, i64)> {
        let entries = self.entries.iter().filter(|entry| entry.hash != 0);
        let mut sorted: Vec<_> = entries.map(|entry| (entry.key, entry.value)).collect();
        sorted.sort_unstable();
        sorted
    }
}

/// Maps 0 to 0, 1 to 1, … and adds up what is there; the map has room for some entries from the start.
pub(super) fn fill_sum<const ROOM: usize>(n: i64) -> i64 {
    let mut map = IntMap::with_room(ROOM);
    fill(&mut map, n);
    sum(&map, n)
}

#[inline(never)]
fn fill(map: &mut IntMap, n: i64) {
    let mut i = 0;
    while i < n {
        map.set(i, i);
        i += 1;
    }
}

#[inline(never)]
fn sum(map: &IntMap, n: i64) -> i64 {
    let (mut sum, mut i) = (0_i64, 0);
    while i < n {
        sum = sum.wrapping_add(map.get(i));
        i += 1;
    }
    sum
}

/// A digest of how often each letter and each pair of letters stands among n that are drawn with weights; for n of 0,
/// too, one is drawn.
pub(super) fn k_nucleotide(n: i64) -> i64 {
    let mut counts = IntMap::with_room(20);
    let mut seed = random(42);
    let mut last = letter(seed);
    counts.add(last);
    let mut i = 1;
    while i < n {
        seed = random(seed);
        let next = letter(seed);
        counts.add(next);
        counts.add(last * 4 + next + 4);
        last = next;
        i += 1;
    }
    let (mut digest, mut key) = (0_i64, 0);
    while key < 20 {
        digest = digest.wrapping_mul(1009).wrapping_add(counts.get(key)) % 2_147_483_647;
        key += 1;
    }
    digest
}

fn letter(seed: i64) -> i64 {
    if seed < 42_404 {
        0
    } else if seed < 70_117 {
        1
    } else if seed < 97_767 {
        2
    } else {
        3
    }
}

/// How often each digit stands in the decimal form of n.
pub(super) fn digits(mut n: i64) -> IntMap {
    let mut counts = IntMap::with_room(10);
    loop {
        counts.add(n % 10);
        n /= 10;
        if n == 0 {
            return counts;
        }
    }
}

/// The sum of the squares of how often each of n pseudo-random numbers below 10007 comes.
pub(super) fn histogram(n: i64) -> i64 {
    let mut counts = IntMap::default();
    let (mut seed, mut i) = (42, 0);
    while i < n {
        seed = random(seed);
        counts.add(seed % 10_007);
        i += 1;
    }
    let (mut sum, mut key) = (0_i64, 0);
    while key < 10_007 {
        let count = counts.get(key);
        sum = sum.wrapping_add(count.wrapping_mul(count));
        key += 1;
    }
    sum
}
