//! `cargo stencil list`: the ops of tables.

use crate::cli::Tables;
use crate::error::Error;
use clap::Args;
use serde::Serialize;
use std::fmt;
use stencil_build_support::TableReport;

#[derive(Debug, Args)]
pub(crate) struct List {
    #[command(flatten)]
    tables: Tables,
    /// Only ops whose name has this in it
    #[arg(long)]
    op: Option<String>,
}

/// The figures of tables.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Listing(Vec<TableReport>);

impl List {
    pub(crate) fn run(&self) -> Result<Listing, Error> {
        let reports = self.tables.all()?.iter().map(crate::set::TableFile::report).collect::<Result<Vec<_>, _>>()?;
        let narrowed = |mut report: TableReport| {
            report.ops.retain(|op| self.op.as_deref().is_none_or(|wanted| op.op.contains(wanted)));
            report
        };
        Ok(Listing(reports.into_iter().map(narrowed).collect()))
    }
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, report) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            writeln!(f, "{}, made by {}", report.table, report.compiler)?;
            writeln!(
                f,
                "{} stencils, {} distinct bodies, {} bytes of code, {} of constants, {} in all",
                report.stencils, report.distinct_bodies, report.code_bytes, report.pool_bytes, report.table_bytes
            )?;
            let holes = report.holes.iter().filter(|(_, count)| **count > 0);
            let holes: Vec<_> = holes.map(|(kind, count)| format!("{count} {kind}")).collect();
            writeln!(f, "holes: {}\n", holes.join(", "))?;
            let width = report.ops.iter().map(|op| op.op.len()).max().unwrap_or_default().max(2);
            writeln!(
                f,
                "{:width$} {:>6} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7}",
                "op", "line", "variants", "pruned", "bodies", "holes", "bytes", "longest"
            )?;
            for op in &report.ops {
                writeln!(
                    f,
                    "{:width$} {:>6} {:>9} {:>7} {:>7} {:>7} {:>7} {:>7}",
                    op.op, op.line, op.stencils, op.pruned, op.distinct_bodies, op.holes, op.code_bytes, op.longest
                )?;
            }
        }
        Ok(())
    }
}
