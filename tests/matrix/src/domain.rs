//! What the pointers and functions that the op set's holes take may be.

use crate::bench::Bench;
use crate::ops;

unsafe extern "sysv64" fn helper(value: i64, scale: f64) -> i64 {
    // Which NaN an operation gives is nobody's business.
    let bits = if scale.is_nan() { 1 } else { scale.to_bits() };
    value.wrapping_mul(3) ^ bits as i64
}

/// The values that `call_host` and `store_store_load` can be tried with, on memory that belongs to `bench`; `None` for
/// every value that may be anything.
pub fn domain(bench: &Bench<'_, ops::Machine>) -> impl Fn(&str, usize) -> Option<Vec<u64>> + use<> {
    let host: ops::CallHostHelper = helper;
    // The same word, overlapping ones, another.
    let pointers = [(2, 0), (2, 1), (2, 4), (3, 0), (9, 0)].map(|(word, byte)| bench.scratch_address(word, byte));
    move |name, value| match (name, value) {
        ("store_store_load", 2 | 3) => Some(pointers.to_vec()),
        ("call_host", 3) => Some(vec![host as usize as u64]),
        _ => None,
    }
}
