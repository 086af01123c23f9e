//! The op set whose expansion is pinned: one op per construct of the language.

#[stencils(table = "golden")]
pub mod ops {
    //! Every construct once.

    /// What ops share.
    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
    }

    /// What stays in registers.
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        /// The frame.
        #[frame]
        frame: *mut u64,
        #[bank(wide = 3)]
        ints: [i64; 2],
        #[bank]
        floats: [f64; 1],
    }

    const STEP: i64 = 1;

    #[inline(always)]
    fn next(value: i64) -> i64 {
        value.wrapping_add(STEP)
    }

    /// `dst = lhs + rhs`, wrapping.
    #[stencil]
    fn add(lhs: i64, mut rhs: i64) -> i64 {
        rhs = next(rhs);
        lhs.wrapping_add(rhs)
    }

    /// `dst = value * 2`, only in registers.
    #[stencil(result(reg))]
    #[must_use]
    fn double(#[operand(reg)] value: f64) -> f64 {
        value + value
    }

    /// Jumps to `taken` when `lhs < rhs`.
    #[stencil]
    fn jump_lt(lhs: i64, #[operand(reg, literal)] rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }

    /// Quotient and remainder.
    #[stencil]
    fn div_rem(lhs: i64, rhs: i64, zero: Exit) -> (i64, i64) {
        if rhs == 0 {
            exit!(zero)
        }
        (lhs.wrapping_div(rhs), lhs.wrapping_rem(rhs))
    }

    #[stencil]
    fn call_it(callee: Callee) -> ! {
        call!(callee)
    }

    #[stencil]
    fn finish() -> ! {
        ret!()
    }

    #[stencil]
    fn stop(#[operand(reg)] value: i64) {
        if value < 0 {
            leave!()
        }
    }

    /// One hole of each kind.
    ///
    /// # Safety
    /// `data` points to an int, and `host` takes any.
    #[stencil]
    unsafe fn holes(
        #[hole] byte: u8,
        #[hole] int: i32,
        #[hole] flag: bool,
        #[hole] single: f32,
        #[hole] long: u64,
        #[hole] double: f64,
        #[hole] data: *const i64,
        #[hole] code: extern "sysv64" fn(i64) -> i64,
        #[hole] host: HostFn<fn(i64) -> i64>,
        #[operand(reg)] value: i64,
    ) -> f64 {
        let sum = i64::from(byte) + i64::from(int) + i64::from(flag) + long as i64 + code(value);
        // SAFETY: the caller's contract.
        let more = unsafe { *data + host(value) };
        (sum + more) as f64 + f64::from(single) + double
    }

    /// Moves the frame.
    #[stencil]
    fn enter(#[operand(reg)] words: i64, fixed: &mut Fixed) {
        fixed.frame = fixed.frame.wrapping_offset(words as isize);
    }

    /// `sum = a + b; if sum < limit { jump }` as one stencil.
    #[fuse(add(sum: reg, a: reg, b: (reg, literal)), jump_lt(sum, limit: reg, taken))]
    fn add_jump_lt();
}
