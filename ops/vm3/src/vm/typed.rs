//! Calls by name, with values of the program's types.

use super::Vm;
use crate::fault::Fault;
use crate::heap::HeapError;
use crate::hosts::Value;
use crate::outcome::{Deopt, Outcome};
use crate::program::{Bank, Cell, MAX_MIXED};
use thiserror::Error;

/// Why a call by name gave no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The program has no such function.
    #[error("the program has no function `{name}`")]
    NoFunction {
        /// The name.
        name: String,
    },
    /// It takes more or fewer arguments.
    #[error("function `{name}` takes {expected} arguments, not {found}")]
    ArgumentCount {
        /// The function.
        name: String,
        /// How many it takes.
        expected: usize,
        /// How many there were.
        found: usize,
    },
    /// An argument is of another bank than its parameter.
    #[error("argument {index} of function `{name}` is of bank {found}; pass one of bank {expected}")]
    ArgumentType {
        /// The function.
        name: String,
        /// The argument's position.
        index: usize,
        /// The parameter's bank.
        expected: Bank,
        /// The argument's.
        found: Bank,
    },
    /// The function has parameters that no call can pass.
    #[error("function `{name}` cannot be called with these parameters; give it at most 8, and registers for each")]
    Parameters {
        /// The function.
        name: String,
    },
    /// The call failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The call ended in a deopt.
    #[error("the call ended in a deopt to position {}; go on from there yourself", .0.target)]
    Deopt(Deopt),
}

impl Vm {
    /// Calls the first function of this name with arguments that are of the banks of its parameters, as a mixed call passes
    /// them, and gives what it returned.
    ///
    /// # Errors
    /// When there is no such function, the arguments are not what it takes, or the call fails. The machine can be used
    /// after any of them.
    pub fn call_named(&mut self, name: &str, arguments: &[Value]) -> Result<Value, CallError> {
        let program = self.program.program();
        let index = program.function_named(name).ok_or_else(|| CallError::NoFunction { name: name.to_owned() })?;
        let function = &program.functions[index];
        let parameters = &function.parameters;
        if parameters.len() != arguments.len() {
            let (expected, found) = (parameters.len(), arguments.len());
            return Err(CallError::ArgumentCount { name: name.to_owned(), expected, found });
        }
        let pairs = parameters.iter().copied().zip(arguments).enumerate();
        for (index, (expected, argument)) in pairs {
            let found = argument.bank();
            if expected != found {
                return Err(CallError::ArgumentType { name: name.to_owned(), index, expected, found });
            }
            // Many are passed by calls of one bank only, which number them in the same way.
            let reached = index < usize::from(function.registers.of(expected))
                && (parameters.len() <= MAX_MIXED || parameters.iter().all(|bank| *bank == Bank::I64));
            if !reached {
                return Err(CallError::Parameters { name: name.to_owned() });
            }
        }
        self.enter(index, &[])?;
        let layout = self.codes[index].layout;
        for (position, argument) in (0..).zip(arguments) {
            let slot = layout.slot(argument.bank(), position) as usize;
            self.stack.words_mut()[slot] = argument.bits();
        }
        match self.run_frame(index, 0)? {
            Outcome::Returned(returned) => Ok(returned.into()),
            Outcome::Deopt(deopt) => Err(CallError::Deopt(deopt)),
        }
    }

    /// A string on the heap, or in the cell if it is short, to be passed to calls. It is there until a collection.
    ///
    /// # Errors
    /// When the heap is full.
    pub fn new_string(&mut self, bytes: &[u8]) -> Result<Cell, HeapError> {
        Cell::inline_string(bytes).map_or_else(|| self.heap.new_string(bytes), Ok)
    }
}
