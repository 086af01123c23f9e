//! Threads that compile, run, evict and free programs in one cache, and know what each run has to give.

use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;
use stencil_random::Random;
use vm3::program::{Verified, text};
use vm3::{CodeCache, CompileError, FaultKind, Outcome, Returned, Tier, Vm, VmError, VmOptions};

/// What to do, and for how long.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) threads: usize,
    /// Programs that there are at once.
    pub(crate) programs: usize,
    /// Functions of a program.
    pub(crate) functions: usize,
    /// Ops of a function.
    pub(crate) ops: usize,
    pub(crate) seed: u64,
    pub(crate) until: Instant,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) runs: u64,
    pub(crate) machines: u64,
    /// Machines that the cache had no room for.
    pub(crate) refused: u64,
    /// Programs that were replaced by others.
    pub(crate) replaced: u64,
    /// The most bytes of code that were seen.
    pub(crate) most_bytes: usize,
}

impl Done {
    fn and(self, other: Self) -> Self {
        Self {
            runs: self.runs + other.runs,
            machines: self.machines + other.machines,
            refused: self.refused + other.refused,
            replaced: self.replaced + other.replaced,
            most_bytes: self.most_bytes.max(other.most_bytes),
        }
    }
}

/// A program, and what it adds up.
#[derive(Clone, Debug)]
struct Known {
    program: Verified,
    /// What each function adds to what it is given.
    added: Vec<i64>,
}

impl Known {
    /// A program whose function `f` adds something, and then has the function after it add, by a call or a tail call. The
    /// entry calls the one that it is told to, in a loop.
    fn new(random: &mut Random, work: &Work) -> Self {
        let last = work.functions - 1;
        let mut source = String::from("func main(i64, i64, i64) -> i64 {\n regs 6 i64\n Jump test\nnext:\n");
        for function in 0..=last {
            source += &format!(" CmpEqI64KBr r1, {function}, to{function}\n");
        }
        for function in 0..=last {
            source += &format!("to{function}:\n MovI64 r3, r0\n CallI64 r0, r3, f{function}\n Jump turn\n");
        }
        source += "turn:\n SubI64K r2, r2, 1\ntest:\n CmpGtI64KBr r2, 0, next\n ReturnI64 r0\n}\n";
        let mut own = Vec::new();
        for function in 0..=last {
            let mut sum = 0;
            source += &format!("func f{function}(i64) -> i64 {{\n regs 2 i64, 1 cell\n");
            for op in 0..work.ops {
                let value = random.below(20_000) as i64 - 10_000;
                sum += value;
                source += &format!(" AddI64K r0, r0, {value}\n");
                if op % 50 == 49 {
                    source += " NewList c0, 1\n ListPushI64 c0, r0\n ConstI64K r1, 0\n ListGetI64 r0, c0, r1\n";
                }
            }
            own.push(sum);
            source += &match (function == last, random.once_in(3)) {
                (true, _) => " ReturnI64 r0\n}\n".to_owned(),
                (_, true) => format!(" TailCallI64 r0, f{}\n}}\n", function + 1),
                _ => format!(" CallI64 r0, r0, f{}\n ReturnI64 r0\n}}\n", function + 1),
            };
        }
        for function in (0..last).rev() {
            own[function] += own[function + 1];
        }
        let program = text::parse(&source).expect("the text is well-formed").verify().expect("the program is valid");
        Self { program, added: own }
    }
}

/// Runs it.
///
/// # Panics
/// When a run gives anything but what it has to, or the cache holds more than it may.
pub(crate) fn work(work: &Work, cache: &CodeCache) -> Done {
    let mut random = Random::new(work.seed);
    let programs = (0..work.programs).map(|_| Mutex::new(Known::new(&mut random, work)));
    let programs: Vec<Mutex<Known>> = programs.collect();
    thread::scope(|scope| {
        let threads = (0..work.threads).map(|_| {
            let (programs, random) = (&programs, Random::new(random.word()));
            scope.spawn(move || thread(work, cache, programs, random))
        });
        let threads: Vec<_> = threads.collect();
        let done = threads.into_iter().map(|thread| thread.join().expect("the thread says what is wrong"));
        done.fold(Done::default(), Done::and)
    })
}

fn thread(work: &Work, cache: &CodeCache, programs: &[Mutex<Known>], mut random: Random) -> Done {
    let mut done = Done::default();
    // Machines that wait while others run.
    let mut kept: Vec<(Known, Vm)> = Vec::new();
    while Instant::now() < work.until {
        let place = &programs[random.below(programs.len())];
        if random.once_in(40) {
            let other = Known::new(&mut random, work);
            *place.lock().unwrap_or_else(PoisonError::into_inner) = other;
            done.replaced += 1;
        }
        let known = place.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let tier = random.of(&[Tier::Auto, Tier::Auto, Tier::Auto, Tier::Stencil]);
        let options = VmOptions {
            tier,
            threshold: random.of(&[0, 1, 3, 30]),
            fuel: random.once_in(4).then_some(u64::MAX),
            stack_bytes: 1 << 16,
            heap_bytes: 1 << 20,
            cache: cache.clone(),
            ..VmOptions::default()
        };
        match Vm::new(known.program.clone(), &options) {
            Ok(vm) => kept.push((known, vm)),
            Err(VmError::Compile(CompileError::Budget { .. })) => done.refused += 1,
            Err(error) => panic!("{error}: {:?}", error.to_string()),
        }
        done.machines += 1;
        for _ in 0..8 {
            if kept.is_empty() {
                break;
            }
            let index = random.below(kept.len());
            let (known, vm) = &mut kept[index];
            run(known, vm, &mut random);
            done.runs += 1;
            done.most_bytes = done.most_bytes.max(cache.bytes());
        }
        assert!(cache.bytes() <= cache.budget(), "the cache holds {} bytes", cache.bytes());
        if kept.len() > 4 {
            kept.swap_remove(random.below(4));
        }
    }
    done
}

fn run(known: &Known, vm: &mut Vm, random: &mut Random) {
    let (start, function) = (random.below(1000) as i64, random.below(known.added.len()));
    let turns = random.of(&[1, 2, 10, 50]);
    let stopped = random.once_in(16);
    if stopped {
        vm.interrupt().stop();
    }
    let outcome = vm.run(&[start, function as i64, turns]);
    if stopped {
        assert_eq!(outcome.map_err(|fault| fault.kind), Err(FaultKind::Interrupted));
        return;
    }
    let expected = start + turns * known.added[function];
    assert_eq!(outcome, Ok(Outcome::Returned(Returned::I64(expected))));
}
