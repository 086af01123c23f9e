#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 4] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil(result(reg(..1)))]
    fn split(value: i64) -> (i64, i64) { (value >> 32, value & 0xFFFF_FFFF) }
}

fn main() {}
