//! Random straight-line programs, stitched against the bodies of their ops.

use crate::bench::{Bench, float_banks};
use crate::ops::Machine;
use crate::program::{Choices, Generator};
use std::collections::BTreeMap;
use std::fmt;
use stencil_random::Random;
use stencil_runtime::{Convention, Table};

/// How often the stitched code goes through the checker: it is slow.
const CHECK_EVERY: u64 = 512;

/// What is chosen from: slots of the first half of the frame.
const CHOICES: Choices = Choices { slots: 24, float_slots: 40, most: 16 };

/// What a run came to.
#[derive(Debug, Default, Clone, Copy)]
pub struct Outcome {
    /// How many programs ran.
    pub programs: u64,
    /// How many ops they had.
    pub ops: u64,
    /// How many of them were checked.
    pub checked: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} programs of {} ops, {} of them checked: no difference", self.programs, self.ops, self.checked)
    }
}

/// Runs `count` random programs made from `seed` with every table of this host.
///
/// # Errors
/// The first difference, or what was refused, with the number of its program.
pub fn run(tables: &[Table<'static>], count: u64, seed: u64) -> Result<BTreeMap<Convention, Outcome>, String> {
    let mut outcomes = BTreeMap::new();
    for table in tables {
        let mut bench = Bench::<Machine>::new(table, seed).map_err(|error| error.to_string())?;
        let floats = float_banks::<Machine>(table);
        let domains = bench.domains();
        let generator = Generator::new(table, &floats, CHOICES, &domains);
        let mut random = Random::new(seed);
        let mut program = Vec::new();
        let outcome: &mut Outcome = outcomes.entry(table.info().convention).or_default();
        for number in 0..count {
            generator.program(&mut random, &mut program);
            let check = number % CHECK_EVERY == 0;
            let failed = |what: &dyn fmt::Display, bench: &Bench<'_, Machine>| {
                format!("program {number} of seed {seed:#x}: {what}\n{}", bench.describe(&program))
            };
            let checked = bench.run_and(&program, |code| check.then(|| code.check(table)));
            match checked {
                Ok(Ok(None | Some(Ok(_)))) => {}
                Ok(Ok(Some(Err(error)))) => return Err(failed(&error, &bench)),
                Ok(Err(difference)) => return Err(failed(&difference.what, &bench)),
                Err(error) => return Err(failed(&error, &bench)),
            }
            outcome.programs += 1;
            outcome.ops += program.len() as u64;
            outcome.checked += u64::from(check);
        }
    }
    Ok(outcomes)
}
