//! Random programs that a verifier accepts. Most of them end.
//!
//! Most end because control goes back only in loops that count down a register which nothing else in the loop writes,
//! and because a function calls functions behind it, or itself with one less in a register that only counts down.
//! In the others some branches lead anywhere.

use super::cells;
use super::hosts;
use super::signature::{COUNTERS, Signature};
use stencil_random::Random;
use vm3::program::{Arena, Bank, Cell, Field, Function, Op, Opcode, Program};

/// A random program.
pub(crate) fn program(random: &mut Random) -> Program {
    let count = 1 + random.below(5);
    let mut signatures: Vec<Signature> = (0..count).map(|_| Signature::random(random)).collect();
    let host = random.once_in(3).then(|| hosts::function(random, count));
    signatures.extend(host.as_ref().map(Signature::host));
    let tangled = random.once_in(6);
    let written = (0..count).map(|index| Writer::new(random, &signatures, index).function(tangled));
    let functions = written.collect::<Vec<_>>().into_iter().chain(host).collect();
    let strings = cells::STRINGS.iter().map(|text| text.as_bytes().to_vec()).collect();
    Program { functions, strings, ..Program::default() }
}

/// Writes one function.
pub(crate) struct Writer<'r> {
    pub(crate) random: &'r mut Random,
    pub(crate) signatures: &'r [Signature],
    pub(crate) index: usize,
    pub(crate) code: Vec<Op>,
    constants: Vec<Cell>,
    /// Where the constants of the cell bank start.
    pub(crate) cell_constants: usize,
    /// What each cell register holds, as far as it was the last to be written.
    pub(crate) kinds: Vec<Option<Arena>>,
    /// The registers that the constants at the start are in, which few other ops write.
    lasting: Vec<u16>,
    /// How many of the counters are in use by the loops around.
    loops: u16,
    /// How many ops the function may still get.
    budget: usize,
}

const INTS: [i64; 10] = [0, 1, -1, 2, 10, -7, 1 << 31, -(1 << 31), (1 << 47) - 1, -(1 << 47)];
const FLOATS: [f64; 10] = [0.0, -0.0, 1.0, -1.5, 0.1, 1e300, 5e-324, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];

impl<'r> Writer<'r> {
    fn new(random: &'r mut Random, signatures: &'r [Signature], index: usize) -> Self {
        let ints = INTS.iter().map(|int| Cell::int(*int));
        let numbers = ints.chain(FLOATS.iter().map(|float| Cell::float(*float)));
        let constants = numbers.chain(cells::constants()).collect();
        let cell_constants = INTS.len() + FLOATS.len();
        let kinds = vec![None; usize::from(signatures[index].registers.cell)];
        let budget = 10 + random.below(60);
        Self {
            random,
            signatures,
            index,
            code: Vec::new(),
            constants,
            cell_constants,
            kinds,
            lasting: Vec::new(),
            loops: 0,
            budget,
        }
    }

