//! Why a command could not do what it was asked for.

use std::io;
use std::path::{Path, PathBuf};
use stencil_table::TableError;
use thiserror::Error;

/// Why a command failed.
#[derive(Debug, Error)]
pub(crate) enum Error {
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    /// A file is no table.
    #[error("cannot read the table {}", path.display())]
    Table { path: PathBuf, source: TableError },
    /// What was found could not be written as JSON.
    #[error("cannot write JSON")]
    Json { source: serde_json::Error },
    /// Cargo does not say what packages there are.
    #[error("`cargo metadata` failed; run in a workspace, or name a table file:\n{output}")]
    Metadata { output: String },
    /// There is no such package.
    #[error("no package {name}; name one of the workspace with `-p`, or a table file")]
    NoPackage { name: String },
    /// A package has no tables of the kind that was asked for.
    #[error(
        "no table of `{package}` fits in {}; build the package first, or ask for another architecture",
        folders.join(" or ")
    )]
    NoTable { package: String, folders: Vec<String> },
    /// A table does not have an op.
    #[error("the table has no op `{op}`; did you mean {}?", near.join(", "))]
    NoOp { op: String, near: Vec<String> },
    /// An op has no such variant.
    #[error("`{op}` has no variant {wanted}; {advice}")]
    NoVariant { op: String, wanted: String, advice: String },
    /// The budget cannot be read.
    #[error(transparent)]
    Budget(#[from] stencil_build_support::Error),
}

impl Error {
    /// For `map_err` on an operation with a path.
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}
