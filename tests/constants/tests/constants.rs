//! Code finds its constants wherever it lies: at thousands of places in its arena, on both sides of pages.

use std::collections::HashSet;
use stencil_constants::{TABLES, ops};
use stencil_runtime::prelude::Anchor;
use stencil_runtime::{Assembler, CodeSpace, Reg};

/// Enough for every op to stand at every place of a page.
const PIECES: usize = 3000;

#[test]
fn constants_are_found_from_anywhere() {
    use ops::{Distance, Emit, Machine};
    let table = TABLES.best().unwrap();
    assert!(!table.pool().is_empty(), "the compiler keeps none of these constants in memory");
    let space = CodeSpace::for_table(table).unwrap();
    let mut asm = Assembler::<Machine>::new(table);
    let mut kept = Vec::new();
    for piece in 0..PIECES {
        let far = asm.label();
        asm.prologue();
        // What comes next stands at another place each time; the result is overwritten below.
        (0..piece % 13).for_each(|_| asm.scramble(Reg(1), Reg(1)));
        asm.scale(Reg(0), Reg(0));
        asm.polynomial(Reg(1), Reg(0));
        asm.narrow(Reg(0), Reg(0));
        asm.scramble(Reg(1), Reg(0));
        asm.distance(Reg(0), Reg(0), Reg(1), far);
        asm.epilogue();
        asm.bind(far);
        asm.epilogue();
        let code = space.publish(&mut asm).unwrap();

        let x = piece as f64 / 700.0;
        let scaled = ops::scale(x);
        let polynomial = ops::polynomial(scaled);
        let narrow = ops::narrow(scaled);
        let expected = match ops::distance(narrow, polynomial) {
            Distance::Next(square) => square,
            Distance::Far => narrow,
        };
        let mut anchor = Anchor::new();
        let mut machine = Machine { anchor: &raw mut anchor, ints: [piece as i64, 0], floats: [x, 0.0] };
        // SAFETY: the code starts with a prologue, ends with an epilogue, and its ops touch nothing but registers.
        unsafe { code.enter_with(0, &mut machine) };
        assert_eq!(machine.floats.map(f64::to_bits), [expected, polynomial].map(f64::to_bits), "piece {piece}");
        assert_eq!(machine.ints[1], ops::scramble(piece as i64), "piece {piece}");
        if piece % 500 == 0 {
            code.check(table).unwrap();
        }
        kept.push(code);
    }
    let places: HashSet<u64> = kept.iter().map(|code| code.address() % 4096).collect();
    assert!(places.len() > 20, "the pieces begin at {} places of a page only", places.len());
}
