//! What commands tell debuggers and profilers.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stencil_debug::{Debugger, Guest, JitDump, OpView, PerfMap};
use stencil_runtime::OpLines;
use vm3::stencils::TABLES;
use vm3::{Describer, listen, trace_stencils, use_anonymous_memory};

/// What lines are of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
enum Lines {
    /// The program
    #[default]
    Program,
    /// The Rust source of vm3's ops
    Ops,
}

/// When code is described to debuggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum When {
    /// Before it runs if a debugger is attached, else soon
    Auto,
    /// Before it runs
    AtOnce,
}

/// What to tell of compiled code.
#[derive(Debug, clap::Args)]
pub(super) struct DebugArguments {
    /// Describe compiled code to a debugger: gdb stops at lines of the program and shows its registers. Before code runs,
    /// if a debugger is attached or with `at-once`, which an emulator's debugger needs
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true, default_missing_value = "auto")]
    gdb: Option<When>,
    /// What the lines are that debuggers and dumps are told of
    #[arg(long, value_enum, default_value_t)]
    lines: Lines,
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
        if self.gdb.is_none() && !self.perf_map && self.jitdump.is_none() {
            return Ok(());
        }
        let mut guest: Arc<dyn Guest> = Arc::new(Describer::best()?);
        if self.lines == Lines::Ops {
            guest = Arc::new(op_view(guest)?);
            trace_stencils()?;
        }
        if self.gdb.is_some() || self.perf_map {
            use_anonymous_memory()?;
        }
        match self.gdb {
            Some(When::Auto) => listen(Arc::new(Debugger::new(guest.clone())))?,
            Some(When::AtOnce) => listen(Arc::new(Debugger::at_once(guest.clone())))?,
            None => {}
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

/// Where the op set's package was when this program was built, and where that has left tables and the lines of their ops.
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
const FOLDERS: [&str; 2] = [concat!(env!("OUT_DIR"), "/stencils"), concat!(env!("CARGO_MANIFEST_DIR"), "/tables")];

/// The view of the ops that code is stitched from.
fn op_view(guest: Arc<dyn Guest>) -> Result<OpView, Box<dyn Error>> {
    let table = TABLES.best()?;
    let info = table.info();
    let name = format!("vm3.{}.{}.{}.lines", info.architecture, info.convention, info.level);
    let read = |folder: &str| fs::read(Path::new(folder).join(&name)).ok();
    let fits = |lines: &OpLines| lines.checksum() == table.checksum();
    let found = FOLDERS.into_iter().filter_map(read).filter_map(|bytes| OpLines::parse(&bytes).ok()).find(fits);
    let [built, shipped] = FOLDERS;
    let missing =
        || format!("the lines of this program's ops, {name}, are neither in {built} nor in {shipped}; build it again");
    Ok(OpView::new(guest, table, found.ok_or_else(missing)?, Path::new(PACKAGE))?)
}
