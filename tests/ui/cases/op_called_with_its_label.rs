#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn go(cond: i64, taken: Label) { if cond == 0 { jump!(taken) } }

    #[stencil]
    fn go_on(cond: i64, taken: Label) { go(cond, taken) }
}

fn main() {}
