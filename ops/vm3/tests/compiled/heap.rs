//! Strings, lists and maps in compiled code, where they end or change their shape.

use super::{int, machines, program, run, tiers};
use std::collections::BTreeSet;
use stencil_random::emulated;
use vm3::program::{Arena, Bank, Cell, Verified};
use vm3::{FaultKind, Outcome, Returned, Vm, VmOptions};

/// Slots of every arena, and bytes of all.
fn heap_of(vm: &Vm) -> (Vec<(usize, usize)>, usize) {
    let counts = Arena::ALL.map(|arena| vm.heap().counts(arena));
    (counts.iter().map(|counts| (counts.slots, counts.live)).collect(), vm.heap().bytes())
}

/// Allocates and grows whatever there is, in two frames, again and again.
const BUSY: &str = "string \"a string in the arena\"
func main(i64) -> i64 {
    regs 4 i64, 4 cell
    const k0 = slot 0
    ConstStrKW c0, k0
again:
    CallMixed c1, 0, grow
    ConcatStr c0, c0, c1
    NewList c2, 2
    ListPushI64 c2, r0
    AddI64K r1, r1, 1
    CmpLtI64Br r1, r0, again
    LenStr r2, c0
    ReturnI64 r2
}
func grow(i64) -> cell {
    regs 3 i64, 1 f64, 4 cell
    const k0 = string \"ab\"
    const k1 = float nan
    ConstStrKW c0, k0
    NewList c1, 0
    NewMap c2, 0
next:
    ListPushI64 c1, r1
    MapSetI64I64 c2, r1, r0
    ConcatStr c0, c0, c0
    AddI64K r1, r1, 1
    CmpLtI64KBr r1, 9, next
    ConstF64K d0, k1
    ListSetF64 c1, d0, r2
    ReturnCell c0
}";

#[test]
fn a_full_heap_is_a_fault_of_the_op_that_wanted_more() {
    let program = program(BUSY);
    let mut failed = BTreeSet::new();
    for heap_bytes in (64..48_000).step_by(if emulated() { 32 } else { 16 }) {
        let machine = |options: VmOptions| Vm::new(program.clone(), &VmOptions { heap_bytes, ..options }).unwrap();
        let mut vms: Vec<Vm> = tiers().into_iter().map(machine).collect();
        let expected = vms[0].run(&[8]);
        let left = heap_of(&vms[0]);
        vms[0].collect();
        let collected = heap_of(&vms[0]);
        for vm in &mut vms[1..] {
            assert_eq!(vm.run(&[8]), expected, "{heap_bytes}");
            assert_eq!(heap_of(vm), left, "{heap_bytes}");
            vm.collect();
            assert_eq!(heap_of(vm), collected, "{heap_bytes}");
        }
        if let Err(fault) = expected {
            assert_eq!(fault.kind, FaultKind::HeapFull { limit: heap_bytes });
            failed.insert((fault.function, fault.pc));
        }
    }
    // `ConcatStr` and `NewList` in `main`; all of `NewList`, `NewMap`, `ListPushI64`, `MapSetI64I64`, `ConcatStr` in `grow`.
    let all = [(0, 2), (0, 3), (1, 1), (1, 2), (1, 3), (1, 4), (1, 5)];
    assert_eq!(failed, BTreeSet::from(all));
}

#[test]
fn a_machine_goes_on_after_its_heap_was_full() {
    let program = program(BUSY);
    for options in tiers() {
        let mut vm = Vm::new(program.clone(), &VmOptions { heap_bytes: 14_000, ..options }).unwrap();
        for _ in 0..3 {
            assert_eq!(vm.run(&[100]).unwrap_err().kind, FaultKind::HeapFull { limit: 14_000 });
            vm.collect();
            assert_eq!(vm.run(&[1]), int(21 + 1024));
            vm.collect();
        }
    }
}

/// The index and the length that a program's fault names, in every tier.
fn out_of_range(program: &Verified) -> (i64, usize, usize) {
    let faults = machines(program, 1 << 16).into_iter().map(|mut vm| vm.run(&[7, -1]).unwrap_err());
    let faults: Vec<(FaultKind, usize)> = faults.map(|fault| (fault.kind, fault.pc)).collect();
    assert!(faults.iter().all(|fault| *fault == faults[0]), "{faults:?}");
    let (FaultKind::IndexOutOfRange { index, length }, pc) = faults[0] else { panic!("{faults:?}") };
    (index, length, pc)
}

