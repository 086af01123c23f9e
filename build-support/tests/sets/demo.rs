#[stencil_macros::stencils(table = "demo")]
pub mod demo {
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[frame]
        frame: *mut u64,
        #[bank(wide = 3)]
        ints: [i64; 2],
        #[bank]
        floats: [f64; 2],
    }

    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
        pub calls: u64,
    }

    /// `dst = lhs + rhs`, wrapping.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// `dst = lhs / rhs`, truncating.
    #[stencil]
    fn div(lhs: i64, rhs: i64, div_zero: Exit) -> i64 {
        if rhs == 0 {
            exit!(div_zero)
        }
        lhs.wrapping_div(rhs)
    }

    /// `dst = -src`.
    #[stencil]
    fn neg(src: f64) -> f64 {
        -src
    }

    /// `dst = src * 2.5`.
    #[stencil]
    fn scale(src: f64) -> f64 {
        src * 2.5
    }

    /// Jumps to `taken` when `lhs < rhs`.
    #[stencil]
    fn jump_lt(lhs: i64, rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs == rhs`.
    #[stencil]
    fn jump_eq_f(lhs: f64, rhs: f64, taken: Label) {
        if lhs == rhs {
            jump!(taken)
        }
    }

    /// Jumps.
    #[stencil]
    fn jump(to: Label) -> ! {
        jump!(to)
    }

    /// Counts.
    #[stencil]
    unsafe fn count(fixed: &mut Fixed, #[hole] step: u32) {
        unsafe { (*fixed.ctx).calls = (*fixed.ctx).calls.wrapping_add(u64::from(step)) }
    }

    /// `dst = table[index]`.
    #[stencil]
    unsafe fn lookup(index: i64, #[hole] table: *const i64) -> i64 {
        unsafe { *table.wrapping_offset(index as isize) }
    }

    /// Asks the host.
    #[stencil]
    unsafe fn ask(src: i64, #[hole] function: HostFn<fn(i64) -> i64>) -> i64 {
        unsafe { function(src) }
    }

    /// Calls.
    #[stencil]
    fn call(callee: Callee) -> ! {
        call!(callee)
    }

    /// Returns.
    #[stencil]
    fn ret() -> ! {
        ret!()
    }

    /// Leaves.
    #[stencil]
    fn leave() -> ! {
        leave!()
    }

    /// `dst = src` as an integer, saturating.
    #[stencil]
    fn to_int(src: f64) -> i64 {
        src as i64
    }

    /// The square root.
    #[stencil]
    fn sqrt(src: f64) -> f64 {
        src.sqrt()
    }

    /// `sum = a + b`, then jumps to `taken` when `sum < limit`.
    #[fuse(add(sum: reg, a, b), jump_lt(sum, limit, taken))]
    fn add_jump_lt();
}
