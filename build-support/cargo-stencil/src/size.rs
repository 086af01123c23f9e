//! `cargo stencil size`: tables against their budget, and the ops that take most.

use crate::cli::Tables;
use crate::error::Error;
use crate::set::TableFile;
use clap::Args;
use serde::Serialize;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use stencil_build_support::{Budget, Usage};
use stencil_table::{Header, StencilRecord};

#[derive(Debug, Args)]
pub(crate) struct Size {
    #[command(flatten)]
    tables: Tables,
    /// A budget file; without one, that beside the package's manifest
    #[arg(long)]
    budget: Option<PathBuf>,
    /// How many ops to show
    #[arg(long, default_value_t = 10)]
    top: usize,
}

/// The sizes of tables.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Sizes(Vec<TableSize>);

/// The size of a table.
#[derive(Debug, Serialize)]
struct TableSize {
    table: String,
    /// What the budget limits.
    budget: Vec<Usage>,
    bytes: usize,
    /// What the bytes are.
    parts: Vec<(&'static str, usize)>,
    /// The ops that take most.
    ops: Vec<Spender>,
}

/// An op.
#[derive(Debug, Serialize)]
struct Spender {
    op: String,
    stencils: usize,
    /// Bytes of the records of its variants, which hold the code of short ones.
    record_bytes: usize,
    /// Bytes of code that its records do not hold, each body counted once.
    code_bytes: usize,
    /// The part of the table that these are, in percent.
    percent: f64,
}

impl Size {
    pub(crate) fn run(&self) -> Result<Sizes, Error> {
        let size = |file: &TableFile| self.of_table(file);
        Ok(Sizes(self.tables.all()?.iter().map(size).collect::<Result<_, _>>()?))
    }

    fn of_table(&self, file: &TableFile) -> Result<TableSize, Error> {
        let table = file.table()?;
        let budget = self.budget.clone().or_else(|| budget_of(file));
        let budget = budget.map(|path| Budget::read(&path)).transpose()?;
        let bytes = table.bytes().len();
        let mut ops: Vec<Spender> = Vec::new();
        for op in table.ops() {
            let records = table.variants_of(op);
            let long = records.iter().filter(|record| record.len != StencilRecord::PRUNED && !record.is_plain());
            let mut bodies: Vec<&[u8]> = long.map(|record| table.code_of(record)).collect();
            bodies.sort_unstable();
            bodies.dedup();
            let (record_bytes, code_bytes) = (size_of_val(records), bodies.iter().map(|body| body.len()).sum());
            ops.push(Spender {
                op: table.text(op.name).to_owned(),
                stencils: records.iter().filter(|record| record.len != StencilRecord::PRUNED).count(),
                record_bytes,
                code_bytes,
                percent: (record_bytes + code_bytes) as f64 * 100.0 / bytes as f64,
            });
        }
        ops.sort_by_key(|op| (std::cmp::Reverse(op.record_bytes + op.code_bytes), op.op.clone()));
        ops.truncate(self.top);
        let parts = [
            ("records of stencils, short code in them", size_of_val(table.stencils())),
            ("code of long ones", table.code().len()),
            ("holes", size_of_val(table.holes())),
            ("axes", size_of_val(table.axes())),
            ("ops", size_of_val(table.ops())),
            ("constants", table.pool().len()),
        ];
        let rest = bytes - parts.iter().map(|(_, bytes)| bytes).sum::<usize>().min(bytes);
        debug_assert!(rest >= size_of::<Header>());
        Ok(TableSize {
            table: file.name(),
            budget: budget.map(|budget| Ok::<_, Error>(budget.usage(&file.report()?))).transpose()?.unwrap_or_default(),
            bytes,
            parts: parts.into_iter().chain([("names, header and the like", rest)]).collect(),
            ops,
        })
    }
}

/// The budget beside the manifest of the package that a table belongs to.
fn budget_of(file: &TableFile) -> Option<PathBuf> {
    let package = file.packages().find(|folder| folder.join("Cargo.toml").exists())?;
    let entries = fs::read_dir(package).ok()?.flatten().map(|entry| entry.path());
    entries.filter(|path| path.to_string_lossy().ends_with(".budget.json")).min()
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, size) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{}, {} bytes", size.table, size.bytes)?;
            for usage in &size.budget {
                let over = if usage.actual > usage.limit { "OVER BUDGET: " } else { "" };
                writeln!(f, "  {over}{usage} ({:.0} %)", usage.actual * 100.0 / usage.limit)?;
            }
            if size.budget.is_empty() {
                writeln!(f, "  no budget")?;
            }
            writeln!(f)?;
            for (what, bytes) in &size.parts {
                writeln!(f, "  {what:40} {bytes:>9}")?;
            }
            let width = size.ops.iter().map(|op| op.op.len()).max().unwrap_or_default().max(2);
            writeln!(f, "\n  {:width$} {:>9} {:>9} {:>9} {:>6}", "op", "stencils", "records", "code", "%")?;
            for op in &size.ops {
                writeln!(
                    f,
                    "  {:width$} {:>9} {:>9} {:>9} {:>6.1}",
                    op.op, op.stencils, op.record_bytes, op.code_bytes, op.percent
                )?;
            }
        }
        Ok(())
    }
}
