//! Calls between functions that keep regions and functions that do not, compiled at some point of the run.

use super::{int, machines, program, run};
use vm3::program::Arena;
use vm3::{FaultKind, Outcome, Tier, Vm, VmOptions};

/// `list` keeps a region, its callee does not.
const LIST: &str = "func list(i64) -> i64 {
    regs 3 i64, 1 cell
    NewList c0, 4
    CallI64 r1, r0, twice
    ListPushI64 c0, r1
    ListGetI64 r2, c0, r0
    ReturnI64 r2
}
func twice(i64) -> i64 {
    regs 2 i64
    AddI64 r1, r0, r0
    ReturnI64 r1
}";

#[test]
fn calls_cross_in_both_directions_and_regions_end_with_their_frames() {
    let source = format!(
        "func main(i64) -> i64 {{
    regs 4 i64
    ConstI64K r1, 0
again:
    ConstI64K r2, 0
    CallI64 r3, r2, list
    AddI64 r1, r1, r3
    SubI64K r0, r0, 1
    AddI64K r1, r1, 1
    CmpGtI64KBr r0, 0, again
    ReturnI64 r1
}}\n{LIST}"
    );
    let program = program(&source);
    assert_eq!(run(&program, &[100]), int(100));
    for vm in &mut machines(&program, 1 << 16) {
        vm.run(&[10]).unwrap();
        assert_eq!(vm.heap().counts(Arena::List).slots, 0);
    }
}

#[test]
fn a_fault_in_a_callee_sees_its_callers() {
    let source = format!(
        "func main(i64) -> i64 {{\n regs 4 i64\n AddI64K r2, r0, 1\n CallI64 r3, r2, list\n ReturnI64 r3\n}}\n{LIST}"
    );
    for vm in &mut machines(&program(&source), 1 << 16) {
        for _ in 0..2 {
            let fault = vm.run(&[2]).unwrap_err();
            assert_eq!(fault.kind, FaultKind::IndexOutOfRange { index: 3, length: 1 });
            assert_eq!((fault.name.as_str(), fault.pc, fault.depth), ("list", 3, 2));
            let places: Vec<(usize, usize)> = vm.backtrace().map(|place| (place.function, place.pc)).collect();
            assert_eq!(places, [(1, 3), (0, 1)]);
        }
    }
}

#[test]
fn a_deopt_in_a_callee_ends_the_run() {
    let source = "func main() -> i64 {\n regs 1 i64\n CallI64 r0, r0, f\n ReturnI64 r0\n}
func f() -> i64 {\n regs 1 cell\n NewList c0, 0\n Deopt 5\n}";
    for vm in &mut machines(&program(source), 1 << 16) {
        let Ok(Outcome::Deopt(deopt)) = vm.run(&[]) else { panic!("a deopt") };
        assert_eq!((deopt.target, deopt.depth), (5, 2));
        assert_eq!(vm.heap().counts(Arena::List).slots, 1);
    }
}

#[test]
fn compiled_callees_overflow_like_interpreted_ones() {
    let source = "func main(i64) -> i64 {\n regs 1 i64\n CallI64 r0, r0, f\n ReturnI64 r0\n}
func f(i64) -> i64 {\n regs 1 i64, 1 cell\n CallI64 r0, r0, main\n ReturnI64 r0\n}";
    for stack_bytes in [512, 520, 536, 100_000] {
        let mut vms = machines(&program(source), stack_bytes);
        let expected = vms[0].run(&[1]).unwrap_err();
        for vm in &mut vms {
            assert_eq!(vm.run(&[1]).unwrap_err(), expected);
        }
    }
}

#[test]
fn the_auto_tier_compiles_after_its_calls_and_goes_on_in_the_same_run() {
    // 2^20 calls take long when they are interpreted: so this also shows that they are not.
    let source = "func f(i64) -> i64 {
    regs 4 i64
    CmpLeI64KBr r0, 0, done
    SubI64K r1, r0, 1
    CallI64 r2, r1, f
    CallI64 r3, r1, f
    AddI64 r2, r2, r3
    ReturnI64 r2
done:
    ReturnConstK 1
}";
    let program = program(source);
    for threshold in [0, 1, 7, 1000, u32::MAX] {
        let options = VmOptions { tier: Tier::Auto, threshold, ..VmOptions::default() };
        let mut vm = Vm::new(program.clone(), &options).unwrap();
        assert_eq!(vm.run(&[15]), int(1 << 15));
        assert_eq!(vm.run(&[3]), int(8));
    }
}
