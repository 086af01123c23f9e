//! Functions of the host that ops call.

use crate::stencils::ops::FmaF64Fma;
use stencil_runtime::host_fn;

/// Whether the processor has an instruction for [`fma`], which the op `fuse_f64` uses.
pub(crate) fn has_fma() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        std::arch::is_x86_feature_detected!("fma")
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        true
    }
}

/// The function that gives `lhs * rhs + addend`, rounded once.
pub(crate) fn fma() -> FmaF64Fma {
    if has_fma() { by_instruction } else { by_library }
}

host_fn! {
    /// # Safety
    /// None is needed.
    unsafe fn by_library(lhs: f64, rhs: f64, addend: f64) -> f64 {
        lhs.mul_add(rhs, addend)
    }
}

host_fn! {
    /// # Safety
    /// [`has_fma`] is true.
    unsafe fn by_instruction(lhs: f64, rhs: f64, addend: f64) -> f64 {
        // SAFETY: the processor has the instruction.
        unsafe { crate::stencils::ops::fuse_f64(lhs, rhs, addend) }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn both_ways_round_once() {
        let (lhs, rhs) = (1.0 + f64::EPSILON, 1.0 - f64::EPSILON);
        let mut functions = vec![super::by_library as super::FmaF64Fma];
        if super::has_fma() {
            functions.push(super::by_instruction);
        }
        for fma in functions {
            // SAFETY: the instruction is there for the function that needs it.
            let product = unsafe { fma(lhs, rhs, -1.0) };
            assert_eq!(product, -f64::EPSILON * f64::EPSILON);
        }
    }
}
