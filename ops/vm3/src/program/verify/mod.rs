//! The verifier: what it lets through can only fail in the ways that [`crate::FaultKind`] lists.
//!
//! A verified program never leaves its code, its registers, its constants, its tables or its functions, and whatever a
//! callee returns has a register to land in. Failures that depend on values (a zero divisor, a list index) and ops that
//! always fail (an unknown number, a mixed call with nine parameters) are left to the run.

mod error;
mod tail_calls;

pub use error::{Reason, VerifyError};

use super::{Bank, Field, Function, Op, Opcode, Program};
use std::sync::Arc;
use tail_calls::TailCalls;

/// The most ops a function may have: positions are 16-bit numbers wherever they are stored.
const MAX_CODE: usize = 1 << 16;
/// The most functions a program may have: indexes are 16-bit numbers in ops.
const MAX_FUNCTIONS: usize = 1 << 16;
/// The most parameters a mixed call passes; with one more it faults.
pub(crate) const MAX_MIXED: usize = 8;

/// A program that passed [`Program::verify`]. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Verified {
    program: Arc<Program>,
    tail_calls: Arc<TailCalls>,
}

impl Verified {
    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// What clones have in common, and no other program has while one of them is there.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.program).addr()
    }

    /// Whether a frame of `function` keeps a region of the heap, that is, whether the frame can come to hold handles to
    /// what was allocated since it began: the function has cell registers, or is connected by tail calls with one that
    /// has; and so is one that allocates or calls, through however many others, one that does. Functions that replace one
    /// another in a frame agree on this.
    ///
    /// # Panics
    /// When the program has no such function.
    #[must_use]
    pub fn keeps_region(&self, function: usize) -> bool {
        self.tail_calls.keeps_region(function)
    }
}

impl Program {
    /// Checks the whole program.
    ///
    /// # Errors
    /// The first thing that is malformed, with function, position and reason.
    pub fn verify(self) -> Result<Verified, VerifyError> {
        if self.functions.len() > MAX_FUNCTIONS {
            let reason = Reason::TooManyFunctions { count: self.functions.len() };
            return Err(VerifyError::program(reason));
        }
        if self.entry >= self.functions.len() {
            let reason = Reason::Entry { index: self.entry, count: self.functions.len() };
            return Err(VerifyError::program(reason));
        }
        for index in 0..self.functions.len() {
            self.verify_shape(index)?;
        }
        // From here on every index in the code names something.
        let tail_calls = TailCalls::of(&self);
        for index in 0..self.functions.len() {
            self.verify_results(index, &tail_calls)?;
        }
        Ok(Verified { program: Arc::new(self), tail_calls: Arc::new(tail_calls) })
    }

    /// Whether the op replaces its frame with one of the same function in place: nothing is passed, nothing is cleared.
    pub(crate) fn is_restart(op: Op, function: usize) -> bool {
        op.opcode() == Some(Opcode::TailCallMixed) && op.b == 0 && usize::from(op.index()) == function
    }

    /// Checks what can be seen in one op at a time.
    fn verify_shape(&self, index: usize) -> Result<(), VerifyError> {
        let function = &self.functions[index];
        let fail = |pc, reason| Err(VerifyError::function(index, function, pc, reason));
        if function.host {
            let shape = Function::host(function.name.as_str(), &function.parameters, function.result);
            let fits = *function == shape && function.parameters.len() <= MAX_MIXED;
            return if fits { Ok(()) } else { fail(None, Reason::HostShape) };
        }
        let Some(last) = function.code.last() else {
            return fail(None, Reason::NoCode);
        };
        if function.code.len() > MAX_CODE {
            return fail(None, Reason::CodeTooLong { length: function.code.len() });
        }
        for (pc, op) in function.code.iter().enumerate() {
            if let Some(opcode) = op.opcode()
                && let Err(reason) = self.verify_op(index, opcode, *op)
            {
                return fail(Some(pc), reason);
            }
        }
        if last.opcode().is_some_and(Opcode::falls_through) {
            return fail(Some(function.code.len() - 1), Reason::FallsOffEnd);
        }
        Ok(())
    }

