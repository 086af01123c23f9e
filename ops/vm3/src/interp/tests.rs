//! Every opcode once, with the edges that its arm of the loop has.

use crate::program::{Bank, Cell, Opcode, text};
use crate::{Counts, FaultKind, Outcome, Returned, Vm, VmOptions};
use std::collections::BTreeSet;

/// Bodies with what they end with. Registers 0 and 1 of the i64 bank hold 7 and -2; `f` takes (cell, i64, f64).
const BODIES: &[(&str, &str)] = &[
    ("Nop\n ReturnI64 r1", "I64(-2)"),
    ("MovI64 r2, r0\n ReturnI64 r2", "I64(7)"),
    ("ConstI64K r2, -9\n ReturnI64 r2", "I64(-9)"),
    ("ConstI64KW r2, k0\n ReturnI64 r2", "I64(-1)"),
    ("AddI64 r0, r0, r1\n ReturnI64 r0", "I64(5)"),
    ("SubI64 r1, r0, r1\n ReturnI64 r1", "I64(9)"),
    ("MulI64 r0, r0, r0\n ReturnI64 r0", "I64(49)"),
    ("DivI64 r2, r0, r1\n ReturnI64 r2", "I64(-3)"),
    ("ModI64 r2, r0, r1\n ReturnI64 r2", "I64(1)"),
    ("NegI64 r2, r0\n ReturnI64 r2", "I64(-7)"),
    ("AddI64K r2, r0, -8\n ReturnI64 r2", "I64(-1)"),
    ("SubI64K r2, r0, -8\n ReturnI64 r2", "I64(15)"),
    ("MulI64K r2, r0, -8\n ReturnI64 r2", "I64(-56)"),
    ("DivI64K r2, r0, -2\n ReturnI64 r2", "I64(-3)"),
    ("ModI64K r2, r0, -2\n ReturnI64 r2", "I64(1)"),
    ("DivI64 r2, r0, r3\n ReturnI64 r2", "DivisionByZero"),
    ("ModI64 r2, r0, r3\n ReturnI64 r2", "DivisionByZero"),
    ("DivI64K r2, r0, 0\n ReturnI64 r2", "DivisionByZero"),
    ("ModI64K r2, r0, 0\n ReturnI64 r2", "DivisionByZero"),
    ("ConstF64K d0, k1\n MovF64 d1, d0\n ReturnF64 d1", "F64(2.5)"),
    ("ConstF64K d0, k1\n AddF64 d0, d0, d0\n ReturnF64 d0", "F64(5.0)"),
    ("ConstF64K d0, k1\n SubF64 d0, d1, d0\n ReturnF64 d0", "F64(-2.5)"),
    ("ConstF64K d0, k1\n MulF64 d0, d0, d0\n ReturnF64 d0", "F64(6.25)"),
    ("ConstF64K d0, k1\n DivF64 d0, d0, d1\n ReturnF64 d0", "F64(inf)"),
    ("NegF64 d0, d1\n ReturnF64 d0", "F64(-0.0)"),
    ("I64ToF64 d0, r1\n ReturnF64 d0", "F64(-2.0)"),
    ("ConstF64K d0, k1\n F64ToI64 r0, d0\n ReturnI64 r0", "I64(2)"),
    ("ConstF64K d0, k1\n FmaF64 d1, d0, d0, d0\n ReturnF64 d1", "F64(8.75)"),
    ("ConstF64K d0, k1\n MulF64 d0, d0, d0\n SqrtF64 d0, d0\n ReturnF64 d0", "F64(2.5)"),
    ("Jump x\n ReturnConstK 1\nx: ReturnConstK 2", "Constant(2)"),
    ("LookupI64KW r2, r2, t0\n ReturnI64 r2", "I64(10)"),
    ("LookupI64KW r2, r0, t0\n ReturnI64 r2", "IndexOutOfRange { index: 7, length: 2 }"),
    ("LookupI64KW r2, r1, t0\n ReturnI64 r2", "IndexOutOfRange { index: -2, length: 2 }"),
    ("CallI64 r2, r1, neg\n ReturnI64 r2", "I64(2)"),
    ("I64ToF64 d0, r0\n CallF64 d2, d0, half\n ReturnF64 d2", "F64(3.5)"),
    ("NewList c0, 1\n I64ToF64 d2, r0\n CallMixed r3, 0, f\n ReturnI64 r3", "I64(5)"),
    ("NewList c0, 1\n I64ToF64 d2, r0\n TailCallMixed 0, f", "I64(5)"),
    ("TailCallI64 r1, neg", "I64(2)"),
    ("CallMixed r0, 0, wide\n ReturnI64 r0", "IndexOutOfRange { index: 8, length: 8 }"),
    ("TailCallMixed 0, wide", "IndexOutOfRange { index: 8, length: 8 }"),
    ("CmpGtI64KBr r2, 2, x\n AddI64K r2, r2, 1\n TailCallMixed 0, main\nx: ReturnI64 r2", "I64(3)"),
    ("CallCell", "UnknownOpcode { code: 37 }"),
    ("ListGetCell", "UnknownOpcode { code: 59 }"),
    ("ListSetCell", "UnknownOpcode { code: 60 }"),
    ("op 72, 0, 0, 0, 0", "UnknownOpcode { code: 72 }"),
    ("Deopt 40000", "deopt 40000"),
    ("ConstStrKW c0, k2\n LenStr r0, c0\n ReturnI64 r0", "I64(3)"),
    ("LenStr r0, c0\n ReturnI64 r0", "IndexOutOfRange { index: 0, length: 0 }"),
    ("ConstStrKW c0, k2\n ConcatStr c1, c0, c0\n LenStr r0, c1\n ReturnI64 r0", "I64(6)"),
    ("ConstStrKW c0, k0\n ReturnCell c0", "Cell(Cell(0xfffaffffffffffff))"),
    ("NewList c0, -1\n ReturnCell c0", "NegativeCapacity"),
    ("NewList c0, 0\n ListPushI64 c0, r1\n ListLenI64 r0, c0\n ReturnI64 r0", "I64(1)"),
    ("NewList c0, 0\n ListPushI64 c0, r1\n ListGetI64 r3, c0, r2\n ReturnI64 r3", "I64(-2)"),
    ("NewList c0, 0\n ListGetI64 r3, c0, r0\n ReturnI64 r3", "IndexOutOfRange { index: 7, length: 0 }"),
    ("NewList c0, 0\n ListPushI64 c0, r1\n ListSetI64 c0, r0, r2\n ListGetI64 r3, c0, r2\n ReturnI64 r3", "I64(7)"),
    (
        "NewList c0, 0\n ListPushI64 c0, r1\n ConstF64K d0, k1\n ListSetF64 c0, d0, r2\n\
         ListGetF64 d1, c0, r2\n ReturnF64 d1",
        "F64(2.5)",
    ),
    ("NewMap c0, 4\n MapSetI64I64 c0, r1, r0\n MapGetI64I64 r3, c0, r1\n ReturnI64 r3", "I64(7)"),
    ("NewMap c0, 0\n MapGetI64I64 r3, c0, r1\n ReturnI64 r3", "I64(0)"),
];

