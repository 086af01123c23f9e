//! `cargo stencil diff`: what differs between two tables.

use crate::error::Error;
use crate::places;
use crate::set::TableFile;
use clap::Args;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::path::PathBuf;
use stencil_build_support::TableReport;
use stencil_table::{HoleKind, OpRecord, StencilRecord, Table};

#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// A table file
    old: PathBuf,
    /// The one that it is compared with
    new: PathBuf,
}

/// What differs between two tables.
#[derive(Debug, Serialize)]
pub(crate) struct Difference {
    old: Side,
    new: Side,
    /// Kinds of holes that only one of them has.
    new_kinds: Vec<&'static str>,
    gone_kinds: Vec<&'static str>,
    /// Ops that only one of them has.
    new_ops: Vec<String>,
    gone_ops: Vec<String>,
    /// Ops that differ, those that grew most first.
    ops: Vec<OpDifference>,
}

/// One of the tables.
#[derive(Debug, Serialize)]
struct Side {
    table: String,
    compiler: String,
    stencils: usize,
    distinct_bodies: usize,
    code_bytes: usize,
    table_bytes: usize,
}

/// What differs between two versions of an op.
#[derive(Debug, Serialize)]
struct OpDifference {
    op: String,
    old: OpSide,
    new: OpSide,
    /// Variants, by their places, that both have with other bytes or holes.
    changed: usize,
    /// Kinds of holes that no variant of the old one had.
    new_kinds: Vec<&'static str>,
}

/// One version of an op.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
struct OpSide {
    variants: usize,
    /// Bytes of code, each body counted once.
    bytes: usize,
    longest: usize,
    holes: BTreeMap<&'static str, usize>,
}

impl Diff {
    pub(crate) fn run(&self) -> Result<Difference, Error> {
        let (old_file, new_file) = (TableFile::read(&self.old, None)?, TableFile::read(&self.new, None)?);
        let (old, new) = (old_file.table()?, new_file.table()?);
        let (old_report, new_report) = (old_file.report()?, new_file.report()?);
        let old_ops: HashMap<&str, &OpRecord> = old.ops().iter().map(|op| (old.text(op.name), op)).collect();
        let new_names: BTreeSet<&str> = new.ops().iter().map(|op| new.text(op.name)).collect();
        let mut ops = Vec::new();
        let mut new_ops = Vec::new();
        for op in new.ops() {
            let name = new.text(op.name);
            match old_ops.get(name) {
                None => new_ops.push(name.to_owned()),
                Some(before) => ops.extend(difference(name, (&old, before), (&new, op))),
            }
        }
        ops.sort_by_key(|op: &OpDifference| (op.old.bytes as i64 - op.new.bytes as i64, op.op.clone()));
        let gone = old.ops().iter().map(|op| old.text(op.name)).filter(|name| !new_names.contains(name));
        let only = |these: &TableReport, those: &TableReport| {
            let has = |report: &TableReport, kind: &str| report.holes.get(kind).is_some_and(|count| *count > 0);
            these.holes.keys().copied().filter(|kind| has(these, kind) && !has(those, kind)).collect()
        };
        Ok(Difference {
            new_kinds: only(&new_report, &old_report),
            gone_kinds: only(&old_report, &new_report),
            new_ops,
            gone_ops: gone.map(str::to_owned).collect(),
            ops,
            old: side(old_report),
            new: side(new_report),
        })
    }
}

fn side(report: TableReport) -> Side {
    let TableReport { table, compiler, stencils, distinct_bodies, code_bytes, table_bytes, .. } = report;
    Side { table, compiler, stencils, distinct_bodies, code_bytes, table_bytes }
}

