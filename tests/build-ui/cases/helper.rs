//! A helper that is not inlined.

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

    #[inline(never)]
    fn mix(value: i64) -> i64 {
        value.rotate_left(7) ^ value
    }

    #[stencil]
    fn hash(value: i64) -> i64 {
        mix(value)
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
