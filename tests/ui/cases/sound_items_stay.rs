use ops::{Context, Emit, Fixed, LIMIT, Machine, add};

#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    /// A machine that cannot be made.
    #[machine]
    pub struct Machine { ctx: *mut Context, depth: u64, #[bank] ints: [i64; 4] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }

    pub const LIMIT: i64 = 10;
}

pub fn all(_: &Context, _: &Machine, _: &Fixed, _: &dyn Emit) -> i64 {
    add(1, LIMIT)
}

fn main() {}
