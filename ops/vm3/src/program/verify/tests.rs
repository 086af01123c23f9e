//! One malformed program per reason, and the programs that are odd but fine.

use super::Reason;
use crate::program::{Bank, Cell, Function, Op, Opcode, Program, RegisterCounts};

fn function(registers: [u16; 3], parameters: &[Bank], code: &[Op]) -> Function {
    let [i64, f64, cell] = registers;
    Function {
        name: "f".into(),
        registers: RegisterCounts { i64, f64, cell },
        parameters: parameters.to_vec(),
        result: Bank::I64,
        constants: vec![Cell::NULL],
        tables: vec![vec![1, 2]],
        code: code.to_vec(),
        host: false,
    }
}

fn program(functions: Vec<Function>) -> Program {
    Program { functions, ..Program::default() }
}

/// Position and reason for which a function with two registers per bank and these ops is rejected.
fn rejected(code: &[Op]) -> (Option<usize>, Reason) {
    let error = program(vec![function([2, 2, 2], &[], code)]).verify().unwrap_err();
    assert_eq!(error.function, Some((0, "f".into())));
    (error.pc, error.reason)
}

const END: Op = Op::new(Opcode::ReturnConstK, 0, 0, 0);

#[test]
fn registers_are_checked_in_every_field_of_every_opcode() {
    use crate::program::Field;
    let mut checked = 0;
    for opcode in Opcode::ALL {
        for (position, field) in opcode.fields().into_iter().enumerate() {
            let bank = match field {
                Field::I64 | Field::Result => Bank::I64,
                Field::F64 | Field::F64Pair => Bank::F64,
                Field::Cell => Bank::Cell,
                _ => continue,
            };
            let mut values = [0; 3];
            values[position] = 2;
            let op = Op::new(opcode, values[0], values[1], values[2].cast_signed());
            let reason = Reason::Register { bank, register: 2, count: 2 };
            assert_eq!(rejected(&[END, op, END]), (Some(1), reason), "{opcode:?}");
            checked += 1;
        }
    }
    assert_eq!(checked, 125);
}

#[test]
fn both_registers_of_a_pair_are_checked() {
    let op = Op::new(Opcode::FmaF64, 0, 0, 0x0200);
    assert!(matches!(rejected(&[op, END]).1, Reason::Register { bank: Bank::F64, register: 2, .. }));
}

#[test]
fn indexes_are_checked() {
    let at = |opcode, c| rejected(&[Op::new(opcode, 0, 0, c), END]).1;
    assert_eq!(at(Opcode::ConstI64KW, 1), Reason::Constant { index: 1, count: 1 });
    assert_eq!(at(Opcode::LookupI64KW, -1), Reason::Table { index: 65535, count: 1 });
    assert_eq!(at(Opcode::CallI64, 1), Reason::Function { index: 1, count: 1 });
    assert_eq!(at(Opcode::CmpLtF64Br, 2), Reason::Target { target: 2, length: 2 });
    assert_eq!(at(Opcode::Jump, -1), Reason::Target { target: 65535, length: 2 });
}

#[test]
fn code_ends_and_fits() {
    assert_eq!(rejected(&[]), (None, Reason::NoCode));
    let nop = Op::new(Opcode::Nop, 0, 0, 0);
    assert_eq!(rejected(&[nop]), (Some(0), Reason::FallsOffEnd));
    let long = vec![END; 65_537];
    assert_eq!(rejected(&long), (None, Reason::CodeTooLong { length: 65_537 }));
    program(vec![function([0; 3], &[], &long[1..])]).verify().unwrap();
}

#[test]
fn the_entry_exists() {
    let error = Program::default().verify().unwrap_err();
    assert_eq!(error.reason, Reason::Entry { index: 0, count: 0 });
    assert_eq!(error.to_string(), "entry function 0 does not exist; the program has 0");
}

