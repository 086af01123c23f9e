//! Stitched code in the words of the op set's author instead of the guest's.

use crate::guest::{Description, Detail, Guest, Line};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stencil_runtime::{OpLines, PublishedCode, Table};
use thiserror::Error;

/// Op lines that belong to another table than code is stitched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the op lines are those of another table; build both together, with `Builder::lines`")]
pub struct OtherTable;

/// Describes code as another [`Guest`] does, but for its lines: these are of the Rust source of the ops that the code was
/// stitched from. Names and variables stay the guest's.
///
/// Only code stitched from a [traced](Table::traced) table has lines.
#[derive(Debug)]
pub struct OpView {
    guest: Arc<dyn Guest>,
    file: PathBuf,
    lines: OpLines,
}

impl OpView {
    /// The view of code stitched from `table`, whose op set's package is in `folder`.
    ///
    /// # Errors
    /// When the lines are those of another table.
    pub fn new(guest: Arc<dyn Guest>, table: &Table<'_>, lines: OpLines, folder: &Path) -> Result<Self, OtherTable> {
        if lines.checksum() != table.checksum() {
            return Err(OtherTable);
        }
        let file = table.ops().first().map(|op| table.text(op.file)).unwrap_or_default();
        Ok(Self { guest, file: folder.join(file), lines })
    }

    fn lines(&self, code: &PublishedCode<'_>) -> Vec<Line> {
        let of_stencil = |mark: &stencil_runtime::Mark| {
            let start = mark.offset;
            let rows = self.lines.of(mark.tag as usize).iter();
            rows.map(move |row| Line { offset: start + u32::from(row.offset), line: row.line, statement: true })
        };
        code.stencils.iter().flat_map(of_stencil).collect()
    }
}

impl Guest for OpView {
    fn describe(&self, code: &PublishedCode<'_>, detail: Detail) -> Option<Description> {
        let description = self.guest.describe(code, if detail == Detail::Lines { Detail::Name } else { detail })?;
        let lines =
            if detail > Detail::Name && code.table == self.lines.checksum() { self.lines(code) } else { Vec::new() };
        let file = (!lines.is_empty()).then(|| self.file.clone());
        Some(Description { file, lines, ..description })
    }
}
