//! Runs programs as machine code.

use crate::error::{Error, Fault};
use crate::host::{self, Outcome, get, put};
use crate::program::{Kind, Program};
use crate::stencils::ops::{Emit, Machine};
use stencil_runtime::{Assembler, Code, CodeSpace, Label, Reg, TableSet};

pub(crate) static TABLES: TableSet<Machine> = stencil_macros::tables!(Machine, "brainfuck");

/// The only register.
const HEAD: Reg = Reg(0);

/// Compiles programs.
#[derive(Debug)]
pub struct Compiler {
    asm: Assembler<'static, Machine>,
    space: CodeSpace<Machine>,
}

/// A program as machine code.
#[derive(Debug, Clone)]
pub struct Compiled {
    pub(crate) code: Code<Machine>,
    /// What the numbers mean that the op `stop` is emitted with.
    pub(crate) faults: Vec<Fault>,
}

impl Compiler {
    /// A compiler for this machine.
    ///
    /// # Errors
    /// When there are no stencils for it, or the system gives no executable memory.
    pub fn new() -> Result<Self, Error> {
        let table = TABLES.best()?;
        Ok(Self { asm: Assembler::new(table), space: CodeSpace::for_table(table)? })
    }

    /// Compiles a program.
    ///
    /// # Errors
    /// When it is too long, or there is no more executable memory.
    pub fn compile(&mut self, program: &Program) -> Result<Compiled, Error> {
        let asm = &mut self.asm;
        let mut exits: Vec<(Label, Fault)> = Vec::new();
        // A label behind each instruction; only those behind brackets are used.
        let behind: Vec<Label> = program.instructions.iter().map(|_| asm.label()).collect();
        asm.prologue();
        asm.move_heads(HEAD, 0);
        for (index, instruction) in program.instructions.iter().enumerate() {
            let at = instruction.at;
            match instruction.kind {
                Kind::Add(n) => asm.add(HEAD, n),
                Kind::Step(by) => {
                    let overrun = asm.label();
                    exits.push((overrun, Fault::Overrun { at }));
                    asm.step(HEAD, HEAD, by, overrun);
                }
                Kind::Write => asm.write(HEAD, put),
                Kind::Read => asm.read(HEAD, get),
                Kind::Open(end) => {
                    asm.open(HEAD, behind[end]);
                    asm.bind(behind[index]);
                }
                Kind::Close(start) => {
                    let spent = asm.label();
                    exits.push((spent, Fault::OutOfFuel { at }));
                    asm.close(HEAD, behind[start], spent);
                    asm.bind(behind[index]);
                }
            }
        }
        asm.epilogue();
        for (number, (exit, _)) in exits.iter().enumerate() {
            asm.bind(*exit);
            asm.stop(number);
        }
        let code = self.space.publish(asm)?;
        Ok(Compiled { code, faults: exits.into_iter().map(|(_, fault)| fault).collect() })
    }
}

impl Compiled {
    /// Runs the program. Its loops go round at most `fuel` times.
    pub fn run(&self, input: &[u8], fuel: u64) -> Outcome {
        host::run(input, fuel, |fixed| {
            // SAFETY: `compile` made the code: it starts with a prologue, ends with an epilogue or `stop`, puts the head
            // on the tape first, moves it by `step` only, and calls `put` and `get` as they want to be called. The
            // context and the tape outlive this call, and nobody else uses them.
            unsafe { self.code.enter(0, fixed) };
            // SAFETY: the context outlives this call.
            let fault = unsafe { (*fixed.ctx).fault };
            self.faults.get(fault).copied()
        })
    }
}
