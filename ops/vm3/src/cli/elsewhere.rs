//! What only Linux has of the commands, on other systems: the same words, which end in an error.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use thiserror::Error;

/// Something that is done on Linux only.
#[derive(Debug, Error)]
#[error("{what} is not supported on this system; use it on Linux")]
struct NotHere {
    what: &'static str,
}

/// What to tell of compiled code: nothing here.
#[derive(Debug, clap::Args)]
pub(super) struct DebugArguments {
    /// Not supported on this system
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "auto")]
    gdb: Option<String>,
    /// Not supported on this system
    #[arg(long)]
    lines: Option<String>,
    /// Not supported on this system
    #[arg(long)]
    perf_map: bool,
    /// Not supported on this system
    #[arg(long, value_name = "FOLDER")]
    jitdump: Option<PathBuf>,
}

impl DebugArguments {
    /// Refuses what was asked for.
    pub(super) fn listen(&self) -> Result<(), Box<dyn Error>> {
        let asked = [
            ("`--gdb`", self.gdb.is_some()),
            ("`--lines`", self.lines.is_some()),
            ("`--perf-map`", self.perf_map),
            ("`--jitdump`", self.jitdump.is_some()),
        ];
        match asked.into_iter().find(|(_, asked)| *asked) {
            Some((what, _)) => Err(NotHere { what }.into()),
            None => Ok(()),
        }
    }
}

/// Not supported on this system.
#[derive(Debug, clap::Args)]
pub(super) struct Profile {
    /// Whatever it takes on Linux
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Profile {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        Err(NotHere { what: "`vm3 profile`" }.into())
    }
}
