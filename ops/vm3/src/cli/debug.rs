//! What commands tell debuggers and profilers.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use stencil_debug::{Debugger, JitDump, PerfMap};
use vm3::{Describer, listen, use_anonymous_memory};

/// What to tell of compiled code.
#[derive(Debug, clap::Args)]
pub(super) struct DebugArguments {
    /// Describe compiled code to a debugger: gdb stops at lines of the program and shows its registers
    #[arg(long)]
    gdb: bool,
    /// List compiled functions in /tmp/perf-PID.map, for perf report
    #[arg(long)]
    perf_map: bool,
    /// Write compiled code with its lines to FOLDER/jit-PID.dump, for perf record -k mono and perf inject --jit
    #[arg(long, value_name = "FOLDER")]
    jitdump: Option<PathBuf>,
}

impl DebugArguments {
    /// Sees to it that code is described as asked for. To be called before a machine is made.
    pub(super) fn listen(&self) -> Result<(), Box<dyn Error>> {
        if !self.gdb && !self.perf_map && self.jitdump.is_none() {
            return Ok(());
        }
        let guest = Arc::new(Describer::best()?);
        if self.gdb || self.perf_map {
            use_anonymous_memory()?;
        }
        if self.gdb {
            listen(Arc::new(Debugger::new(guest.clone())))?;
        }
        if self.perf_map {
            listen(Arc::new(PerfMap::new(guest.clone())?))?;
        }
        if let Some(folder) = &self.jitdump {
            let dump = JitDump::new(guest, folder);
            listen(Arc::new(dump.map_err(|error| format!("cannot write to {}: {error}", folder.display()))?))?;
        }
        Ok(())
    }
}
