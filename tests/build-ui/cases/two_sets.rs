//! Two sets in one file, each with its own mistakes.

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

    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs + rhs
    }
}

#[stencil_macros::stencils(table = "other", operand(reg))]
pub mod other_ops {
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[bank]
        ints: [i64; 2],
    }

    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
    }

    #[stencil]
    fn mul(lhs: i64, rhs: i64) -> i64 {
        lhs * rhs
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