/// What differs between two versions of an op; `None` when nothing does.
fn difference(name: &str, old: (&Table<'_>, &OpRecord), new: (&Table<'_>, &OpRecord)) -> Option<OpDifference> {
    let (before, after) = (op_side(old), op_side(new));
    let (old_variants, new_variants) = (variants(old), variants(new));
    let same = |old: &StencilRecord, record: &StencilRecord, (a, b): (&Table<'_>, &Table<'_>)| {
        a.code_of(old) == b.code_of(record) && a.holes_of(old) == b.holes_of(record)
    };
    let changes = |(places, record): &(&Vec<String>, &&StencilRecord)| {
        old_variants.get(*places).is_some_and(|other| !same(other, record, (old.0, new.0)))
    };
    let changed = new_variants.iter().filter(changes).count();
    if changed == 0 && before == after {
        return None;
    }
    let new_kinds = after.holes.keys().copied().filter(|kind| !before.holes.contains_key(kind)).collect();
    Some(OpDifference { op: name.to_owned(), old: before, new: after, changed, new_kinds })
}

/// The stencils of an op, by their places.
fn variants<'t>((table, op): (&Table<'t>, &OpRecord)) -> BTreeMap<Vec<String>, &'t StencilRecord> {
    let named = places::of_op(table, op).into_iter().zip(table.variants_of(op));
    named
        .filter(|(_, record)| record.len != StencilRecord::PRUNED)
        .filter_map(|(places, record)| Some((places?, record)))
        .collect()
}

fn op_side((table, op): (&Table<'_>, &OpRecord)) -> OpSide {
    let mut side = OpSide::default();
    let mut bodies = BTreeSet::new();
    for record in table.variants_of(op).iter().filter(|record| record.len != StencilRecord::PRUNED) {
        side.variants += 1;
        side.longest = side.longest.max(record.len.into());
        bodies.insert(table.code_of(record));
        for kind in table.holes_of(record).iter().filter_map(|hole| HoleKind::from_byte(hole.kind).ok()) {
            *side.holes.entry(kind.name()).or_default() += 1;
        }
    }
    side.bytes = bodies.iter().map(|code| code.len()).sum();
    side
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { old, new, .. } = self;
        writeln!(f, "old: {}, {}\nnew: {}, {}\n", old.table, old.compiler, new.table, new.compiler)?;
        for (what, old, new) in [
            ("stencils", old.stencils, new.stencils),
            ("distinct bodies", old.distinct_bodies, new.distinct_bodies),
            ("bytes of code", old.code_bytes, new.code_bytes),
            ("bytes in all", old.table_bytes, new.table_bytes),
        ] {
            writeln!(f, "{what:16} {}", change(old, new))?;
        }
        let named = |names: &[String]| names.join(", ");
        let kinds = |names: &[&str]| names.join(", ");
        for (what, names) in [
            ("new kinds of holes", kinds(&self.new_kinds)),
            ("kinds of holes that are gone", kinds(&self.gone_kinds)),
            ("new ops", named(&self.new_ops)),
            ("ops that are gone", named(&self.gone_ops)),
        ] {
            if !names.is_empty() {
                writeln!(f, "{what}: {names}")?;
            }
        }
        if self.ops.is_empty() {
            return writeln!(f, "\nno op that both have differs");
        }
        let width = self.ops.iter().map(|op| op.op.len()).max().unwrap_or_default();
        writeln!(f, "\n{:width$}  {:28} {:22} {:20} variants changed", "op", "bytes", "variants", "longest")?;
        for op in &self.ops {
            let (old, new) = (&op.old, &op.new);
            let kinds = op.new_kinds.join(", ");
            let kinds = if kinds.is_empty() { kinds } else { format!("  new: {kinds}") };
            writeln!(
                f,
                "{:width$}  {:28} {:22} {:20} {}{kinds}",
                op.op,
                change(old.bytes, new.bytes),
                change(old.variants, new.variants),
                change(old.longest, new.longest),
                op.changed
            )?;
        }
        Ok(())
    }
}

/// `12 -> 14 (+2)`, or the one number when they are equal.
fn change(old: usize, new: usize) -> String {
    if old == new { old.to_string() } else { format!("{old} -> {new} ({:+})", new as i64 - old as i64) }
}
