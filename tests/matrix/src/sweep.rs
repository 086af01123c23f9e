//! The matrix itself: every value of every hole and operand, at every placement, of every op.

use crate::bench::{Bench, Difference, is_out_of_range};
use crate::program::{Spot, Step, is_own};
use crate::random::Random;
use crate::values::{INTERESTING, combinations, pick, spots};
use std::collections::BTreeMap;
use stencil_runtime::{OpSet, PublishError, Table};

/// What trying all ops came to.
#[derive(Debug, Default)]
pub struct Sweep {
    /// How often an op ran.
    pub runs: u64,
    /// At how many placements.
    pub placements: u64,
    /// The first difference of every op that has one, by the op's name.
    pub differences: BTreeMap<String, Difference>,
    /// The first error of every op that was refused with one that is not about a value's range.
    pub refused: BTreeMap<String, PublishError>,
}

/// What is tried.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    /// The values that a value of an op is chosen from when not any will do, such as an address: the op's name and the
    /// value's number.
    pub domain: &'a dyn Fn(&str, usize) -> Option<Vec<u64>>,
    /// Which ops are tried, by name.
    pub ops: &'a dyn Fn(&str) -> bool,
    /// Which places are tried.
    pub places: &'a dyn Fn(Spot) -> bool,
    /// What random numbers are made from.
    pub seed: u64,
}

impl std::fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plan").field("seed", &self.seed).finish_non_exhaustive()
    }
}

/// Tries all ops of a table but the assembler's own, which every synthesised placement runs.
pub fn sweep<S: OpSet>(bench: &mut Bench<'_, S>, table: &Table<'_>, plan: Plan<'_>) -> Sweep {
    let mut sweep = Sweep::default();
    let mut random = Random::new(plan.seed);
    for (op, record) in table.ops().iter().enumerate().filter(|(_, record)| !is_own(table, record)) {
        let name = table.text(record.name);
        if !(plan.ops)(name) {
            continue;
        }
        let mut lists = spots(table, record, S::FRAME.is_some());
        lists.iter_mut().for_each(|list| list.retain(|spot| (plan.places)(*spot)));
        combinations(&lists, &mut |spots| {
            sweep.placements += 1;
            let step = Step { op: op as u32, spots: spots.to_vec(), bits: vec![0; spots.len()] };
            sweep.placement(bench, &mut random, plan, name, step);
        });
    }
    sweep
}

impl Sweep {
    /// Runs one op at one placement over its values.
    fn placement<S: OpSet>(
        &mut self,
        bench: &mut Bench<'_, S>,
        random: &mut Random,
        plan: Plan<'_>,
        name: &str,
        mut step: Step,
    ) {
        let domains: Vec<_> = (0..step.spots.len()).map(|value| (plan.domain)(name, value)).collect();
        for value in 0..step.spots.len() {
            for &bits_of_value in domains[value].as_deref().unwrap_or(INTERESTING) {
                for (bits, domain) in step.bits.iter_mut().zip(&domains) {
                    *bits = match domain {
                        Some(values) => random.of(values),
                        None => pick(random),
                    };
                }
                step.bits[value] = bits_of_value;
                if random.below(4) == 0 && domains[value].is_none() {
                    // Equal values in two places.
                    let other = random.below(step.spots.len());
                    if domains[other].is_none() {
                        step.bits[other] = bits_of_value;
                    }
                }
                self.run(bench, name, &mut step, &domains);
            }
        }
    }

    fn run<S: OpSet>(&mut self, bench: &mut Bench<'_, S>, name: &str, step: &mut Step, domains: &[Option<Vec<u64>>]) {
        let mut result = bench.run(std::slice::from_ref(step));
        if result.as_ref().is_err_and(is_out_of_range) {
            // A hole of at most 32 bits: the emission API passes its value zero-extended.
            for ((bits, spot), domain) in step.bits.iter_mut().zip(&step.spots).zip(domains) {
                let hole = *spot == Spot::Hole && domain.is_none();
                *bits = if hole { u64::from(*bits as u32) } else { *bits };
            }
            result = bench.run(std::slice::from_ref(step));
        }
        match result {
            Ok(Ok(())) => self.runs += 1,
            Ok(Err(difference)) => {
                self.differences.entry(name.to_owned()).or_insert(difference);
            }
            Err(error) => {
                self.refused.entry(name.to_owned()).or_insert(error);
            }
        }
    }
}
