//! A function to run before main, by way of the assembler.

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
    fn sneak() {
        unsafe { core::arch::asm!(".pushsection .init_array, \"aw\", @init_array", ".quad 0", ".popsection") }
    }
}

pub static TABLES: stencil_runtime::TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "case");
