//! vm3's set.

use crate::domain::{Addresses, Domain, Subject};
use stencil_runtime::host_fn;
use vm3::stencils::ops::{Context, FLOATS, FmaF64Fma, INTS, Machine, RunOnHostHelper};

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
    poll call call_in_place move_frame set_callee ret set_returned jump_returned
    give take_int take_float note_exit leave
";

impl Subject for Machine {
    fn domain(op: &str, at: Addresses) -> Option<Domain> {
        let (run, fma): (RunOnHostHelper, FmaF64Fma) = (run, fma);
        let starts = [0, 8, 72, 160];
        let counts = [1, 2, 3, 7, 20];
        Some(match op {
            _ if ANYTHING.split_whitespace().any(|name| name == op) => Domain::any(),
            "fma_f64" => Domain::any().with(4, [fma as usize as u64]),
            "lookup_i64" => {
                let tables = [0, 1, 7].map(|word| at.scratch(word, 0));
                Domain::any().with(2, tables).with(3, [0, 1, 2, 5, 9])
            }
            "run_on_host" => Domain::any().with(0, [run as usize as u64]),
            "show_int" => Domain::any().with(1, (0..INTS as u64).collect::<Vec<_>>()),
            "show_float" => Domain::any().with(1, (0..FLOATS as u64).collect::<Vec<_>>()),
            "zero_slots" => Domain::any().with(0, starts).with(1, counts),
            "copy_slots" => Domain::any().with(0, starts).with(1, starts).with(2, counts),
            _ => return None,
        })
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
