#[stencil_macros::stencils(table = "ui")]
pub mod ops {
    #[machine]
    pub struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank] ints: [i64; 4], #[bank] floats: [f64; 8] }

    #[repr(C)]
    pub struct Context { anchor: Anchor }

    #[stencil]
    fn all(
        #[hole] h0: u8,
        #[hole] h1: u8,
        #[hole] h2: u8,
        #[hole] h3: u8,
        #[hole] h4: u8,
        #[hole] h5: u8,
        #[hole] h6: u8,
        #[hole] h7: u8,
        #[hole] h8: u8,
        #[hole] h9: u8,
        #[hole] h10: u8,
        #[hole] h11: u8,
        #[hole] h12: u8,
        #[hole] h13: u8,
        #[hole] h14: u8,
        #[hole] h15: u8,
        #[hole] h16: u8,
        #[hole] h17: u8,
        #[hole] h18: u8,
        #[hole] h19: u8,
        #[hole] h20: u8,
        #[hole] h21: u8,
        #[hole] h22: u8,
        #[hole] h23: u8,
        #[hole] h24: u8,
    ) {
    }
}

fn main() {}
