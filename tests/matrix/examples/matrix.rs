//! Every hole of every variant of every op of three op sets with every value, stitched against the bodies of the ops:
//! `cargo run --release -p stencil-matrix --example matrix -- --seed 7`. With a file that the example `table` wrote as
//! the first argument, the table in it is tried alone, on the test set.

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use stencil_matrix::bench::Bench;
use stencil_matrix::domain::Subject;
use stencil_matrix::ops::Machine;
use stencil_matrix::sweep::{OWN, Plan, sweep};
use stencil_matrix::{TABLES, TOY_TABLES};
use stencil_runtime::{MappedTable, Table, TableSet, host_architecture, host_has};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1).peekable();
    let file = arguments.next_if(|argument| !argument.starts_with("--"));
    let options = stencil_random::options(arguments, ["--seed", "--sample"]);
    let (seed, sample) = match options {
        Ok([seed, sample]) => (seed.unwrap_or(1), sample.map(|values| values as usize)),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("seed {seed}");
    let tried = match file {
        Some(file) => vec![try_file(Path::new(&file), sample, seed)],
        None => vec![
            try_set(&TABLES, sample, seed),
            try_set(&TOY_TABLES, sample, seed),
            try_set(&vm3::stencils::TABLES, sample, seed),
        ],
    };
    for error in tried.iter().filter_map(|tried| tried.as_ref().err()) {
        eprintln!("error: {error}");
    }
    if tried.iter().all(Result::is_ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Tries the tables of a set and says what came of it; all that differs or was refused is the error.
fn try_set<S: Subject>(tables: &'static TableSet<S>, sample: Option<usize>, seed: u64) -> Result<(), String> {
    try_tables::<S>(tables.all().map_err(|error| error.to_string())?, sample, seed)
}

/// Tries the table in a file.
fn try_file(file: &Path, sample: Option<usize>, seed: u64) -> Result<(), String> {
    // SAFETY: who names a file to a test does not change it meanwhile.
    let mapped = unsafe { MappedTable::open(file) }.map_err(|error| error.to_string())?;
    let table = mapped.table::<Machine>().map_err(|error| error.to_string())?;
    if Some(table.info().architecture) != host_architecture() {
        return Err(format!("{} is for another architecture; run this under an emulator", file.display()));
    }
    try_tables::<Machine>(&[table], sample, seed)
}

fn try_tables<S: Subject>(tables: &[Table<'_>], sample: Option<usize>, seed: u64) -> Result<(), String> {
    let mut wrong = Vec::new();
    let mine =
        |table: &&Table<'_>| Some(table.info().architecture) == host_architecture() && host_has(table.info().level);
    for table in tables.iter().filter(mine) {
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
