//! `cargo stencil`: what is in the stencil tables of an op set, for its author.
//!
//! | module | what lives there |
//! |---|---|
//! | `cli` | what the commands take |
//! | `find` | the tables that a command is about |
//! | `set` | one table, with the op set's source where that is there |
//! | `places` | the places of a variant, as people name them |
//! | `disassemble` | machine code as text |
//! | `list`, `show`, `diff`, `why`, `size`, `export` | one command each |

mod cli;
mod diff;
mod disassemble;
mod error;
mod export;
mod find;
mod list;
mod places;
mod set;
mod show;
mod size;
mod why;

use std::error::Error as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  caused by: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
