//! The face towards cargo: paths, `cargo::` lines, and the files that the macros read.
//!
//! ```text
//! OUT_DIR/stencils/
//! ├── vm3.x86_64.wide.baseline.table       one table
//! ├── vm3.x86_64.wide.baseline.lines       the lines of its stencils, where they were asked for
//! ├── vm3.x86_64.portable.baseline.table
//! ├── vm3.tables                           their paths, the best first; read by `tables!`
//! ├── vm3.diag                             what is wrong with ops; read by `#[stencils]`
//! ├── vm3.report.txt, vm3.report.json      what the tables are made of
//! ├── vm3.x86_64.wide.baseline.h           a table in another language, where that was asked for
//! └── expanded/                            what was compiled, see `sources`
//!     └── vm3.x86_64.wide.baseline/…
//! ```

#[cfg(test)]
mod tests;

use crate::budget::Budget;
use crate::cache::{Cache, Mode};
use crate::pipeline;
use crate::report::TableReport;
use crate::rustc::Toolchain;
use crate::source::SetSource;
use crate::{Error, Format, Options, output, report, source};
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use stencil_table::{Architecture, Convention, Level};

/// Makes the tables of an op set in a build script.
///
/// ```no_run
/// use stencil_build_support::{Builder, Convention};
///
/// Builder::new("src/stencils.rs").convention(Convention::Wide).shipped("tables").build();
/// ```
///
/// The environment variable `STENCIL_TABLES` says what is done about tables that are there already:
///
/// | value | tables that are checked in | tables of the last build |
/// |---|---|---|
/// | not set | taken when made from the same sources | taken when made from the same sources by the same compiler |
/// | `shipped` | taken, or the build fails | not looked at |
/// | `build` | not looked at | taken when made from the same sources by the same compiler |
/// | `compare` | must be what is compiled now, and within the budget | not looked at |
/// | `ship` | replaced by what is compiled now | not looked at |
#[derive(Debug, Clone)]
#[must_use = "nothing happens until `build` is called"]
pub struct Builder {
    file: String,
    options: Options,
    shipped: Option<PathBuf>,
    architectures: Vec<Architecture>,
    budget: Option<PathBuf>,
    formats: Vec<Format>,
}

impl Builder {
    /// The tables of the op sets in `file`, a path relative to the package's folder, with `/` between its parts.
    pub fn new(file: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            options: Options::default(),
            shipped: None,
            architectures: Vec::new(),
            budget: None,
            formats: Vec::new(),
        }
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

    /// Writes a file beside each table that says which line of the op set's source each instruction is of, for debuggers and
    /// `cargo stencil`, see [`Options::lines`]. Tables that are checked in have theirs beside them.
    pub fn lines(mut self) -> Self {
        self.options = self.options.lines();
        self
    }

    /// A folder, relative to the package's, with tables that are checked in. One that was made from the same sources
    /// is taken whatever compiler made it, so users of the op set compile no stencils.
    pub fn shipped(mut self, folder: impl Into<PathBuf>) -> Self {
        self.shipped = Some(folder.into());
        self
    }

    /// Checks in tables for this architecture too, beside those for the target that cargo builds for: `ship` and `compare`
    /// make them with a compiler that has `core` for it, or the sources of `core`, see [`Toolchain`].
    pub fn architecture(mut self, architecture: Architecture) -> Self {
        if !self.architectures.contains(&architecture) {
            self.architectures.push(architecture);
        }
        self
    }

    /// A file, relative to the package's folder, with limits for the tables:
    ///
    /// ```json
    /// { "vm3.x86_64.wide.baseline": { "stencils": 10000, "table_bytes": 1000000, "elapsed_seconds": 15.0 } }
    /// ```
    ///
    /// Further limits are `distinct_bodies`, `code_bytes` and `rustc_seconds`. A table over budget is a warning, and an
    /// error when `STENCIL_TABLES` is `compare`.
    pub fn budget(mut self, file: impl Into<PathBuf>) -> Self {
        self.budget = Some(file.into());
        self
    }

