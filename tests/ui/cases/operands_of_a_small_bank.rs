#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 2], #[bank] floats: [f64; 4] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn sum(#[operand(reg)] a: i64, #[operand(reg)] b: i64, #[operand(reg)] c: i64) -> i64 { a ^ b ^ c }
}

fn main() {}
