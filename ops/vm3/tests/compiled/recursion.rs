//! Calls that go deep.

use super::{int, machines, program, run};
use vm3::{FaultKind, Outcome};

const SUM: &str = "func sum(i64) -> i64 {
    regs 4 i64
    CmpEqI64KBr r0, 0, done
    SubI64K r1, r0, 1
    CallI64 r2, r1, sum
    AddI64 r3, r2, r0
    ReturnI64 r3
done:
    ReturnI64 r0
}";

#[test]
fn recursion_goes_far_beyond_the_native_stack() {
    let depth = 200_000;
    assert_eq!(run(&program(SUM), &[depth]), int(depth * (depth + 1) / 2));
}

#[test]
fn the_frame_stack_overflows_at_the_same_call_in_every_tier() {
    let program = program("func f(i64) -> i64 {\n regs 2 i64\n Nop\n CallI64 r1, r0, f\n ReturnI64 r1\n}");
    for stack_bytes in [4096, 4104, 100_000] {
        for vm in &mut machines(&program, stack_bytes) {
            for _ in 0..2 {
                let fault = vm.run(&[5]).unwrap_err();
                assert_eq!(fault.kind, FaultKind::StackOverflow { limit: stack_bytes });
                // A frame is a header and two registers.
                assert_eq!((fault.pc, fault.depth), (1, stack_bytes / 24));
                assert_eq!(vm.backtrace().count(), fault.depth);
                let innermost = vm.backtrace().next().unwrap();
                assert_eq!(vm.register(innermost, vm3::program::Bank::I64, 0), Some(5));
            }
        }
    }
}

#[test]
fn interpreted_and_compiled_functions_recurse_through_one_another() {
    // `g` is interpreted, since it has a cell register.
    let source = "func f(i64) -> i64 {
    regs 3 i64
    CmpLeI64KBr r0, 0, done
    SubI64K r1, r0, 1
    CallI64 r2, r1, g
    AddI64 r2, r2, r0
    ReturnI64 r2
done:
    ReturnConstK 0
}
func g(i64) -> i64 {
    regs 3 i64, 1 cell
    CmpLeI64KBr r0, 0, done
    NewList c0, 1
    SubI64K r1, r0, 1
    CallI64 r2, r1, f
    AddI64 r2, r2, r0
    ReturnI64 r2
done:
    ReturnConstK 0
}";
    let program = program(source);
    for depth in [1, 2, 10, 1000, 100_000_i64] {
        let expected = depth * (depth + 1) / 2;
        assert_eq!(run(&program, &[depth]), int(expected));
    }
}

#[test]
fn a_large_frame_somewhere_leaves_room_for_small_ones() {
    // Compiled code counts with the largest frame; the interpreter takes over where that would be too much.
    let source = format!("{SUM}\nfunc large() -> i64 {{\n regs 20000 i64\n ReturnI64 r19999\n}}");
    let program = program(&source);
    for vm in &mut machines(&program, 1 << 20) {
        assert_eq!(vm.run(&[20_000]), int(200_010_000));
        assert_eq!(vm.call(1, &[]), int(0));
    }
    // No compiled frame fits at all.
    for vm in &mut machines(&program, 100_000) {
        assert_eq!(vm.run(&[2000]), int(2_001_000));
        let kind = vm.call(1, &[]).unwrap_err().kind;
        assert_eq!(kind, FaultKind::StackOverflow { limit: 100_000 });
    }
}

#[test]
fn a_deopt_deep_down_keeps_every_frame() {
    let source = "func f(i64) -> i64 {
    regs 3 i64
    CmpEqI64KBr r0, 0, bottom
    SubI64K r1, r0, 1
    CallI64 r2, r1, f
    AddI64 r2, r2, r0
    ReturnI64 r2
bottom:
    Deopt 77
}";
    for vm in &mut machines(&program(source), 1 << 20) {
        let Ok(Outcome::Deopt(deopt)) = vm.run(&[1000]) else { panic!("a deopt") };
        assert_eq!((deopt.target, deopt.place.pc, deopt.depth), (77, 5, 1001));
        let places: Vec<_> = vm.backtrace().collect();
        assert_eq!(places.len(), 1001);
        // What a frame needs after its call is in its frame.
        for (depth, place) in (0..).zip(&places) {
            assert_eq!(vm.register(*place, vm3::program::Bank::I64, 0), Some(depth));
        }
        assert!(places[1..].iter().all(|place| place.pc == 2));
    }
}
