//! A brainfuck compiler: an op set, an interpreter that calls the ops, and a compiler that stitches them.
//! `README.md` walks through it.

mod compiler;
mod error;
mod host;
mod interpreter;
mod program;
mod stencils;
#[cfg(test)]
mod tests;

pub use compiler::{Compiled, Compiler};
pub use error::{Error, Fault, Position, SyntaxError};
pub use host::Outcome;
pub use program::Program;
pub use stencils::ops::CELLS;

/// Runs a program as machine code, for as long as it takes.
///
/// # Errors
/// When it is no program, stops before its end, or cannot be compiled on this machine.
pub fn run(source: &str, input: &[u8]) -> Result<Vec<u8>, Error> {
    let program = Program::parse(source)?;
    let outcome = Compiler::new()?.compile(&program)?.run(input, u64::MAX);
    match outcome.fault {
        Some(fault) => Err(fault.into()),
        None => Ok(outcome.output),
    }
}
