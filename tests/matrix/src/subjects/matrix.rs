//! The test set.

use crate::domain::{Addresses, Domain, Subject};
use crate::ops;
use stencil_runtime::host_fn;

host_fn! {
    /// Something that depends on both arguments.
    fn helper(value: i64, scale: f64) -> i64 {
        // Which NaN an operation gives is nobody's business.
        let bits = if scale.is_nan() { 1 } else { scale.to_bits() };
        value.wrapping_mul(3) ^ bits as i64
    }
}

/// The ops whose values may all be anything.
const ANYTHING: &str = "
    move_ints move_cells move_floats add sub_plus_five far_addend scaled is_zero same bits cells pooled rounded
    compare words word_tests wide_tests wide_same float_holes pointer_tests frame_zero count divide jump_less
    three_ways jump looping call count_and_call call_without_result ret leave narrow count_three count_or_return
    count_or_leave count_and_go add_scaled reload count_and_loop scaled_minus four
";

impl Subject for ops::Machine {
    fn domain(op: &str, at: Addresses) -> Option<Domain> {
        Some(match op {
            "store_store_load" => {
                // The same word, overlapping ones, another.
                let pointers = [(2, 0), (2, 1), (2, 4), (3, 0), (9, 0)].map(|(word, byte)| at.scratch(word, byte));
                Domain::any().with(2, pointers).with(3, pointers)
            }
            "call_host" => {
                let host: ops::CallHostHelper = helper;
                Domain::any().with(3, [host as usize as u64])
            }
            _ if ANYTHING.split_whitespace().any(|name| name == op) => Domain::any(),
            _ => return None,
        })
    }
}
