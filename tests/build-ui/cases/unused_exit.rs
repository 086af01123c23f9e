//! An exit that cannot be taken.

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
    fn halve(value: i64, odd: Exit) -> i64 {
        let half = value as u64 / 2;
        if half > u64::MAX / 2 {
            exit!(odd)
        }
        half as i64
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
