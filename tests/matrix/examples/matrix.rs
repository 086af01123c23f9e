//! Every hole of every variant of every op of three op sets with every value, stitched against the bodies of the ops:
//! `cargo run --release -p stencil-matrix --example matrix -- --seed 7`.

use std::process::ExitCode;
use std::time::Instant;
use stencil_matrix::bench::Bench;
use stencil_matrix::domain::Subject;
use stencil_matrix::sweep::{OWN, Plan, sweep};
use stencil_matrix::{TABLES, TOY_TABLES};
use stencil_runtime::{Table, TableSet, host_architecture};

fn main() -> ExitCode {
    let options = stencil_random::options(std::env::args().skip(1), ["--seed", "--sample"]);
    let (seed, sample) = match options {
        Ok([seed, sample]) => (seed.unwrap_or(1), sample.map(|values| values as usize)),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("seed {seed}");
    let tried = [
        try_set(&TABLES, sample, seed),
        try_set(&TOY_TABLES, sample, seed),
        try_set(&vm3::stencils::TABLES, sample, seed),
    ];
    for error in tried.iter().filter_map(|tried| tried.as_ref().err()) {
        eprintln!("error: {error}");
    }
    if tried.iter().all(Result::is_ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tries the tables of a set and says what came of it; all that differs or was refused is the error.
fn try_set<S: Subject>(tables: &'static TableSet<S>, sample: Option<usize>, seed: u64) -> Result<(), String> {
    let mut wrong = Vec::new();
    let mine = |table: &&Table<'_>| Some(table.info().architecture) == host_architecture();
    for table in tables.all().map_err(|error| error.to_string())?.iter().filter(mine) {
        let start = Instant::now();
        let mut bench = Bench::<S>::new(table, seed).map_err(|error| error.to_string())?;
        let sweep = sweep(&mut bench, table, Plan { ops: &|_| true, places: &|_| true, sample, seed });
        let (set, convention, seconds) = (S::NAME, table.info().convention, start.elapsed().as_secs_f64());
        println!(
            "{set}, {convention}: {} runs, {} placements, {} stencils, {} differences, {seconds:.1} s",
            sweep.runs,
            sweep.placements,
            sweep.stencils.len(),
            sweep.differences.len(),
        );
        for (op, reason) in sweep.left_out.iter().filter(|(_, reason)| **reason != OWN) {
            println!("  `{op}` was left out: {reason}");
        }
        wrong.extend(sweep.unknown.iter().map(|op| format!("nothing says what `{op}` is tried with")));
        wrong.extend(sweep.differences.values().map(ToString::to_string));
        wrong.extend(sweep.refused.iter().map(|(op, error)| format!("`{op}` was refused: {error}")));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\nerror: ")) }
}