#[test]
fn what_does_not_exist_is_a_fault_of_every_op() {
    let ops = [
        // Slots of arenas that are empty.
        ("LenStr r2, c1", (0, 0)),
        ("ConcatStr c2, c1, c1", (0, 0)),
        ("ListLenI64 r2, c2", (9, 1)),
        ("ListPushI64 c2, r2", (9, 1)),
        ("ListGetI64 r2, c2, r2", (9, 1)),
        ("ListSetI64 c2, r2, r2", (9, 1)),
        ("ListGetF64 d0, c2, r2", (9, 1)),
        ("ListSetF64 c2, d0, r2", (9, 1)),
        ("MapGetI64I64 r2, c1, r2", (0, 0)),
        ("MapSetI64I64 c1, r2, r2", (0, 0)),
        // Elements of a list of one.
        ("ListGetI64 r2, c0, r0", (7, 1)),
        ("ListSetI64 c0, r2, r1", (-1, 1)),
        ("ListGetF64 d0, c0, r1", (-1, 1)),
        ("ListSetF64 c0, d0, r0", (7, 1)),
    ];
    for (op, expected) in ops {
        let source = format!(
            "func f(i64, i64) -> i64 {{\n regs 3 i64, 1 f64, 3 cell\n const k0 = 0xffff100000000009\n\
             ConstStrKW c2, k0\n NewList c0, 0\n ListPushI64 c0, r0\n {op}\n ReturnI64 r2\n}}"
        );
        let (index, length, pc) = out_of_range(&program(&source));
        assert_eq!(((index, length), pc), (expected, 3), "{op}");
    }
}

#[test]
fn elements_are_boxed_and_read_back_as_ints_and_as_floats() {
    // The int of 2^47 + 5 loses its top, a float keeps its bits, and a NaN its place.
    let source = "func f(i64, i64) -> f64 {
    regs 5 i64, 4 f64, 1 cell
    const k0 = float nan
    const k1 = float -0.75
    NewList c0, 0
    ListPushI64 c0, r0
    ListPushI64 c0, r0
    ListPushI64 c0, r0
    ListGetI64 r2, c0, r4
    CmpNeI64Br r2, r1, wrong
    ConstI64K r4, 1
    ConstF64K d0, k0
    ListSetF64 c0, d0, r4
    ListGetF64 d1, c0, r4
    CmpEqF64Br d1, d1, wrong
    ConstF64K d0, k1
    NegF64 d2, d0
    ListSetF64 c0, d2, r4
    ListGetF64 d1, c0, r4
    ListSetI64 c0, r1, r4
    ListGetI64 r3, c0, r4
    CmpNeI64Br r3, r1, wrong
    ReturnF64 d1
wrong:
    Deopt 0
}";
    let expected = Ok(Outcome::Returned(Returned::F64(0.75)));
    assert_eq!(run(&program(source), &[(1 << 47) + 5, -(1 << 47) + 5]), expected);
}

#[test]
fn inline_strings_stay_inline_until_they_are_too_long() {
    let source = |pieces: &str| {
        format!(
            "string \"\"\nstring \"xyz\"\nfunc f() -> cell {{\n regs 1 i64, 2 cell\n const k0 = string \"\"\n\
             const k1 = string \"ab\"\n const k2 = string \"cdefg\"\n const k3 = 0xfff90f6564636261\n\
             const k4 = 0xfff9027a79787776\n const k5 = 0xffff000000000001\n ConstStrKW c0, k0\n\
             {pieces} ReturnCell c0\n}}"
        )
    };
    let cases: [(&[u8], &[u8]); 7] = [
        (&[0, 0], b""),
        (&[1, 1], b"abab"),
        (&[2], b"cdefg"),
        (&[3, 0], b"abcde"),
        // Two of its bytes count.
        (&[4, 4], b"vwvw"),
        (&[5, 1], b"xyzab"),
        (&[1, 5], b"abxyz"),
    ];
    for (constants, expected) in cases {
        let join = |k: &u8| format!(" ConstStrKW c1, k{k}\n ConcatStr c0, c0, c1\n");
        let program = program(&source(&constants.iter().map(join).collect::<String>()));
        let Ok(Outcome::Returned(Returned::Cell(cell))) = run(&program, &[]) else { panic!("a cell") };
        assert_eq!(Some(cell), Cell::inline_string(expected), "{constants:?}");
    }
    let long = program(&source(" ConstStrKW c1, k2\n ConcatStr c0, c1, c1\n LenStr r0, c0\n ConcatStr c0, c0, c1\n"));
    for vm in &mut machines(&long, 1 << 16) {
        let Ok(Outcome::Returned(Returned::Cell(cell))) = vm.run(&[]) else { panic!("a cell") };
        assert_eq!(vm.heap().arena_string(cell), Ok(&b"cdefgcdefgcdefg"[..]));
        // The result has moved to where the region began: behind the two strings of the program.
        assert_eq!((cell.slot_index(), vm.heap().counts(Arena::String).slots), (2, 3));
    }
}

#[test]
fn maps_find_what_was_set_while_they_grow() {
    let source = "func f(i64, i64) -> i64 {
    regs 7 i64, 1 cell
    NewMap c0, 0
again:
    MulI64 r3, r2, r1
    MapGetI64I64 r4, c0, r3
    AddI64 r5, r5, r4
    MapSetI64I64 c0, r3, r2
    MapGetI64I64 r4, c0, r3
    AddI64 r5, r5, r4
    MapSetI64I64 c0, r3, r5
    AddI64K r2, r2, 1
    CmpLtI64Br r2, r0, again
    MapGetI64I64 r6, c0, r1
    AddI64 r5, r5, r6
    ReturnI64 r5
}";
    let program = program(source);
    for step in [1, -7, 1 << 20, 1 << 46, (1 << 47) - 1] {
        let wide = i64::from(step < 1 << 40);
        assert!(run(&program, &[300, step]).is_ok(), "{step}");
        // As long as keys keep their 48 bits, each is found.
        if wide == 1 {
            assert_eq!(run(&program, &[10, step]), int(45 + 1), "{step}");
        }
    }
}

