//! Calls and jumps through data slots: what a slot leads to changes while the code that uses it stays.

use stencil_matrix::TABLES;
use stencil_matrix::host::Host;
use stencil_matrix::ops::{Emit, Machine};
use stencil_runtime::{Assembler, Code, CodeSpace, EntrySlots, Slot};

/// A function that puts a value into slot 0.
fn put(space: &CodeSpace<Machine>, asm: &mut Assembler<'_, Machine>, value: i64) -> Code<Machine> {
    asm.prologue();
    asm.move_ints(Slot(0), value);
    asm.ret();
    space.publish(asm).unwrap()
}

/// What a function leaves in slots 0 and 1.
fn run(code: &Code<Machine>) -> [u64; 2] {
    let mut host = Host::new(4);
    // SAFETY: the code of these tests uses slots 0 and 1, and starts with the prologue.
    let frame = unsafe { host.run(code, 0) };
    [frame[0], frame[1]]
}

#[test]
fn code_goes_where_its_slot_leads_at_the_time() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let mut asm = Assembler::new(table);
        let [first, second] = [11, 22].map(|value| put(&space, &mut asm, value));
        let slots = EntrySlots::new(3, &first.start());

        asm.prologue();
        asm.call(slots.slot(1).unwrap());
        asm.move_ints(Slot(1), 5);
        asm.ret();
        let caller = space.publish(&mut asm).unwrap();
        caller.check(table).unwrap();

        asm.prologue();
        asm.move_ints(Slot(1), 6);
        // The jump's target starts with a prologue of its own, so it is called: this function's frame is under it.
        let after = asm.label();
        let jumping = asm.label();
        asm.call(jumping);
        asm.jump(after);
        asm.bind(jumping);
        asm.jump_through(&slots.slot(2).unwrap());
        asm.bind(after);
        asm.ret();
        let jumper = space.publish(&mut asm).unwrap();
        jumper.check(table).unwrap();

        assert_eq!((run(&caller), run(&jumper)), ([11, 5], [11, 6]));
        let before = slots.set(1, second.start());
        assert_eq!(before.address(), first.address());
        assert_eq!((run(&caller), run(&jumper)), ([22, 5], [11, 6]));
        drop((slots.set(2, second.start()), before));
        assert_eq!(run(&jumper), [22, 6]);
        assert_eq!([0, 1, 2].map(|index| slots.address(index)), [first.address(), second.address(), second.address()]);
    }
}

#[test]
fn slots_keep_what_they_lead_to_and_code_keeps_its_slots() {
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let used = || space.arena().stats().used;
        let empty = used();
        let mut asm = Assembler::new(table);
        let target = put(&space, &mut asm, 77);
        let slots = EntrySlots::new(1, &target.start());
        drop(target);
        asm.prologue();
        asm.call(slots.slot(0).unwrap());
        asm.move_ints(Slot(1), 5);
        asm.ret();
        let caller = space.publish(&mut asm).unwrap();
        drop(slots);
        let others: Vec<_> = (0..100).map(|value| put(&space, &mut asm, value)).collect();
        assert_eq!(run(&caller), [77, 5]);
        drop(others);
        drop(caller);
        assert_eq!(used(), empty, "nobody calls it any more");
    }
}
