//! Limits for tables, kept in a file beside the op set.
//!
//! ```json
//! { "vm3.x86_64.wide.baseline": { "stencils": 10000, "table_bytes": 1000000, "elapsed_seconds": 15.0 } }
//! ```

use crate::Error;
use crate::report::TableReport;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A budget file.
#[derive(Debug)]
pub(crate) struct Budget {
    path: PathBuf,
    tables: BTreeMap<String, Limits>,
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
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = fs::read_to_string(path).map_err(Error::io("read", path))?;
        let tables = serde_json::from_str(&text).map_err(|source| Error::Budget { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned(), tables })
    }

    /// What is over budget, as an error. Seconds are looked at where something was compiled.
    pub(crate) fn check(&self, reports: &[TableReport]) -> Result<(), Error> {
        let mut lines = Vec::new();
        for report in reports {
            let Some(limits) = self.tables.get(&report.table) else { continue };
            for (what, value, limit) in [
                ("stencils", report.stencils, limits.stencils),
                ("distinct bodies", report.distinct_bodies, limits.distinct_bodies),
                ("bytes of code", report.code_bytes, limits.code_bytes),
                ("bytes", report.table_bytes, limits.table_bytes),
            ] {
                if let Some(limit) = limit.filter(|limit| value > *limit) {
                    lines.push(format!("{} has {value} {what} of {limit}", report.table));
                }
            }
            for (what, value, limit) in [
                ("seconds of rustc", report.rustc_seconds, limits.rustc_seconds),
                ("seconds", report.elapsed_seconds, limits.elapsed_seconds),
            ] {
                if let (Some(value), Some(limit)) = (value, limit)
                    && value > limit
                {
                    lines.push(format!("{} took {value:.1} {what} of {limit:.1}", report.table));
                }
            }
        }
        if lines.is_empty() { Ok(()) } else { Err(Error::OverBudget { path: self.path.clone(), lines }) }
    }
}
