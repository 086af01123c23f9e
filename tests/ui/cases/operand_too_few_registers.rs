#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 4] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn add(#[operand(reg(..1), slot)] lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }
}

fn main() {}
