//! The command line of the benchmark.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use vm3::program::Verified;
use vm3_bench::cases::{Case, Runs, corpus, corpus_path, of_corpus, of_programs};
use vm3_bench::compile::compile_times;
use vm3_bench::engine::{Engine, engines};
use vm3_bench::error::BenchError;
use vm3_bench::figures::{Figures, means};
use vm3_bench::measure::{Effort, measure};
use vm3_bench::pairs::{Shares, length, mean, shares, sorted};
use vm3_bench::{chart, table};

/// Times vm3's programs in every tier beside the same algorithms in Rust.
#[derive(Debug, Parser)]
#[command(name = "vm3-bench", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    time: Time,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print which ops follow one another when programs run
    Pairs(Pairs),
}

/// Which programs.
#[derive(Debug, Args)]
struct Which {
    /// Only programs whose name contains this; may be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// The corpus; without it, the one beside the workspace, if it is there
    #[arg(long, value_name = "FILE")]
    corpus: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Time {
    #[command(flatten)]
    which: Which,
    /// Only this tier; may be given several times
    #[arg(long, value_parser = engine_parser())]
    tier: Vec<String>,
    /// Turns of each tier, of up to five samples each
    #[arg(long, default_value_t = 21, value_parser = clap::value_parser!(u32).range(1..=1000))]
    turns: u32,
    /// Least time of a sample in milliseconds
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    sample_ms: u32,
    /// Also write vm3-bench.json and vm3-bench.svg to this folder
    #[arg(long, value_name = "FOLDER", num_args = 0..=1, default_missing_value = "target")]
    save: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Pairs {
    #[command(flatten)]
    which: Which,
    /// How many ops a sequence has
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(2..=5))]
    length: u8,
    /// How many sequences to print, overall
    #[arg(long, default_value_t = 40)]
    top: usize,
    /// The most ops that a case may execute
    #[arg(long, default_value_t = 10_000)]
    limit: u64,
}

fn engine_parser() -> impl TypedValueParser<Value = String> {
    PossibleValuesParser::new(engines().into_iter().map(|engine| engine.name))
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let result = match &cli.command {
        None => cli.time.execute(),
        Some(Command::Pairs(pairs)) => pairs.execute(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {}", describe(&*error));
            ExitCode::FAILURE
        }
    }
}

impl Which {
    fn cases(&self, runs: Runs) -> Result<Vec<Case>, BenchError> {
        let path = self.corpus.clone().unwrap_or_else(corpus_path);
        let mut cases = match corpus(&path)? {
            Some(file) => of_corpus(&file, runs)?,
            None => {
                eprintln!("there is no corpus at {}: only the programs of vm3 are run", path.display());
                Vec::new()
            }
        };
        cases.extend(of_programs(runs)?);
        let wanted = |case: &Case| self.only.is_empty() || self.only.iter().any(|text| case.program.contains(text));
        cases.retain(wanted);
        if cases.is_empty() { Err(BenchError::Nothing) } else { Ok(cases) }
    }
}

impl Time {
    fn execute(&self) -> Result<(), Box<dyn Error>> {
        let cases = self.which.cases(Runs::Timed)?;
        let wanted = |engine: &Engine| match self.tier.is_empty() {
            true => engine.default,
            false => self.tier.iter().any(|name| name == engine.name),
        };
        let engines: Vec<Engine> = engines().into_iter().filter(wanted).collect();
        let names: Vec<&str> = engines.iter().map(|engine| engine.name).collect();
        let effort = Effort { turns: self.turns, sample: Duration::from_millis(self.sample_ms.into()) };
        show(&table::header(&names))?;
        let mut rows = Vec::new();
        for case in &cases {
            let row = measure(case, &engines, effort)?;
            show(&table::row(&row))?;
            rows.push(row);
        }
        let means = means(&rows);
        show(&table::means(&means))?;
        // Cases of a program stand one after the other; it is compiled once.
        let mut programs: Vec<&Case> = cases.iter().collect();
        programs.dedup_by_key(|case| (case.group, &case.program));
        let programs: Vec<Verified> = programs.into_iter().map(|case| case.code.clone()).collect();
        let times = engines.iter().map(|engine| compile_times(engine, &programs));
        let compile: Vec<Vec<_>> = times.collect::<Result<_, _>>()?;
        let figures = Figures { turns: self.turns, rows, means, compile: compile.concat() };
        show(&table::compile(&figures.compile))?;
        match &self.save {
            Some(folder) => save(folder, &figures),
            None => Ok(()),
        }
    }
}

/// Prints text.
fn show(text: &str) -> Result<(), BenchError> {
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(BenchError::Print)
}

fn save(folder: &Path, figures: &Figures) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(folder).map_err(|error| BenchError::Write(folder.into(), error))?;
    let files = [("vm3-bench.json", serde_json::to_string_pretty(figures)?), ("vm3-bench.svg", chart::svg(figures))];
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|error| BenchError::Write(path.clone(), error))?;
        show(&format!("wrote {}\n", path.display()))?;
    }
    Ok(())
}

impl Pairs {
    fn execute(&self) -> Result<(), Box<dyn Error>> {
        // Of the cases of a program, the longest that is short enough.
        let mut longest: BTreeMap<String, (u64, Case)> = BTreeMap::new();
        for case in self.which.cases(Runs::Every)? {
            let Some(ops) = length(&case, self.limit)? else { continue };
            if longest.get(&case.program).is_none_or(|(known, _)| *known < ops) {
                longest.insert(case.program.clone(), (ops, case));
            }
        }
        let mut programs: Vec<(Case, Shares)> = Vec::new();
        for (_, case) in longest.into_values() {
            let shares = shares(&case, self.length.into())?;
            programs.push((case, shares));
        }
        for (case, shares) in &programs {
            let shares = sorted(shares.clone()).into_iter().take(6);
            let shares: Vec<String> =
                shares.map(|(sequence, share)| format!("{:.1} % {sequence}", 100.0 * share)).collect();
            show(&format!("{case}: {}\n", shares.join(", ")))?;
        }
        show(&format!("\nmean share of executed ops, over {} programs\n", programs.len()))?;
        let shares: Vec<Shares> = programs.into_iter().map(|(_, shares)| shares).collect();
        for (sequence, share) in mean(&shares).into_iter().take(self.top) {
            show(&format!("{:>6.2} %  {sequence}\n", 100.0 * share))?;
        }
        Ok(())
    }
}

/// An error with its causes, one after the other.
fn describe(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
