//! `vm3 dump`.

mod code;

use super::{ProgramArgument, source};
use clap::ValueEnum;
use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use vm3::program::{Function, Program, text};
use vm3::{Convention, Listing, Part, list};

/// Prints a program as assembly, with the position of every op, and beside it the machine code that it is compiled to.
///
/// Bytes in brackets are holes that were patched. A stencil is named after its op at its first instruction.
#[derive(Debug, clap::Args)]
pub(super) struct Dump {
    #[command(flatten)]
    program: ProgramArgument,
    /// What to show beside the bytecode
    #[arg(long, value_enum, default_value_t)]
    code: CodeArgument,
}

/// Which machine code to show.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum CodeArgument {
    /// That in the best calling convention there is
    #[default]
    Best,
    /// That in the portable convention
    Portable,
    /// That in the wide convention
    Wide,
    /// None
    None,
}

impl Dump {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        let program = source::program(&self.program.path, self.program.name.as_deref())?;
        let convention = match self.code {
            CodeArgument::Best => Some(None),
            CodeArgument::Portable => Some(Some(Convention::Portable)),
            CodeArgument::Wide => Some(Some(Convention::Wide)),
            CodeArgument::None => None,
        };
        let listings = match convention {
            // A malformed program is worth reading too.
            Some(convention) => match program.clone().verify() {
                Ok(verified) => Some(list(&verified, convention)?),
                Err(error) => {
                    eprintln!("not compiled: {error}");
                    None
                }
            },
            None => None,
        };
        match write(&program, listings.as_deref(), &mut io::stdout().lock()) {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::SUCCESS),
            written => {
                written?;
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

fn write(program: &Program, listings: Option<&[Listing]>, out: &mut impl Write) -> io::Result<()> {
    for (index, function) in program.functions.iter().enumerate() {
        let Function { name, registers, parameters, result, .. } = function;
        let parameters: Vec<&str> = parameters.iter().map(|bank| bank.name()).collect();
        let entry = if index == program.entry { ", entry" } else { "" };
        let host = if function.host { ", of the host" } else { "" };
        writeln!(out, "function {index} `{name}`({}) -> {result}{entry}{host}", parameters.join(", "))?;
        writeln!(
            out,
            "  {} i64, {} f64, {} cell; {} constants, {} tables",
            registers.i64,
            registers.f64,
            registers.cell,
            function.constants.len(),
            function.tables.len()
        )?;
        let listing = listings.and_then(|listings| listings.iter().find(|listing| listing.function == index));
        let own = listing.map_or(&[][..], |listing| &listing.pieces);
        let part = |part: Part, out: &mut dyn Write| -> io::Result<()> {
            let Some(listing) = listing else { return Ok(()) };
            own.iter().filter(|piece| piece.part == part).try_for_each(|piece| code::write(listing, piece, out))
        };
        if !own.is_empty() {
            writeln!(out, "         entry")?;
        }
        part(Part::Entry, out)?;
        for (pc, op) in function.code.iter().enumerate() {
            writeln!(out, "  {pc:5}  {}", text::op(program, function, *op))?;
            part(Part::Op(pc), out)?;
        }
        for piece in own {
            match piece.part {
                Part::Exit(pc) => writeln!(out, "         exit at {pc}")?,
                Part::Loop(pc) => writeln!(out, "         entry for the host to the loop at {pc}")?,
                Part::Slow(pc) => writeln!(out, "         host at {pc}")?,
                Part::Release => writeln!(out, "         end of the region")?,
                Part::Entry | Part::Op(_) => continue,
            }
            listing.map_or(Ok(()), |listing| code::write(listing, piece, out))?;
        }
    }
    Ok(())
}
