//! Random programs in every tier: `cargo run --release -p vm3 --example differential -- COUNT [SEED]`.
//!
//! Prints the seed of a program that differs, with the program; the same seed alone gives it again.

mod cells;
mod compare;
mod generate;
mod random;
mod signature;

use compare::{Checked, check};
use random::Random;
use std::process::ExitCode;
use vm3::program::text;

fn main() -> ExitCode {
    let mut numbers = std::env::args().skip(1).map(|argument| argument.parse::<u64>());
    let (Some(Ok(count)), Some(Ok(seed))) = (numbers.next().or(Some(Ok(100_000))), numbers.next().or(Some(Ok(0))))
    else {
        eprintln!("usage: differential [COUNT [SEED]], both numbers");
        return ExitCode::from(2);
    };
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
    println!("{count} programs: {returned} returned, {deopt} deopts, {fault} faults, {long} too long; no difference");
    ExitCode::SUCCESS
}