#[test]
fn argument_windows_are_checked() {
    let callee = function([2, 2, 1], &[Bank::I64, Bank::F64, Bank::I64], &[END]);
    let verify = |callee: &Function, op| {
        let caller = function([3, 1, 1], &[], &[op, END]);
        program(vec![caller, callee.clone()]).verify().map_err(|error| error.reason)
    };
    verify(&callee, Op::new(Opcode::CallI64, 0, 1, 1)).unwrap();
    let past = |bank, register, count| Reason::Argument { bank, register, count };
    for opcode in [Opcode::CallI64, Opcode::TailCallI64] {
        let reason = verify(&callee, Op::new(opcode, 0, 2, 1)).unwrap_err();
        assert_eq!(reason, past(Bank::I64, 3, 3));
    }
    for opcode in [Opcode::CallMixed, Opcode::TailCallMixed] {
        let reason = verify(&callee, Op::new(opcode, 0, 0, 1)).unwrap_err();
        assert_eq!(reason, past(Bank::F64, 1, 1));
    }
    // Parameter 2 goes to register 2 of a callee that has two.
    let callee = function([2, 0, 0], &[Bank::I64; 3], &[END]);
    let reason = verify(&callee, Op::new(Opcode::CallMixed, 0, 0, 1)).unwrap_err();
    assert_eq!(reason, Reason::Parameter { bank: Bank::I64, register: 2, count: 2 });
}

#[test]
fn results_have_a_place_to_land_also_behind_tail_calls() {
    let hop = function([0; 3], &[], &[Op::new(Opcode::TailCallI64, 0, 0, 2)]);
    let cell = function([0, 0, 1], &[], &[Op::new(Opcode::ReturnCell, 0, 0, 0)]);
    let verify = |registers, op| {
        let caller = function(registers, &[], &[op, END]);
        program(vec![caller, hop.clone(), cell.clone()]).verify()
    };
    let call = Op::new(Opcode::CallI64, 1, 0, 1);
    let error = verify([2, 0, 1], call).unwrap_err();
    let reason = Reason::Landing { bank: Bank::Cell, register: 1, count: 1, callee: 1 };
    assert_eq!((error.pc, error.reason), (Some(0), reason));
    verify([2, 0, 2], call).unwrap();
}

/// Which functions of a program keep a region.
fn regions(functions: Vec<Function>) -> Vec<bool> {
    let verified = program(functions).verify().unwrap();
    (0..verified.program().functions.len()).map(|index| verified.keeps_region(index)).collect()
}

#[test]
fn frames_that_replace_one_another_agree_on_their_region() {
    let tail_call = |callee| Op::new(Opcode::TailCallI64, 0, 0, callee);
    let new_list = Op::new(Opcode::NewList, 0, 0, 0);
    let first = function([0; 3], &[], &[tail_call(1)]);
    let holds = function([1, 0, 1], &[], &[tail_call(2)]);
    let plain = function([1, 0, 0], &[], &[END]);
    let allocates = function([1, 0, 1], &[], &[new_list, END]);
    assert_eq!(regions(vec![first.clone(), holds.clone(), plain]), [false; 3]);
    assert_eq!(regions(vec![first, holds, allocates]), [true; 3]);
}

#[test]
fn a_region_is_kept_where_a_frame_with_cells_can_see_an_allocation() {
    let call = |callee| Op::new(Opcode::CallI64, 0, 0, callee);
    let keeps = |cells, op| {
        let caller = function([1, 0, cells], &[], &[call(1), END]);
        let between = function([1, 0, 0], &[], &[call(2), END]);
        let callee = function([1, 0, 1], &[], &[op, END]);
        regions(vec![caller, between, callee])
    };
    for opcode in [Opcode::NewList, Opcode::NewMap, Opcode::ConcatStr] {
        let op = Op::new(opcode, 0, 0, 0);
        assert_eq!(keeps(1, op), [true, false, true]);
        assert_eq!(keeps(0, op), [false, false, true]);
    }
    assert_eq!(keeps(1, Op::new(Opcode::LenStr, 0, 0, 0)), [false; 3]);
}

#[test]
fn what_only_fails_when_executed_is_let_through() {
    let unknown = Op { code: 200, flags: 0, a: 9, b: 9, c: 9 };
    let nine = Op::new(Opcode::CallMixed, 0, 0, 0);
    let deopt = Op::new(Opcode::Deopt, 0, 0, -1);
    let code = [nine, unknown, Op::new(Opcode::ListGetCell, 9, 9, 9), deopt];
    program(vec![function([9, 0, 0], &[Bank::I64; 9], &code)]).verify().unwrap();
}
