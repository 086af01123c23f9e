//! Machines that share compiled code, and caches that are full.

use super::{int, program};
use std::sync::Barrier;
use std::thread;
use stencil_runtime::entry::supports;
use vm3::program::Verified;
use vm3::{CodeCache, CompileError, Convention, Tier, Vm, VmError, VmOptions};

/// Calls back and forth, some of them tail calls: the sum of the first n ints, and n more.
const SOURCE: &str = "func main(i64) -> i64 {
    regs 4 i64
    ConstI64K r1, 0
loop:
    CmpLeI64KBr r0, 0, done
    MovI64 r2, r1
    MovI64 r3, r0
    CallI64 r1, r2, add
    SubI64K r0, r0, 1
    Jump loop
done:
    ReturnI64 r1
}
func add(i64, i64) -> i64 {
    regs 2 i64
    AddI64 r0, r0, r1
    TailCallI64 r0, next
}
func next(i64) -> i64 {
    regs 1 i64
    AddI64K r0, r0, 1
    ReturnI64 r0
}";

fn options(tier: Tier, cache: &CodeCache) -> VmOptions {
    VmOptions { tier, threshold: 3, stack_bytes: 1 << 16, cache: cache.clone(), ..VmOptions::default() }
}

fn compiled(vm: &Vm) -> usize {
    (0..vm.program().program().functions.len()).filter(|function| vm.stats(*function).compiled.is_some()).count()
}

#[test]
fn machines_that_run_clones_of_a_program_share_its_code_until_the_last_is_gone() {
    let cache = CodeCache::new(1 << 20);
    let program = program(SOURCE);
    let first = Vm::new(program.clone(), &options(Tier::Stencil, &cache)).unwrap();
    let bytes = cache.bytes();
    assert!(bytes > 0);
    let mut second = Vm::new(program.clone(), &options(Tier::Auto, &cache)).unwrap();
    assert_eq!((compiled(&second), cache.bytes()), (3, bytes));
    drop(first);
    assert_eq!(second.run(&[10]), int(65));
    // Another convention, where there is one, metered code and another program are other code.
    let portable = VmOptions { convention: Some(Convention::Portable), ..options(Tier::Auto, &cache) };
    let metered = VmOptions { fuel: Some(1), ..options(Tier::Auto, &cache) };
    for options in [metered].into_iter().chain(supports(Convention::Wide).then_some(portable)) {
        assert_eq!(compiled(&Vm::new(program.clone(), &options).unwrap()), 0);
    }
    assert_eq!(compiled(&Vm::new(self::program(SOURCE), &options(Tier::Auto, &cache)).unwrap()), 0);
    assert_eq!(compiled(&Vm::new(program, &options(Tier::Auto, &CodeCache::new(1 << 20))).unwrap()), 0);
    drop(second);
    assert_eq!(cache.bytes(), 0);
}

#[test]
fn what_does_not_fit_is_interpreted_or_an_error() {
    let program = program(SOURCE);
    let whole = CodeCache::new(1 << 20);
    let vm = Vm::new(program.clone(), &options(Tier::Stencil, &whole)).unwrap();
    assert_eq!((compiled(&vm), whole.budget()), (3, 1 << 20));
    for budget in 0..whole.bytes() {
        let cache = CodeCache::new(budget);
        let refused = Vm::new(program.clone(), &options(Tier::Stencil, &cache));
        let Err(VmError::Compile(CompileError::Budget { budget: told })) = refused else { panic!("{budget}") };
        assert_eq!((told, cache.bytes()), (budget, 0));
        if budget % 64 == 0 {
            let mut vm = Vm::new(program.clone(), &options(Tier::Auto, &cache)).unwrap();
            for _ in 0..5 {
                assert_eq!(vm.run(&[20]), int(230));
            }
            assert!(cache.bytes() <= budget && (budget > 0 || compiled(&vm) == 0));
        }
    }
}

#[test]
fn threads_compile_run_and_free_the_same_programs() {
    const THREADS: usize = 4;
    let cache = CodeCache::new(1 << 20);
    for round in 0..50 {
        let programs: Vec<Verified> = (0..3).map(|_| program(SOURCE)).collect();
        let barrier = Barrier::new(THREADS);
        thread::scope(|scope| {
            for index in 0..THREADS {
                let (programs, barrier, cache) = (&programs, &barrier, &cache);
                scope.spawn(move || {
                    barrier.wait();
                    for step in 0..6 {
                        let tier = if (index + step) % 2 == 0 { Tier::Auto } else { Tier::Stencil };
                        let mut vm = Vm::new(programs[(round + step) % 3].clone(), &options(tier, cache)).unwrap();
                        for n in 0..12 {
                            assert_eq!(vm.run(&[n]), int(n * (n + 1) / 2 + n));
                        }
                    }
                });
            }
        });
        assert_eq!(cache.bytes(), 0);
    }
}
