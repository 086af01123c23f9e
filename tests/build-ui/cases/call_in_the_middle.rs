//! A call that something follows.

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
    fn call_one(first: Callee, second: Callee, which: i64) -> ! {
        if which == 0 { call!(first) } else { call!(second) }
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
