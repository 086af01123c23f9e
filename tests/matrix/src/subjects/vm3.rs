//! vm3's set.

mod heap;

use crate::domain::{Addresses, Domain, Start, Subject};
use stencil_runtime::host_fn;
use vm3::stencils::ops::{
    Context, FLOATS, FmaF64Fma, INTS, JoinOnHostHelper, Machine, MakeOnHostHelper, ReleaseHelper, ReleaseKeepingHelper,
    RunHostHelper, RunOnHostHelper,
};

/// The slot that the host's function writes.
const HOST_SLOT: usize = 40;

host_fn! {
    /// Counts in the frame and says in the context what it found there; fails when that was odd.
    ///
    /// # Safety
    /// `frame` points to more than [`HOST_SLOT`] words; these and the context are nobody else's.
    unsafe fn run(context: *mut Context, frame: *mut u64) -> u64 {
        // SAFETY: the caller's contract.
        let slot = unsafe { &mut *frame.wrapping_add(HOST_SLOT) };
        // SAFETY: as above.
        let context = unsafe { &*context };
        context.int.set(slot.cast_signed());
        *slot = slot.wrapping_add(1);
        *slot & 1
    }
}

host_fn! {
    /// The same, and fails for other places.
    ///
    /// # Safety
    /// As for [`run`].
    unsafe fn run_at(context: *mut Context, frame: *mut u64, place: u64) -> u64 {
        // SAFETY: the caller's contract.
        unsafe { run(context, frame) ^ place & 1 }
    }
}

host_fn! {
    /// The same, and gives something that depends on the cell.
    ///
    /// # Safety
    /// As for [`run`].
    unsafe fn keep(context: *mut Context, frame: *mut u64, cell: i64) -> i64 {
        // SAFETY: the caller's contract.
        let odd = unsafe { run(context, frame) };
        cell.wrapping_mul(3) ^ odd.cast_signed()
    }
}

host_fn! {
    /// Says in the context what it was given, and fails when that is even.
    ///
    /// # Safety
    /// The context is nobody else's.
    unsafe fn join(context: *mut Context, lhs: i64, rhs: i64) -> i64 {
        let joined = lhs.wrapping_mul(3).wrapping_add(rhs);
        // SAFETY: the caller's contract.
        unsafe { &*context }.int.set(joined);
        if joined & 1 == 0 { 0 } else { joined }
    }
}

host_fn! {
    /// The same.
    ///
    /// # Safety
    /// As for [`join`].
    unsafe fn make(context: *mut Context, room: u64) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { join(context, room.cast_signed(), 0) }
    }
}

host_fn! {
    fn fma(lhs: f64, rhs: f64, addend: f64) -> f64 {
        lhs.mul_add(rhs, addend)
    }
}

/// The ops whose values may all be anything. Nothing looks into the frames that some of them go to.
const ANYTHING: &str = "
    move_ints add_i64 sub_i64 mul_i64 neg_i64 div_i64 mod_i64 i64_to_f64
    move_floats add_f64 sub_f64 mul_f64 div_f64 neg_f64 sqrt_f64 fuse_f64 f64_to_i64
    jump_eq_i64 jump_ne_i64 jump_lt_i64 jump_le_i64 jump_gt_i64 jump_ge_i64
    jump_eq_f64 jump_ne_f64 jump_lt_f64 jump_le_f64 jump_gt_f64 jump_ge_f64
    poll charge refund call move_frame set_callee ret set_returned jump_returned
    div_by div_by_wide mod_by mod_by_wide div_by_power mod_by_power
    take_int take_float note_exit leave box_int box_float open_region check_region
";

impl Subject for Machine {
    const SCRATCH_WORDS: usize = heap::WORDS;

    fn domain(op: &str, at: Addresses) -> Option<Domain> {
        let (run_on_host, run_host, fma): (RunOnHostHelper, RunHostHelper, FmaF64Fma) = (run, run_at, fma);
        let (release, keep): (ReleaseHelper, ReleaseKeepingHelper) = (run, keep);
        let (join, make): (JoinOnHostHelper, MakeOnHostHelper) = (join, make);
        let cells = heap::cells();
        let small = [0, 1, 2, 3, 4, 1 << 32, u64::MAX];
        let keys: Vec<u64> = heap::KEYS.iter().map(|key| key.cast_unsigned()).chain(small).collect();
        let starts = [0, 8, 72, 160];
        let counts = [1, 2, 3, 7, 20];
        Some(match op {
            _ if ANYTHING.split_whitespace().any(|name| name == op) => Domain::any(),
            "fma_f64" => Domain::any().with(4, [fma as usize as u64]),
            "lookup_i64" => {
                let tables = [0, 1, 7].map(|word| at.scratch(word, 0));
                Domain::any().with(2, tables).with(3, [0, 1, 2, 5, 9])
            }
            "run_on_host" => Domain::any().with(0, [run_on_host as usize as u64]),
            "run_host" => Domain::any().with(1, [run_host as usize as u64]),
            "join_on_host" => Domain::any().with(3, [join as usize as u64]),
            "make_on_host" => Domain::any().with(2, [make as usize as u64]),
            "release" => Domain::any().with(0, [release as usize as u64]),
            "release_keeping" => Domain::any().with(2, [keep as usize as u64]),
            "len_str" | "list_len" => Domain::any().with(1, cells),
            "concat_str" => Domain::any().with(1, cells.clone()).with(2, cells),
            "list_push" => Domain::any().with(0, cells),
            "list_get_i64" | "list_get_f64" => Domain::any().with(1, cells).with(2, small),
            "list_set_i64" | "list_set_f64" => Domain::any().with(0, cells).with(2, small),
            "map_get" => Domain::any().with(1, cells).with(2, keys),
            "map_set" => Domain::any().with(0, cells).with(1, keys),
            "view_list" | "view_map" => Domain::any().with(1, cells),
            "view_push" | "view_push_constant" => Domain::any().with_pointer(0, heap::lists(at)),
            "view_get_i64" | "view_get_f64" => Domain::any().with_pointer(1, heap::lists(at)).with(2, small),
            "view_set_i64" | "view_set_constant" | "view_set_f64" => {
                Domain::any().with_pointer(0, heap::lists(at)).with(2, small)
            }
            "view_map_get" => Domain::any().with_pointer(1, heap::maps(at)).with(2, keys),
            "view_map_set" => Domain::any().with_pointer(0, heap::maps(at)).with(1, keys),
            "show_int" => Domain::any().with(1, (0..INTS as u64).collect::<Vec<_>>()),
            "show_float" => Domain::any().with(1, (0..FLOATS as u64).collect::<Vec<_>>()),
            "zero_slots" => Domain::any().with(0, starts).with(1, counts),
            "copy_slots" => Domain::any().with(0, starts).with(1, starts).with(2, counts),
            _ => return None,
        })
    }

    fn prepare(at: Addresses, start: Start<'_>) {
        heap::prepare(at, start);
    }

    fn left_out(op: &str) -> Option<&'static str> {
        (op == "fuse_f64" && !has_fused_instruction()).then_some("this processor has no instruction for it")
    }
}

#[cfg(target_arch = "x86_64")]
fn has_fused_instruction() -> bool {
    std::arch::is_x86_feature_detected!("fma")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_fused_instruction() -> bool {
    true
}
