//! What compiled code has the host do on the heap: what takes memory or gives it back. Nothing here fails but for the
//! heap's limit and for what an op itself does wrong, and then nothing has changed.

use super::helper::on_machine;
use super::outside::with_heap;
use crate::frames::{Place, place_of};
use crate::heap::{Heap, HeapError, Region};
use crate::interp::run_heap_op;
use crate::machine::Machine;
use crate::program::Cell;
use crate::stencils::ops::{
    Context, JoinOnHostHelper, MakeOnHostHelper, ReleaseHelper, ReleaseKeepingHelper, RunHostHelper,
};
use stencil_runtime::host_fn;

/// The function that the op `run_host` calls.
pub(crate) const HEAP_OP: RunHostHelper = heap_op;

/// The function that the op `join_on_host` calls.
pub(crate) const JOIN: JoinOnHostHelper = join;

/// The functions that the op `make_on_host` calls.
pub(crate) const NEW_LIST: MakeOnHostHelper = new_list;
/// See [`NEW_LIST`].
pub(crate) const NEW_MAP: MakeOnHostHelper = new_map;

/// The function that the op `release` calls.
pub(crate) const RELEASE: ReleaseHelper = release;

/// The function that the op `release_keeping` calls.
pub(crate) const RELEASE_KEEPING: ReleaseKeepingHelper = release_keeping;

host_fn! {
    /// Executes the op at `place` on the frame at `frame`. Gives 0, or 1 when it failed: the interpreter, which executes
    /// the op again, finds out how.
    ///
    /// # Safety
    /// - `context` is that of the innermost entry, which made its `host` from the borrow of the machine that it holds and
    ///   does not use until the code comes back.
    /// - `frame` is a frame within the machine's words, and `place` an op on the heap of the function it belongs to.
    unsafe fn heap_op(context: *mut Context, frame: *mut u64, place: u64) -> u64 {
        let run = |machine: &mut Machine<'_>, _: &Context| {
            let (function, pc) = place_of(place);
            let base = machine.base_of(frame);
            machine.heap_op(Place { function, pc, base })
        };
        // SAFETY: the caller's contract.
        u64::from(unsafe { on_machine(context, run) }.is_err())
    }
}

host_fn! {
    /// Joins two strings. Gives 0 when that failed, as [`heap_op`] does.
    ///
    /// # Safety
    /// `context` is as for [`heap_op`].
    unsafe fn join(context: *mut Context, lhs: i64, rhs: i64) -> i64 {
        let [lhs, rhs] = [lhs, rhs].map(|cell| Cell::from_bits(cell.cast_unsigned()));
        // SAFETY: the caller's contract.
        unsafe { make(context, |heap| heap.concat(lhs, rhs)) }
    }
}

host_fn! {
    /// Makes a list. Gives 0 when that failed.
    ///
    /// # Safety
    /// As for [`join`].
    unsafe fn new_list(context: *mut Context, room: u64) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { make(context, |heap| heap.new_list(room as i16)) }
    }
}

host_fn! {
    /// Makes a map. Gives 0 when that failed.
    ///
    /// # Safety
    /// As for [`join`].
    unsafe fn new_map(context: *mut Context, room: u64) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { make(context, |heap| heap.new_map(room as u16)) }
    }
}

/// What is made on the heap of a context's machine, or 0.
///
/// # Safety
/// As for [`join`].
#[inline(always)]
unsafe fn make(context: *mut Context, make: impl FnOnce(&mut Heap) -> Result<Cell, HeapError>) -> i64 {
    // SAFETY: the entry that waits for this code keeps the context.
    let context = unsafe { &*context };
    // SAFETY: the caller's contract.
    let made = unsafe { with_heap(context, make) };
    made.map_or(0, |cell| cell.bits().cast_signed())
}

host_fn! {
    /// Ends the region of the frame at `frame`. What it gives means nothing.
    ///
    /// # Safety
    /// As for [`heap_op`]; the frame keeps a region.
    unsafe fn release(context: *mut Context, frame: *mut u64) -> u64 {
        // SAFETY: the entry that waits for this code keeps the context.
        let context = unsafe { &*context };
        // SAFETY: the caller's contract.
        let region = unsafe { Region::at(frame) };
        // SAFETY: the caller's contract.
        unsafe { with_heap(context, |heap| heap.release(region)) };
        0
    }
}

host_fn! {
    /// Ends the region of the frame at `frame` but for what `cell` names, and gives the cell that names it then.
    ///
    /// # Safety
    /// As for [`release`].
    unsafe fn release_keeping(context: *mut Context, frame: *mut u64, cell: i64) -> i64 {
        let cell = Cell::from_bits(cell.cast_unsigned());
        // SAFETY: the entry that waits for this code keeps the context.
        let context = unsafe { &*context };
        // SAFETY: the caller's contract.
        let region = unsafe { Region::at(frame) };
        // SAFETY: the caller's contract.
        let kept = unsafe { with_heap(context, |heap| heap.release_keeping(region, cell)) };
        kept.bits().cast_signed()
    }
}

impl Machine<'_> {
    /// Executes an op on the heap.
    fn heap_op(&mut self, at: Place) -> Result<(), HeapError> {
        let code = &self.codes[at.function];
        let frame = &mut self.words.all()[at.base..][..code.layout.words()];
        run_heap_op(self.heap, frame, code.insts[at.pc])
    }
}
