//! What the macros and people read: files in `OUT_DIR/stencils`.

use crate::pipeline::CompiledSet;
use crate::report::TableReport;
use crate::{Error, Format, report};
use std::fs;
use std::path::Path;
use stencil_syntax::Finding;
use stencil_table::Table;

/// Writes everything about a set.
pub(crate) fn write(set: &CompiledSet, reports: &[TableReport], out: &Path) -> Result<(), Error> {
    let mut list = String::new();
    for table in &set.tables {
        let path = out.join(table.key.file_name(&set.name));
        put(&path, &table.bytes)?;
        if let Some(lines) = &table.lines {
            put(&path.with_extension("lines"), &lines.to_bytes())?;
        }
        list.push_str(path.to_str().ok_or_else(|| Error::NotUtf8 { path: path.clone() })?);
        list.push('\n');
    }
    let file = |ending: &str| out.join(format!("{}.{ending}", set.name));
    put(&file("tables"), list.as_bytes())?;
    put(&file("diag"), Finding::write_all(&set.findings).as_bytes())?;
    put(&file("report.txt"), report::text(reports).as_bytes())?;
    put(&file("report.json"), report::json(reports)?.as_bytes())
}

/// Writes the tables of a set in other languages.
pub(crate) fn export(set: &CompiledSet, formats: &[Format], out: &Path) -> Result<(), Error> {
    for made in set.tables.iter().filter(|_| !formats.is_empty()) {
        let path = out.join(made.key.file_name(&set.name));
        let table = Table::parse(&made.bytes).map_err(|source| Error::Table { path: path.clone(), source })?;
        for format in formats {
            put(&path.with_extension(format.extension()), crate::export(&table, &set.name, *format).as_bytes())?;
        }
    }
    Ok(())
}

/// Writes a file, unless it holds the bytes already: what depends on it is then not compiled again.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    fs::write(path, bytes).map_err(Error::io("write", path))
}
