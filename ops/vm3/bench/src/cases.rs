//! What is run: the corpus, when its file is there, and the programs in `programs/`.

use crate::error::BenchError;
use crate::native::Native;
use serde::Serialize;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use vm3::program::json::{Case as TestCase, File, Status};
use vm3::program::{Program, Verified, text};

/// Where a program comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// The program file beside the workspace.
    Corpus,
    /// The folder `programs/` of vm3.
    Programs,
}

/// Which runs are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// Those to time.
    Timed,
    /// All that return, on a new machine.
    Every,
}

/// A run.
#[derive(Clone, Debug)]
pub struct Case {
    /// Where the program comes from.
    pub group: Group,
    /// The program's name.
    pub program: String,
    /// The program.
    pub code: Verified,
    /// The arguments of its entry function.
    pub arguments: Vec<i64>,
    /// The same algorithm in Rust, if there is one.
    pub native: Option<Native>,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {argument}"))
    }
}

/// Where the corpus is looked for: beside the workspace.
#[must_use]
pub fn corpus_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data/vm3-corpus.json")
}

/// The corpus, or `None` when there is no such file.
///
/// # Errors
/// When there is a file that cannot be read or is no program file.
pub fn corpus(path: &Path) -> Result<Option<File>, BenchError> {
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(path).map_err(|error| BenchError::Read(path.into(), error))?;
    File::parse(&text).map(Some).map_err(|error| BenchError::Json(path.into(), Box::new(error)))
}

/// The cases of a program file: those marked for timing, or every one that is to return on a new machine.
///
/// # Errors
/// When the verifier refuses a program.
pub fn of_corpus(file: &File, runs: Runs) -> Result<Vec<Case>, BenchError> {
    let mut cases = Vec::new();
    for program in &file.programs {
        let code = verify(&program.name, program.program.clone())?;
        let wanted = |case: &&TestCase| match runs {
            Runs::Timed => case.bench,
            Runs::Every => case.expect.status == Status::Ok && !case.reuse,
        };
        for case in program.cases.iter().filter(wanted) {
            cases.push(Case {
                group: Group::Corpus,
                program: program.name.clone(),
                code: code.clone(),
                arguments: case.arguments.clone(),
                native: Native::of(&program.name),
            });
        }
    }
    Ok(cases)
}

/// The runs that the programs of vm3 name in their heads: a line `; bench ARGS` is one to time, a line
/// `; run ARGS => RESULT` one to compare.
///
/// # Errors
/// When a file cannot be read, parsed or verified.
pub fn of_programs(runs: Runs) -> Result<Vec<Case>, BenchError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs");
    let unreadable = |error| BenchError::Read(folder.clone(), error);
    let entries = fs::read_dir(&folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(unreadable)?;
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let source = fs::read_to_string(&path).map_err(|error| BenchError::Read(path.clone(), error))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let program = text::parse(&source).map_err(|error| BenchError::Text(path.clone(), error))?;
        let code = verify(&name, program)?;
        for line in source.lines().filter(|line| line.starts_with("; bench") || line.starts_with("; run")) {
            let (timed, arguments) = head(line).ok_or_else(|| BenchError::Head(path.clone(), line.into()))?;
            if runs == Runs::Timed && !timed {
                continue;
            }
            let (program, code, native) = (name.clone(), code.clone(), Native::of(&name));
            cases.push(Case { group: Group::Programs, program, code, arguments, native });
        }
    }
    Ok(cases)
}

/// Whether a line of a head names a run to time, and its arguments.
fn head(line: &str) -> Option<(bool, Vec<i64>)> {
    let (timed, arguments) = match line.strip_prefix("; run ") {
        None => (true, line.strip_prefix("; bench ")?),
        Some(run) => (false, run.split_once(" => ")?.0),
    };
    let arguments = arguments.split_whitespace().map(|argument| argument.parse().ok());
    Some((timed, arguments.collect::<Option<_>>()?))
}

fn verify(name: &str, program: Program) -> Result<Verified, BenchError> {
    program.verify().map_err(|error| BenchError::Malformed(name.into(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_name_arguments() {
        assert_eq!(head("; bench 3 -4"), Some((true, vec![3, -4])));
        assert_eq!(head("; run 3 -4 => [5, 6]"), Some((false, vec![3, -4])));
        assert_eq!(head("; bench three"), None);
        assert_eq!(head("; bench: 3"), None);
        assert_eq!(head("; run 3 5"), None);
    }

    #[test]
    fn every_program_with_a_counterpart_is_timed() {
        let cases = of_programs(Runs::Timed).unwrap();
        assert!(cases.len() >= 20, "{cases:?}");
        for case in &cases {
            // What a program without a counterpart measures is the way into the machine.
            assert!(case.native.is_some() || case.program == "month", "{case} has no counterpart");
        }
    }
}
