//! Many damaged tables: `cargo run -p stencil-hostile --example hostile -- --count 1000000 --seed 7`. Without
//! `--release`, debug assertions and overflow checks are on.

use std::process::ExitCode;
use std::time::Instant;
use stencil_hostile::campaign;

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
    println!("seed {seed}, debug assertions {}", if cfg!(debug_assertions) { "on" } else { "off" });
    let start = Instant::now();
    let report = campaign::run(count, seed);
    print!("{report}");
    println!("{:.1} s", start.elapsed().as_secs_f64());
    let sound = report.panicked.is_empty() && 2 * report.past_header() >= report.total();
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
