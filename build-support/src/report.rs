//! What a table is made of, for people and for tools.

use crate::pipeline::{CompiledSet, CompiledTable};
use crate::{Error, TableKey, arch};
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;
use stencil_table::{HoleKind, OpRecord, StencilRecord, Table};

#[cfg(test)]
mod tests;

/// The figures of one table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableReport {
    /// Set, architecture, convention and level, as in the table's file name.
    pub table: String,
    /// The compiler that made it.
    pub compiler: String,
    /// How many variants were compiled.
    pub stencils: usize,
    /// How many of them have bodies that no other has.
    pub distinct_bodies: usize,
    /// Bytes of code, each body counted once.
    pub code_bytes: usize,
    /// Bytes of constants.
    pub pool_bytes: usize,
    /// Bytes of the whole table.
    pub table_bytes: usize,
    /// How many holes there are of each kind that the architecture has, each body's counted as often as it is used.
    pub holes: BTreeMap<&'static str, usize>,
    /// How many jumps lead to the end of their stencil, each body counted once: the next stencil cannot be reached from
    /// there by falling through.
    pub jumps_to_end: usize,
    /// Seconds that the compiler ran, all processes together; absent when nothing had to be compiled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rustc_seconds: Option<f64>,
    /// Seconds from the compiler's first start to its last end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elapsed_seconds: Option<f64>,
    /// The figures of each op.
    pub ops: Vec<OpReport>,
}

/// The figures of one op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpReport {
    /// The op.
    pub op: String,
    /// The line of its name.
    pub line: u32,
    /// How many variants were compiled.
    pub stencils: usize,
    /// How many are reached through others.
    pub pruned: usize,
    /// Bytes of code, each body of the op counted once.
    pub code_bytes: usize,
    /// Bytes of the longest variant.
    pub longest: usize,
    /// Bytes of the shortest variant.
    pub shortest: usize,
    /// Instructions of the shortest variant; data that stands among them counts as what its size is.
    pub instructions: usize,
    /// How many of the variants have bodies that no other variant of the op has.
    pub distinct_bodies: usize,
    /// How many holes the variants have together.
    pub holes: usize,
}

impl CompiledTable {
    /// The table's figures. `set` is the op set's name.
    ///
    /// # Errors
    /// When the table cannot be read, which one that was just made can.
    pub fn report(&self, set: &str) -> Result<TableReport, Error> {
        let name = format!("{set}.{}", self.key.stem());
        let table = Table::parse(&self.bytes).map_err(|source| Error::Table { path: name.clone().into(), source })?;
        Ok(TableReport {
            rustc_seconds: self.timing.map(|timing| timing.processes.as_secs_f64()),
            elapsed_seconds: self.timing.map(|timing| timing.elapsed.as_secs_f64()),
            ..TableReport::of(&table, set)
        })
    }
}

impl TableReport {
    /// The figures of a table that is there already. `set` is the op set's name.
    #[must_use]
    pub fn of(table: &Table<'_>, set: &str) -> Self {
        let key = TableKey::of(table);
        let backend = arch::backend(key.architecture);
        let compiled: Vec<&StencilRecord> = table.stencils().iter().filter(|stencil| is_compiled(stencil)).collect();
        let own = |kind: &&HoleKind| kind.architecture().is_none_or(|its| its == key.architecture);
        let mut holes: BTreeMap<&'static str, usize> =
            HoleKind::ALL.iter().filter(own).map(|kind| (kind.name(), 0)).collect();
        for hole in compiled.iter().flat_map(|stencil| table.holes_of(stencil)) {
            if let Some(count) = HoleKind::from_byte(hole.kind).ok().and_then(|kind| holes.get_mut(kind.name())) {
                *count += 1;
            }
        }
        let bodies = bodies(table, &compiled);
        Self {
            table: format!("{set}.{}", key.stem()),
            compiler: table.compiler().to_owned(),
            stencils: compiled.len(),
            distinct_bodies: bodies.len(),
            code_bytes: bytes(&bodies),
            pool_bytes: table.pool().len(),
            table_bytes: table.bytes().len(),
            holes,
            jumps_to_end: bodies.iter().map(|code| backend.jumps_to_end(code)).sum(),
            rustc_seconds: None,
            elapsed_seconds: None,
            ops: table.ops().iter().map(|op| op_report(table, op)).collect(),
        }
    }
}

