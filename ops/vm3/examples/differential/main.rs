//! Random programs in every tier: `cargo run --release -p vm3 --example differential -- --count 1000000 --seed 7`, and
//! `--features cranelift` for the tier of that name.
//!
//! The programs are those of the seeds from `--seed` on. Prints the seed of a program that differs, with the program; the same
//! seed with `--count 1` gives it again.

mod calls;
mod cells;
mod compare;
mod generate;
mod hosts;
mod seen;
mod signature;

use compare::{Checked, check};
use std::process::ExitCode;
use stencil_random::Random;
use vm3::program::text;

fn main() -> ExitCode {
    let options = stencil_random::options(std::env::args().skip(1), ["--count", "--seed"]);
    let (count, seed) = match options {
        Ok([count, seed]) => (count.unwrap_or(1_000_000), seed.unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("seed {seed}");
    let mut seen = [0_u64; 4];
    for seed in seed..seed + count {
        match check(seed) {
            Ok(checked) => seen[checked as usize] += 1,
            Err(difference) => {
                println!("{}", text::print(&generate::program(&mut Random::new(seed))));
                eprintln!("seed {seed}: {difference}");
                return ExitCode::FAILURE;
            }
        }
    }
    let [returned, deopt, fault, long] =
        [Checked::Returned, Checked::Deopt, Checked::Fault, Checked::Long].map(|checked| seen[checked as usize]);
    println!("{count} programs: {returned} returned, {deopt} deopts, {fault} faults, {long} long; no difference");
    ExitCode::SUCCESS
}
