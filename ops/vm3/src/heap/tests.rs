//! Slots, regions and collections, as handles show them.

use super::{Heap, HeapError, SlotCounts};
use crate::program::{Arena, Cell};

fn heap() -> Heap {
    Heap::new(1 << 20)
}

fn counts(heap: &Heap, arena: Arena) -> (usize, usize) {
    let SlotCounts { slots, live } = heap.counts(arena);
    (slots, live)
}

#[test]
fn strings_of_five_bytes_are_inline_also_when_an_operand_was_not() {
    let mut heap = heap();
    let empty = heap.new_string(b"").unwrap();
    let abc = Cell::inline_string(b"abc").unwrap();
    assert_eq!(heap.concat(empty, abc), Ok(abc));
    let joined = heap.concat(abc, abc).unwrap();
    assert_eq!(heap.arena_string(joined), Ok(&b"abcabc"[..]));
    assert_eq!(heap.string_len(joined), Ok(6));
    assert_eq!(counts(&heap, Arena::String), (2, 2));
}

#[test]
fn what_is_no_string_decodes_as_a_handle() {
    let mut heap = heap();
    let length = |heap: &Heap, cell| heap.string_len(cell);
    assert_eq!(length(&heap, Cell::NULL), Err(HeapError::Index { index: 0, length: 0 }));
    assert_eq!(length(&heap, Cell::int(5)), Err(HeapError::Index { index: 5, length: 0 }));
    assert_eq!(length(&heap, Cell::int(-1)), Ok(0));
    let list = heap.new_list(0).unwrap();
    assert_eq!(length(&heap, list), Ok(0));
    heap.new_string(b"hello!").unwrap();
    assert_eq!(length(&heap, Cell::NULL), Ok(6));
    assert_eq!(heap.list_len(Cell::NULL), Ok(0));
}

#[test]
fn lists_check_index_and_capacity() {
    let mut heap = heap();
    assert_eq!(heap.new_list(-1), Err(HeapError::NegativeCapacity));
    assert_eq!(counts(&heap, Arena::List), (0, 0));
    let list = heap.new_list(4).unwrap();
    for value in 0..10 {
        heap.list_push(list, Cell::int(value)).unwrap();
    }
    assert_eq!(heap.list_get(list, 9), Ok(Cell::int(9)));
    heap.list_set(list, 9, Cell::NULL).unwrap();
    assert_eq!(heap.list_get(list, 9), Ok(Cell::NULL));
    for index in [10, -1, i64::MIN] {
        let error = HeapError::Index { index, length: 10 };
        assert_eq!(heap.list_get(list, index), Err(error));
        assert_eq!(heap.list_set(list, index, Cell::NULL), Err(error));
    }
    // Cell 0, an unwritten register, is list 0.
    assert_eq!(heap.list_get(Cell::from_bits(0), 3), Ok(Cell::int(3)));
}

#[test]
fn a_region_drops_what_was_allocated_in_it() {
    let mut heap = heap();
    let outer = heap.new_list(0).unwrap();
    let before = heap.bytes();
    let region = heap.region();
    heap.new_list(9).unwrap();
    heap.new_string(b"temporary").unwrap();
    heap.release(region);
    assert_eq!(heap.bytes(), before);
    assert_eq!(counts(&heap, Arena::List), (1, 1));
    assert_eq!(counts(&heap, Arena::String), (0, 0));
    // The next list starts again at generation 0.
    assert_eq!(heap.new_list(0), Ok(Cell::handle(Arena::List, 0, 1)));
    assert_eq!(heap.list_len(outer), Ok(0));
}

#[test]
fn a_result_moves_to_the_start_of_its_region() {
    let mut heap = heap();
    let outer = heap.new_string(b"outside").unwrap();
    let region = heap.region();
    heap.new_string(b"dropped").unwrap();
    let result = heap.new_string(b"returned").unwrap();
    heap.new_list(0).unwrap();
    assert_eq!(heap.release_keeping(region, outer), outer);
    assert_eq!(counts(&heap, Arena::String), (1, 1));

    heap.new_string(b"dropped").unwrap();
    assert_eq!(heap.new_string(b"returned"), Ok(result));
    let moved = heap.release_keeping(region, result);
    assert_eq!(moved, Cell::handle(Arena::String, 0, 1));
    assert_eq!(heap.arena_string(moved), Ok(&b"returned"[..]));
    assert_eq!(counts(&heap, Arena::String), (2, 2));
    assert_eq!(counts(&heap, Arena::List), (0, 0));
}

