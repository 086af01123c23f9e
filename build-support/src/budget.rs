//! Limits for tables, kept in a file beside the op set.
//!
//! ```json
//! { "vm3.x86_64.wide.baseline": { "stencils": 10000, "table_bytes": 1000000, "elapsed_seconds": 15.0 } }
//! ```

use crate::Error;
use crate::report::TableReport;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// A budget file.
#[derive(Debug)]
pub struct Budget {
    path: PathBuf,
    tables: BTreeMap<String, Limits>,
}

/// How much of a limit a table uses.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Usage {
    /// What is limited.
    pub what: &'static str,
    /// What the table has.
    pub actual: f64,
    /// What it may have.
    pub limit: f64,
}

/// The limits of one table; what is left out is not limited.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Limits {
    stencils: Option<usize>,
    distinct_bodies: Option<usize>,
    code_bytes: Option<usize>,
    table_bytes: Option<usize>,
    rustc_seconds: Option<f64>,
    elapsed_seconds: Option<f64>,
}

impl Budget {
    /// Reads a budget file.
    ///
    /// # Errors
    /// When there is none, or it is no budget.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let tables = serde_json::from_str(&text).map_err(|source| Error::Budget { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), tables })
    }

    /// What a table uses of each of its limits. Seconds are looked at where something was compiled.
    #[must_use]
    pub fn usage(&self, report: &TableReport) -> Vec<Usage> {
        let Some(limits) = self.tables.get(&report.table) else { return Vec::new() };
        let count = |value: usize, limit: Option<usize>| limit.map(|limit| (value as f64, limit as f64));
        let all = [
            ("stencils", count(report.stencils, limits.stencils)),
            ("distinct bodies", count(report.distinct_bodies, limits.distinct_bodies)),
            ("bytes of code", count(report.code_bytes, limits.code_bytes)),
            ("bytes", count(report.table_bytes, limits.table_bytes)),
            ("seconds of rustc", report.rustc_seconds.zip(limits.rustc_seconds)),
            ("seconds", report.elapsed_seconds.zip(limits.elapsed_seconds)),
        ];
        let usage = |(what, found): (_, Option<(f64, f64)>)| found.map(|(actual, limit)| Usage { what, actual, limit });
        all.into_iter().filter_map(usage).collect()
    }

    /// What is over budget, as an error.
    pub(crate) fn check(&self, reports: &[TableReport]) -> Result<(), Error> {
        let of_report = |report| self.usage(report).into_iter().map(move |usage| (report, usage));
        let over = reports.iter().flat_map(of_report).filter(|(_, usage)| usage.actual > usage.limit);
        let lines: Vec<String> = over.map(|(report, usage)| format!("{} {usage}", report.table)).collect();
        if lines.is_empty() { Ok(()) } else { Err(Error::OverBudget { path: self.path.clone(), lines }) }
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, actual, limit } = self;
        if what.starts_with("seconds") {
            write!(f, "took {actual:.1} {what} of {limit:.1}")
        } else {
            write!(f, "has {actual} {what} of {limit}")
        }
    }
}
