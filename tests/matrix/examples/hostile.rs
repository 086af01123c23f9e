//! Mutated tables, parsed and stitched but not run:
//! `cargo run --release -p stencil-matrix --example hostile -- --count 1000000 --seed 7`.

use std::process::ExitCode;
use std::time::Instant;
use stencil_matrix::{TABLES, hostile};

const USAGE: &str = "usage: hostile [--count MUTANTS] [--seed SEED]";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut count, mut seed) = (1_000_000, 1);
    while let Some(option) = arguments.next() {
        let number = arguments.next().and_then(|text| text.parse().ok());
        match (option.as_str(), number) {
            ("--count", Some(number)) => count = number,
            ("--seed", Some(number)) => seed = number,
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    let start = Instant::now();
    let tables = match TABLES.all() {
        Ok(tables) => tables,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!("seed {seed}");
    for table in tables {
        println!("{}: {}", table.info().convention, hostile::run(table, count, seed));
    }
    println!("{:.1} s", start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}