#[test]
fn cells_survive_calls_in_and_out_of_machine_registers() {
    // Twelve lists, more than there are machine registers, each with its number in it.
    let lists = 12;
    let new: String =
        (0..lists).map(|c| format!(" NewList c{c}, 0\n ConstI64K r1, {c}\n ListPushI64 c{c}, r1\n")).collect();
    let add: String =
        (0..lists).map(|c| format!(" CallMixed r2, {c}, first\n MulI64K r3, r3, 3\n AddI64 r3, r3, r2\n")).collect();
    let source = format!(
        "func f(i64) -> i64 {{\n regs 20 i64, {lists} cell\n{new}again:\n{add} SubI64K r0, r0, 1\n\
         CmpGtI64KBr r0, 0, again\n ReturnI64 r3\n}}\nfunc first(cell) -> i64 {{\n regs 2 i64, 1 cell\n\
         ListGetI64 r0, c0, r1\n ReturnI64 r0\n}}"
    );
    let mut sum = 0_i64;
    for _ in 0..5 {
        for list in 0..lists {
            sum = sum.wrapping_mul(3).wrapping_add(list);
        }
    }
    assert_eq!(run(&program(&source), &[5]), int(sum));
}

#[test]
fn a_collection_after_a_fault_keeps_what_cell_registers_hold() {
    // c0 is overwritten by a call that fails, c1 is never read again, c2 is never written.
    let source = "func f() -> i64 {\n regs 1 i64, 3 cell\n NewList c0, 1\n NewList c1, 2\n NewList c1, 3\n\
                  CallMixed c0, 0, g\n ReturnI64 r0\n}
func g() -> cell {\n regs 2 i64, 2 cell\n NewMap c1, 9\n NewList c0, 4\n DivI64 r0, r0, r1\n ReturnCell c0\n}";
    for vm in &mut machines(&program(source), 1 << 16) {
        let fault = vm.run(&[]).unwrap_err();
        assert_eq!((fault.kind, fault.depth), (FaultKind::DivisionByZero, 2));
        vm.collect();
        let live = Arena::ALL.map(|arena| vm.heap().counts(arena).live);
        assert_eq!(live, [0, 3, 1]);
        let places: Vec<_> = vm.backtrace().collect();
        assert_eq!(vm.register(places[1], Bank::Cell, 0), Some(Cell::handle(Arena::List, 0, 0).bits()));
        assert_eq!(vm.register(places[1], Bank::Cell, 2), Some(0));
    }
}

#[test]
fn ops_see_the_container_that_was_put_into_a_register_last() {
    // c0 is a list that is used a lot, then one that a call gives, then a map, then a list again; and c1 is the list that
    // is given, while allocations move all the others.
    let source = "func f(i64) -> i64 {
    regs 8 i64, 3 cell
    NewList c0, 0
    ListPushI64 c0, r0
    ListGetI64 r1, c0, r7
    ListSetI64 c0, r1, r7
    CallMixed c0, 0, make
    ListGetI64 r2, c0, r7
    ListPushI64 c0, r2
    CallMixed c1, 0, make
    CallMixed c1, 0, either
    ListGetI64 r3, c1, r7
    ListGetI64 r6, c0, r7
    NewMap c0, 0
    MapSetI64I64 c0, r0, r2
    MapGetI64I64 r4, c0, r0
    NewList c0, 0
    NewList c2, 0
    ListPushI64 c2, r0
    ListPushI64 c0, r4
    ListGetI64 r5, c0, r7
    ListGetI64 r1, c1, r7
    MulI64K r2, r2, 100
    AddI64 r5, r5, r2
    MulI64K r3, r3, 10000
    AddI64 r5, r5, r3
    AddI64 r5, r5, r6
    AddI64 r5, r5, r1
    ReturnI64 r5
}
func make(i64) -> cell {
    regs 2 i64, 2 cell
    NewList c0, 9
    NewList c1, 0
    AddI64K r0, r0, 1
    ListPushI64 c1, r0
    ReturnCell c1
}
func either(i64) -> cell {
    regs 2 i64, 2 cell
    CmpEqI64KBr r0, 0, none
    NewList c1, 0
    AddI64K r0, r0, 2
    ListPushI64 c1, r0
    ReturnCell c1
none:
    ReturnConstK 5
}";
    let program = program(source);
    // r0 = 7: 8 from `make`, 9 from `either`.
    assert_eq!(run(&program, &[7]), int(8 + 800 + 90_000 + 8 + 9));
    // r0 = 0: `either` leaves c1 as it is, the 1 from `make`; and r1 is 5 until it is read.
    assert_eq!(run(&program, &[0]), int(1 + 100 + 10_000 + 1 + 1));
}
