//! Published code: entries, who keeps it alive, and what publishing refuses.

use stencil_matrix::TABLES;
use stencil_matrix::host::Host;
use stencil_matrix::ops::{Emit, Machine};
use stencil_runtime::memory::{Arena, ArenaConfig, MemoryError};
use stencil_runtime::{Assembler, Code, CodeSpace, EntryAddress, Label, PublishError, Reg, Slot, StitchError, Table};

fn tables() -> &'static [Table<'static>] {
    TABLES.all().unwrap()
}

/// A function that puts a value into slot 0.
fn put(space: &CodeSpace<Machine>, asm: &mut Assembler<'_, Machine>, value: i64) -> Code<Machine> {
    asm.prologue();
    asm.move_ints(Slot(0), value);
    asm.ret();
    space.publish(asm).unwrap()
}

/// What a function leaves in slot 0.
fn slot_0(code: &Code<Machine>, offset: u32) -> u64 {
    let mut host = Host::new(4);
    // SAFETY: the code of these tests uses slots 0 to 3, and its entries start with the prologue.
    let frame = unsafe { host.run(code, offset) };
    frame[0]
}

#[test]
fn exports_are_entries_in_their_order() {
    for table in tables() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let mut asm = Assembler::new(table);
        let functions: Vec<Label> = (0..3).map(|_| asm.label()).collect();
        for label in functions.iter().rev() {
            asm.export(*label);
        }
        for (index, label) in functions.iter().enumerate() {
            asm.bind(*label);
            asm.prologue();
            asm.move_ints(Slot(0), 100 + index as i64);
            asm.ret();
        }
        let code = space.publish(&mut asm).unwrap();
        for index in 0..3 {
            let offset = code.entry_offset(index).unwrap();
            assert_eq!(slot_0(&code, offset), 102 - index as u64);
            assert_eq!(code.entry(index).unwrap().address(), code.address() + u64::from(offset));
        }
        assert!(code.entry_offset(3).is_none() && code.entry(3).is_none());
        assert_eq!(code.start().address(), code.address());
        assert_eq!(code.entry_offset(2), Some(0));
    }
}

#[test]
fn callees_live_as_long_as_who_calls_them() {
    for table in tables() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let used = || space.arena().stats().used;
        let empty = used();
        let mut asm = Assembler::new(table);
        let callee = put(&space, &mut asm, 77);
        let one = used();
        assert!(one > empty);
        asm.prologue();
        asm.call(callee.start());
        asm.move_ints(Slot(1), 5);
        asm.ret();
        let caller = space.publish(&mut asm).unwrap();
        let both = used();
        drop(callee);
        assert_eq!(used(), both, "the caller keeps it");
        // Were it freed, this would write over it.
        let others: Vec<_> = (0..100).map(|value| put(&space, &mut asm, value)).collect();
        assert_eq!(slot_0(&caller, 0), 77);
        caller.check(table).unwrap();
        drop(others);
        let entry: EntryAddress = caller.start();
        drop(caller);
        assert_eq!(used(), both, "an entry keeps the caller, and so the callee");
        drop(entry);
        assert_eq!(used(), empty);
    }
}

#[test]
fn clearing_lets_callees_go() {
    let table = &tables()[0];
    let space = CodeSpace::<Machine>::for_table(table).unwrap();
    let mut asm = Assembler::new(table);
    let empty = space.arena().stats().used;
    let callee = put(&space, &mut asm, 1);
    asm.call(callee.start());
    drop(callee);
    assert!(space.arena().stats().used > empty);
    asm.clear();
    assert_eq!(space.arena().stats().used, empty);
}

#[test]
fn every_error_of_publishing_leaves_a_usable_assembler() {
    for table in tables() {
        let small = ArenaConfig { reserve: 64 << 10, ..ArenaConfig::default() };
        let space = CodeSpace::<Machine>::new(Arena::new(small).unwrap(), table).unwrap();
        let mut asm = Assembler::new(table);
        let mut refused = |faulty: &dyn Fn(&mut Assembler<'_, Machine>)| {
            faulty(&mut asm);
            let error = space.publish(&mut asm).unwrap_err();
            assert!(asm.is_empty() && asm.error().is_none());
            assert_eq!(slot_0(&put(&space, &mut asm, 3), 0), 3);
            error
        };
        assert!(matches!(refused(&|_| ()), PublishError::Memory(MemoryError::Length)));
        let unbound = refused(&|asm| {
            let label = asm.label();
            asm.jump(label);
        });
        assert!(matches!(unbound, PublishError::Stitch(StitchError::Unbound { .. })), "{unbound}");
        let exported = refused(&|asm| {
            let label = asm.label();
            asm.export(label);
            asm.prologue();
        });
        assert!(matches!(exported, PublishError::Stitch(StitchError::Unbound { .. })), "{exported}");
        let out_of_range = refused(&|asm| asm.move_ints(Reg(0), Slot(u32::MAX)));
        assert!(matches!(out_of_range, PublishError::Stitch(StitchError::OutOfRange { .. })), "{out_of_range}");
        let unpinned = refused(&|asm| asm.add(Reg(9), 1, 2));
        assert!(matches!(unpinned, PublishError::Stitch(StitchError::NoSuchRegister { .. })), "{unpinned}");
        let full = refused(&|asm| (0..20_000).for_each(|_| asm.move_ints(Reg(0), i64::MAX)));
        assert!(matches!(full, PublishError::Memory(MemoryError::Full { .. })), "{full}");
        for error in [unbound, exported, out_of_range, unpinned, full] {
            let text = error.to_string();
            assert!(text.starts_with(|first: char| first.is_lowercase() || first == '`') && !text.ends_with('.'));
        }
    }
}

