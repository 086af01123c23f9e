//! The example of the README; what follows this line stands there word for word.

use std::error::Error;
use stencil_runtime::prelude::Anchor;
use stencil_runtime::{Assembler, CodeSpace, Reg, TableSet};

/// An op set: what stays in machine registers from one op to the next, and a function per op.
#[stencil_macros::stencils(table = "sums")]
pub mod ops {
    #[machine]
    pub struct Machine {
        anchor: *mut Anchor,
        #[bank]
        ints: [i64; 4],
    }

    /// `dst = lhs + rhs`, wrapping.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// Goes on at `taken` when `lhs < rhs`.
    #[stencil]
    fn jump_less(lhs: i64, rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }
}

static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "sums");

/// The sum of the numbers from 1 to `n`, which is at least 1, by machine code made for this `n`.
pub fn sum(n: i64) -> Result<i64, Box<dyn Error>> {
    use ops::{Emit, Machine};
    let table = TABLES.best()?;
    let mut asm = Assembler::new(table);
    let (again, number, sum) = (asm.label(), Reg(0), Reg(1));
    asm.prologue();
    asm.bind(again);
    asm.add(number, number, 1);
    asm.add(sum, sum, number);
    asm.jump_less(number, n, again);
    asm.epilogue();
    let code = CodeSpace::for_table(table)?.publish(&mut asm)?;

    let mut anchor = Anchor::new();
    let mut machine = Machine { anchor: &raw mut anchor, ints: [0; 4] };
    // SAFETY: the code starts with a prologue, ends with an epilogue, and its ops touch nothing but registers.
    unsafe { code.enter_with(0, &mut machine) };
    Ok(machine.ints[1])
}
