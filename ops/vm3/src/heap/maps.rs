//! Maps from int to int: open addressing with linear probing over a power-of-two table; nothing is ever removed.
//!
//! Keys and values are stored boxed, so 48 bits of them survive, while a lookup hashes and compares all 64 bits of its
//! key: a key outside 48 bits is never found again, and each time it is set adds one more entry.

use super::{Heap, HeapError, slab::Storage};
use crate::program::{Arena, Cell};

/// The smallest table that is not empty.
const MIN_TABLE: usize = 8;

/// One entry of a map's table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct MapEntry {
    /// The key's hash; 0 where there is no entry.
    hash: u64,
    /// The key.
    pub key: Cell,
    /// The value.
    pub value: Cell,
}

const EMPTY: MapEntry = MapEntry { hash: 0, key: Cell::from_bits(0), value: Cell::from_bits(0) };

/// A map's storage.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// Empty, or a power of two of at least [`MIN_TABLE`] entries of which at least half are free.
    entries: Box<[MapEntry]>,
    live: usize,
}

impl Storage for Table {
    const OUTLIVES_CUT: bool = true;

    fn bytes(&self) -> usize {
        table_bytes(self.entries.len())
    }
}

const fn table_bytes(entries: usize) -> usize {
    entries.saturating_mul(size_of::<MapEntry>())
}

/// The hash of a key: the splitmix64 finaliser with the lowest bit set, so never 0.
fn hash(key: i64) -> u64 {
    let mut bits = key.cast_unsigned();
    bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    (bits ^ bits >> 31) | 1
}

/// The table that a map made for `expected` entries starts with.
fn table_for(expected: u16) -> usize {
    match usize::from(expected) {
        0 => 0,
        expected => (2 * expected + 2).next_power_of_two().max(MIN_TABLE),
    }
}

impl Table {
    fn with_len(entries: usize) -> Self {
        Self { entries: vec![EMPTY; entries].into_boxed_slice(), live: 0 }
    }

    /// Where `key` stands, or the free entry where it would; the table is not empty.
    fn find(&self, key: i64, hash: u64) -> usize {
        let mask = self.entries.len() - 1;
        let mut index = hash as u32 as usize & mask;
        loop {
            let entry = &self.entries[index];
            if entry.hash == 0 || entry.hash == hash && entry.key.as_int() == key {
                return index;
            }
            index = (index + 1) & mask;
        }
    }

    fn get(&self, key: i64) -> i64 {
        if self.entries.is_empty() {
            return 0;
        }
        // A free entry holds zeros.
        self.entries[self.find(key, hash(key))].value.as_int()
    }

    /// The length to grow to before one more entry may be added, if any.
    fn wants(&self) -> Option<usize> {
        let full = 2 * (self.live + 1) > self.entries.len();
        full.then(|| (2 * self.entries.len()).max(MIN_TABLE))
    }

    fn grow(&mut self, length: usize) {
        let mut grown = Self::with_len(length);
        for entry in self.entries.iter().filter(|entry| entry.hash != 0) {
            // Entries are moved, not set: two that stand for one key outside 48 bits stay two.
            let mask = length - 1;
            let mut index = entry.hash as u32 as usize & mask;
            while grown.entries[index].hash != 0 {
                index = (index + 1) & mask;
            }
            grown.entries[index] = *entry;
        }
        grown.live = self.live;
        *self = grown;
    }

    fn set(&mut self, key: i64, value: i64) {
        let hash = hash(key);
        let index = self.find(key, hash);
        let entry = &mut self.entries[index];
        if entry.hash == 0 {
            *entry = MapEntry { hash, key: Cell::int(key), value: Cell::int(value) };
            self.live += 1;
        } else {
            entry.value = Cell::int(value);
        }
    }

    fn clear(&mut self) {
        self.entries.fill(EMPTY);
        self.live = 0;
    }
}

impl Heap {
    /// Allocates a map with room for `expected` entries. Where a cut left a map with a table that is large enough, that
    /// slot comes back in its next generation, with its table emptied.
    ///
    /// # Errors
    /// [`HeapError::Full`] at the limit.
    pub fn new_map(&mut self, expected: u16) -> Result<Cell, HeapError> {
        let wanted = table_for(expected);
        if wanted > 0 && self.maps.dropped().is_some_and(|table| table.entries.len() >= wanted) {
            let (index, slot) = self.maps.revive();
            slot.storage.clear();
            return Ok(Cell::handle(Arena::Map, slot.generation, index));
        }
        self.budget.check(table_bytes(wanted))?;
        let (index, generation) = self.maps.allocate(Table::with_len(wanted), &mut self.budget)?;
        Ok(Cell::handle(Arena::Map, generation, index))
    }

    /// The value of `key` in `map`, 0 when there is no such key.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot.
    pub fn map_get(&self, map: Cell, key: i64) -> Result<i64, HeapError> {
        Ok(self.maps.get(map.slot_index())?.storage.get(key))
    }

    /// Sets `key` in `map` to `value`.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot, [`HeapError::Full`] at the limit.
    pub fn map_set(&mut self, map: Cell, key: i64, value: i64) -> Result<(), HeapError> {
        let table = &mut self.maps.get_mut(map.slot_index())?.storage;
        if let Some(length) = table.wants() {
            let before = table.bytes();
            self.budget.charge(table_bytes(length))?;
            table.grow(length);
            self.budget.refund(before);
        }
        table.set(key, value);
        Ok(())
    }

    /// The length of a map's table, and its entries in table order.
    ///
    /// # Errors
    /// [`HeapError::Index`] when there is no such slot.
    pub fn map(&self, map: Cell) -> Result<(usize, impl Iterator<Item = &MapEntry>), HeapError> {
        let entries = &self.maps.get(map.slot_index())?.storage.entries;
        Ok((entries.len(), entries.iter().filter(|entry| entry.hash != 0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_start_with_room_for_twice_the_entries() {
        for (expected, length) in [(0, 0), (1, 8), (3, 8), (4, 16), (128, 512), (65535, 131_072)] {
            assert_eq!(table_for(expected), length);
        }
    }

    #[test]
    fn setting_an_existing_key_can_still_grow_the_table() {
        let mut heap = Heap::new(1 << 20);
        let map = heap.new_map(0).unwrap();
        for key in 0..4 {
            heap.map_set(map, key, key).unwrap();
        }
        assert_eq!(heap.map(map).unwrap().0, 8);
        heap.map_set(map, 3, 9).unwrap();
        let (length, entries) = heap.map(map).unwrap();
        assert_eq!((length, entries.count()), (16, 4));
        assert_eq!(heap.map_get(map, 3), Ok(9));
    }

    #[test]
    fn a_key_outside_48_bits_is_never_found() {
        let mut heap = Heap::new(1 << 20);
        let map = heap.new_map(0).unwrap();
        let key = 1 << 47;
        for value in 0..3 {
            heap.map_set(map, key, value).unwrap();
            assert_eq!(heap.map_get(map, key), Ok(0));
        }
        assert_eq!(heap.map(map).unwrap().1.count(), 3);
        assert_eq!(heap.map_get(map, -key), Ok(0));
    }
}
