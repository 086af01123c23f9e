#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[derive(Debug, ::core::clone::Clone, zerocopy::KnownLayout)]
    pub struct Entry(u64);

    #[stencil]
    fn inc(value: i64) -> i64 { value.wrapping_add(1) }
}

fn main() {}
