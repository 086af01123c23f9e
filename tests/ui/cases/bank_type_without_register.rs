#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[bank] cells: [Cell; 2], #[bank] ints: [i64; 2] }

    #[derive(Debug, Clone, Copy, PartialEq)]
    pub struct Cell(u64);

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }
}

fn main() {}
