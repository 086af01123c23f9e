//! The files in `cases/`: one malformed op set each, named after the rule it breaks, with the compiler's answer beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The folder of the cases.
#[must_use]
pub fn ui_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// The names of the files with this extension, without it, in order.
///
/// # Panics
/// When the folder cannot be read.
#[must_use]
pub fn ui_files(extension: &str) -> BTreeSet<String> {
    let folder = ui_folder();
    let entries = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let paths = entries.map(|entry| entry.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path());
    let named = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
    named.filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned())).collect()
}