    fn verify_op(&self, index: usize, opcode: Opcode, op: Op) -> Result<(), Reason> {
        let function = &self.functions[index];
        for (field, value) in opcode.fields().into_iter().zip(op.values()) {
            let number = usize::from(value);
            match field {
                Field::I64 => register(function, Bank::I64, number)?,
                Field::F64 => register(function, Bank::F64, number)?,
                Field::Cell => register(function, Bank::Cell, number)?,
                Field::Result => register(function, op.result_bank(), number)?,
                Field::F64Pair => {
                    for packed in op.register_pair() {
                        register(function, Bank::F64, usize::from(packed))?;
                    }
                }
                Field::Target => {
                    below(number, function.code.len(), |index, count| Reason::Target { target: index, length: count })?
                }
                Field::Constant => {
                    below(number, function.constants.len(), |index, count| Reason::Constant { index, count })?
                }
                Field::Table => below(number, function.tables.len(), |index, count| Reason::Table { index, count })?,
                Field::Function => {
                    below(number, self.functions.len(), |index, count| Reason::Function { index, count })?
                }
                Field::Unused
                | Field::Immediate
                | Field::Number
                | Field::I64Arguments
                | Field::F64Arguments
                | Field::Arguments => {}
            }
        }
        self.verify_arguments(index, opcode, op)
    }

    /// Checks that a call's arguments are registers of the caller and its parameters registers of the callee.
    fn verify_arguments(&self, index: usize, opcode: Opcode, op: Op) -> Result<(), Reason> {
        let caller = &self.functions[index];
        let window = |bank: Bank| -> Result<(), Reason> {
            let callee = &self.functions[usize::from(op.index())];
            if callee.host
                && let Some(other) = callee.parameters.iter().find(|parameter| **parameter != bank)
            {
                return Err(Reason::HostParameter { bank: *other, callee: usize::from(op.index()) });
            }
            for position in 0..callee.parameter_count(bank) {
                argument(caller, bank, usize::from(op.b) + position)?;
                parameter(callee, bank, position)?;
            }
            Ok(())
        };
        match opcode {
            Opcode::CallI64 | Opcode::TailCallI64 => window(Bank::I64),
            Opcode::CallF64 => window(Bank::F64),
            Opcode::TailCallMixed if Self::is_restart(op, index) => Ok(()),
            Opcode::CallMixed | Opcode::TailCallMixed => {
                let callee = &self.functions[usize::from(op.index())];
                let faults = callee.parameters.len() > MAX_MIXED;
                for (position, bank) in callee.parameters.iter().take(MAX_MIXED).enumerate() {
                    argument(caller, *bank, usize::from(op.b) + position)?;
                    if !faults {
                        parameter(callee, *bank, position)?;
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Checks that everything a call can return has a register to land in: the constant of `ReturnConstK` goes to the
    /// i64 bank and a cell to the cell bank, whatever bank the call names.
    fn verify_results(&self, index: usize, tail_calls: &TailCalls) -> Result<(), VerifyError> {
        let function = &self.functions[index];
        for (pc, op) in function.code.iter().enumerate() {
            let (Some(Opcode::CallI64 | Opcode::CallF64 | Opcode::CallMixed), callee) =
                (op.opcode(), usize::from(op.index()))
            else {
                continue;
            };
            let returns = tail_calls.returns(callee);
            let fixed = [(returns.constant, Bank::I64), (returns.cell, Bank::Cell)];
            for (_, bank) in fixed.into_iter().filter(|(possible, _)| *possible) {
                let count = usize::from(function.registers.of(bank));
                if usize::from(op.a) >= count {
                    let register = usize::from(op.a);
                    let reason = Reason::Landing { bank, register, count, callee };
                    return Err(VerifyError::function(index, function, Some(pc), reason));
                }
            }
        }
        Ok(())
    }
}

fn below(index: usize, count: usize, reason: fn(usize, usize) -> Reason) -> Result<(), Reason> {
    if index < count { Ok(()) } else { Err(reason(index, count)) }
}

fn register(function: &Function, bank: Bank, register: usize) -> Result<(), Reason> {
    let count = usize::from(function.registers.of(bank));
    if register < count { Ok(()) } else { Err(Reason::Register { bank, register, count }) }
}

fn argument(caller: &Function, bank: Bank, register: usize) -> Result<(), Reason> {
    let count = usize::from(caller.registers.of(bank));
    if register < count { Ok(()) } else { Err(Reason::Argument { bank, register, count }) }
}

fn parameter(callee: &Function, bank: Bank, register: usize) -> Result<(), Reason> {
    let count = usize::from(callee.registers.of(bank));
    if register < count { Ok(()) } else { Err(Reason::Parameter { bank, register, count }) }
}

#[cfg(test)]
mod tests;
