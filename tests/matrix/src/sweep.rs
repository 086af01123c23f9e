//! The matrix itself: every value of every hole and operand, at every placement, of every op.

use crate::bench::{Bench, Difference, is_out_of_range};
use crate::domain::{Domain, Subject};
use crate::program::{Spot, Step, hole_mask, is_own};
use crate::values::{combinations, pick, sample, spots, values};
use std::collections::{BTreeMap, BTreeSet};
use stencil_random::Random;
use stencil_runtime::{PublishError, Table};

/// How often an op runs at least, whatever it takes: the state it runs in is another one each time.
const LEAST_RUNS: usize = 2000;

/// What trying all ops came to.
#[derive(Debug, Default)]
pub struct Sweep {
    /// How often an op ran.
    pub runs: u64,
    /// At how many placements.
    pub placements: u64,
    /// Which stencils ran, by their number in the table.
    pub stencils: BTreeSet<u32>,
    /// The first difference of every op that has one, by the op's name.
    pub differences: BTreeMap<String, Difference>,
    /// The first error of every op that was refused with one that is not about a value's range.
    pub refused: BTreeMap<String, PublishError>,
    /// The ops that have no domain, and so were not tried.
    pub unknown: Vec<String>,
    /// The ops that were left out, and why.
    pub left_out: BTreeMap<String, &'static str>,
}

/// What is tried.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// Which ops are tried, by name.
    pub ops: &'a dyn Fn(&str) -> bool,
    /// Which places are tried.
    pub places: &'a dyn Fn(Spot) -> bool,
    /// With how many of its values a hole or operand is tried at a placement; `None` for all.
    pub sample: Option<usize>,
    /// What random numbers are made from.
    pub seed: u64,
}

impl std::fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("sample", &self.sample).field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// An op and what it is tried with.
struct Tried<'a> {
    number: u32,
    name: &'a str,
    domain: &'a Domain,
    /// For every value of the op, the values it is tried with.
    values: Vec<Vec<u64>>,
    sample: Option<usize>,
}

/// Why an op that no program can have is not tried by itself.
pub const OWN: &str = "the assembler's own: placements without a variant run it";

/// Tries the ops of a table.
pub fn sweep<S: Subject>(bench: &mut Bench<'_, S>, table: &Table<'_>, plan: Plan<'_>) -> Sweep {
    let mut sweep = Sweep::default();
    let mut random = Random::new(plan.seed);
    let domains = bench.domains();
    for (number, record) in (0..).zip(table.ops()) {
        let name = table.text(record.name);
        if let Some(reason) = is_own(table, record).then_some(OWN).or_else(|| S::left_out(name)) {
            sweep.left_out.insert(name.to_owned(), reason);
            continue;
        }
        let Some(domain) = domains.op(number) else {
            sweep.unknown.push(name.to_owned());
            continue;
        };
        if !(plan.ops)(name) {
            continue;
        }
        let mut lists = spots(table, record, S::FRAME.is_some());
        lists.iter_mut().for_each(|list| list.retain(|spot| (plan.places)(*spot)));
        let values: Vec<_> = (0..lists.len()).map(|value| values(table, record, value, domain.of(value))).collect();
        let tried = Tried { number, name, domain, values, sample: plan.sample };
        let placements: usize = lists.iter().map(Vec::len).product();
        for _ in 0..LEAST_RUNS.div_ceil(placements * tried.runs()) {
            combinations(&lists, &mut |spots| sweep.placement(bench, table, &mut random, &tried, spots));
        }
        sweep.placements += placements as u64;
    }
    sweep
}

impl Tried<'_> {
    /// How often the op runs at a placement.
    fn runs(&self) -> usize {
        let runs = |values: &Vec<u64>| values.len().min(self.sample.unwrap_or(usize::MAX));
        self.values.iter().map(runs).sum::<usize>().max(1)
    }
}

impl Sweep {
    /// Runs one op at one placement over its values.
    fn placement<S: Subject>(
        &mut self,
        bench: &mut Bench<'_, S>,
        table: &Table<'_>,
        random: &mut Random,
        tried: &Tried<'_>,
        spots: &[Spot],
    ) {
        let mut step = Step { op: tried.number, spots: spots.to_vec(), bits: vec![0; spots.len()] };
        if spots.is_empty() {
            self.run(bench, table, tried, &mut step);
        }
        for value in 0..spots.len() {
            for bits_of_value in sample(&tried.values[value], tried.sample, random) {
                for (other, bits) in step.bits.iter_mut().enumerate() {
                    *bits = match tried.domain.of(other) {
                        Some(values) => random.of(values),
                        None => pick(random),
                    };
                }
                step.bits[value] = bits_of_value;
                // Equal values in two places.
                let other = random.below(spots.len());
                if random.below(4) == 0 && tried.domain.of(value).or(tried.domain.of(other)).is_none() {
                    step.bits[other] = bits_of_value;
                }
                for &pointer in tried.domain.pointers() {
                    for other in (0..spots.len()).filter(|other| spots[*other] == spots[pointer]) {
                        step.bits[other] = step.bits[pointer];
                    }
                }
                self.run(bench, table, tried, &mut step);
            }
        }
    }

    fn run<S: Subject>(&mut self, bench: &mut Bench<'_, S>, table: &Table<'_>, tried: &Tried<'_>, step: &mut Step) {
        let mut result = bench.run(std::slice::from_ref(step));
        if result.as_ref().is_err_and(is_out_of_range) {
            let record = &table.ops()[step.op as usize];
            for (value, (bits, spot)) in step.bits.iter_mut().zip(&step.spots).enumerate() {
                let hole = *spot == Spot::Hole && tried.domain.of(value).is_none();
                *bits &= if hole { hole_mask(table, record, value) } else { u64::MAX };
            }
            result = bench.run(std::slice::from_ref(step));
        }
        match result {
            Ok(Ok(())) => {
                self.runs += 1;
                self.stencils.extend(step.variant(table));
            }
            Ok(Err(difference)) => {
                self.differences.entry(tried.name.to_owned()).or_insert(difference);
            }
            Err(error) => {
                self.refused.entry(tried.name.to_owned()).or_insert(error);
            }
        }
    }
}
