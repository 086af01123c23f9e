//! Timing one case in all engines and natively.

use crate::cases::Case;
use crate::engine::Engine;
use crate::error::BenchError;
use crate::figures::{Measured, Row, Time};
use crate::native::Native;
use crate::stats::{best, deviation, median};
use crate::value::Value;
use std::hint::black_box;
use std::time::{Duration, Instant};
use vm3::{Fault, Vm};

/// How long to measure.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// Turns of each engine, at least 1.
    pub turns: u32,
    /// The least time of a sample.
    pub sample: Duration,
}

/// How many samples of the least time a turn takes; of longer ones it takes fewer.
const SAMPLES: u32 = 5;
/// Runs before the first turn, so that tiers that wait for calls have compiled what they will.
const WARM_UP_RUNS: u32 = 128;
/// When to stop warming up in any case.
const WARM_UP: Duration = Duration::from_millis(300);
/// The most runs in a sample.
const MAX_RUNS: u32 = 1 << 22;

/// One of the sides that take turns.
enum Side<'a> {
    Native(Native),
    Machine(&'a Engine, Box<Vm>),
}

/// A side and the fastest sample of each of its turns, in nanoseconds per run.
struct Timed<'a> {
    side: Side<'a>,
    runs: u32,
    turns: Vec<f64>,
}

/// Times a case. Before, it compares what the engines and the counterpart give.
///
/// # Errors
/// When a machine cannot be made, a run fails, or results differ.
pub fn measure(case: &Case, engines: &[Engine], effort: Effort) -> Result<Row, BenchError> {
    let mut expected = case.native.map(|native| native.call(&case.arguments));
    let mut timed: Vec<Timed<'_>> = Vec::new();
    if let Some(native) = case.native {
        timed.push(Timed { side: Side::Native(native), runs: 1, turns: Vec::new() });
    }
    for engine in engines {
        let mut vm = engine.machine(case)?;
        let found = result(case, engine, &mut vm)?;
        let expected = expected.get_or_insert_with(|| found.clone());
        if found != *expected {
            let (found, expected) = (format!("{found:?}"), format!("{expected:?}"));
            return Err(BenchError::Differs { case: case.to_string(), tier: engine.name.into(), found, expected });
        }
        timed.push(Timed { side: Side::Machine(engine, Box::new(vm)), runs: 1, turns: Vec::new() });
    }
    for timed in &mut timed {
        timed.calibrate(case, effort.sample)?;
    }
    let sides = timed.len();
    for round in 0..effort.turns as usize {
        // Who begins changes, so that nobody always runs behind the same neighbour.
        for turn in 0..sides {
            timed[(round + turn) % sides].turn(case, effort.sample * SAMPLES)?;
        }
    }
    Ok(row(case, &timed, ops(case)?))
}

impl Timed<'_> {
    /// Finds how many runs fill a sample, by doubling, and warms up.
    fn calibrate(&mut self, case: &Case, least: Duration) -> Result<(), BenchError> {
        let start = Instant::now();
        let mut done = 0;
        loop {
            let time = self.side.time(case, self.runs)?;
            done += self.runs;
            let warm = done >= WARM_UP_RUNS || start.elapsed() >= WARM_UP;
            if time < least && self.runs < MAX_RUNS {
                self.runs *= 2;
            } else if warm {
                return Ok(());
            }
        }
    }

    /// Takes samples until `least` is over, and keeps the fastest.
    fn turn(&mut self, case: &Case, least: Duration) -> Result<(), BenchError> {
        let start = Instant::now();
        let mut fastest = Duration::MAX;
        while fastest == Duration::MAX || start.elapsed() < least {
            fastest = fastest.min(self.side.time(case, self.runs)?);
        }
        self.turns.push(fastest.as_nanos() as f64 / f64::from(self.runs));
        Ok(())
    }

    fn figures(&self) -> Time {
        Time {
            runs: self.runs,
            best_ns: best(&self.turns),
            median_ns: median(&self.turns),
            deviation_ns: deviation(&self.turns),
        }
    }
}

impl Side<'_> {
    /// The time of `runs` runs one after the other.
    fn time(&mut self, case: &Case, runs: u32) -> Result<Duration, BenchError> {
        match self {
            Self::Native(native) => Ok(native.time(&case.arguments, runs)),
            Self::Machine(engine, vm) => {
                let start = Instant::now();
                for _ in 0..runs {
                    // One word, as other machines' arguments: not the two of a slice.
                    let arguments: &Vec<i64> = black_box(&case.arguments);
                    let ended = vm.run(arguments);
                    // Where it is: moving it, in words as wide as were not written, takes longer than a short run.
                    black_box(&ended);
                    ended.map_err(|fault| failed(case, engine, fault))?;
                }
                Ok(start.elapsed())
            }
        }
    }
}

fn failed(case: &Case, engine: &Engine, fault: Fault) -> BenchError {
    BenchError::Failed(case.to_string(), engine.name.into(), fault.into())
}

/// What a run gives.
///
/// # Errors
/// When it fails or gives nothing to compare.
pub fn result(case: &Case, engine: &Engine, vm: &mut Vm) -> Result<Value, BenchError> {
    let outcome = vm.run(&case.arguments).map_err(|fault| failed(case, engine, fault))?;
    Value::of(outcome, vm).map_err(|error| BenchError::Value(case.to_string(), engine.name.into(), error))
}

/// How many ops a run executes. The interpreter counts them.
fn ops(case: &Case) -> Result<u64, BenchError> {
    let engine = Engine::interpreter();
    let mut vm = engine.machine(case)?;
    let (ended, counts) = vm.call_counted(case.code.program().entry, &case.arguments, u64::MAX);
    ended.map_err(|fault| failed(case, &engine, fault))?;
    Ok(counts.map_or(0, |counts| counts.ops))
}

fn row(case: &Case, timed: &[Timed<'_>], ops: u64) -> Row {
    let native = timed.iter().find(|timed| matches!(timed.side, Side::Native(_)));
    let engines = timed.iter().filter_map(|timed| match &timed.side {
        Side::Machine(engine, _) => Some((engine.name, timed)),
        Side::Native(_) => None,
    });
    let measured = engines.map(|(name, timed)| Measured {
        tier: name.into(),
        time: timed.figures(),
        // Of the same round, so that what slows the machine down for a while slows both.
        ratio: native.map(|native| {
            let rounds = timed.turns.iter().zip(&native.turns);
            median(&rounds.map(|(tier, native)| tier / native).collect::<Vec<_>>())
        }),
        best_ratio: native.map(|native| best(&timed.turns) / best(&native.turns)),
    });
    Row {
        group: case.group,
        program: case.program.clone(),
        arguments: case.arguments.clone(),
        ops,
        native: native.map(Timed::figures),
        tiers: measured.collect(),
    }
}
