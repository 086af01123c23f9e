//! The command line of the machine: run, check, time and show programs.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
