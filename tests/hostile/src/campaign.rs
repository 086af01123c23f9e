//! Many mutants, counted.

use crate::TABLES;
use crate::attempt::{Outcome, attempt};
use crate::mutate::Mutator;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};
use stencil_runtime::memory::{Arena, ArenaConfig};

/// What came of a number of mutants.
#[derive(Debug)]
pub struct Report {
    /// How many mutants came how far.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The mutant that took longest.
    pub slowest: (u64, Duration),
    /// Mutants that something panicked on.
    pub panicked: Vec<u64>,
}

impl Report {
    /// How many mutants there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.outcomes.values().sum::<u64>() + self.panicked.len() as u64
    }

    /// How many of them got past the header and the sections that it names.
    #[must_use]
    pub fn past_header(&self) -> u64 {
        self.total() - self.of(Outcome::Header)
    }

    /// How many came exactly this far.
    #[must_use]
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} mutants, {} past the header", self.total(), self.past_header())?;
        for (outcome, count) in &self.outcomes {
            let what = match outcome {
                Outcome::Header => "refused for the header or a section",
                Outcome::Record => "refused for a record",
                Outcome::NotForHere => "tables, not for this program",
                Outcome::Refused => "tables, and stitching was refused",
                Outcome::Code => "tables that code was stitched from",
            };
            writeln!(f, "{count:>9} {what}")?;
        }
        let (number, time) = self.slowest;
        writeln!(f, "slowest: mutant {number}, {:.1} ms; panicked: {:?}", time.as_secs_f64() * 1e3, self.panicked)
    }
}

/// Tries `count` mutants of every table of the op set, from the number `seed` on.
///
/// # Panics
/// When the undamaged tables do not work, or there is no executable memory.
#[must_use]
pub fn run(count: u64, seed: u64) -> Report {
    let mut report = Report { outcomes: BTreeMap::new(), slowest: (0, Duration::ZERO), panicked: Vec::new() };
    let arena = Arena::new(ArenaConfig::default()).expect("the system gives executable memory");
    let tables = TABLES.all().expect("the undamaged tables are sound");
    let mutators: Vec<Mutator> = tables.iter().map(|table| Mutator::new(table.bytes())).collect();
    for table in tables {
        assert_eq!(attempt(table.bytes(), &arena, seed), Outcome::Code, "the undamaged table");
    }
    for number in seed..seed.saturating_add(count) {
        let bytes = mutators[(number % mutators.len() as u64) as usize].mutant(number);
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| attempt(&bytes, &arena, number))) {
            Ok(outcome) => *report.outcomes.entry(outcome).or_default() += 1,
            Err(_) => report.panicked.push(number),
        }
        let time = start.elapsed();
        if time > report.slowest.1 {
            report.slowest = (number, time);
        }
    }
    report
}
