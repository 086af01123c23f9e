//! The face towards cargo: paths, `cargo::` lines, and the files that the macros read.
//!
//! ```text
//! OUT_DIR/stencils/
//! ├── vm3.x86_64.wide.baseline.table       one table
//! ├── vm3.x86_64.portable.baseline.table
//! ├── vm3.tables                           their paths, the best first; read by `tables!`
//! ├── vm3.diag                             what is wrong with ops; read by `#[stencils]`
//! └── expanded/                            what was compiled, see `sources`
//!     └── vm3.x86_64.wide.baseline/…
//! ```

use crate::pipeline::{self, CompiledSet};
use crate::rustc::Toolchain;
use crate::{Error, Options, source};
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_syntax::Finding;
use stencil_table::{Convention, Level};

/// Makes the tables of an op set in a build script.
///
/// ```no_run
/// use stencil_build_support::{Builder, Convention};
///
/// Builder::new("src/stencils.rs").convention(Convention::Wide).build();
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens until `build` is called"]
pub struct Builder {
    file: String,
    options: Options,
}

impl Builder {
    /// The tables of the op sets in `file`, a path relative to the package's folder, with `/` between its parts.
    pub fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), options: Options::default() }
    }

    /// Asks for tables in a calling convention, see [`Options::convention`].
    pub fn convention(mut self, convention: Convention) -> Self {
        self.options = self.options.convention(convention);
        self
    }

    /// Asks for further tables for CPUs of this level, see [`Options::level`].
    pub fn level(mut self, level: Level) -> Self {
        self.options = self.options.level(level);
        self
    }

    /// The most bytes of stack that a stencil may use, see [`Options::frame_limit`].
    pub fn frame_limit(mut self, bytes: u32) -> Self {
        self.options = self.options.frame_limit(bytes);
        self
    }

    /// Makes the tables and tells cargo what they depend on.
    ///
    /// What is wrong with an op does not fail the build script, or the compiler would never come to the op: the
    /// `#[stencils]` macro reports it at the op. Faults of the environment are printed and end the process with
    /// status 1.
    pub fn build(self) {
        if let Err(error) = self.try_build() {
            eprintln!("error: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  caused by: {error}");
                cause = error.source();
            }
            std::process::exit(1);
        }
    }

    /// As [`Builder::build`], for build scripts that want to go on.
    ///
    /// # Errors
    /// [`Error`] for faults of the environment.
    pub fn try_build(self) -> Result<(), Error> {
        println!("cargo::rerun-if-changed={}", self.file);
        for variable in Toolchain::VARIABLES {
            println!("cargo::rerun-if-env-changed={variable}");
        }
        let toolchain = Toolchain::from_build_script()?;
        let package = folder_of("CARGO_MANIFEST_DIR")?;
        let out = folder_of("OUT_DIR")?.join("stencils");
        let path = package.join(&self.file);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let sets = match source::op_sets(&self.file, &text) {
            Err(error @ Error::Syntax { .. }) => {
                // The compiler reports it better, when it comes to this file.
                println!("cargo::warning={error}");
                return Ok(());
            }
            sets => sets?,
        };
        fs::create_dir_all(&out).map_err(Error::io("create", &out))?;
        for set in &sets {
            let expanded = out.join("expanded");
            let compiled =
                pipeline::compile_one(&self.file, set, &self.options, &toolchain, &expanded, &mut |_| Ok(None))?;
            write(&compiled, &out)?;
        }
        Ok(())
    }
}

fn folder_of(variable: &'static str) -> Result<PathBuf, Error> {
    std::env::var_os(variable).map(PathBuf::from).ok_or(Error::Environment { variable })
}

/// Writes what the macros read.
fn write(set: &CompiledSet, out: &Path) -> Result<(), Error> {
    let mut list = String::new();
    for table in &set.tables {
        let path = out.join(table.key.file_name(&set.name));
        put(&path, &table.bytes)?;
        list.push_str(&format!("{}\n", path.display()));
    }
    for warning in &set.warnings {
        println!("cargo::warning={warning}");
    }
    put(&out.join(format!("{}.tables", set.name)), list.as_bytes())?;
    put(&out.join(format!("{}.diag", set.name)), Finding::write_all(&set.findings).as_bytes())
}

/// Writes a file, unless it holds the bytes already.
fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(Error::io("write", path))
}
