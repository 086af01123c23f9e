//! Random straight-line programs, stitched against the bodies of their ops:
//! `cargo run --release -p stencil-matrix --example differential -- --count 1000000 --seed 7`.

use std::process::ExitCode;
use std::time::Instant;
use stencil_matrix::{TABLES, differential};

fn main() -> ExitCode {
    let options = stencil_random::options(std::env::args().skip(1), ["--count", "--seed"]);
    let (count, seed) = match options {
        Ok([count, seed]) => (count.unwrap_or(1_000_000), seed.unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    let start = Instant::now();
    let tables = match TABLES.all() {
        Ok(tables) => tables,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("seed {seed}");
    match differential::run(tables, count, seed) {
        Ok(outcomes) => {
            for (convention, outcome) in outcomes {
                println!("{convention}: {outcome}");
            }
            println!("{:.1} s", start.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