    /// Also writes every table of the target in another language, beside the table: see [`crate::export`].
    pub fn export(mut self, format: Format) -> Self {
        if !self.formats.contains(&format) {
            self.formats.push(format);
        }
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
    pub fn try_build(mut self) -> Result<(), Error> {
        let mode = Mode::from_env()?;
        // Lines are not compared, and would take as long as the tables.
        self.options.lines &= mode != Mode::Compare;
        let surroundings = Surroundings {
            package: folder_of("CARGO_MANIFEST_DIR")?,
            out: folder_of("OUT_DIR")?.join("stencils"),
            mode,
            toolchain: Toolchain::from_build_script()?,
        };
        let mut lines = Vec::new();
        let result = self.run(&surroundings, &mut lines);
        lines.iter().for_each(|line| println!("cargo::{line}"));
        result
    }

    fn run(&self, at: &Surroundings, lines: &mut Vec<String>) -> Result<(), Error> {
        let Surroundings { package, out, mode, toolchain } = at;
        // What is checked in serves every system, and is made the same way on every one.
        let shipping = matches!(mode, Mode::Compare | Mode::Ship) && self.shipped.is_some();
        let toolchain = if shipping { &toolchain.for_architecture(toolchain.architecture()?) } else { toolchain };
        self.name_dependencies(package, lines);
        let path = package.join(&self.file);
        let text = fs::read_to_string(&path).map_err(Error::io("read", &path))?;
        let sets = match source::op_sets(&self.file, &text) {
            Err(error @ Error::Syntax { .. }) => {
                // The compiler reports it better, when it comes to this file.
                lines.push(format!("warning={error}"));
                return Ok(());
            }
            sets => sets?,
        };
        fs::create_dir_all(out).map_err(Error::io("create", out))?;
        let cache = Cache { mode: *mode, out, shipped: self.shipped.as_ref().map(|folder| package.join(folder)) };
        let budget = self.budget.as_ref().map(|file| Budget::read(&package.join(file))).transpose()?;
        for set in &sets {
            let find = &mut |plan: &pipeline::Plan| cache.find(&set.table, plan, toolchain);
            let expanded = out.join("expanded");
            let compiled = pipeline::compile_one(&self.file, set, &self.options, toolchain, &expanded, find)?;
            let mut reports = report::of_set(&compiled)?;
            lines.extend(compiled.warnings.iter().chain(&cache.settle(&compiled)?).map(warning));
            if compiled.findings.is_empty() && compiled.repeated.is_empty() {
                for architecture in self.foreign(*mode, toolchain)? {
                    let made = self.ship_foreign(set, architecture, &cache, toolchain, lines)?;
                    reports.extend(made);
                }
            }
            output::write(&compiled, &reports, out)?;
            output::export(&compiled, &self.formats, out)?;
            match budget.as_ref().map(|budget| budget.check(&reports)) {
                Some(Err(error)) if *mode != Mode::Compare => lines.push(warning(&error)),
                Some(result) => result?,
                None => {}
            }
        }
        Ok(())
    }

    /// The architectures besides the target's whose tables are made.
    fn foreign(&self, mode: Mode, toolchain: &Toolchain) -> Result<Vec<Architecture>, Error> {
        if self.shipped.is_none() || !matches!(mode, Mode::Compare | Mode::Ship) {
            return Ok(Vec::new());
        }
        let own = toolchain.architecture()?;
        Ok(self.architectures.iter().copied().filter(|architecture| *architecture != own).collect())
    }

    /// Makes the tables of a set for another architecture, and checks them in or compares them. Returns their reports.
    fn ship_foreign(
        &self,
        set: &SetSource,
        architecture: Architecture,
        cache: &Cache<'_>,
        toolchain: &Toolchain,
        lines: &mut Vec<String>,
    ) -> Result<Vec<TableReport>, Error> {
        let toolchain = toolchain.for_architecture(architecture);
        let expanded = cache.out.join("expanded");
        let none = &mut |_: &pipeline::Plan| Ok(None);
        match pipeline::compile_one(&self.file, set, &self.options, &toolchain, &expanded, none) {
            Ok(compiled) => {
                let all = compiled.findings.iter().chain(&compiled.repeated);
                if let Some(finding) = all.into_iter().next() {
                    return Err(Error::Foreign { architecture, finding: finding.clone() });
                }
                lines.extend(compiled.warnings.iter().chain(&cache.settle(&compiled)?).map(warning));
                report::of_set(&compiled)
            }
            // What can be seen without a compiler is whether the tables were made from these sources.
            Err(error @ Error::NoCore { .. }) if cache.mode == Mode::Compare => {
                for plan in pipeline::plans(&self.file, set, &self.options, architecture) {
                    cache.check_digest(&set.table, &plan)?;
                }
                lines.push(format!("warning=NOT COMPARED: the tables for {architecture}: {error}"));
                Ok(Vec::new())
            }
            Err(error) => Err(error),
        }
    }

    /// Tells cargo what the tables depend on. The compiler itself is none of it: cargo starts over when it changes.
    fn name_dependencies(&self, package: &Path, lines: &mut Vec<String>) {
        // A path that does not exist counts as changed every time.
        let shipped = self.shipped.as_deref().filter(|folder| package.join(folder).exists());
        let paths = [Some(Path::new(&self.file)), self.budget.as_deref(), shipped];
        lines.extend(paths.into_iter().flatten().map(|path| format!("rerun-if-changed={}", path.display())));
        let variables = Toolchain::VARIABLES.into_iter().chain([Mode::VARIABLE]);
        lines.extend(variables.map(|variable| format!("rerun-if-env-changed={variable}")));
    }
}

/// Where a build script runs.
struct Surroundings {
    /// The package's folder.
    package: PathBuf,
    /// Our folder in cargo's `OUT_DIR`.
    out: PathBuf,
    mode: Mode,
    toolchain: Toolchain,
}

fn warning(text: impl std::fmt::Display) -> String {
    format!("warning={text}")
}

fn folder_of(variable: &'static str) -> Result<PathBuf, Error> {
    std::env::var_os(variable).map(PathBuf::from).ok_or(Error::Environment { variable })
}
