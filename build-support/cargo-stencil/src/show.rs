//! `cargo stencil show`: the machine code of an op.

use crate::cli::Tables;
use crate::disassemble::{self, Line};
use crate::error::Error;
use crate::places;
use crate::set::{self, OpSource};
use clap::Args;
use serde::Serialize;
use std::fmt;
use stencil_table::{OpRecord, StencilRecord, Table};

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The op
    op: String,
    #[command(flatten)]
    tables: Tables,
    /// A variant: its number, or the places of its values, results first, with `_` for any: `ints0,_,slot`
    #[arg(long, value_name = "VARIANT")]
    variant: Option<String>,
    /// Every variant, not only a few of each sort
    #[arg(long, conflicts_with = "variant")]
    all: bool,
}

/// An op.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    op: String,
    table: String,
    file: String,
    line: u32,
    /// The op's text.
    source: Vec<String>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    values: Vec<Value>,
    /// How many variants the op has, pruned ones not counted.
    count: usize,
    variants: Vec<Variant>,
    #[serde(skip)]
    first_line: usize,
    /// The whole file.
    #[serde(skip)]
    text: Vec<String>,
}

/// A value of the op.
#[derive(Debug, Serialize)]
struct Value {
    name: String,
    sort: &'static str,
}

/// One stencil.
#[derive(Debug, Serialize)]
struct Variant {
    number: usize,
    places: Vec<String>,
    /// Whether no place leads to it: short forms that too few literals would fit.
    unused: bool,
    bytes: usize,
    lines: Vec<Line>,
}

impl Show {
    pub(crate) fn run(&self) -> Result<Shown, Error> {
        let file = self.tables.one()?;
        let table = file.table()?;
        let op = set::op(&table, &self.op)?;
        let source = OpSource::of(&file, &table, op);
        let records = table.variants_of(op);
        let places = places::of_op(&table, op);
        let is_there = |number: &usize| records[*number].len != StencilRecord::PRUNED;
        let there: Vec<usize> = (0..records.len()).filter(is_there).collect();
        let chosen = match &self.variant {
            Some(wanted) => self.choose(wanted, &there, &places)?,
            None if self.all => there.clone(),
            None => samples(&table, op, &there, &places),
        };
        let rows = |number: usize| {
            let lines = file.lines.as_ref().map(|lines| lines.of(op.variants.start as usize + number));
            lines.unwrap_or_default()
        };
        let variant = |number: usize| Variant {
            number,
            places: places[number].clone().unwrap_or_default(),
            unused: places[number].is_none(),
            bytes: usize::from(records[number].len),
            lines: disassemble::stencil(&table, &records[number], rows(number), &source),
        };
        let values = source.names.iter().zip(&source.sorts);
        Ok(Shown {
            op: self.op.clone(),
            table: file.name(),
            file: table.text(op.file).to_owned(),
            line: op.line,
            first_line: source.lines.first().map_or(0, |(number, _)| *number),
            source: source.lines.iter().map(|(_, line)| line.clone()).collect(),
            missing: source.missing.clone(),
            text: source.file.clone(),
            values: values.map(|(name, sort)| Value { name: name.clone(), sort }).collect(),
            count: there.len(),
            variants: chosen.into_iter().map(variant).collect(),
        })
    }

    /// The variants with this number or these places.
    fn choose(&self, wanted: &str, there: &[usize], places: &[Option<Vec<String>>]) -> Result<Vec<usize>, Error> {
        let none = |advice: String| Error::NoVariant { op: self.op.clone(), wanted: wanted.to_owned(), advice };
        if let Ok(number) = wanted.parse::<usize>() {
            return match there.contains(&number) {
                true => Ok(vec![number]),
                false if number < places.len() => {
                    Err(none("it is pruned: the assembler reaches it by moves".to_owned()))
                }
                false => Err(none(format!("numbers go up to {}", places.len().saturating_sub(1)))),
            };
        }
        let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
        let fits = |number: &usize| {
            places[*number].as_ref().is_some_and(|places| {
                places.len() == wanted.len()
                    && places.iter().zip(&wanted).all(|(place, wanted)| *wanted == "_" || place == wanted)
            })
        };
        let found: Vec<usize> = there.iter().copied().filter(fits).collect();
        if found.is_empty() {
            let mut known: Vec<String> = there
                .iter()
                .filter_map(|number| places[*number].as_ref())
                .take(3)
                .map(|places| places.join(","))
                .collect();
            known.dedup();
            return Err(none(format!("write a number, or places as in {}", known.join(" or "))));
        }
        Ok(found)
    }
}

