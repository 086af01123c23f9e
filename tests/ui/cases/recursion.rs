#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn fact(n: i64) -> i64 { if n < 2 { 1 } else { n.wrapping_mul(fact(n - 1)) } }
}

fn main() {}
