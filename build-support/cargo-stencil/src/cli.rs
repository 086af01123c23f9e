//! What the commands take.

use crate::error::Error;
use crate::find::Selection;
use crate::{diff, export, list, show, size, why};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

/// Cargo runs `cargo-stencil stencil …`.
#[derive(Debug, Parser)]
#[command(name = "cargo", bin_name = "cargo")]
enum Cargo {
    /// Shows what is in stencil tables, and writes them for other languages
    #[command(version)]
    Stencil(Stencil),
}

#[derive(Debug, Args)]
struct Stencil {
    #[command(subcommand)]
    command: Command,
    /// Print JSON, for tools
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The ops of tables: variants, bytes, holes, distinct bodies
    List(list::List),
    /// The machine code of an op, its holes named, below the op's Rust
    Show(show::Show),
    /// What differs between two tables: ops that grew, new kinds of holes
    Diff(diff::Diff),
    /// What an op's stencils have passed, and what its values became
    Why(why::Why),
    /// Tables against their budget, and the ops that take most
    Size(size::Size),
    /// A table as source text of another language
    Export(export::Export),
}

/// Which tables a command is about.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    /// A table file; without one, the tables of a package
    #[arg(value_name = "TABLE")]
    pub(crate) file: Option<PathBuf>,
    /// The package whose tables are looked for, by default that of the current folder
    #[arg(short, long)]
    pub(crate) package: Option<String>,
    #[command(flatten)]
    pub(crate) selection: Selection,
}

/// Runs the command that the arguments name.
pub(crate) fn run() -> Result<(), Error> {
    let Cargo::Stencil(Stencil { command, json }) = Cargo::parse();
    match command {
        Command::List(list) => print(&list.run()?, json),
        Command::Show(show) => print(&show.run()?, json),
        Command::Diff(diff) => print(&diff.run()?, json),
        Command::Why(why) => print(&why.run()?, json),
        Command::Size(size) => print(&size.run()?, json),
        Command::Export(export) => export.run(),
    }
}

/// Prints what a command found.
fn print(found: &(impl Serialize + Display), json: bool) -> Result<(), Error> {
    let text = if json {
        serde_json::to_string_pretty(found).map_err(|source| Error::Json { source })? + "\n"
    } else {
        found.to_string()
    };
    write(&text)
}

/// Writes a text to the standard output.
pub(crate) fn write(text: &str) -> Result<(), Error> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|source| Error::Io { action: "write", path: PathBuf::from("the output"), source }),
    }
}
