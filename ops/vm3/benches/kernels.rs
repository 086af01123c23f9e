//! Compiled code against the same algorithms as rustc compiles them, in both calling conventions.
//!
//! Prints a table of ratios first, measured turn by turn so that whatever slows the machine down slows both, then lets
//! criterion time each.

mod native;

use criterion::{Criterion, criterion_group, criterion_main};
use native::Native;
use std::hint::black_box;
use std::time::{Duration, Instant};
use vm3::program::{Verified, text};
use vm3::{Convention, Returned, Tier, Vm, VmOptions};

/// A program, the native function that does the same, and what to call them with.
struct Kernel {
    name: &'static str,
    source: &'static str,
    native: Native,
    argument: i64,
}

macro_rules! kernels {
    ($($name:ident $argument:literal,)*) => {
        [$(Kernel {
            name: stringify!($name),
            source: include_str!(concat!("kernels/", stringify!($name), ".vm3")),
            native: native::$name,
            argument: $argument,
        }),*]
    };
}

/// Sizes at which the way in and out of compiled code does not count.
const KERNELS: [Kernel; 8] = kernels![
    sum_loop 10_000,
    mul_loop 10_000,
    fib_iter 10_000,
    prime_count 1_000,
    f64_dot_sum 10_000,
    mandelbrot 40,
    fib_rec 20,
    fact_rec 1_000,
];

const CONVENTIONS: [Convention; 2] = [Convention::Wide, Convention::Portable];

impl Kernel {
    fn program(&self) -> Verified {
        text::parse(self.source).expect(self.name).verify().expect(self.name)
    }

    /// A machine, if this computer has stencils in the convention. What it computes is compared with the native function.
    fn machine(&self, convention: Convention) -> Option<Vm> {
        let options = VmOptions { tier: Tier::Stencil, convention: Some(convention), ..VmOptions::default() };
        let mut vm = Vm::new(self.program(), &options).ok()?;
        assert_eq!(run(&mut vm, self.argument), (self.native)(self.argument), "{}", self.name);
        Some(vm)
    }
}

/// The bits of a program's result.
fn run(vm: &mut Vm, argument: i64) -> u64 {
    match vm.run(&[argument]).expect("kernels do not fail") {
        vm3::Outcome::Returned(Returned::I64(int) | Returned::Constant(int)) => int.cast_unsigned(),
        vm3::Outcome::Returned(Returned::F64(float)) => float.to_bits(),
        other => unreachable!("kernels return numbers: {other:?}"),
    }
}

/// The time of one call, the median over rounds in which both sides take turns.
fn compare(mut left: impl FnMut() -> u64, mut right: impl FnMut() -> u64) -> (Duration, Duration) {
    const ROUNDS: usize = 201;
    let mut times = (Vec::new(), Vec::new());
    let time = |f: &mut dyn FnMut() -> u64| {
        let start = Instant::now();
        black_box(f());
        start.elapsed()
    };
    for _ in 0..ROUNDS {
        times.0.push(time(&mut left));
        times.1.push(time(&mut right));
    }
    times.0.sort();
    times.1.sort();
    (times.0[ROUNDS / 2], times.1[ROUNDS / 2])
}

fn ratios() {
    println!("{:12} {:>9} {:>12} {:>12} {:>7}", "kernel", "", "compiled ns", "rustc ns", "ratio");
    for kernel in &KERNELS {
        for convention in CONVENTIONS {
            let Some(mut vm) = kernel.machine(convention) else { continue };
            let compiled = || run(&mut vm, black_box(kernel.argument));
            let (compiled, native) = compare(compiled, || (kernel.native)(black_box(kernel.argument)));
            println!(
                "{:12} {:>9} {:>12} {:>12} {:>7.2}",
                kernel.name,
                convention.to_string(),
                compiled.as_nanos(),
                native.as_nanos(),
                compiled.as_secs_f64() / native.as_secs_f64()
            );
        }
    }
}

fn kernels(criterion: &mut Criterion) {
    ratios();
    for kernel in &KERNELS {
        let mut group = criterion.benchmark_group(kernel.name);
        group.sample_size(20).measurement_time(Duration::from_secs(1)).warm_up_time(Duration::from_millis(200));
        group.bench_function("rustc", |bencher| bencher.iter(|| (kernel.native)(black_box(kernel.argument))));
        for convention in CONVENTIONS {
            let Some(mut vm) = kernel.machine(convention) else { continue };
            group.bench_function(convention.to_string(), |bencher| {
                bencher.iter(|| run(&mut vm, black_box(kernel.argument)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
