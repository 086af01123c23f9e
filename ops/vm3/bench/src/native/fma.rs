//! Fused multiply-add: by the instruction where the processor has it, though programs are compiled for those that lack it.

#[cfg(target_arch = "x86_64")]
use std::arch::asm;

/// A way to multiply and add with one rounding. What uses it is compiled once per way, so that the choice is outside of
/// loops.
pub(super) trait Fma {
    /// `lhs * rhs + addend`.
    fn fma(lhs: f64, rhs: f64, addend: f64) -> f64;
}

/// The instruction; only when [`has_instruction`] says so.
#[derive(Debug)]
pub(super) enum Instruction {}

/// The standard library's function.
#[derive(Debug)]
pub(super) enum Library {}

impl Fma for Instruction {
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn fma(mut lhs: f64, rhs: f64, addend: f64) -> f64 {
        // SAFETY: callers have asked `has_instruction`; the instruction changes one register and nothing else.
        unsafe {
            asm!(
                "vfmadd213sd {0}, {1}, {2}",
                inout(xmm_reg) lhs, in(xmm_reg) rhs, in(xmm_reg) addend,
                options(pure, nomem, nostack, preserves_flags),
            );
        }
        lhs
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[inline(always)]
    fn fma(lhs: f64, rhs: f64, addend: f64) -> f64 {
        lhs.mul_add(rhs, addend)
    }
}

impl Fma for Library {
    fn fma(lhs: f64, rhs: f64, addend: f64) -> f64 {
        lhs.mul_add(rhs, addend)
    }
}

/// Whether the processor has the instruction.
#[cfg(target_arch = "x86_64")]
pub(super) fn has_instruction() -> bool {
    std::arch::is_x86_feature_detected!("fma")
}

/// Whether the processor has the instruction: every one of the other architectures does.
#[cfg(not(target_arch = "x86_64"))]
pub(super) fn has_instruction() -> bool {
    true
}