const FUNCTIONS: &str = "func neg(i64) -> i64 {\n regs 1 i64\n NegI64 r0, r0\n ReturnI64 r0\n}
func half(f64) -> f64 {\n regs 2 f64\n const k0 = float 0.5\n ConstF64K d1, k0\n MulF64 d0, d0, d1\n ReturnF64 d0\n}
func f(cell, i64, f64) -> i64 {\n regs 3 i64, 3 f64, 1 cell\n ListLenI64 r0, c0\n F64ToI64 r2, d2\n
 AddI64 r0, r0, r1\n AddI64 r0, r0, r2\n ReturnI64 r0\n}
func wide(i64, i64, i64, i64, i64, i64, i64, i64, i64) -> i64 {\n regs 9 i64\n ReturnConstK 0\n}";

fn main_with(body: &str) -> String {
    format!(
        "func main(i64) -> i64 {{\n regs 9 i64, 4 f64, 2 cell\n const k0 = int -1\n const k1 = float 2.5\n\
         const k2 = string \"abc\"\n table t0 = 10, 20\n {body}\n}}\n{FUNCTIONS}"
    )
}

/// What a run of `main` with this body ends with, and the opcodes in it.
fn run(body: &str) -> (String, Vec<Opcode>) {
    let program = text::parse(&main_with(body)).unwrap_or_else(|error| panic!("{body}: {error}"));
    let opcodes = program.functions[0].code.iter().filter_map(|op| op.opcode()).collect();
    let verified = program.verify().unwrap_or_else(|error| panic!("{body}: {error}"));
    let mut vm = Vm::new(verified, &VmOptions::default()).unwrap();
    let ended = match vm.run(&[7, -2]) {
        Ok(Outcome::Returned(returned)) => format!("{returned:?}"),
        Ok(Outcome::Deopt(deopt)) => format!("deopt {}", deopt.target),
        Err(fault) => format!("{:?}", fault.kind),
    };
    (ended, opcodes)
}

