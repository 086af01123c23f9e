#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn sum(a: i64, b: i64, c: i64, d: i64, e: i64) -> i64 { a ^ b ^ c ^ d ^ e }
}

fn main() {}
