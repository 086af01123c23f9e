//! `cargo stencil why`: what an op's stencils have passed, and what its values became.

use crate::cli::Tables;
use crate::disassemble;
use crate::error::Error;
use crate::places;
use crate::set::{self, OpSource};
use clap::Args;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use stencil_build_support::{GATES, Gate};
use stencil_table::{AxisRecord, HoleKind, HoleRecord, OpRecord, StencilRecord, Table, place};

#[derive(Debug, Args)]
pub(crate) struct Why {
    /// The op
    op: String,
    #[command(flatten)]
    tables: Tables,
}

/// Why an op's stencils are as they are.
#[derive(Debug, Serialize)]
pub(crate) struct Reasons {
    op: String,
    /// What the last build found wrong with it: then there are no stencils.
    findings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    table: Option<Found>,
}

/// What a table says.
#[derive(Debug, Serialize)]
struct Found {
    table: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    variants: usize,
    pruned: usize,
    /// Variants that end without a jump: control goes on behind them.
    fall_through: usize,
    /// What every stencil has passed.
    gates: &'static [Gate],
    values: Vec<Value>,
    /// Reads of constants, and the instructions that do it.
    constants: BTreeMap<String, usize>,
}

/// What became of a value.
#[derive(Debug, Serialize)]
struct Value {
    name: String,
    sort: &'static str,
    /// The places that it may be in.
    places: Vec<String>,
    /// Which literals take which form.
    literals: Vec<Literal>,
    /// How it is patched in.
    holes: Vec<HoleUse>,
}

/// The form that a sort of literals takes.
#[derive(Debug, Serialize)]
struct Literal {
    literals: &'static str,
    form: String,
}

/// All holes of one kind for one value.
#[derive(Debug, Serialize)]
struct HoleUse {
    kind: &'static str,
    count: usize,
    /// The values that fit all of them, for kinds that take a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<(i64, i64)>,
    /// What is added to the value: the least and the most. Not 0 where the compiler folded a constant into the field.
    addends: (i32, i32),
    /// The instructions that the value was folded into, with their numbers.
    instructions: BTreeMap<String, usize>,
}

impl Why {
    pub(crate) fn run(&self) -> Result<Reasons, Error> {
        let findings = self.tables.findings()?.into_iter().filter(|finding| finding.op == self.op);
        let findings: Vec<_> = findings.map(|finding| format!("line {}: {}", finding.line, finding.message)).collect();
        let table = match self.found() {
            // Then nothing was made.
            Err(Error::NoTable { .. }) if !findings.is_empty() => None,
            found => Some(found?),
        };
        Ok(Reasons { op: self.op.clone(), findings, table })
    }

    fn found(&self) -> Result<Found, Error> {
        let file = self.tables.one()?;
        let table = file.table()?;
        let op = set::op(&table, &self.op)?;
        let source = OpSource::of(&file, &table, op);
        let records = table.variants_of(op);
        let made: Vec<&StencilRecord> = records.iter().filter(|record| record.len != StencilRecord::PRUNED).collect();
        let mut constants = BTreeMap::new();
        let mut uses: Vec<BTreeMap<u8, HoleUse>> = source.names.iter().map(|_| BTreeMap::new()).collect();
        for record in &made {
            let lines = disassemble::stencil(&table, record, &[], &source);
            for hole in table.holes_of(record) {
                let holding = lines.iter().rev().find(|line| line.at <= usize::from(hole.offset));
                let name = holding.map_or("", |line| line.mnemonic());
                let Ok(kind) = HoleKind::from_byte(hole.kind) else { continue };
                match uses.get_mut(usize::from(hole.value)).filter(|_| kind.sort() != stencil_table::HoleSort::Pool) {
                    Some(uses) => add(uses, kind, hole, name),
                    None => *constants.entry(name.to_owned()).or_default() += 1,
                }
            }
        }
        let axes = table.axes_of(op);
        let values = source.names.iter().zip(&source.sorts).zip(uses).enumerate();
        let values = values.map(|(number, ((name, sort), uses))| {
            let axis = axes.get(number);
            let places = axis.map(|axis| places::of_axis(&table, axis)).unwrap_or_default();
            Value {
                name: name.clone(),
                sort,
                literals: axis.map_or_else(Vec::new, |axis| literals(axis, &places)),
                places: places.into_iter().map(|(name, _)| name).collect(),
                holes: uses.into_values().collect(),
            }
        });
        Ok(Found {
            table: file.name(),
            missing: source.missing.clone(),
            variants: made.len(),
            pruned: records.len() - made.len(),
            fall_through: made.iter().filter(|record| falls_through(&table, op, record, &source)).count(),
            gates: GATES,
            values: values.collect(),
            constants,
        })
    }
}

