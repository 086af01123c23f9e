//! A table in constant data.

#[stencil_macros::stencils(table = "case", operand(reg))]
pub mod ops {
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[bank]
        ints: [i64; 2],
        #[bank]
        floats: [f64; 2],
    }

    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
    }

    const PRIMES: [i64; 8] = [2, 3, 5, 7, 11, 13, 17, 19];

    #[stencil]
    fn prime(index: i64) -> i64 {
        PRIMES[(index & 7) as usize]
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
