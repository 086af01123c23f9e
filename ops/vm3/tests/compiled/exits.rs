//! Ops that compiled code leaves to the interpreter, with their operands wherever they can be.

use super::{machines, program};
use vm3::program::Bank;
use vm3::{FaultKind, Outcome};

/// A function of 16 registers, all in use, so that some are in machine registers and some in the frame, that ends in
/// `op`; register r is 10 + r, but for register 0, which is 0.
fn busy(op: &str) -> String {
    let sets: String = (1..16).map(|register| format!(" ConstI64K r{register}, {}\n", 10 + register)).collect();
    // The busiest registers are those that the loop uses; which ones these are differs from shift to shift.
    let uses: String = (1..16).map(|register| format!(" AddI64K r{register}, r{register}, 0\n")).collect();
    format!("func f(i64) -> i64 {{\n regs 16 i64\n{sets}{uses}{op}\n ReturnI64 r15\n}}")
}

#[test]
fn division_fails_at_every_placement() {
    for name in ["DivI64", "ModI64"] {
        for dst in [0, 1, 5, 9, 15] {
            for lhs in 0..16 {
                for rhs in [0, 1, 15] {
                    // Register `rhs` is made 0 right before, so that it is written where it is.
                    let op = format!(" SubI64 r{rhs}, r{rhs}, r{rhs}\n {name} r{dst}, r{lhs}, r{rhs}");
                    let program = program(&busy(&op));
                    for vm in &mut machines(&program, 1 << 16) {
                        let fault = vm.run(&[0]).unwrap_err();
                        assert_eq!((fault.kind, fault.pc, fault.depth), (FaultKind::DivisionByZero, 31, 1), "{op}");
                        let place = vm.backtrace().next().unwrap();
                        let value = if lhs == 0 || lhs == rhs { 0 } else { 10 + lhs };
                        assert_eq!(vm.register(place, Bank::I64, lhs as u16), Some(value), "{op}");
                        assert_eq!(vm.register(place, Bank::I64, rhs as u16), Some(0), "{op}");
                    }
                }
            }
        }
    }
}

#[test]
fn division_by_a_literal_zero_and_undefined_ops_fail_where_they_stand() {
    let ops = [
        ("DivI64K r1, r2, 0", FaultKind::DivisionByZero),
        ("ModI64K r1, r2, 0", FaultKind::DivisionByZero),
        ("CallCell", FaultKind::UnknownOpcode { code: 37 }),
        ("op 200, 0, 0, 0, 0", FaultKind::UnknownOpcode { code: 200 }),
        ("LookupI64KW r1, r2, t0", FaultKind::IndexOutOfRange { index: 12, length: 2 }),
    ];
    for (op, kind) in ops {
        let source = busy(op).replace(" regs 16 i64\n", " regs 16 i64\n table t0 = 1, 2\n");
        for vm in &mut machines(&program(&source), 1 << 16) {
            let fault = vm.run(&[0]).unwrap_err();
            assert_eq!((fault.kind, fault.pc), (kind, 30), "{op}");
        }
    }
}

#[test]
fn a_deopt_shows_every_register() {
    let source = "func f(i64) -> i64 {
    regs 12 i64, 10 f64
    const k0 = float 1.5
    AddI64K r11, r0, 1
    ConstF64K d9, k0
    ConstI64K r3, 3
again:
    AddI64 r4, r4, r3
    SubI64K r3, r3, 1
    CmpGtI64KBr r3, 0, again
    I64ToF64 d2, r4
    AddF64 d3, d2, d9
    Deopt 3
}";
    for vm in &mut machines(&program(source), 1 << 16) {
        for _ in 0..2 {
            let Ok(Outcome::Deopt(deopt)) = vm.run(&[41]) else { panic!("a deopt") };
            let bits = |bank, register| vm.register(deopt.place, bank, register).unwrap();
            let ints: Vec<u64> = (0..12).map(|register| bits(Bank::I64, register)).collect();
            assert_eq!(ints, [41, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 42]);
            let floats: Vec<f64> = (0..10).map(|register| f64::from_bits(bits(Bank::F64, register))).collect();
            assert_eq!(floats, [0.0, 0.0, 6.0, 7.5, 0.0, 0.0, 0.0, 0.0, 0.0, 1.5]);
        }
    }
}
