//! Why there is nothing to time, or no figure.

use crate::value::ValueError;
use std::path::PathBuf;
use thiserror::Error;
use vm3::program::VerifyError;
use vm3::program::json::JsonError;
use vm3::program::text::TextError;
use vm3::{Fault, VmError};

/// What went wrong.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BenchError {
    /// A file or folder that cannot be read.
    #[error("cannot read {path}", path = .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// A file that cannot be written.
    #[error("cannot write {path}", path = .0.display())]
    Write(PathBuf, #[source] std::io::Error),
    /// A program file that is none.
    #[error("{path}", path = .0.display())]
    Json(PathBuf, #[source] Box<JsonError>),
    /// A program that cannot be parsed.
    #[error("{path}", path = .0.display())]
    Text(PathBuf, #[source] TextError),
    /// A line of a program's head that says nothing about a run to time.
    #[error("{path}: `{line}` does not name a run; write `; bench` and ints behind it", path = .0.display(), line = .1)]
    Head(PathBuf, String),
    /// A program that the verifier refuses.
    #[error("{0} is malformed")]
    Malformed(String, #[source] VerifyError),
    /// A program for which there is no machine.
    #[error("there is no {1} machine for {0}")]
    Machine(String, String, #[source] VmError),
    /// A run that failed; runs to time return.
    #[error("{0} fails in tier {1}")]
    Failed(String, String, #[source] Box<Fault>),
    /// A result that cannot be compared.
    #[error("{0} gives nothing to compare in tier {1}")]
    Value(String, String, #[source] ValueError),
    /// A tier that computes something else than the others.
    #[error("{case} gives {found} in tier {tier}, not {expected}; find out why with `vm3 run`")]
    Differs {
        /// The program and its arguments.
        case: String,
        /// The tier that differs.
        tier: String,
        /// What it gave.
        found: String,
        /// What the others gave.
        expected: String,
    },
    /// Nobody reads what is printed.
    #[error("cannot print; keep standard output open")]
    Print(#[source] std::io::Error),
    /// Nothing is left to time.
    #[error("no program is left to time; ask for other names with --only")]
    Nothing,
}
