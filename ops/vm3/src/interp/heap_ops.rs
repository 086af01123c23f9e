//! The ops on strings, lists and maps.

use super::window::Window;
use crate::code::Inst;
use crate::heap::{Heap, HeapError};
use crate::program::Cell;

/// Executes an op on the heap on a frame.
///
/// # Errors
/// What the heap says; nothing has changed then.
///
/// # Panics
/// For any other op.
pub(crate) fn run_heap_op(heap: &mut Heap, frame: &mut [u64], inst: Inst) -> Result<(), HeapError> {
    heap_op(heap, &mut Window(frame), inst)
}

/// Executes an op on the heap.
///
/// # Errors
/// What the heap says; nothing has changed then.
///
/// # Panics
/// For any other op: the loop executes those itself.
// Inlined so that the loop's own dispatch reaches these arms.
#[inline(always)]
pub(super) fn heap_op(heap: &mut Heap, frame: &mut Window<'_>, inst: Inst) -> Result<(), HeapError> {
    match inst {
        Inst::LenStr { dst, string } => {
            let length = heap.string_len(frame.cell(string))?;
            frame.set_i64(dst, length as i64);
        }
        Inst::ConcatStr { dst, lhs, rhs } => {
            let joined = heap.concat(frame.cell(lhs), frame.cell(rhs))?;
            frame.set_cell(dst, joined);
        }
        Inst::NewList { dst, capacity } => frame.set_cell(dst, heap.new_list(capacity)?),
        Inst::ListLen { dst, list } => {
            let length = heap.list_len(frame.cell(list))?;
            frame.set_i64(dst, length as i64);
        }
        Inst::ListPush { list, value } => {
            heap.list_push(frame.cell(list), Cell::int(frame.i64(value)))?;
        }
        Inst::ListGetI64 { dst, list, index } => {
            let element = heap.list_get(frame.cell(list), frame.i64(index))?;
            frame.set_i64(dst, element.as_int());
        }
        Inst::ListSetI64 { list, value, index } => {
            let value = Cell::int(frame.i64(value));
            heap.list_set(frame.cell(list), frame.i64(index), value)?;
        }
        Inst::ListGetF64 { dst, list, index } => {
            let element = heap.list_get(frame.cell(list), frame.i64(index))?;
            frame.set_bits(dst, element.bits());
        }
        Inst::ListSetF64 { list, value, index } => {
            let value = Cell::float(frame.f64(value));
            heap.list_set(frame.cell(list), frame.i64(index), value)?;
        }
        Inst::NewMap { dst, expected } => frame.set_cell(dst, heap.new_map(expected)?),
        Inst::MapSet { map, key, value } => {
            heap.map_set(frame.cell(map), frame.i64(key), frame.i64(value))?;
        }
        Inst::MapGet { dst, map, key } => {
            let value = heap.map_get(frame.cell(map), frame.i64(key))?;
            frame.set_i64(dst, value);
        }
        other => unreachable!("{other:?} is no op on the heap"),
    }
    Ok(())
}
