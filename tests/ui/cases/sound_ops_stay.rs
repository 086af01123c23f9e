#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    /// This op is wrong, and so is the next one.
    #[stencil]
    fn div(lhs: i64, rhs: i64, zero: Exit) -> i64 { if rhs == 0 { jump!(zero) } lhs / rhs }

    #[stencil]
    fn less(lhs: i64, rhs: u8) -> bool { lhs < i64::from(rhs) }

    /// This op is sound, as are the type and the constant.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }

    pub const LIMIT: i64 = 10;
}

use ops::{Context, Emit, LIMIT, Machine, add, div, less};
use stencil_runtime::{Assembler, Label, Reg};

pub fn all(asm: &mut Assembler<'_, Machine>, zero: Label, context: &Context) -> i64 {
    asm.add(Reg(0), Reg(0), LIMIT);
    asm.div(Reg(0), Reg(0), 3, zero);
    asm.less(Reg(0), Reg(1), 7);
    let _: (ops::Div, &Context) = (div(1, 2), context);
    if false { less(1, 2) }
    add(1, LIMIT)
}

fn main() {}