/// Counts a hole.
fn add(uses: &mut BTreeMap<u8, HoleUse>, kind: HoleKind, hole: &HoleRecord, instruction: &str) {
    let range = kind.value_range(hole.addend);
    let found = uses.entry(hole.kind).or_insert_with(|| HoleUse {
        kind: kind.name(),
        count: 0,
        range,
        addends: (hole.addend, hole.addend),
        instructions: BTreeMap::new(),
    });
    found.count += 1;
    found.range = found.range.zip(range).map(|(all, this)| (all.0.max(this.0), all.1.min(this.1)));
    found.addends = (found.addends.0.min(hole.addend), found.addends.1.max(hole.addend));
    *found.instructions.entry(instruction.to_owned()).or_default() += 1;
}

/// Whether the last instruction of a stencil lets control go on.
fn falls_through(table: &Table<'_>, op: &OpRecord, record: &StencilRecord, source: &OpSource) -> bool {
    let never = op.flags & stencil_table::op_flags::NEVER_FALLS_THROUGH != 0;
    let last = disassemble::stencil(table, record, &[], source).pop();
    let jumps = |line: disassemble::Line| ["jmp", "b", "j", "ret", "jr", "jalr"].contains(&line.mnemonic());
    !never && !last.is_some_and(jumps)
}

/// Which literals take which form of a value.
fn literals(axis: &AxisRecord, places: &[(String, u32)]) -> Vec<Literal> {
    let sorts = [("0 up to 2^30", place::SMALL), ("-2^30 up to 0", place::NEGATIVE), ("all others", place::WIDE)];
    let form = |(literals, index): (&'static str, u32)| {
        let step = axis.steps[index as usize % place::COUNT];
        let is_form = |(name, its): &&(String, u32)| *its == step && ["short", "literal"].contains(&name.as_str());
        places.iter().rev().find(is_form).map(|(form, _)| Literal { literals, form: form.clone() })
    };
    sorts.into_iter().filter_map(form).collect()
}

impl fmt::Display for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{} was refused, {finding}", self.op)?;
        }
        let Some(found) = &self.table else { return Ok(()) };
        writeln!(f, "{} of {}: {} variants, {} pruned", self.op, found.table, found.variants, found.pruned)?;
        if let Some(missing) = &found.missing {
            writeln!(f, "(values have numbers for names: {missing})")?;
        }
        writeln!(
            f,
            "{} end without a jump, {} by a way out\n",
            found.fall_through,
            found.variants - found.fall_through
        )?;
        for value in &found.values {
            writeln!(f, "{} ({})", value.name, value.sort)?;
            if !value.places.is_empty() {
                writeln!(f, "    in {}", value.places.join(", "))?;
            }
            for literal in &value.literals {
                writeln!(f, "    literals, {}: {}", literal.literals, literal.form)?;
            }
            for hole in &value.holes {
                write!(f, "    {} x {}", hole.count, hole.kind)?;
                match hole.range {
                    Some((i64::MIN, i64::MAX)) => write!(f, ", any value")?,
                    Some((low, high)) => write!(f, ", values {low} to {high}")?,
                    None => {}
                }
                if hole.range.is_some() && hole.addends != (0, 0) {
                    write!(f, ", {:+} to {:+} folded in", hole.addends.0, hole.addends.1)?;
                }
                let instructions: Vec<_> =
                    hole.instructions.iter().map(|(name, count)| format!("{count} {name}")).collect();
                writeln!(f, ": {}", instructions.join(", "))?;
            }
            if value.holes.is_empty() {
                writeln!(f, "    never patched in")?;
            }
        }
        if !found.constants.is_empty() {
            let constants: Vec<_> = found.constants.iter().map(|(name, count)| format!("{count} {name}")).collect();
            writeln!(f, "constants of the pool: {}", constants.join(", "))?;
        }
        writeln!(f, "\nevery stencil has passed the gates on")?;
        for gate in found.gates {
            writeln!(f, "    {} ({})", gate.refused, gate.because)?;
        }
        Ok(())
    }
}
