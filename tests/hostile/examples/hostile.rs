//! Many damaged tables: `cargo run -p stencil-hostile --example hostile -- --count 1000000 --seed 7`. Without
//! `--release`, debug assertions and overflow checks are on.

use std::process::ExitCode;
use std::time::Instant;
use stencil_hostile::campaign;

fn main() -> ExitCode {
    let options = stencil_random::options(std::env::args().skip(1), ["--count", "--seed"]);
    let (count, seed) = match options {
        Ok([count, seed]) => (count.unwrap_or(1_000_000), seed.unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("seed {seed}, debug assertions {}", if cfg!(debug_assertions) { "on" } else { "off" });
    let start = Instant::now();
    let report = campaign::run(count, seed);
    print!("{report}");
    println!("{:.1} s", start.elapsed().as_secs_f64());
    let sound = report.panicked.is_empty() && 2 * report.past_header() >= report.total();
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
