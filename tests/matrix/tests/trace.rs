//! A straight trace with side exits: ops, labels and exits are all that the assembler needs to know. There are no
//! functions in it.

use stencil_matrix::TABLES;
use stencil_matrix::host::Host;
use stencil_matrix::ops::{Emit, Machine};
use stencil_runtime::{Assembler, CodeSpace, Label, Reg, Slot};

/// The slot that says which exit was taken.
const EXIT: Slot = Slot(0);

/// Sums `1000 / divisor` while the divisor counts down, and leaves when it is 0 or the sum is beyond a limit.
fn trace(asm: &mut Assembler<'_, Machine>) {
    let (head, sum, divisor, limit) = (asm.label(), Slot(1), Slot(2), Slot(3));
    let exits: Vec<Label> = (0..3).map(|_| asm.label()).collect();
    asm.prologue();
    asm.bind(head);
    asm.divide(Reg(0), 1000, divisor, exits[0], exits[1]);
    asm.add(sum, sum, Reg(0));
    asm.jump_less(limit, sum, exits[2]);
    asm.add(divisor, divisor, -1);
    asm.jump(head);
    asm.begin_cold();
    for (number, exit) in exits.iter().enumerate() {
        asm.bind(*exit);
        asm.move_ints(EXIT, 1 + number as i64);
        asm.leave();
    }
    asm.end_cold();
}

#[test]
fn a_trace_leaves_through_the_exit_whose_guard_fails() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let mut asm = Assembler::new(table);
        trace(&mut asm);
        let code = space.publish(&mut asm).unwrap();
        code.check(table).unwrap();
        let run = |divisor: i64, limit: i64| {
            let mut host = Host::new(4);
            let state = [0, 0, divisor as u64, limit as u64];
            // SAFETY: the trace starts with the prologue and uses slots 0 to 3.
            let frame = unsafe { host.run_with(&code, 0, &state) };
            [frame[0] as i64, frame[1] as i64, frame[2] as i64]
        };
        let whole: i64 = (1..=10).map(|divisor| 1000 / divisor).sum();
        assert_eq!(run(10, i64::MAX), [1, whole, 0]);
        assert_eq!(run(0, i64::MAX), [1, 0, 0]);
        // 1000 / 10 + 1000 / 9 is beyond the limit.
        assert_eq!(run(10, 200), [3, 211, 9]);
        // -1000, -1500, -1833 …: the limit is below all of them at once.
        assert_eq!(run(-1, -2000), [3, -1000, -1]);
    }
}
