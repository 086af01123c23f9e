//! Few ops with few variants, and among them everything that a table can say: holes of every kind, the pool, labels,
//! exits, callees, fusions, places that are reached by moves.

/// The op set.
#[stencil_macros::stencils(table = "hostile")]
pub mod ops {
    /// Two registers.
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[frame]
        frame: *mut u64,
        #[bank]
        ints: [i64; 2],
        #[bank]
        floats: [f64; 1],
    }

    /// What the first fixed part points to.
    #[derive(Debug, Default)]
    #[repr(C)]
    pub struct Context {
        anchor: Anchor,
    }

    /// `dst = lhs + rhs`, wrapping.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// `dst = value * 2.5`, with a constant in the pool.
    #[stencil]
    fn scale(value: f64) -> f64 {
        value * 2.5
    }

    /// Adds holes of three widths; places beside registers are reached by moves.
    #[stencil(result(reg))]
    fn words(#[operand(reg)] base: i64, #[hole] a: u8, #[hole] b: i32, #[hole] c: u64) -> i64 {
        base.wrapping_add(i64::from(a)).wrapping_mul(i64::from(b)) ^ c as i64
    }

    /// `dst = lhs / rhs`; leaves through `zero`.
    #[stencil(result(reg))]
    fn divide(#[operand(reg)] lhs: i64, #[operand(reg, slot)] rhs: i64, zero: Exit) -> i64 {
        if rhs == 0 {
            exit!(zero)
        }
        lhs.wrapping_div(rhs)
    }

    /// Jumps when `lhs < rhs`.
    #[stencil]
    fn jump_less(#[operand(reg)] lhs: i64, #[operand(reg, literal)] rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }

    /// Calls other stitched code.
    ///
    /// # Safety
    /// The frame has a slot 0.
    #[stencil]
    unsafe fn call(#[operand(reg)] value: i64, callee: Callee, fixed: &mut Fixed) {
        // SAFETY: the caller's contract.
        unsafe { fixed.frame.write(value as u64) };
        call!(callee)
    }

    /// Returns.
    #[stencil]
    fn ret() -> ! {
        ret!()
    }

    /// `add`, then `jump_less`.
    #[fuse(add(i: reg, i, step: (reg, literal)), jump_less(i, limit: reg, head))]
    fn count_and_loop();

    /// `add` twice.
    #[fuse(add(sum: reg, a: reg, b: reg), add(out: reg, sum, c: reg))]
    fn add_three();
}
