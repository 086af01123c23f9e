#[stencil_macros::stencils(table = "demo")]
pub mod demo {
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

    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
    }

    /// `dst = lhs + rhs`, wrapping.
    #[stencil]
    fn add(#[operand(reg, slot)] lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// `dst = -src`.
    #[stencil]
    fn negate(src: f64) -> f64 {
        -src
    }

    /// Goes on at `taken` when `lhs` is less than `rhs`.
    #[stencil]
    fn less_then(#[operand(reg)] lhs: i64, #[operand(reg, literal)] rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }
}