fn op_report(table: &Table<'_>, op: &OpRecord) -> OpReport {
    let variants = table.variants_of(op);
    let compiled: Vec<&StencilRecord> = variants.iter().filter(|stencil| is_compiled(stencil)).collect();
    let bodies = bodies(table, &compiled);
    // Of several that are as short, which one it is depends on nothing but their bytes.
    let shortest = bodies.iter().min_by_key(|code| (code.len(), **code)).copied().unwrap_or_default();
    OpReport {
        op: table.text(op.name).to_owned(),
        line: op.line,
        stencils: compiled.len(),
        pruned: variants.len() - compiled.len(),
        code_bytes: bytes(&bodies),
        longest: compiled.iter().map(|stencil| usize::from(stencil.len)).max().unwrap_or_default(),
        shortest: shortest.len(),
        instructions: arch::backend(TableKey::of(table).architecture).instructions(shortest),
        distinct_bodies: bodies.len(),
        holes: compiled.iter().map(|stencil| table.holes_of(stencil).len()).sum(),
    }
}

fn is_compiled(stencil: &StencilRecord) -> bool {
    stencil.len != StencilRecord::PRUNED
}

/// Every body once.
fn bodies<'s>(table: &Table<'s>, stencils: &[&'s StencilRecord]) -> HashSet<&'s [u8]> {
    stencils.iter().map(|stencil| table.code_of(stencil)).collect()
}

fn bytes(bodies: &HashSet<&[u8]>) -> usize {
    bodies.iter().map(|code| code.len()).sum()
}

/// The figures of every table of a set.
pub(crate) fn of_set(set: &CompiledSet) -> Result<Vec<TableReport>, Error> {
    set.tables.iter().map(|table| table.report(&set.name)).collect()
}

/// The reports as JSON.
pub(crate) fn json(reports: &[TableReport]) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(reports).map_err(|source| Error::Report { source })? + "\n")
}

/// The reports as a text to read.
pub(crate) fn text(reports: &[TableReport]) -> String {
    let mut text = String::new();
    for report in reports {
        let _ = write_report(&mut text, report);
    }
    if reports.len() > 1 {
        let _ = write_side_by_side(&mut text, reports);
    }
    text
}

/// The shortest variant of every op in every table: instructions and bytes.
fn write_side_by_side(text: &mut String, reports: &[TableReport]) -> std::fmt::Result {
    writeln!(text, "the shortest variant of every op, in instructions and bytes\n")?;
    // The set's name is that of all tables.
    let key = |report: &TableReport| report.table.split_once('.').map_or(String::new(), |(_, key)| key.to_owned());
    let keys: Vec<_> = reports.iter().map(key).collect();
    write!(text, "  {:<24}", "op")?;
    keys.iter().try_for_each(|key| write!(text, " {key:>26}"))?;
    writeln!(text)?;
    for (index, op) in reports[0].ops.iter().enumerate() {
        write!(text, "  {:<24}", op.op)?;
        for op in reports.iter().filter_map(|report| report.ops.get(index)) {
            write!(text, " {:>26}", format!("{} / {}", op.instructions, op.shortest))?;
        }
        writeln!(text)?;
    }
    writeln!(text)
}

fn write_report(text: &mut String, report: &TableReport) -> std::fmt::Result {
    writeln!(text, "{}\n  made by {}", report.table, report.compiler)?;
    if let (Some(rustc), Some(elapsed)) = (report.rustc_seconds, report.elapsed_seconds) {
        writeln!(text, "  {rustc:.1} s of rustc in {elapsed:.1} s")?;
    }
    writeln!(text, "  {} stencils, {} distinct bodies", report.stencils, report.distinct_bodies)?;
    writeln!(
        text,
        "  {} bytes of code, {} of constants, {} in all",
        report.code_bytes, report.pool_bytes, report.table_bytes
    )?;
    let holes: Vec<_> = report.holes.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    writeln!(text, "  holes: {}", holes.join(", "))?;
    writeln!(text, "  {} jumps to the end of their stencil\n", report.jumps_to_end)?;
    writeln!(text, "  {:<24} {:>8} {:>8} {:>8} {:>8}", "op", "stencils", "pruned", "bytes", "longest")?;
    for op in &report.ops {
        writeln!(text, "  {:<24} {:>8} {:>8} {:>8} {:>8}", op.op, op.stencils, op.pruned, op.code_bytes, op.longest)?;
    }
    writeln!(text)
}
