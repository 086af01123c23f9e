//! What the verifier says.

use crate::program::{Bank, Function};
use std::fmt;
use thiserror::Error;

/// A malformed program: where, and why.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub struct VerifyError {
    /// The index and name of the function, unless the program as a whole is malformed.
    pub function: Option<(usize, String)>,
    /// The position in the function's code, unless the function as a whole is malformed.
    pub pc: Option<usize>,
    /// What is wrong.
    #[source]
    pub reason: Reason,
}

impl VerifyError {
    pub(super) fn program(reason: Reason) -> Self {
        Self { function: None, pc: None, reason }
    }

    pub(super) fn function(index: usize, function: &Function, pc: Option<usize>, reason: Reason) -> Self {
        Self { function: Some((index, function.name.clone())), pc, reason }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((index, name)) = &self.function {
            write!(f, "function {index} `{name}`")?;
            if let Some(pc) = self.pc {
                write!(f, " at pc {pc}")?;
            }
            write!(f, ": ")?;
        }
        write!(f, "{}", self.reason)
    }
}

/// Why a program is malformed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Reason {
    /// More functions than a 16-bit index reaches.
    #[error("the program has {count} functions; split it so that it has at most 65536")]
    TooManyFunctions {
        /// Functions in the program.
        count: usize,
    },
    /// The entry is not a function.
    #[error("entry function {index} does not exist; the program has {count}")]
    Entry {
        /// The entry index.
        index: usize,
        /// Functions in the program.
        count: usize,
    },
    /// A function without code.
    #[error("the function has no code; end it with a return")]
    NoCode,
    /// A function of the host that has more to it than a name, parameters and a result.
    #[error("a function of the host has at most 8 parameters and nothing of its own; make it with `Function::host`")]
    HostShape,
    /// A call of ints or of floats that does not pass what a function of the host takes.
    #[error("function {callee} of the host takes {bank} parameters, too; call it with a mixed call")]
    HostParameter {
        /// The bank of one that the call does not pass.
        bank: Bank,
        /// The function that is called.
        callee: usize,
    },
    /// More ops than a 16-bit position reaches.
    #[error("the function has {length} ops; split it so that it has at most 65536")]
    CodeTooLong {
        /// Ops in the function.
        length: usize,
    },
    /// The last op goes on to the next.
    #[error("control falls off the end of the code; end it with a return, a jump or a tail call")]
    FallsOffEnd,
    /// A register that the function does not have.
    #[error("{bank} register {register} does not exist; the function has {count}")]
    Register {
        /// The register's bank.
        bank: Bank,
        /// The register's number.
        register: usize,
        /// Registers of that bank.
        count: usize,
    },
    /// A constant that the function does not have.
    #[error("constant {index} does not exist; the function has {count}")]
    Constant {
        /// The constant's index.
        index: usize,
        /// Constants of the function.
        count: usize,
    },
    /// A table that the function does not have.
    #[error("table {index} does not exist; the function has {count}")]
    Table {
        /// The table's index.
        index: usize,
        /// Tables of the function.
        count: usize,
    },
    /// A function that the program does not have.
    #[error("function {index} does not exist; the program has {count}")]
    Function {
        /// The function's index.
        index: usize,
        /// Functions of the program.
        count: usize,
    },
    /// A jump out of the code.
    #[error("target {target} lies outside the code, which has {length} ops")]
    Target {
        /// Where the jump goes.
        target: usize,
        /// Ops of the function.
        length: usize,
    },
    /// An argument register that the caller does not have.
    #[error("argument register {register} of bank {bank} does not exist; the caller has {count}")]
    Argument {
        /// The argument's bank.
        bank: Bank,
        /// The register the argument would come from.
        register: usize,
        /// Registers of that bank in the caller.
        count: usize,
    },
    /// A parameter register that the callee does not have.
    #[error("parameter register {register} of bank {bank} does not exist; the callee has {count}")]
    Parameter {
        /// The parameter's bank.
        bank: Bank,
        /// The register the parameter would go to.
        register: usize,
        /// Registers of that bank in the callee.
        count: usize,
    },
    /// A result that the caller has no register for.
    #[error(
        "function {callee} can return into {bank} register {register}, which does not exist; the caller has {count}"
    )]
    Landing {
        /// The bank that the callee's return op writes.
        bank: Bank,
        /// The register of the call op.
        register: usize,
        /// Registers of that bank in the caller.
        count: usize,
        /// The index of the callee.
        callee: usize,
    },
}