#[test]
fn code_of_another_table_is_refused() {
    let [first, second, ..] = tables() else { return };
    let space = CodeSpace::<Machine>::for_table(first).unwrap();
    let mut asm = Assembler::new(second);
    asm.prologue();
    asm.ret();
    assert!(matches!(space.publish(&mut asm), Err(PublishError::OtherTable)));
    assert!(asm.is_empty());
}

/// What some ops are stitched to.
fn stitched(table: &Table<'static>, emit: impl FnOnce(&mut Assembler<'_, Machine>, Label)) -> Vec<u8> {
    let space = CodeSpace::<Machine>::for_table(table).unwrap();
    let mut asm = Assembler::new(table);
    let end = asm.label();
    asm.prologue();
    emit(&mut asm, end);
    asm.bind(end);
    asm.ret();
    space.publish(&mut asm).unwrap().bytes().to_vec()
}

#[test]
fn fused_ops_are_one_stencil() {
    for table in tables() {
        let fused = stitched(table, |asm, _| asm.add_scaled(Reg(0), Reg(0), Reg(1), Reg(1), 9));
        let apart = stitched(table, |asm, _| {
            asm.add(Reg(0), Reg(1), Reg(1));
            asm.scaled(Reg(0), Reg(0), 9);
        });
        assert_eq!(fused, apart);
        // A label between them is a place that others may come from.
        let labelled = stitched(table, |asm, _| {
            asm.add(Reg(0), Reg(1), Reg(1));
            let label = asm.label();
            asm.bind(label);
            asm.scaled(Reg(0), Reg(0), 9);
        });
        assert_ne!(fused, labelled);
    }
}

#[test]
fn three_ops_are_one_stencil() {
    for table in tables() {
        let fused = stitched(table, |asm, _| asm.reload(Reg(0), Reg(1), Reg(0), Slot(0), Reg(1)));
        let apart = stitched(table, |asm, _| {
            asm.add(Reg(0), Slot(0), Reg(1));
            asm.frame_zero(Reg(1), Reg(0));
            asm.add(Reg(0), Slot(0), Reg(1));
        });
        assert_eq!(fused, apart);
    }
}

/// `four`, in registers, op by op; with a label in front of one of them.
fn four_apart(asm: &mut Assembler<'_, Machine>, end: Label, label_before: Option<usize>) {
    let (x, y) = (Reg(0), Reg(1));
    for op in 0..4 {
        if label_before == Some(op) {
            let label = asm.label();
            asm.bind(label);
        }
        match op {
            0 => asm.add(x, x, y),
            1 => asm.scaled(x, x, y),
            2 => asm.sub_plus_five(x, x, y),
            _ => asm.jump_less(x, y, end),
        }
    }
}

#[test]
fn four_ops_are_one_stencil_although_the_first_two_are_one_already() {
    for table in tables() {
        let (x, y) = (Reg(0), Reg(1));
        let fused = stitched(table, |asm, end| asm.four(x, y, end));
        assert_eq!(fused, stitched(table, |asm, end| four_apart(asm, end, None)));
        // What is left is fused as far as it goes.
        let two_and_two = stitched(table, |asm, end| {
            asm.add_scaled(x, x, x, y, y);
            let label = asm.label();
            asm.bind(label);
            asm.sub_plus_five(x, x, y);
            asm.jump_less(x, y, end);
        });
        assert_eq!(two_and_two, stitched(table, |asm, end| four_apart(asm, end, Some(2))));
        let one_two_one = stitched(table, |asm, end| {
            asm.add(x, x, y);
            asm.scaled_minus(x, y);
            asm.jump_less(x, y, end);
        });
        assert_eq!(one_two_one, stitched(table, |asm, end| four_apart(asm, end, Some(1))));
    }
}

#[test]
fn half_of_a_fused_stencil_is_not_fused_again() {
    for table in tables() {
        let (x, y) = (Reg(0), Reg(1));
        let once = stitched(table, |asm, _| {
            asm.add(x, x, y);
            asm.scaled(x, x, y);
            asm.sub_plus_five(x, x, y);
        });
        let apart = stitched(table, |asm, _| {
            asm.add_scaled(x, x, x, y, y);
            let label = asm.label();
            asm.bind(label);
            asm.sub_plus_five(x, x, y);
        });
        assert_eq!(once, apart);
    }
}
