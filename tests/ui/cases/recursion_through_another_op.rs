#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn even(n: i64) -> i64 { if n == 0 { 1 } else { odd(n - 1) } }

    #[stencil]
    fn odd(n: i64) -> i64 { if n == 0 { 0 } else { even(n - 1) } }
}

fn main() {}
