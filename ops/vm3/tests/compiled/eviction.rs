//! Code that goes because there is no room for all.

use super::{int, program};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};
use vm3::program::{Bank, Verified};
use vm3::{CodeCache, FaultKind, HostFunctions, Tier, Value, Vm, VmOptions};

/// Adds 1000 for each turn, with a call.
const ADDS: &str = "func main(i64) -> i64 {
    regs 3 i64
    Jump test
next:
    CallI64 r1, r1, add
    SubI64K r0, r0, 1
test:
    CmpGtI64KBr r0, 0, next
    ReturnI64 r1
}
func add(i64) -> i64 {
    regs 2 i64
";

fn adds() -> Verified {
    program(&format!("{ADDS}{} ReturnI64 r0\n}}", " MulI64 r1, r0, r1\n AddI64K r0, r0, 10\n".repeat(100)))
}

fn auto(cache: &CodeCache) -> VmOptions {
    VmOptions { tier: Tier::Auto, threshold: 5, stack_bytes: 1 << 16, cache: cache.clone(), ..VmOptions::default() }
}

/// How much code the program of [`adds`] has.
fn size() -> usize {
    let cache = CodeCache::new(1 << 20);
    let options = VmOptions { tier: Tier::Stencil, ..auto(&cache) };
    let mut vm = Vm::new(adds(), &options).unwrap();
    vm.run(&[1]).unwrap();
    cache.bytes()
}

/// The program's own functions that are compiled.
fn compiled(vm: &Vm) -> usize {
    (0..2).filter(|function| vm.stats(*function).compiled.is_some()).count()
}

#[test]
fn cold_code_is_evicted_and_compiled_again() {
    let cache = CodeCache::new(3 * size());
    let mut vms: Vec<Vm> = (0..8).map(|_| Vm::new(adds(), &auto(&cache)).unwrap()).collect();
    for _ in 0..5 {
        for vm in &mut vms {
            assert_eq!(vm.run(&[50]), int(50_000));
            assert_eq!(compiled(vm), 2);
            assert!(cache.bytes() <= cache.budget());
        }
        // Somebody had to make room.
        assert!(vms.iter().map(compiled).sum::<usize>() < 2 * vms.len());
    }
    assert!(cache.evictions() >= 5 * 5, "{}", cache.evictions());
    drop(vms);
    assert_eq!(cache.bytes(), 0);
}

#[test]
fn what_is_used_all_the_time_stays() {
    let cache = CodeCache::new(8 * size());
    let mut hot = Vm::new(adds(), &auto(&cache)).unwrap();
    let (mut stayed, mut kept) = (0, VecDeque::new());
    const ROUNDS: u32 = 100;
    for _ in 0..ROUNDS {
        assert_eq!(hot.run(&[20]), int(20_000));
        let mut cold = Vm::new(adds(), &auto(&cache)).unwrap();
        assert_eq!(cold.run(&[20]), int(20_000));
        // As many as there is no room for, so that eviction has to make some.
        kept.push_back(cold);
        if kept.len() > 12 {
            kept.pop_front();
        }
        stayed += u32::from(compiled(&hot) == 2);
    }
    assert!(cache.evictions() > 50, "{}", cache.evictions());
    // It is lost once, when probation begins.
    assert!(stayed >= ROUNDS - 5, "{stayed}");
}

#[test]
fn code_stays_while_a_machine_is_inside() {
    let source = "entry main
host func others(i64) -> i64
func main(i64) -> i64 {
    regs 4 i64
    Jump test
next:
    CallI64 r1, r1, inner
    SubI64K r0, r0, 1
test:
    CmpGtI64KBr r0, 0, next
    ReturnI64 r1
}
func inner(i64) -> i64 {
    regs 3 i64
    CallI64 r1, r0, others
    AddI64K r1, r1, 1
    ReturnI64 r1
}";
    let budget = 3 * size();
    let cache = CodeCache::new(budget);
    let mut functions = HostFunctions::new();
    let inside = cache.clone();
    let others = [(); 4].map(|()| adds());
    functions.bind("others", &[Bank::I64], Bank::I64, move |call| {
        // All code that can go does, and what comes has its place.
        let mut others = others.clone().map(|other| Vm::new(other, &auto(&inside)).unwrap());
        for other in &mut others {
            assert_eq!(other.run(&[30]), int(30_000));
        }
        assert!(inside.bytes() <= inside.budget());
        Ok(Value::I64(call.i64(0) + 1))
    });
    let options = VmOptions { tier: Tier::Stencil, ..auto(&cache) };
    let mut vm = Vm::with_host(program(source), &options, functions).unwrap();
    for _ in 0..5 {
        assert_eq!(vm.run(&[20]), int(40));
    }
    assert!(cache.evictions() > 100, "{}", cache.evictions());
}

#[test]
fn a_machine_that_never_comes_out_is_asked_to() {
    let endless = format!("func f() -> i64 {{\n regs 2 i64\nx:\n{} Jump x\n}}", " MulI64 r1, r0, r1\n".repeat(200));
    let endless = program(&endless);
    // The code of the loop leaves no room for the other program.
    let cache = CodeCache::new(1 << 20);
    let options = VmOptions { tier: Tier::Stencil, threshold: u32::MAX, ..auto(&cache) };
    let mut vm = Vm::new(endless.clone(), &options).unwrap();
    vm.interrupt().stop();
    assert_eq!(vm.run(&[]).unwrap_err().kind, FaultKind::Interrupted);
    let cache = CodeCache::new(size().max(cache.bytes()) + 100);
    let options = VmOptions { cache: cache.clone(), ..options };
    let ended = Arc::new(AtomicBool::new(false));
    let (tell, told) = mpsc::channel();
    let runner = thread::spawn({
        let ended = Arc::clone(&ended);
        move || {
            let mut vm = Vm::new(endless, &options).unwrap();
            tell.send(vm.interrupt()).unwrap();
            let outcome = vm.run(&[]);
            ended.store(true, Ordering::SeqCst);
            outcome
        }
    });
    let interrupt = told.recv().unwrap();
    let mut other = Vm::new(adds(), &auto(&cache)).unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while compiled(&other) < 2 && Instant::now() < deadline {
        assert_eq!(other.run(&[11_000]), int(11_000_000));
    }
    assert_eq!((compiled(&other), ended.load(Ordering::SeqCst)), (2, false));
    interrupt.stop();
    assert_eq!(runner.join().unwrap().unwrap_err().kind, FaultKind::Interrupted);
}
