//! What the build script found wrong in op bodies: it must not fail, or no diagnostic would reach the editor, so it
//! writes its findings beside the tables and the macro turns them into errors at the author's tokens.

use std::path::PathBuf;
use stencil_syntax::Finding;

/// The findings for a table; none when there is no build script.
pub(crate) fn of_table(table: &str) -> Vec<Finding> {
    let Some(out) = std::env::var_os("OUT_DIR") else { return Vec::new() };
    let path = PathBuf::from(out).join("stencils").join(format!("{table}.diag"));
    std::fs::read_to_string(path).map(|text| Finding::parse_all(&text)).unwrap_or_default()
}
