#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 4] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil(result(reg(..1)))]
    fn sum(
        #[operand(reg(..3))] a: i64, #[operand(reg(..3))] b: i64, #[operand(reg(..3))] c: i64,
        #[operand(reg(..4))] d: f64, #[operand(reg(..4))] e: f64, #[operand(reg(..4))] f: f64, #[operand(reg(..4))] g: f64,
    ) -> f64 { (a ^ b ^ c) as f64 + d + e + f + g }
}

fn main() {}
