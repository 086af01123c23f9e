//! Reading programs from files.

use std::path::{Path, PathBuf};
use thiserror::Error;
use vm3::program::json::{File, JsonError};
use vm3::program::text::{self, TextError};
use vm3::program::{Program, Verified, VerifyError};

/// Why there is no program to work on.
#[derive(Debug, Error)]
pub(super) enum SourceError {
    #[error("cannot read {path}", path = path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("{path}", path = path.display())]
    Json {
        path: PathBuf,
        #[source]
        source: Box<JsonError>,
    },
    #[error("{path}", path = path.display())]
    Text {
        path: PathBuf,
        #[source]
        source: TextError,
    },
    #[error("{path}: malformed program", path = path.display())]
    Malformed {
        path: PathBuf,
        #[source]
        source: VerifyError,
    },
    #[error("{path} holds several programs: choose one of them with --name: {names}", path = path.display())]
    Which { path: PathBuf, names: String },
    #[error("{path} holds no program `{name}`; it has {names}", path = path.display())]
    NoSuchProgram { path: PathBuf, name: String, names: String },
}

fn read(path: &Path) -> Result<String, SourceError> {
    std::fs::read_to_string(path).map_err(|source| SourceError::Read { path: path.into(), source })
}

/// Reads a JSON program file.
pub(super) fn programs(path: &Path) -> Result<File, SourceError> {
    File::parse(&read(path)?).map_err(|source| SourceError::Json { path: path.into(), source: Box::new(source) })
}

/// Reads one program: the file's only one if it is assembly, the one called `name` if it is JSON.
pub(super) fn program(path: &Path, name: Option<&str>) -> Result<Program, SourceError> {
    let json = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !json && name.is_none() {
        let parsed = text::parse(&read(path)?);
        let mut program = parsed.map_err(|source| SourceError::Text { path: path.into(), source })?;
        program.source.file.get_or_insert_with(|| path.display().to_string());
        return Ok(program);
    }
    let file = programs(path)?;
    let names: Vec<&str> = file.programs.iter().map(|program| program.name.as_str()).collect();
    let names = names.join(", ");
    let path = path.into();
    let Some(name) = name else {
        return Err(SourceError::Which { path, names });
    };
    let found = file.programs.into_iter().find(|program| program.name == name);
    match found {
        Some(found) => Ok(found.program),
        None => Err(SourceError::NoSuchProgram { path, name: name.into(), names }),
    }
}

/// Reads one program and verifies it.
pub(super) fn verified(path: &Path, name: Option<&str>) -> Result<Verified, SourceError> {
    program(path, name)?.verify().map_err(|source| SourceError::Malformed { path: path.into(), source })
}