/// One variant of each sort: everything in registers of its own, in slots, with a literal of either form.
fn samples(table: &Table<'_>, op: &OpRecord, there: &[usize], places: &[Option<Vec<String>>]) -> Vec<usize> {
    let registers: Vec<u32> = table.axes_of(op).iter().map(|axis| axis.registers.max(1)).collect();
    let is_own = |(axis, place): (usize, &String)| {
        let number = place.trim_start_matches(|char: char| !char.is_ascii_digit());
        number.parse() == Ok(axis as u32 % registers[axis])
    };
    let sorts: [fn(&str) -> bool; 4] =
        [|_| false, |place| place == "slot", |place| place == "short", |place| place == "literal"];
    let sample = |sort: &fn(&str) -> bool| {
        // As many values as can be are in such a place, the others in registers of their own.
        let fitting = |number: &&usize| {
            let places = places[**number].as_deref();
            places.is_some_and(|places| {
                places.iter().enumerate().all(|(axis, place)| sort(place) || is_own((axis, place)))
            })
        };
        let count = |number: &&usize| {
            places[**number].as_deref().unwrap_or_default().iter().filter(|place| sort(place)).count()
        };
        there.iter().filter(fitting).max_by_key(count).copied()
    };
    let mut chosen: Vec<usize> = sorts.iter().filter_map(sample).collect();
    chosen.dedup();
    if chosen.is_empty() {
        chosen.extend(there.first());
    }
    let mut seen = Vec::new();
    chosen.retain(|number| {
        !seen.contains(number) && {
            seen.push(*number);
            true
        }
    });
    chosen
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {}, {}:{}", self.op, self.table, self.file, self.line)?;
        if let Some(missing) = &self.missing {
            writeln!(f, "(values have numbers for names: {missing})")?;
        }
        for (line, number) in self.source.iter().zip(self.first_line..) {
            writeln!(f, "{number:6} | {line}")?;
        }
        for variant in &self.variants {
            let named = self.values.iter().zip(&variant.places);
            let named: Vec<_> = named.map(|(value, place)| format!("{}={place}", value.name)).collect();
            let places = match named.is_empty() {
                true if variant.unused => ", which no literal takes".to_owned(),
                true => String::new(),
                false => format!(": {}", named.join(" ")),
            };
            writeln!(f, "\nvariant {}{places}, {} bytes", variant.number, variant.bytes)?;
            if variant.lines.is_empty() {
                writeln!(f, "    (nothing: control goes on)")?;
            }
            let mut before = None;
            for line in &variant.lines {
                if let Some(number) = line.line.filter(|number| before != Some(*number)) {
                    let text = self.text.get(number as usize - 1).map_or("", |text| text.trim());
                    writeln!(f, "{}", format!("{number:6} | {text}").trim_end())?;
                }
                before = line.line;
                let holes: Vec<_> = line.holes.iter().map(ToString::to_string).collect();
                let holes = if holes.is_empty() { String::new() } else { format!("; {}", holes.join(", ")) };
                let text = format!("{:4x}  {:22} {:38} {holes}", line.at, line.bytes, line.text);
                writeln!(f, "  {}", text.trim_end())?;
            }
        }
        if self.variants.len() < self.count {
            let more = self.count - self.variants.len();
            writeln!(f, "\n{more} more variants; `--all` shows them, `--variant` some")?;
        }
        Ok(())
    }
}