#[test]
fn every_opcode_does_what_it_says() {
    let mut seen = BTreeSet::new();
    for (body, expected) in BODIES {
        let (ended, opcodes) = run(body);
        assert_eq!(ended, *expected, "{body}");
        seen.extend(opcodes);
    }
    for (relation, holds) in [
        ("Eq", [false, true, false]),
        ("Ne", [true, false, true]),
        ("Lt", [true, false, false]),
        ("Le", [true, true, false]),
        ("Gt", [false, false, true]),
        ("Ge", [false, true, true]),
    ] {
        for (value, holds) in (-1..=1).zip(holds) {
            let expected = if holds { "Constant(1)" } else { "Constant(0)" };
            let ends = "ReturnConstK 0\nx: ReturnConstK 1";
            for body in [
                format!("ConstI64K r0, {value}\n Cmp{relation}I64Br r0, r3, x\n {ends}"),
                format!("ConstI64K r0, {value}\n Cmp{relation}I64KBr r0, 0, x\n {ends}"),
                format!("ConstI64K r0, {value}\n I64ToF64 d0, r0\n Cmp{relation}F64Br d0, d3, x\n {ends}"),
            ] {
                let (ended, opcodes) = run(&body);
                assert_eq!(ended, expected, "{body}");
                seen.extend(opcodes);
            }
        }
    }
    let missing: Vec<Opcode> = Opcode::ALL.into_iter().filter(|opcode| !seen.contains(opcode)).collect();
    assert_eq!(missing, []);
}

#[test]
fn results_land_in_the_bank_of_the_call_or_of_the_return() {
    // What `main` finds in registers r1, d1 and c1 after a call with its result in register 1 of a bank.
    let callees = "func int() -> i64 {\n regs 1 i64\n ConstI64K r0, -3\n ReturnI64 r0\n}
func float() -> f64 {\n regs 1 f64\n const k0 = float -2.5\n ConstF64K d0, k0\n ReturnF64 d0\n}
func cell() -> cell {\n regs 1 cell\n const k0 = null\n ConstStrKW c0, k0\n ReturnCell c0\n}
func constant() -> i64 {\n ReturnConstK 9\n}";
    let float = |value: f64| value.to_bits();
    let int = |value: i64| value.cast_unsigned();
    for (register, callee, expected) in [
        ("r1", "int", [int(-3), 0, 0]),
        ("r1", "float", [int(-2), 0, 0]),
        ("r1", "cell", [0, 0, Cell::NULL.bits()]),
        ("r1", "constant", [9, 0, 0]),
        ("d1", "int", [0, float(-3.0), 0]),
        ("d1", "float", [0, float(-2.5), 0]),
        ("d1", "cell", [0, 0, Cell::NULL.bits()]),
        ("d1", "constant", [9, 0, 0]),
        ("c1", "int", [0, 0, Cell::int(-3).bits()]),
        ("c1", "float", [0, 0, float(-2.5)]),
        ("c1", "cell", [0, 0, Cell::NULL.bits()]),
        ("c1", "constant", [9, 0, 0]),
    ] {
        let head = "func main() -> i64 {\n regs 2 i64, 2 f64, 2 cell";
        let source = format!("{head}\n CallMixed {register}, 0, {callee}\n Deopt 0\n}}\n{callees}");
        let program = text::parse(&source).unwrap().verify().unwrap();
        let mut vm = Vm::new(program, &VmOptions::default()).unwrap();
        vm.run(&[]).unwrap();
        let place = vm.backtrace().next().unwrap();
        let found = Bank::ALL.map(|bank| vm.register(place, bank, 1).unwrap());
        assert_eq!(found, expected, "{callee} into {register}");
        assert_eq!(vm.register(place, Bank::I64, 2), None);
    }
}

#[test]
fn nan_bits_pass_through_registers_and_are_boxed_as_one() {
    let source = "func main() -> f64 {\n regs 3 f64\n const k0 = 0x7ff0000000000123\n ConstF64K d0, k0\n\
                  MovF64 d1, d0\n NegF64 d1, d1\n CallF64 d2, d1, same\n ReturnF64 d2\n}
func same(f64) -> f64 {\n regs 1 f64\n ReturnF64 d0\n}";
    let program = text::parse(source).unwrap().verify().unwrap();
    let mut vm = Vm::new(program, &VmOptions::default()).unwrap();
    let Ok(Outcome::Returned(returned @ Returned::F64(_))) = vm.run(&[]) else { panic!("returns a float") };
    assert_eq!(returned.raw_bits(), 0xfff0_0000_0000_0123);
    assert_eq!(returned.cell().bits(), 0x7ff8_0000_0000_0000);
}

#[test]
fn a_counted_run_counts_and_stops() {
    let source = "func main() -> i64 {\n regs 1 i64\n CallI64 r0, r0, leaf\n CallI64 r0, r0, leaf\nx: Jump x\n}
func leaf() -> i64 {\n ReturnConstK 1\n}";
    let program = text::parse(source).unwrap().verify().unwrap();
    let mut vm = Vm::new(program, &VmOptions::default()).unwrap();
    let (ended, counts) = vm.call_counted(0, &[], 100);
    assert_eq!(ended.unwrap_err().kind, FaultKind::OpLimit { limit: 100 });
    let counted = |ops, max_depth| Some(Counts { ops, max_depth });
    assert_eq!(counts, counted(100, 2));
    let (ended, counts) = vm.call_counted(1, &[], 1);
    assert_eq!(ended, Ok(Outcome::Returned(Returned::Constant(1))));
    assert_eq!(counts, counted(1, 1));
}
