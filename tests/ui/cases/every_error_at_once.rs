#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    const fn add(lhs: i32, rhs: i64) -> bool { lhs < rhs }

    #[stencil(fast)]
    fn go(cond: i64, taken: Label) { let taken = cond; exit!(taken) }

    use super::Table;

    #[fuse(go(cond, taken), sub(dst, lhs, rhs))]
    fn both();
}

pub struct Table;

fn main() {}
