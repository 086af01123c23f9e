//! Maps from int to int: open addressing with linear probing over a power-of-two table; nothing is ever removed.
//!
//! Keys and values are stored boxed, so 48 bits of them survive, while a lookup hashes and compares all 64 bits of its
//! key: a key outside 48 bits is never found again, and each time it is set adds one more entry.

use super::{Heap, HeapError, buffer::Buffer, slab::Storage};
use crate::program::{Arena, Cell};
use crate::stencils::ops::{Entry, Table, hash};

/// The smallest table that is not empty.
const MIN_TABLE: usize = 8;

/// One entry of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapEntry {
    /// The key.
    pub key: Cell,
    /// The value.
    pub value: Cell,
}

/// A map's storage.
pub(super) type Map = Table<Buffer<Entry>>;

const EMPTY: Entry = Entry { hash: 0, key: 0, value: 0 };

impl Storage for Map {
    type Spares = ();

    const OUTLIVES_CUT: bool = true;

    fn bytes(&self) -> usize {
        table_bytes(self.entries.len())
    }

    fn retire(self, _spares: &mut ()) {}
}

const fn table_bytes(entries: usize) -> usize {
    entries.saturating_mul(size_of::<Entry>())
}

/// The table that a map made for `expected` entries starts with.
fn table_for(expected: u16) -> usize {
    match usize::from(expected) {
        0 => 0,
        expected => (2 * expected + 2).next_power_of_two().max(MIN_TABLE),
    }
}

impl Map {
    fn with_len(entries: usize) -> Self {
        Self { entries: vec![EMPTY; entries].into(), live: 0 }
    }

    /// Where `key` stands, or the free entry where it would; the table is not empty.
    fn find(&self, key: i64, hash: u64) -> usize {
        let mask = self.entries.len() - 1;
        let mut index = hash as u32 as usize & mask;
        loop {
            let entry = &self.entries[index];
            if entry.hash == 0 || entry.hash == hash && Cell::from_bits(entry.key).as_int() == key {
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
        Cell::from_bits(self.entries[self.find(key, hash(key))].value).as_int()
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
            *entry = Entry { hash, key: Cell::int(key).bits(), value: Cell::int(value).bits() };
            self.live += 1;
        } else {
            entry.value = Cell::int(value).bits();
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
        let (index, generation) = self.maps.allocate(Map::with_len(wanted), &mut self.budget)?;
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
    pub fn map(&self, map: Cell) -> Result<(usize, impl Iterator<Item = MapEntry>), HeapError> {
        let entries = &self.maps.get(map.slot_index())?.storage.entries;
        let taken = entries.iter().filter(|entry| entry.hash != 0);
        let unpack = |entry: &Entry| MapEntry { key: Cell::from_bits(entry.key), value: Cell::from_bits(entry.value) };
        Ok((entries.len(), taken.map(unpack)))
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
