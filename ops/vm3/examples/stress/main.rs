//! Eight threads that compile, run, evict and free programs in a code cache of 1 MiB:
//! `cargo run --release -p vm3 --example stress -- --seconds 600 --seed 7`.
//!
//! Ends with an error when a run gives anything but what it has to, when code is left over, or when the memory of the process
//! grows after the first quarter of the time, by more than an eighth.

#[path = "work.rs"]
mod work;

use std::process::ExitCode;
use std::time::{Duration, Instant};
use vm3::CodeCache;
use work::{Work, work};

const BUDGET: usize = 1 << 20;
/// Parts of the time, after each of which the memory is looked at.
const PARTS: u32 = 20;

fn main() -> ExitCode {
    let options = stencil_random::options(std::env::args().skip(1), ["--seconds", "--seed"]);
    let (seconds, seed) = match options {
        Ok([seconds, seed]) => (seconds.unwrap_or(600), seed.unwrap_or(1)),
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    println!("seed {seed}");
    let cache = CodeCache::new(BUDGET);
    let mut memory: Vec<u64> = Vec::new();
    for part in 0..PARTS {
        let until = Instant::now() + Duration::from_secs(seconds) / PARTS;
        let seed = seed + u64::from(part);
        let done = work(&Work { threads: 8, programs: 16, functions: 40, ops: 300, seed, until }, &cache);
        memory.extend(resident());
        println!(
            "{} runs of {} machines ({} refused), {} programs replaced, {} evictions so far; at most {} bytes of code; \
             {} KiB resident",
            done.runs,
            done.machines,
            done.refused,
            done.replaced,
            cache.evictions(),
            done.most_bytes,
            memory.last().map_or("?".to_owned(), u64::to_string)
        );
        if cache.bytes() != 0 {
            eprintln!("error: {} bytes of code are left over", cache.bytes());
            return ExitCode::FAILURE;
        }
    }
    // How much the allocator keeps back goes up and down by a third; what leaks would lift the lowest points, too.
    let quarter = PARTS as usize / 4;
    let early = memory.iter().take(quarter).min();
    let late = memory.iter().rev().take(quarter).min();
    if let (Some(early), Some(late)) = (early, late)
        && *late > early + early / 8
    {
        eprintln!("error: the process grew from {early} to {late} KiB");
        return ExitCode::FAILURE;
    }
    println!("no wrong result, nothing left over, no growth");
    ExitCode::SUCCESS
}

/// The memory of the process in KiB, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
