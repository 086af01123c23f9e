#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }

    #[stencil]
    fn go(cond: i64, taken: Label) { if cond == 0 { jump!(taken) } }

    #[fuse(add(sum, a, b), go(sum, taken))]
    unsafe fn add_go();
}

fn main() {}