#[test]
fn a_result_that_holds_handles_into_its_region_keeps_the_region() {
    let mut heap = heap();
    let region = heap.region();
    let inner = heap.new_list(0).unwrap();
    let result = heap.new_list(0).unwrap();
    heap.list_push(result, inner).unwrap();
    assert_eq!(heap.release_keeping(region, result), result);
    assert_eq!(counts(&heap, Arena::List), (2, 2));
}

#[test]
fn a_result_that_names_no_slot_is_given_back() {
    let mut heap = heap();
    let region = heap.region();
    let wild = Cell::handle(Arena::Map, 3, 77);
    assert_eq!(heap.release_keeping(region, wild), wild);
    assert_eq!(heap.release_keeping(region, Cell::int(0)), Cell::int(0));
}

#[test]
fn map_tables_outlive_their_region() {
    let mut heap = heap();
    let region = heap.region();
    let map = heap.new_map(20).unwrap();
    heap.map_set(map, 1, 2).unwrap();
    heap.release(region);
    let kept = heap.bytes();
    let again = heap.new_map(3).unwrap();
    assert_eq!(again, Cell::handle(Arena::Map, 1, 0));
    assert_eq!(heap.map(again).unwrap().0, 64);
    assert_eq!(heap.map_get(again, 1), Ok(0));
    assert_eq!(heap.bytes(), kept);
    heap.release(region);
    // Too small for this one: a new table, from generation 0.
    assert_eq!(heap.new_map(100), Ok(Cell::handle(Arena::Map, 0, 0)));
    heap.release(region);
    assert_eq!(heap.new_map(0), Ok(Cell::handle(Arena::Map, 0, 0)));
}

#[test]
fn a_collection_frees_what_roots_do_not_reach() {
    let mut heap = heap();
    let string = heap.new_string(b"reached through a list").unwrap();
    let list = heap.new_list(0).unwrap();
    heap.list_push(list, string).unwrap();
    heap.list_push(list, list).unwrap();
    heap.new_list(0).unwrap();
    heap.new_list(7).unwrap();
    heap.new_map(1).unwrap();
    heap.collect([list, Cell::handle(Arena::Map, 0, 99)]);
    assert_eq!(counts(&heap, Arena::String), (1, 1));
    assert_eq!(counts(&heap, Arena::List), (3, 1));
    assert_eq!(counts(&heap, Arena::Map), (1, 0));
    // The slot freed last comes back first, two generations on: the sweep's and the reuse's.
    assert_eq!(heap.new_list(0), Ok(Cell::handle(Arena::List, 2, 2)));
    assert_eq!(heap.new_list(0), Ok(Cell::handle(Arena::List, 2, 1)));
    assert_eq!(heap.new_list(0), Ok(Cell::handle(Arena::List, 0, 3)));
    assert_eq!(heap.new_map(0), Ok(Cell::handle(Arena::Map, 2, 0)));
    heap.collect([]);
    assert_eq!(counts(&heap, Arena::String), (1, 0));
}

#[test]
fn the_limit_is_an_error_and_changes_nothing() {
    let mut heap = Heap::new(1000);
    let list = heap.new_list(0).unwrap();
    let full = HeapError::Full { limit: 1000 };
    let pushed = (0..).find(|n| heap.list_push(list, Cell::int(*n)) == Err(full)).unwrap();
    assert_eq!(heap.list_len(list), Ok(pushed as usize));
    let used = heap.bytes();
    assert!(used <= 1000);
    assert_eq!(heap.new_map(65535), Err(full));
    assert_eq!(heap.new_string(&[0; 1000]), Err(full));
    assert_eq!(heap.new_list(i16::MAX), Err(full));
    assert_eq!(heap.bytes(), used);
    let map = heap.new_map(1).unwrap();
    let set = (0..).find(|n| heap.map_set(map, *n, *n) == Err(full)).unwrap();
    assert_eq!(heap.map(map).unwrap().1.count(), set as usize);
}
