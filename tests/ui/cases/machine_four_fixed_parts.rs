#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { a: *mut Context, b: *mut u8, c: *mut u8, d: *mut u8, #[bank] ints: [i64; 2] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }
}

fn main() {}
