//! Functions as large as they can be.

use super::{int, machines, program, run};
use vm3::program::{Bank, Function, Op, Opcode, Program, RegisterCounts, Verified};
use vm3::{Outcome, Returned};

fn function(registers: RegisterCounts, parameters: usize, code: Vec<Op>) -> Function {
    let name = "f".to_owned();
    let (constants, tables) = (Vec::new(), Vec::new());
    Function {
        name,
        registers,
        parameters: vec![Bank::I64; parameters],
        result: Bank::I64,
        constants,
        tables,
        code,
        host: false,
    }
}

fn verified(functions: Vec<Function>) -> Verified {
    Program { functions, ..Program::default() }.verify().unwrap()
}

#[test]
fn a_function_with_every_register() {
    let registers = RegisterCounts { i64: u16::MAX, f64: u16::MAX, cell: 0 };
    // Every register gets the one before plus one.
    let mut code: Vec<Op> = (1..u16::MAX).map(|r| Op::new(Opcode::AddI64K, r, r - 1, 1)).collect();
    code.push(Op::new(Opcode::ReturnI64, u16::MAX - 1, 0, 0));
    let program = verified(vec![function(registers, 1, code)]);
    for vm in &mut machines(&program, 4 << 20) {
        assert_eq!(vm.run(&[10]), int(10 + i64::from(u16::MAX) - 1));
    }
}

#[test]
fn a_function_with_every_register_of_every_bank() {
    // Every fourth register of each bank is written, the last one too; more ops there cannot be.
    let mut source = String::from(
        "func f(i64) -> i64 {\n regs 65535 i64, 65535 f64, 65535 cell\n const k0 = float 1.0\n ConstF64K d1, k0\n",
    );
    let mut before = 0;
    for register in (2..u16::MAX).step_by(4) {
        source += &format!(" AddI64K r{register}, r{before}, 1\n AddF64 d{register}, d{before}, d1\n");
        source += &format!(" NewList c{register}, 0\n");
        before = register;
    }
    assert_eq!(before, u16::MAX - 1);
    source += &format!(
        " ListPushI64 c{before}, r{before}
    ListLenI64 r3, c2
    ListGetI64 r1, c{before}, r3
    ListLenI64 r3, c{before}
    F64ToI64 r4, d{before}
    AddI64 r1, r1, r4
    AddI64 r1, r1, r3
    ReturnI64 r1\n}}"
    );
    let program = program(&source);
    for vm in &mut machines(&program, 4 << 20) {
        for _ in 0..2 {
            assert_eq!(vm.run(&[10]), int(10 + 16_384 + 16_384 + 1));
        }
    }
}

#[test]
fn a_function_with_every_op_jumps_across_all_of_it() {
    // A loop from end to end, with a branch every few ops.
    let length = 65_536_u32;
    let mut code = Vec::new();
    code.push(Op::new(Opcode::CmpLeI64KBr, 0, 0, (length - 1) as u16 as i16));
    while code.len() < length as usize - 3 {
        let next = (code.len() + 2) as u16;
        code.push(Op::new(Opcode::CmpGtI64KBr, 0, 3, next as i16));
        code.push(Op::new(Opcode::AddI64, 1, 1, 0));
    }
    code.truncate(length as usize - 3);
    code.push(Op::new(Opcode::SubI64K, 0, 0, 1));
    code.push(Op::new(Opcode::Jump, 0, 0, 0));
    code.push(Op::new(Opcode::ReturnI64, 1, 0, 0));
    assert_eq!(code.len(), length as usize);
    let registers = RegisterCounts { i64: 2, f64: 0, cell: 0 };
    let program = verified(vec![function(registers, 1, code)]);
    let mut vms = machines(&program, 1 << 16);
    let expected = vms[0].run(&[5]).unwrap();
    assert!(matches!(expected, Outcome::Returned(Returned::I64(sum)) if sum > 100_000));
    for vm in &mut vms {
        assert_eq!(vm.run(&[5]).unwrap(), expected);
    }
}

#[test]
fn a_call_with_every_argument() {
    let registers = RegisterCounts { i64: u16::MAX, f64: 0, cell: 0 };
    let all = usize::from(u16::MAX);
    let main = vec![
        Op::new(Opcode::ConstI64K, u16::MAX - 1, 0, 41),
        Op::new(Opcode::AddI64K, 0, 0, 1),
        Op::new(Opcode::CallI64, 1, 0, 1),
        Op::new(Opcode::TailCallI64, 0, 0, 1),
    ];
    let sum = vec![Op::new(Opcode::AddI64, 0, 0, (u16::MAX - 1) as i16), Op::new(Opcode::ReturnI64, 0, 0, 0)];
    let program = verified(vec![function(registers, 1, main), function(registers, all, sum)]);
    for vm in &mut machines(&program, 4 << 20) {
        assert_eq!(vm.run(&[10]), int(52));
    }
}

#[test]
fn loops_within_loops_need_registers_at_the_very_end() {
    // What is needed before an op is found in few rounds, however the loops nest.
    let mut source = String::from("func f(i64) -> i64 {\n regs 20 i64\n");
    // Further apart than some architectures' branches reach.
    let count = 20_000;
    for block in 0..count {
        source += &format!("a{block}:\n AddI64 r{}, r{}, r19\n", block % 19, (block + 7) % 19);
    }
    for block in 0..count {
        source += &format!(" CmpGtI64Br r{}, r19, a{}\n", block % 19, count - 1 - block);
    }
    source += " ReturnI64 r1\n}";
    assert_eq!(run(&program(&source), &[-3]), int(0));
}
