//! The programs as rustc compiles them: the same algorithms, loop for loop and list for list, as one would write them in
//! Rust. Lists are vectors and every access is checked; arithmetic wraps; loops are kept by `keep` where rustc would
//! find a formula. What programs pass around in an op of their own (a list's handle, a constant's move) costs nothing
//! here.

mod choices;
mod floats;
mod fma;
mod lists;
mod loops;
mod maps;
mod n_body;
mod recursion;
mod strings;

use crate::value::Value;
use std::arch::asm;
use std::hint::black_box;
use std::time::{Duration, Instant};

pub use maps::IntMap;

/// A program's counterpart, by what it takes and gives.
#[derive(Clone, Copy, Debug)]
pub enum Native {
    /// Gives an int.
    Int(fn(i64) -> i64),
    /// Takes two ints and gives one.
    Ints(fn(i64, i64) -> i64),
    /// Gives a float.
    Float(fn(i64) -> f64),
    /// Gives a list of ints.
    List(fn(i64) -> Vec<i64>),
    /// Gives a map.
    Map(fn(i64) -> IntMap),
    /// Gives a string.
    Text(fn(i64) -> Vec<u8>),
}

/// Programs and their counterparts: first those of the corpus, then those in `programs/`.
const NATIVES: [(&str, Native); 38] = [
    ("fib_iter", Native::Int(loops::fib_iter)),
    ("sum_loop", Native::Int(loops::sum_loop)),
    ("mul_loop", Native::Int(loops::mul_loop)),
    ("fact_rec", Native::Int(recursion::fact)),
    ("fib_rec", Native::Int(recursion::fib)),
    ("prime_count", Native::Int(loops::prime_count)),
    ("strings_concat_loop", Native::Int(strings::strings_concat_loop)),
    ("lists_fill_sum@0", Native::Int(lists::fill_sum::<0>)),
    ("lists_fill_sum@128", Native::Int(lists::fill_sum::<128>)),
    ("maps_fill_sum@0", Native::Int(maps::fill_sum::<0>)),
    ("maps_fill_sum@128", Native::Int(maps::fill_sum::<128>)),
    ("nsieve", Native::Int(lists::nsieve)),
    ("fasta", Native::Int(choices::fasta)),
    ("mandelbrot", Native::Int(floats::mandelbrot)),
    ("k_nucleotide", Native::Int(maps::k_nucleotide)),
    ("n_body", Native::Float(n_body::n_body)),
    ("f64_dot_sum", Native::Float(floats::f64_dot_sum)),
    ("f64_sqrt_sum", Native::Float(floats::f64_sqrt_sum)),
    ("f64_threshold", Native::Int(floats::f64_threshold)),
    ("switch_lookup8_cmp_chain", Native::Int(choices::switch_lookup8_cmp_chain)),
    ("switch_lookup8_table", Native::Int(choices::switch_lookup8_table)),
    ("ackermann", Native::Ints(recursion::ackermann)),
    ("cheers", Native::Text(strings::cheers)),
    ("collatz", Native::Int(loops::collatz)),
    ("digits", Native::Map(maps::digits)),
    ("exp", Native::Float(floats::exp)),
    ("fib", Native::Int(recursion::fib)),
    ("gcd", Native::Ints(loops::gcd)),
    ("histogram", Native::Int(maps::histogram)),
    ("matmul", Native::Float(lists::matmul)),
    ("matrix", Native::Int(recursion::matrix)),
    ("newton", Native::Float(floats::newton)),
    ("norm", Native::Float(floats::norm)),
    ("parity", Native::Int(loops::parity)),
    ("queens", Native::Int(lists::queens)),
    ("quicksort", Native::Int(lists::quicksort)),
    ("sieve", Native::List(lists::sieve)),
    ("tak", Native::Int(recursion::tak)),
];

impl Native {
    /// The counterpart of the program called `name`, if there is one.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        NATIVES.iter().find(|(known, _)| *known == name).map(|(_, native)| *native)
    }

    /// How many arguments it takes.
    #[must_use]
    pub const fn arity(self) -> usize {
        match self {
            Self::Ints(_) => 2,
            _ => 1,
        }
    }

    /// What it gives for `arguments`.
    ///
    /// # Panics
    /// When there are fewer than [`Native::arity`].
    #[must_use]
    pub fn call(self, arguments: &[i64]) -> Value {
        match self {
            Self::Int(f) => Value::Int(f(arguments[0])),
            Self::Ints(f) => Value::Int(f(arguments[0], arguments[1])),
            Self::Float(f) => Value::Float(f(arguments[0]).to_bits()),
            Self::List(f) => Value::List(f(arguments[0])),
            Self::Map(f) => Value::Map(f(arguments[0]).sorted()),
            Self::Text(f) => Value::Text(f(arguments[0])),
        }
    }

    /// The time of `runs` calls one after the other.
    ///
    /// # Panics
    /// When there are fewer arguments than [`Native::arity`].
    #[must_use]
    pub fn time(self, arguments: &[i64], runs: u32) -> Duration {
        match self {
            Self::Int(f) => repeat(runs, arguments, |arguments| f(arguments[0])),
            Self::Ints(f) => repeat(runs, arguments, |arguments| f(arguments[0], arguments[1])),
            Self::Float(f) => repeat(runs, arguments, |arguments| f(arguments[0])),
            Self::List(f) => repeat(runs, arguments, |arguments| f(arguments[0])),
            Self::Map(f) => repeat(runs, arguments, |arguments| f(arguments[0])),
            Self::Text(f) => repeat(runs, arguments, |arguments| f(arguments[0])),
        }
    }
}

fn repeat<R>(runs: u32, arguments: &[i64], call: impl Fn(&[i64]) -> R) -> Duration {
    let start = Instant::now();
    for _ in 0..runs {
        black_box(call(black_box(arguments)));
    }
    start.elapsed()
}

/// The same int, in a register, of which the compiler knows nothing: so it can neither replace a loop by a formula nor
/// do several rounds at once.
#[inline(always)]
fn keep(mut value: i64) -> i64 {
    // SAFETY: there is no instruction.
    unsafe { asm!("/* {0} */", inout(reg) value, options(nomem, nostack, preserves_flags)) }
    value
}
