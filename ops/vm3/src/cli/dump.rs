//! `vm3 dump`.

use super::{ProgramArgument, source};
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use vm3::program::{Function, Program, text};

/// Prints a program as assembly, with the position of every op.
#[derive(Debug, clap::Args)]
pub(super) struct Dump {
    #[command(flatten)]
    program: ProgramArgument,
}

impl Dump {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        let program = source::program(&self.program.path, self.program.name.as_deref())?;
        match write(&program, &mut io::stdout().lock()) {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            written => {
                written?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn write(program: &Program, out: &mut impl Write) -> io::Result<()> {
    for (index, function) in program.functions.iter().enumerate() {
        let Function { name, registers, parameters, result, .. } = function;
        let parameters: Vec<&str> = parameters.iter().map(|bank| bank.name()).collect();
        let entry = if index == program.entry { ", entry" } else { "" };
        writeln!(out, "function {index} `{name}`({}) -> {result}{entry}", parameters.join(", "))?;
        writeln!(
            out,
            "  {} i64, {} f64, {} cell; {} constants, {} tables",
            registers.i64,
            registers.f64,
            registers.cell,
            function.constants.len(),
            function.tables.len()
        )?;
        for (pc, op) in function.code.iter().enumerate() {
            writeln!(out, "  {pc:5}  {}", text::op(program, function, *op))?;
        }
    }
    Ok(())
}
