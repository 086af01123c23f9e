//! What was measured, as it is written to JSON.

use crate::cases::Group;
use crate::stats::geometric_mean;
use serde::Serialize;

/// Everything of one run of the benchmark.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Turns per case and engine.
    pub turns: u32,
    /// The cases, in the order they were timed.
    pub rows: Vec<Row>,
    /// The means over them.
    pub means: Vec<Mean>,
    /// Compile times.
    pub compile: Vec<CompileTime>,
}

/// A case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Where the program comes from.
    pub group: Group,
    /// The program's name.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<i64>,
    /// The ops that a run executes.
    pub ops: u64,
    /// The same algorithm in Rust, if there is one.
    pub native: Option<Time>,
    /// The engines.
    pub tiers: Vec<Measured>,
}

/// The time of one run of something.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Time {
    /// Runs per sample.
    pub runs: u32,
    /// Nanoseconds, the fastest turn.
    pub best_ns: f64,
    /// Nanoseconds, the median over the turns.
    pub median_ns: f64,
    /// Nanoseconds, the median distance from the median.
    pub deviation_ns: f64,
}

/// One engine's figures of a case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The engine's name.
    pub tier: String,
    /// Its time.
    pub time: Time,
    /// The median over the rounds of its time over native time.
    pub ratio: Option<f64>,
    /// Its best time over the best native time.
    pub best_ratio: Option<f64>,
}

/// Geometric means of ratios to native over a choice of cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// Which cases.
    pub over: String,
    /// How many they are.
    pub cases: usize,
    /// The engines.
    pub tiers: Vec<TierMean>,
}

/// One engine's means.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TierMean {
    /// The engine's name.
    pub tier: String,
    /// Of the median ratios.
    pub ratio: f64,
    /// Of the best ratios.
    pub best_ratio: f64,
    /// The largest of the median ratios.
    pub worst: f64,
}

/// What was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Compiled {
    /// Generated programs, of one function but for those of a million ops.
    Generated,
    /// The programs that are timed.
    Programs,
}

impl Compiled {
    /// Its name in tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generated => "generated",
            Self::Programs => "programs",
        }
    }
}

/// How long programs take to compile, code published.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CompileTime {
    /// The engine's name.
    pub tier: String,
    /// What was compiled.
    pub what: Compiled,
    /// How many different programs took turns.
    pub programs: usize,
    /// The ops of one program, the mean.
    pub ops: usize,
    /// Nanoseconds of a program, the median.
    pub program_ns: f64,
    /// Nanoseconds, the median distance from the median.
    pub deviation_ns: f64,
    /// Nanoseconds of an op: the median over the programs.
    pub op_ns: f64,
}

/// The means over what there is: the largest case of each program of the corpus, all its cases, and the programs of vm3.
#[must_use]
pub fn means(rows: &[Row]) -> Vec<Mean> {
    let compared: Vec<&Row> = rows.iter().filter(|row| row.native.is_some()).collect();
    let of = |group| compared.iter().copied().filter(move |row| row.group == group);
    let largest = of(Group::Corpus).filter(|row| {
        let others = of(Group::Corpus).filter(|other| other.program == row.program);
        others.map(|other| other.ops).max() == Some(row.ops)
    });
    let choices: [(&str, Vec<&Row>); 3] = [
        ("corpus, largest case of each kernel", largest.collect()),
        ("corpus, all cases", of(Group::Corpus).collect()),
        ("programs", of(Group::Programs).collect()),
    ];
    choices.into_iter().filter_map(|(over, rows)| mean(over, &rows)).collect()
}

fn mean(over: &str, rows: &[&Row]) -> Option<Mean> {
    let first = rows.first()?;
    let tiers = first.tiers.iter().filter_map(|Measured { tier, .. }| {
        let measured: Vec<&Measured> =
            rows.iter().flat_map(|row| &row.tiers).filter(|measured| measured.tier == *tier).collect();
        let ratios: Vec<f64> = measured.iter().filter_map(|measured| measured.ratio).collect();
        let best: Vec<f64> = measured.iter().filter_map(|measured| measured.best_ratio).collect();
        Some(TierMean {
            tier: tier.clone(),
            ratio: geometric_mean(&ratios)?,
            best_ratio: geometric_mean(&best)?,
            worst: ratios.iter().copied().fold(0.0, f64::max),
        })
    });
    Some(Mean { over: over.into(), cases: rows.len(), tiers: tiers.collect() })
}
