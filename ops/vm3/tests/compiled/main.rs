//! Compiled programs where they are at their limits, compared with the interpreter or with what is known.

mod boundary;
mod cache;
mod calls;
mod eviction;
mod exits;
mod heap;
mod hosts;
mod landing;
mod large;
mod limits;
mod nested;
mod recursion;
mod upper;

use stencil_runtime::entry::supports;
use vm3::program::{Verified, text};
use vm3::{CodeCache, Convention, Fault, Outcome, Returned, Tier, Vm, VmOptions};

fn program(source: &str) -> Verified {
    text::parse(source).unwrap().verify().unwrap()
}

/// Every way to execute a program, the interpreter first.
fn tiers() -> Vec<VmOptions> {
    // Each with code of its own: what one compiles, the others would not interpret.
    let options = |tier, convention, threshold| {
        let cache = CodeCache::new(64 << 20);
        VmOptions { tier, convention, threshold, cache, ..VmOptions::default() }
    };
    let conventions = [Convention::Wide, Convention::Portable].into_iter().filter(|convention| supports(*convention));
    let mut tiers = vec![options(Tier::Interp, None, 0)];
    tiers.extend(conventions.map(|convention| options(Tier::Stencil, Some(convention), 0)));
    tiers.extend([options(Tier::Auto, None, 0), options(Tier::Auto, None, 3)]);
    #[cfg(feature = "cranelift")]
    tiers.push(options(Tier::Cranelift, None, 0));
    tiers
}

/// A machine per tier, with a frame stack of this size.
fn machines(program: &Verified, stack_bytes: usize) -> Vec<Vm> {
    let with_stack = |options: VmOptions| VmOptions { stack_bytes, ..options };
    tiers().into_iter().map(|options| Vm::new(program.clone(), &with_stack(options)).unwrap()).collect()
}

/// Runs a program in every tier, twice, and gives what it ends with, which is the same every time.
fn run(program: &Verified, arguments: &[i64]) -> Result<Outcome, Fault> {
    let mut vms = machines(program, 64 << 20);
    let expected = vms[0].run(arguments);
    for vm in &mut vms {
        for _ in 0..2 {
            assert_eq!(vm.run(arguments), expected);
        }
    }
    expected
}

fn int(value: i64) -> Result<Outcome, Fault> {
    Ok(Outcome::Returned(Returned::I64(value)))
}
