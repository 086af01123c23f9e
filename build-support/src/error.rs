//! Faults of the environment: what stops a build. Mistakes in op source are findings, not errors.

use crate::ReadError;
use std::io;
use std::path::{Path, PathBuf};
use stencil_syntax::Finding;
use stencil_table::{Architecture, TableError, WriteError};
use thiserror::Error;

/// Why no table could be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Error {
    /// A variable that cargo sets for build scripts is not there.
    #[error("the environment variable `{variable}` is not set; call `build` from a build script")]
    Environment {
        /// The variable's name.
        variable: &'static str,
    },
    /// A variable of ours has a value that means nothing.
    #[error("`{variable}` is `{value}`; {expected}")]
    Variable {
        /// The variable's name.
        variable: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The source file is no Rust.
    #[error("{file}:{line}: {message}; the compiler will say more")]
    Syntax {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        message: String,
    },
    /// The source file has no op set.
    #[error("{file} has no module marked `#[stencils(table = \"…\")]`; name the file that has")]
    NoSet {
        /// The file.
        file: String,
    },
    /// Two op sets of one file write to the same files.
    #[error("{file} has two op sets with the table `{table}`; give one of them another name")]
    SameName {
        /// The file.
        file: String,
        /// The name.
        table: String,
    },
    /// A path that the macros could not read.
    #[error("the path {} is not UTF-8; build in another folder", path.display())]
    NotUtf8 {
        /// The path.
        path: PathBuf,
    },
    /// The compiler could not be started.
    #[error("cannot start `{program}`; set RUSTC or STENCIL_RUSTC to a Rust compiler")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The compiler failed without saying anything about the op set.
    #[error("`{program}` failed ({status}) without an error in an op:\n{output}")]
    Compiler {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
        /// What it wrote.
        output: String,
    },
    /// Nothing is known about the target.
    #[error("stencils cannot be compiled for `{target}`; compile for x86_64, aarch64 or riscv64gc")]
    Target {
        /// The target triple.
        target: String,
    },
    /// There is no `core` for the target.
    #[error(
        "`{program}` has no `core` for {target}; run `rustup target add {target}`, or `rustup component add rust-src` so \
         that it is built, or name a compiler that has one with STENCIL_RUSTC or, where it is not for the target that \
         cargo builds for, STENCIL_FOREIGN_RUSTC"
    )]
    NoCore {
        /// The compiler.
        program: String,
        /// The target triple.
        target: String,
    },
    /// The compiler's output is no object that can be read.
    #[error("cannot read the object {}", path.display())]
    Object {
        /// The object.
        path: PathBuf,
        /// What the reader says.
        source: ReadError,
    },
    /// The compiler left a function out.
    #[error("the object has no function for variant {variant} of op `{op}`; this is a fault of the build helper")]
    Missing {
        /// The op.
        op: String,
        /// The variant's number.
        variant: usize,
    },
    /// An op is wrong only on another architecture than the target's, where the macro cannot say it.
    #[error(
        "line {}: {} on {architecture}; this shows only where the tables of that architecture are made",
        finding.line, finding.message
    )]
    Foreign {
        /// The architecture.
        architecture: Architecture,
        /// What is wrong.
        finding: Finding,
    },
    /// The table could not be written.
    #[error("cannot write the table `{table}`")]
    Write {
        /// The table's name.
        table: String,
        /// What the writer says.
        source: WriteError,
    },
    /// A table on disk cannot be read.
    #[error("cannot read the table {}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: TableError,
    },
    /// The report could not be written as JSON.
    #[error("cannot write the report")]
    Report {
        /// What the writer says.
        source: serde_json::Error,
    },
    /// A checked-in table is not what the sources give.
    #[error(
        "the shipped table {} {}; run the build once with STENCIL_TABLES=ship",
        path.display(),
        if *missing { "is missing" } else { "was made from other sources" }
    )]
    Stale {
        /// The table.
        path: PathBuf,
        /// Whether there is none.
        missing: bool,
    },
    /// A checked-in table is not what the compiler that made it makes now.
    #[error(
        "the shipped table {} differs from what {compiler} makes of the same sources; it was damaged, or the build is \
         not deterministic",
        path.display()
    )]
    Differs {
        /// The table.
        path: PathBuf,
        /// The compiler.
        compiler: String,
    },
    /// The budget cannot be read.
    #[error("cannot read the budget {}", path.display())]
    Budget {
        /// The file.
        path: PathBuf,
        /// What the reader says.
        source: serde_json::Error,
    },
    /// Tables are larger than their budget, and `STENCIL_TABLES=compare` asks for a check.
    #[error("over budget: {}; make the op set smaller or raise {}", .lines.join("; "), path.display())]
    OverBudget {
        /// The file.
        path: PathBuf,
        /// What is too large.
        lines: Vec<String>,
    },
}

impl Error {
    /// For `map_err` on an operation with a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
