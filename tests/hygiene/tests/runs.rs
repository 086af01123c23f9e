//! What the hostile set was stitched to does what its bodies say.

use other_runtime::entry::supports;
use other_runtime::memory::{Arena, ArenaConfig};
use other_runtime::{Assembler, CodeSpace, Convention, Reg, Slot};
use stencil_hygiene::TABLES;
use stencil_hygiene::ops::{self, Argument, Emit, Fixed, Machine, Values};

fn run(emit: impl Fn(&mut Assembler<'_, Machine>)) -> [u64; 4] {
    let mut outcomes = Vec::new();
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::new(Arena::new(ArenaConfig::default()).unwrap(), table).unwrap();
        let mut asm = Assembler::<Machine>::new(table);
        asm.prologue();
        emit(&mut asm);
        asm.vouched();
        let code = space.publish(&mut asm).unwrap();
        let mut frame = [0_u64; 4];
        let mut context = Values::default();
        let fixed = Fixed { fixed: &raw mut context, out: frame.as_mut_ptr() };
        // SAFETY: the ops that were emitted touch the frame and the context only, both of which outlive the call.
        unsafe { code.enter(0, &fixed) };
        outcomes.push(frame);
    }
    assert_eq!(outcomes.len(), Convention::ALL.iter().filter(|convention| supports(**convention)).count());
    assert!(outcomes.windows(2).all(|pair| pair[0] == pair[1]), "{outcomes:?}");
    outcomes[0]
}

#[test]
fn ops_called_like_variables_run() {
    let frame = run(|asm| {
        asm.values(Reg(0), 20);
        asm.results(Slot(0), Reg(0), 1);
        asm.out(Slot(1), Slot(2), 5, Reg(0));
        asm.words(Slot(3), 6, 3);
    });
    assert_eq!(frame, [40, 41, 5, 5]);
    assert_eq!(ops::values(20), 41);
    assert_eq!(ops::out(5, 41), (41, 5));
}

#[test]
fn two_results_do_not_hide_registers() {
    let frame = run(|asm| {
        asm.move_value(Reg(0), 7);
        asm.move_value(Reg(1), 8);
        asm.out(Reg(0), Reg(1), Reg(0), Reg(1));
        asm.move_value(Slot(0), Reg(0));
        asm.move_value(Slot(1), Reg(1));
        asm.both(Reg(0), Reg(0), Reg(1));
        asm.move_value(Slot(2), Reg(0));
        asm.flow(Slot(3), Reg(0), 0.5, 0.25);
    });
    assert_eq!(frame, [8, 7, 10, 10.75_f64.to_bits()]);
}

#[test]
fn labels_may_be_called_like_keywords() {
    let frame = run(|asm| {
        let (same, twice, end) = (asm.label(), asm.label(), asm.label());
        asm.argument(4, 8, same, twice);
        asm.move_value(Slot(0), 1);
        asm.bind(same);
        asm.move_value(Slot(1), 1);
        asm.bind(twice);
        asm.argument(3, 3, end, twice);
        asm.move_value(Slot(2), 1);
        asm.bind(end);
    });
    assert_eq!(frame, [0; 4]);
    assert_eq!(ops::argument(3, 3), Argument::Match);
    assert_eq!(ops::argument(4, 8), Argument::Leave);
    assert_eq!(ops::argument(4, 9), Argument::Next);
}
