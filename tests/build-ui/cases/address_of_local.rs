//! A local value that a host function gets the address of.

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
    fn ask(#[hole] function: HostFn<fn(*mut i64)>) -> i64 {
        let mut answer = 0;
        unsafe { function(&mut answer) };
        answer
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