    pub(crate) fn own(&self) -> &'r Signature {
        &self.signatures[self.index]
    }

    fn function(mut self, tangled: bool) -> Function {
        match self.random.below(6) {
            // Nothing calls the first one in most programs.
            0 | 1 if self.index > 0 => self.return_at_once(),
            2 | 3 => self.straight_line(),
            _ => {}
        }
        // Whoever calls with more to go than a few gets a few.
        let start = self.code.len();
        self.push(Opcode::CmpGtI64KBr, 0, 6, start as u16 + 2);
        self.push(Opcode::Jump, 0, 0, start as u16 + 3);
        self.push(Opcode::ConstI64K, 0, 0, 3);
        self.fill_cells();
        while self.budget > 0 {
            self.statement();
        }
        self.end();
        if tangled {
            self.tangle();
        }
        let tables = vec![vec![7, -7, i64::MAX, i64::MIN], Vec::new()];
        Function {
            name: format!("f{}", self.index),
            registers: self.own().registers,
            parameters: self.own().parameters.clone(),
            result: Bank::I64,
            constants: self.constants,
            tables,
            code: self.code,
            host: false,
        }
    }

    /// Begins with ops that are executed in any case, constants among them.
    fn straight_line(&mut self) {
        for _ in 0..1 + self.random.below(5) {
            if self.random.once_in(3) && self.own().registers.f64 > 0 {
                self.float_op();
                continue;
            }
            let register = self.new_int();
            let (immediate, constant) = (self.immediate(), self.random.below(INTS.len()) as u16);
            let (opcode, value) = self.random.of(&[(Opcode::ConstI64K, immediate), (Opcode::ConstI64KW, constant)]);
            self.push(opcode, register, 0, value);
            self.lasting.push(register);
        }
    }

    /// Begins with a compare of ints and a return, which callers may do themselves.
    fn return_at_once(&mut self) {
        let returns_where_it_branches = self.random.once_in(2);
        let branch = self.compare_ints();
        let over = self.code.len();
        if returns_where_it_branches {
            self.push(Opcode::Jump, 0, 0, 0);
            self.patch(branch, self.code.len());
        }
        let (int, immediate) = (self.int(), self.immediate());
        match self.random.below(4) {
            0 => self.push(Opcode::ReturnConstK, 0, 0, immediate),
            1 => {
                let result = self.new_int();
                self.push(Opcode::ConstI64K, result, 0, immediate);
                self.push(Opcode::ReturnI64, result, 0, 0);
            }
            _ => self.push(Opcode::ReturnI64, int, 0, 0),
        }
        self.patch(if returns_where_it_branches { over } else { branch }, self.code.len());
    }

    /// Lets some branches lead anywhere: into loops, past the starts of registers' lives, round and round.
    fn tangle(&mut self) {
        for at in 0..self.code.len() {
            let branches = self.code[at].opcode().is_some_and(|opcode| opcode.fields()[2] == Field::Target);
            if branches && self.random.once_in(5) {
                let target = self.random.below(self.code.len());
                self.patch(at, target);
            }
        }
    }

    pub(crate) fn push(&mut self, opcode: Opcode, a: u16, b: u16, c: u16) {
        self.code.push(Op::new(opcode, a, b, c.cast_signed()));
        self.budget = self.budget.saturating_sub(1);
    }

    pub(crate) fn patch(&mut self, at: usize, target: usize) {
        self.code[at].c = (target as u16).cast_signed();
    }

    /// An i64 register to read.
    pub(crate) fn int(&mut self) -> u16 {
        self.random.below(usize::from(self.own().registers.i64)) as u16
    }

    /// An i64 register to write: no counter, and hardly ever one that has a constant for long.
    pub(crate) fn new_int(&mut self) -> u16 {
        let all = usize::from(self.own().registers.i64 - COUNTERS);
        let register = COUNTERS + self.random.below(all) as u16;
        match self.lasting.contains(&register) {
            true => COUNTERS + self.random.below(all) as u16,
            false => register,
        }
    }

    pub(crate) fn float(&mut self) -> u16 {
        self.random.below(usize::from(self.own().registers.f64)) as u16
    }

    fn immediate(&mut self) -> u16 {
        let any = self.random.word() as u16;
        self.random.of(&[0, 1, 2, u16::MAX, 3, 10, 0x8000, 0x7fff, any])
    }

    fn statement(&mut self) {
        let floats = self.own().registers.f64 > 0;
        let cells = self.own().registers.cell > 0;
        match self.random.below(20) {
            0..=4 if cells => self.cell_op(),
            0..=6 => self.int_op(),
            7..=10 if floats => self.float_op(),
            11 | 12 => self.skip(),
            13 if self.loops < 2 => self.counted_loop(),
            14 | 15 => self.call(),
            16 if self.random.once_in(3) => self.divide(),
            17 if self.random.once_in(6) => self.leave_early(),
            18 => {
                let (a, b, table) = (self.new_int(), self.int(), self.random.of(&[0, 0, 0, 1]));
                // Mostly within the table.
                if !self.random.once_in(8) {
                    let index = self.random.below(4) as u16;
                    self.push(Opcode::ConstI64K, a, 0, index);
                    self.push(Opcode::LookupI64KW, a, a, 0);
                } else {
                    self.push(Opcode::LookupI64KW, a, b, table);
                }
            }
            _ => self.int_op(),
        }
    }

    fn int_op(&mut self) {
        use Opcode::*;
        let (a, b, c) = (self.new_int(), self.int(), self.int());
        match self.random.below(10) {
            0..=4 => {
                let opcode = self.random.of(&[AddI64, SubI64, MulI64]);
                self.push(opcode, a, b, c);
            }
            5 | 6 => {
                let (opcode, immediate) = (self.random.of(&[AddI64K, SubI64K, MulI64K]), self.immediate());
                self.push(opcode, a, b, immediate);
            }
            7 => {
                let opcode = self.random.of(&[MovI64, NegI64, Nop]);
                self.push(opcode, a, b, 0);
            }
            8 => {
                let constant = self.random.below(INTS.len()) as u16;
                self.push(ConstI64KW, a, 0, constant);
            }
            _ => {
                let immediate = self.immediate();
                self.push(ConstI64K, a, 0, immediate);
            }
        }
    }

    fn float_op(&mut self) {
        use Opcode::*;
        let (a, b, c) = (self.float(), self.float(), self.float());
        match self.random.below(10) {
            0..=4 => {
                let opcode = self.random.of(&[AddF64, SubF64, MulF64, DivF64]);
                self.push(opcode, a, b, c);
            }
            5 => {
                let opcode = self.random.of(&[MovF64, NegF64, SqrtF64]);
                self.push(opcode, a, b, 0);
            }
            6 => {
                let addend = self.float();
                self.push(FmaF64, a, b, c | addend << 8);
            }
            7 => {
                let int = self.int();
                self.push(I64ToF64, a, int, 0);
            }
            8 => {
                let int = self.new_int();
                self.push(F64ToI64, int, b, 0);
            }
            _ => {
                let constant = INTS.len() + self.random.below(FLOATS.len());
                self.push(ConstF64K, a, 0, constant as u16);
            }
        }
    }

    fn divide(&mut self) {
        use Opcode::*;
        let (a, b, c) = (self.new_int(), self.int(), self.int());
        if self.random.once_in(2) {
            let opcode = self.random.of(&[DivI64, ModI64]);
            self.push(opcode, a, b, c);
        } else {
            let (opcode, immediate) = (self.random.of(&[DivI64K, ModI64K]), self.immediate());
            self.push(opcode, a, b, immediate);
        }
    }

    /// A compare that jumps; its target is set later. Gives where it stands.
    fn compare(&mut self) -> usize {
        use Opcode::*;
        if self.own().registers.f64 == 0 || !self.random.once_in(3) {
            return self.compare_ints();
        }
        let opcodes = [CmpEqF64Br, CmpNeF64Br, CmpLtF64Br, CmpLeF64Br, CmpGtF64Br, CmpGeF64Br];
        let (opcode, a, b) = (self.random.of(&opcodes), self.float(), self.float());
        self.push(opcode, a, b, 0);
        self.code.len() - 1
    }

    /// The same, of ints.
    fn compare_ints(&mut self) -> usize {
        use Opcode::*;
        if self.random.once_in(2) {
            let opcodes = [CmpEqI64KBr, CmpNeI64KBr, CmpLtI64KBr, CmpLeI64KBr, CmpGtI64KBr, CmpGeI64KBr];
            let (opcode, a, immediate) = (self.random.of(&opcodes), self.int(), self.immediate());
            self.push(opcode, a, immediate, 0);
        } else {
            let opcodes = [CmpEqI64Br, CmpNeI64Br, CmpLtI64Br, CmpLeI64Br, CmpGtI64Br, CmpGeI64Br];
            let (opcode, a, b) = (self.random.of(&opcodes), self.int(), self.int());
            self.push(opcode, a, b, 0);
        }
        self.code.len() - 1
    }

    /// Some statements that a compare may skip, and perhaps others that are done instead.
    fn skip(&mut self) {
        let branch = self.compare();
        for _ in 0..=self.random.below(3) {
            self.statement();
        }
        if self.random.once_in(2) {
            let over = self.code.len();
            self.push(Opcode::Jump, 0, 0, 0);
            self.patch(branch, self.code.len());
            self.statement();
            self.patch(over, self.code.len());
        } else {
            self.patch(branch, self.code.len());
        }
    }

    /// A loop with its compare at the head or at the bottom.
    fn counted_loop(&mut self) {
        let counter = 1 + self.loops;
        let turns = self.random.below(6) as u16;
        self.push(Opcode::ConstI64K, counter, 0, turns);
        self.loops += 1;
        let head = self.code.len();
        let at_head = self.random.once_in(2);
        if at_head {
            self.push(Opcode::CmpLeI64KBr, counter, 0, 0);
        }
        for _ in 0..=self.random.below(3) {
            self.statement();
        }
        self.push(Opcode::AddI64K, counter, counter, u16::MAX);
        if at_head {
            self.push(Opcode::Jump, 0, 0, head as u16);
            self.patch(head, self.code.len());
        } else {
            self.push(Opcode::CmpGtI64KBr, counter, 0, head as u16);
        }
        self.loops -= 1;
    }

    /// An op that ends the function, behind a compare that mostly skips it.
    fn leave_early(&mut self) {
        let branch = self.compare();
        self.end();
        self.patch(branch, self.code.len());
    }

    /// Ends the function: with a return, a deopt, a tail call, or an op that has no effect.
    fn end(&mut self) {
        let own = self.own().registers;
        let behind = self.signatures.len() - self.index - 1;
        match self.random.below(26) {
            0..=5 if self.own().gives_cell => {
                let cell = self.random.below(usize::from(own.cell)) as u16;
                self.push(Opcode::ReturnCell, cell, 0, 0);
            }
            0..=9 => {
                let int = self.int();
                self.push(Opcode::ReturnI64, int, 0, 0);
            }
            10..=13 if own.f64 > 0 => {
                let float = self.float();
                self.push(Opcode::ReturnF64, float, 0, 0);
            }
            14 => {
                let target = self.immediate();
                self.push(Opcode::Deopt, 0, 0, target);
            }
            15 => self.code.push(Op { code: self.random.of(&[37, 59, 60, 72, 255]), flags: 0, a: 0, b: 0, c: 0 }),
            16..=20 if behind > 0 => self.tail_call(self.index + 1, behind),
            21 | 22 => self.tail_call_itself(),
            _ => {
                let immediate = self.immediate();
                self.push(Opcode::ReturnConstK, 0, 0, immediate);
            }
        }
    }
}
