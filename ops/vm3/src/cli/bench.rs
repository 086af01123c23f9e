//! `vm3 bench`.

use super::{LimitArguments, source, tier_parser};
use serde::Serialize;
use std::error::Error;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use thiserror::Error;
use vm3::program::json::{Case, TestProgram};
use vm3::{Fault, Tier, Vm, VmOptions};

/// Times the cases of program files that are marked for it.
///
/// A case is run many times on one machine, in samples of several runs. The time of a run is the median over the samples;
/// the spread is the distance between the first and the last quartile.
#[derive(Debug, clap::Args)]
pub(super) struct Bench {
    /// JSON program files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Also write the figures to this file, as JSON
    #[arg(long, value_name = "OUT")]
    json: Option<PathBuf>,
    /// Only programs whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Only this tier; otherwise all of them, one after the other
    #[arg(long, value_parser = tier_parser())]
    tier: Option<Tier>,
    #[command(flatten)]
    limits: LimitArguments,
    /// Samples per case
    #[arg(long, default_value_t = 31, value_parser = clap::value_parser!(u32).range(3..=1000))]
    samples: u32,
    /// Least time of a sample in milliseconds
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=10000))]
    sample_ms: u32,
}

/// The figures of one case.
#[derive(Debug, Serialize)]
struct Figures {
    program: String,
    arguments: Vec<i64>,
    tier: &'static str,
    /// Ops of one run.
    ops: u64,
    samples: u32,
    runs_per_sample: u32,
    /// Nanoseconds of one run.
    best_ns: f64,
    median_ns: f64,
    /// Nanoseconds between the first and the last quartile.
    spread_ns: f64,
    /// Nanoseconds of one op, by the median.
    ns_per_op: f64,
}

impl Figures {
    fn print(&self) {
        println!(
            "{:44} {:>13.1} {:>11.1} {:>9} {:>7.2}",
            format!("{} {:?} {}", self.program, self.arguments, self.tier),
            self.median_ns,
            self.spread_ns,
            self.ops,
            self.ns_per_op
        );
    }
}

/// A case that cannot be timed.
#[derive(Debug, Error)]
#[error("{program} with {arguments:?} fails")]
struct Failed {
    program: String,
    arguments: Vec<i64>,
    #[source]
    fault: Box<Fault>,
}

impl Bench {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        let tiers = self.tier.as_ref().map_or(Tier::ALL, std::slice::from_ref);
        let mut all = Vec::new();
        println!("{:44} {:>13} {:>11} {:>9} {:>7}", "case", "median ns", "spread ns", "ops", "ns/op");
        for path in &self.files {
            for program in &source::programs(path)?.programs {
                let only = self.only.as_deref().unwrap_or_default();
                if !program.name.contains(only) {
                    continue;
                }
                for case in program.cases.iter().filter(|case| case.bench) {
                    for tier in tiers {
                        let figures = self.time(program, case, &self.limits.options(*tier))?;
                        figures.print();
                        all.push(figures);
                    }
                }
            }
        }
        if let Some(path) = &self.json {
            let text = serde_json::to_string_pretty(&all)?;
            std::fs::write(path, text).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn time(&self, program: &TestProgram, case: &Case, options: &VmOptions) -> Result<Figures, Box<dyn Error>> {
        let verified = program.program.clone().verify()?;
        let failed = |fault: Fault| Failed {
            program: program.name.clone(),
            arguments: case.arguments.clone(),
            fault: fault.into(),
        };
        // The interpreter counts the ops, whichever tier is timed.
        let counting = VmOptions { tier: Tier::Interp, ..options.clone() };
        let entry = program.program.entry;
        let (ended, counts) = Vm::new(verified.clone(), &counting)?.call_counted(entry, &case.arguments, u64::MAX);
        ended.map_err(failed)?;
        let ops = counts.map_or(0, |counts| counts.ops);
        let mut vm = Vm::new(verified, options)?;
        let mut sample = |runs: u32| -> Result<Duration, Failed> {
            let start = Instant::now();
            for _ in 0..runs {
                black_box(vm.run(black_box(&case.arguments)).map_err(failed)?);
            }
            Ok(start.elapsed())
        };
        // As many runs as fill a sample, found by doubling; this also warms up.
        let least = Duration::from_millis(u64::from(self.sample_ms));
        let mut runs = 1;
        while sample(runs)? < least && runs < 1 << 24 {
            runs *= 2;
        }
        let mut times = Vec::new();
        for _ in 0..self.samples {
            times.push(sample(runs)?.as_nanos() as f64 / f64::from(runs));
        }
        times.sort_by(f64::total_cmp);
        let quantile = |quarter: usize| times[(times.len() - 1) * quarter / 4];
        Ok(Figures {
            program: program.name.clone(),
            arguments: case.arguments.clone(),
            tier: options.tier.name(),
            ops,
            samples: self.samples,
            runs_per_sample: runs,
            best_ns: quantile(0),
            median_ns: quantile(2),
            spread_ns: quantile(3) - quantile(1),
            ns_per_op: quantile(2) / ops as f64,
        })
    }
}
