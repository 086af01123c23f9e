//! An op set whose ops call the host, with much to keep meanwhile.

use stencil_runtime::TableSet;

/// The op set.
#[stencil_macros::stencils(table = "debug", operand(reg))]
pub mod ops {
    /// What ops and host share.
    #[derive(Debug)]
    #[repr(C)]
    pub struct Context {
        /// Where the host waits.
        pub anchor: Anchor,
        /// What host functions work on.
        pub state: *mut (),
    }

    /// What stays in machine registers.
    #[machine]
    pub struct Machine {
        /// What is shared.
        ctx: *mut Context,
        /// Integers.
        #[bank]
        ints: [i64; 3],
    }

    /// Calls the host.
    ///
    /// # Safety
    /// `helper` takes the context.
    #[stencil]
    unsafe fn call_host(fixed: &mut Fixed, #[hole] helper: HostFn<fn(*mut Context)>) {
        // SAFETY: the caller's contract.
        unsafe { helper(fixed.ctx) }
    }

    /// Calls the host between two halves of a computation with many values, and leaves when the host says so.
    ///
    /// # Safety
    /// `helper` takes the context, and any int.
    #[must_use]
    #[stencil]
    unsafe fn mix(fixed: &mut Fixed, lhs: i64, rhs: i64, #[hole] helper: HostFn<fn(*mut Context, i64) -> i64>) -> i64 {
        let values = [1_i64, 2, 3, 4, 5, 6, 7].map(|factor| lhs.wrapping_mul(factor) ^ rhs.rotate_left(factor as u32));
        // SAFETY: the caller's contract.
        let given = unsafe { helper(fixed.ctx, lhs) };
        if given < 0 {
            leave!()
        }
        values.iter().fold(given, |sum, value| sum.wrapping_mul(31).wrapping_add(*value))
    }

    /// Calls a function.
    #[stencil]
    fn call(callee: Callee) {
        call!(callee)
    }

    /// Returns.
    #[stencil]
    fn ret() {
        ret!()
    }
}

/// The op set's tables.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "debug");
