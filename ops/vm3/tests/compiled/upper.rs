//! Where code of an optimising compiler meets what it does not compile, and where it can be stopped. All tiers do the same.

use super::{int, machines, program, run};
use std::time::Duration;
use vm3::FaultKind;

/// More ops than an optimising compiler is asked for.
const MANY: usize = 25_000;

#[test]
fn functions_that_are_too_large_to_be_optimised_are_called_all_the_same() {
    let nops = " Nop\n".repeat(MANY);
    let source = format!(
        "func f(i64) -> i64 {{
    regs 8 i64, 3 f64
    const k0 = float 0.5
    ConstI64K r2, 20
    ConstF64K d1, k0
    CallI64 r3, r0, sum
    CallMixed d2, 0, scaled
    F64ToI64 r4, d2
    AddI64 r3, r3, r4
    TailCallI64 r2, last
}}
func sum(i64) -> i64 {{
    regs 3 i64
{nops} AddI64 r0, r0, r1
    CallI64 r1, r0, twice
    ReturnI64 r1
}}
func twice(i64) -> i64 {{
    regs 1 i64
    AddI64 r0, r0, r0
    ReturnI64 r0
}}
func scaled(i64, f64) -> f64 {{
    regs 1 i64, 2 f64
{nops} I64ToF64 d0, r0
    MulF64 d0, d0, d1
    ReturnF64 d0
}}
func last(i64, i64) -> i64 {{
    regs 3 i64
{nops} AddI64 r0, r0, r1
    AddI64 r0, r0, r2
    ReturnI64 r0
}}"
    );
    // f(r0 = 7): sum = 14, scaled = 3; the tail call passes 20 and 14 + 3.
    assert_eq!(run(&program(&source), &[7]), int(37));
}

#[test]
fn a_loop_after_another_can_be_stopped() {
    // The second loop never ends, and reads nothing that the first has not read.
    let source = "func f(i64) -> i64 {
    regs 3 i64
    ConstI64K r1, 3
first:
    SubI64K r1, r1, 1
    CmpGtI64KBr r1, 0, first
second:
    AddI64K r2, r2, 1
    CmpGeI64KBr r0, 0, second
    ReturnI64 r2
}";
    stopped(source);
}

#[test]
fn a_recursion_within_a_loop_can_be_stopped() {
    let source = "func f(i64) -> i64 {
    regs 2 i64
again:
    CallI64 r1, r0, down
    Jump again
}
func down(i64) -> i64 {
    regs 2 i64
    CmpLeI64KBr r0, 0, bottom
    SubI64K r0, r0, 1
    CallI64 r1, r0, down
    ReturnI64 r1
bottom:
    ReturnI64 r0
}";
    stopped(source);
}

/// Runs what never ends in every tier, and stops it from another thread.
fn stopped(source: &str) {
    for mut vm in machines(&program(source), 1 << 20) {
        let interrupt = vm.interrupt();
        let stopper = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            interrupt.stop();
        });
        let fault = vm.run(&[5]).unwrap_err();
        stopper.join().unwrap();
        assert_eq!(fault.kind, FaultKind::Interrupted);
    }
}
