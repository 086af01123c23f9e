//! Functions of the host that ops call.

/// `lhs * rhs + addend`, rounded once.
pub(crate) extern "C" fn fma(lhs: f64, rhs: f64, addend: f64) -> f64 {
    lhs.mul_add(rhs, addend)
}
