//! A small heap in scratch memory: three lists, three maps and three strings.

use crate::domain::{Addresses, Start};
use std::mem::offset_of;
use vm3::stencils::ops::{Arenas, Context, Entry, REGION, Slot, Slots, Table, Vector, boxed_int, hash, region_words};

/// Where it starts; what is before may be anything.
const START: usize = 16;

/// How many slots an arena has.
const SLOTS: usize = 3;

/// Lengths and capacities of the lists: empty, with room, full.
const LISTS: [[usize; 2]; SLOTS] = [[0, 0], [3, 4], [4, 4]];

/// Entries of the maps' tables: none, with room, full.
const MAPS: [usize; SLOTS] = [0, 8, 4];

/// The keys of a map that has entries.
pub(super) const KEYS: [i64; 2] = [7, -9];

/// Lengths of the strings.
const STRINGS: [usize; SLOTS] = [0, 5, 9];

/// How many words of scratch memory there are.
pub(super) const WORDS: usize = START + 112;

/// The cells that name things, some of which are not there.
pub(super) fn cells() -> Vec<u64> {
    let handles = (0..4).flat_map(|arena| (0..4).map(move |index| 0xFFFC << 48 | arena << 44 | index));
    handles.chain([0, 1, 2, 3, u64::MAX, 0xFFF9_0200_0000_4142, 0xFFF9_0500_0102_0304]).collect()
}

/// The views of the lists.
pub(super) fn lists(at: Addresses) -> [u64; SLOTS] {
    views::<Vector<u64>>(at, START)
}

/// The views of the maps, whose slots are behind the lists and their elements.
pub(super) fn maps(at: Addresses) -> [u64; SLOTS] {
    let elements: usize = LISTS.iter().map(|[_, capacity]| capacity).sum();
    views::<Table<Vector<Entry>>>(at, START + SLOTS * words_of::<Vector<u64>>() + elements)
}

/// The addresses of slots, from this word on.
fn views<S>(at: Addresses, first: usize) -> [u64; SLOTS] {
    std::array::from_fn(|index| at.scratch(first + index * words_of::<S>(), 0))
}

/// How many words a slot has.
const fn words_of<S>() -> usize {
    size_of::<Slot<S>>() / 8
}

/// Hands out words of scratch memory.
struct Words<'a> {
    at: Addresses,
    scratch: &'a mut [u64],
    next: usize,
}

impl Words<'_> {
    /// The address of so many words.
    fn take(&mut self, count: usize) -> (usize, u64) {
        let first = self.next;
        self.next += count;
        (first, self.at.scratch(first, 0))
    }

    /// An arena whose slots hold what `fill` puts in their storage, given the first word of each.
    fn arena<S>(&mut self, mut fill: impl FnMut(&mut Self, usize, usize)) -> [u64; 2] {
        let size = words_of::<S>();
        let (first, address) = self.take(SLOTS * size);
        for index in 0..SLOTS {
            fill(self, index, first + index * size + offset_of!(Slot<S>, storage) / 8);
        }
        [address, SLOTS as u64]
    }

    fn vector<T>(&mut self, at: usize, start: u64, [length, capacity]: [usize; 2]) {
        self.scratch[at + offset_of!(Vector<T>, start) / 8] = start;
        self.scratch[at + offset_of!(Vector<T>, length) / 8] = length as u64;
        self.scratch[at + offset_of!(Vector<T>, capacity) / 8] = capacity as u64;
    }
}

/// Makes the heap, and now and then says in the frame that its region begins now.
pub(super) fn prepare(at: Addresses, start: Start<'_>) {
    let mut words = Words { at, scratch: start.scratch, next: START };
    let lists = words.arena::<Vector<u64>>(|words, index, storage| {
        let (_, elements) = words.take(LISTS[index][1]);
        words.vector::<u64>(storage, elements, LISTS[index]);
    });
    let maps = words.arena::<Table<Vector<Entry>>>(|words, index, storage| {
        let (first, entries) = words.take(MAPS[index] * size_of::<Entry>() / 8);
        let vector = storage + offset_of!(Table<Vector<Entry>>, entries) / 8;
        words.vector::<Entry>(vector, entries, [MAPS[index]; 2]);
        words.scratch[first..words.next].fill(0);
        let keys = if MAPS[index] == 0 { &[][..] } else { &KEYS };
        words.scratch[storage + offset_of!(Table<Vector<Entry>>, live) / 8] = keys.len() as u64;
        for &key in keys {
            let mask = MAPS[index] - 1;
            let mut entry = hash(key) as u32 as usize & mask;
            while words.scratch[first + 3 * entry] != 0 {
                entry = (entry + 1) & mask;
            }
            words.scratch[first + 3 * entry..][..3].copy_from_slice(&[hash(key), boxed_int(key), boxed_int(key + 1)]);
        }
    });
    let strings = words.arena::<Vector<u8>>(|words, index, storage| {
        let (_, bytes) = words.take(2);
        words.vector::<u8>(storage, bytes, [STRINGS[index], 16]);
    });
    let arenas = offset_of!(Context, arenas);
    for (arena, at) in
        [(lists, offset_of!(Arenas, lists)), (maps, offset_of!(Arenas, maps)), (strings, offset_of!(Arenas, strings))]
    {
        start.context[(arenas + at + offset_of!(Slots<()>, start)) / 8] = arena[0];
        start.context[(arenas + at + offset_of!(Slots<()>, length)) / 8] = arena[1];
    }
    if start.frame[0].is_multiple_of(2) {
        let slots = SLOTS as u32;
        start.frame[REGION..REGION + 2].copy_from_slice(&region_words(slots, slots, slots));
    }
}
