//! Calls and tail calls. Recursion counts down.

use super::generate::Writer;
use super::signature::COUNTERS;
use vm3::program::{Bank, Opcode};

impl Writer<'_> {
    /// A call, if there is a function to call, and room for its arguments and its result.
    pub(crate) fn call(&mut self) {
        let callee = self.index + self.random.below(self.signatures.len() - self.index);
        let recursive = callee == self.index;
        let signature = self.signatures[callee].clone();
        let mut own = self.own().registers;
        if signature.gives_cell {
            // A cell lands in the cell register of the same number, and everything else has to have one, too.
            if own.cell <= COUNTERS {
                return;
            }
            own.i64 = own.i64.min(own.cell);
        }
        let ints = signature.parameters_of(Bank::I64);
        let floats = signature.parameters_of(Bank::F64);
        let guard = self.code.len();
        if recursive {
            self.push(Opcode::CmpLeI64KBr, 0, 0, 0);
        }
        let result = COUNTERS + self.random.below(usize::from(own.i64 - COUNTERS)) as u16;
        own.i64 = self.own().registers.i64;
        self.guess(result);
        match self.random.below(3) {
            0 if own.f64 > floats && own.f64 > 0 && !recursive && signature.takes_only(Bank::F64) => {
                let first = self.random.below(usize::from(own.f64 - floats) + 1) as u16;
                // A constant lands in the i64 register of the same number.
                let most = if signature.gives_cell { own.cell } else { u16::MAX };
                let result = self.random.below(usize::from(own.f64.min(own.i64 - COUNTERS).min(most))) as u16;
                if result >= COUNTERS {
                    self.guess(result);
                    self.push(Opcode::CallF64, result, first, callee as u16);
                }
            }
            1 if own.i64 > ints + COUNTERS && signature.takes_only(Bank::I64) => {
                let window = usize::from(own.i64 - ints - COUNTERS) + 1;
                let first = COUNTERS + self.random.below(window) as u16;
                let first = first.min(own.i64 - ints.max(1));
                self.depth(recursive, first);
                self.push(Opcode::CallI64, result, first, callee as u16);
            }
            _ => {
                let need = signature.parameters.len().max(1) as u16;
                let others = [(own.f64, signature.need(Bank::F64)), (own.cell, signature.need(Bank::Cell))];
                let fits = |(count, need): &(u16, u16)| *need == 0 || *count >= COUNTERS + need;
                if own.i64 >= COUNTERS + need && others.iter().all(fits) {
                    let wanted = others.iter().filter(|(_, need)| *need > 0);
                    let rooms = wanted.map(|(count, need)| count - COUNTERS - need);
                    let room = rooms.fold(own.i64 - COUNTERS - need, u16::min);
                    let first = COUNTERS + self.random.below(usize::from(room) + 1) as u16;
                    self.depth(recursive, first);
                    let bank = match self.random.below(3) {
                        1 if result < own.f64 => 1,
                        2 if result < own.cell => 2,
                        _ => 0,
                    };
                    self.push(Opcode::CallMixed, result, first, callee as u16);
                    if let Some(op) = self.code.last_mut() {
                        op.flags = bank;
                    }
                }
            }
        }
        if recursive {
            self.patch(guard, self.code.len());
        }
    }

    /// Makes the first argument one less than what this function was called with, if it calls itself.
    fn depth(&mut self, recursive: bool, first: u16) {
        if recursive {
            self.push(Opcode::AddI64K, first, 0, u16::MAX);
        } else if self.random.once_in(2) {
            let depth = self.random.below(5) as u16;
            self.push(Opcode::ConstI64K, first, 0, depth);
        }
    }

    /// A tail call of one of `count` functions from `first_callee` on.
    pub(crate) fn tail_call(&mut self, first_callee: usize, count: usize) {
        let callee = first_callee + self.random.below(count);
        let signature = &self.signatures[callee];
        let own = self.own().registers;
        if signature.gives_cell && !self.own().gives_cell {
            return self.push(Opcode::ReturnConstK, 0, 0, 2);
        }
        let banks = Bank::ALL.map(|bank| (own.of(bank), signature.need(bank)));
        let dense = signature.parameters_of(Bank::I64);
        let mixed = banks.iter().all(|(count, need)| count >= need);
        if mixed && self.random.once_in(2) {
            let wanted = banks.iter().filter(|(_, need)| *need > 0);
            let room = wanted.map(|(count, need)| count - need).fold(u16::MAX, u16::min);
            let first = self.random.below(usize::from(room) + 1) as u16;
            self.push(Opcode::TailCallMixed, 0, first, callee as u16);
        } else if own.i64 >= dense && signature.takes_only(Bank::I64) {
            let first = self.random.below(usize::from(own.i64 - dense) + 1) as u16;
            self.push(Opcode::TailCallI64, 0, first, callee as u16);
        } else {
            self.push(Opcode::ReturnConstK, 0, 0, 1);
        }
    }

    /// A tail call of this function with one less to go, as long as there is some. One that passes everything where it is
    /// already is a jump to the start.
    pub(crate) fn tail_call_itself(&mut self) {
        let own = self.own().registers;
        let guard = self.code.len();
        self.push(Opcode::CmpLeI64KBr, 0, 0, 0);
        let banks = Bank::ALL.map(|bank| (own.of(bank), self.own().need(bank)));
        let wanted = banks.iter().filter(|(_, need)| *need > 0);
        let mixed = wanted.map(|(count, need)| count - need).fold(u16::MAX, u16::min);
        let dense = own.i64 - self.own().parameters_of(Bank::I64);
        let (opcode, room) =
            self.random.of(&[(Opcode::TailCallMixed, 0), (Opcode::TailCallMixed, mixed), (Opcode::TailCallI64, dense)]);
        let first = self.random.below(usize::from(room) + 1) as u16;
        self.push(Opcode::AddI64K, first, 0, u16::MAX);
        self.push(opcode, 0, first, self.index as u16);
        self.patch(guard, self.code.len());
        let int = self.int();
        self.push(Opcode::ReturnI64, int, 0, 0);
    }
}
