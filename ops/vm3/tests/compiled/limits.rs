//! Limits that end runs, in every tier: fuel, interrupts, time; and that machines go on afterwards.

use super::{int, program, tiers};
use std::thread;
use std::time::{Duration, Instant};
use vm3::{FaultKind, NotMetered, Place, Vm, VmOptions};

/// A loop that calls, from `f`, with one op per line.
const NESTED: &str = "func f(i64) -> i64 {
    regs 3 i64
    ConstI64K r1, 0
    ConstI64K r2, 0
loop:
    CmpGeI64Br r2, r0, done
    CallI64 r1, r1, add
    AddI64K r2, r2, 1
    Jump loop
done:
    ReturnI64 r1
}
func add(i64) -> i64 {
    regs 1 i64
    AddI64K r0, r0, 3
    ReturnI64 r0
}";

const ENDLESS: [&str; 3] = [
    "func f() -> i64 {\nx: Jump x\n}",
    "func f() -> i64 {\n TailCallI64 r0, g\n}\nfunc g() -> i64 {\n TailCallI64 r0, f\n}",
    "func f() -> i64 {\n regs 1 i64\nx: CallI64 r0, r0, g\n Jump x\n}\nfunc g() -> i64 {\n ReturnConstK 0\n}",
];

fn metered(source: &str) -> Vec<Vm> {
    let make = |options: VmOptions| Vm::new(program(source), &VmOptions { fuel: Some(0), ..options }).unwrap();
    tiers().into_iter().map(make).collect()
}

#[test]
fn every_amount_of_fuel_ends_at_the_same_op_in_every_tier() {
    // Two at first, six per turn, two at last.
    const ALL: u64 = 2 + 10 * 6 + 2;
    let places = |vm: &Vm| vm.backtrace().collect::<Vec<Place>>();
    let mut vms = metered(NESTED);
    for fuel in 0..ALL + 3 {
        let mut expected = None;
        for vm in &mut vms {
            vm.set_fuel(fuel).unwrap();
            let outcome = vm.run(&[10]);
            if fuel >= ALL {
                assert_eq!((&outcome, vm.fuel()), (&int(30), Some(fuel - ALL)));
                continue;
            }
            let fault = outcome.unwrap_err();
            assert_eq!((fault.kind, vm.fuel()), (FaultKind::OutOfFuel, Some(0)), "{fuel}");
            let seen = (fault, places(vm));
            assert_eq!(expected.get_or_insert_with(|| seen.clone()), &seen, "{fuel}");
        }
    }
}

#[test]
fn fuel_that_is_left_is_used_by_the_next_run() {
    for vm in &mut metered(NESTED) {
        vm.set_fuel(100).unwrap();
        assert_eq!(vm.run(&[10]), int(30));
        assert_eq!(vm.fuel(), Some(36));
        assert_eq!(vm.run(&[10]).unwrap_err().kind, FaultKind::OutOfFuel);
        vm.set_fuel(u64::MAX).unwrap();
        assert_eq!(vm.run(&[10]), int(30));
    }
}

#[test]
fn a_machine_that_does_not_count_takes_no_fuel() {
    let mut vm = Vm::new(program(NESTED), &VmOptions::default()).unwrap();
    assert_eq!((vm.set_fuel(1), vm.fuel()), (Err(NotMetered), None));
    assert_eq!(vm.run(&[10]), int(30));
}

#[test]
fn an_interrupt_stops_what_runs_or_what_runs_next_unless_it_is_taken_back() {
    for (source, options) in ENDLESS.iter().flat_map(|source| tiers().into_iter().map(move |tier| (source, tier))) {
        let mut vm = Vm::new(program(source), &options).unwrap();
        let interrupt = vm.interrupt();
        let stopper = thread::spawn({
            let interrupt = interrupt.clone();
            move || {
                thread::sleep(Duration::from_millis(2));
                interrupt.stop();
            }
        });
        assert_eq!(vm.run(&[]).unwrap_err().kind, FaultKind::Interrupted);
        stopper.join().unwrap();
        interrupt.stop();
        assert_eq!(vm.run(&[]).unwrap_err().kind, FaultKind::Interrupted);
    }
    for options in tiers() {
        let mut vm = Vm::new(program(NESTED), &options).unwrap();
        for _ in 0..3 {
            vm.interrupt().stop();
            vm.interrupt().clear();
            assert_eq!(vm.run(&[10]), int(30));
        }
    }
}

#[test]
fn time_that_is_up_stops_one_run_and_never_a_later_one() {
    for options in tiers() {
        let mut vm = Vm::new(program(ENDLESS[0]), &options).unwrap();
        let started = Instant::now();
        let limit = vm.interrupt().after(Duration::from_millis(5));
        assert_eq!(vm.run(&[]).unwrap_err().kind, FaultKind::TimedOut);
        assert!(started.elapsed() >= Duration::from_millis(5));
        drop(limit);
        let mut vm = Vm::new(program(NESTED), &options).unwrap();
        let late = vm.interrupt().after(Duration::ZERO);
        thread::sleep(Duration::from_millis(3));
        drop(late);
        assert_eq!(vm.run(&[10]), int(30));
        let long = vm.interrupt().after(Duration::from_secs(3600));
        assert_eq!(vm.run(&[10]), int(30));
        drop(long);
    }
}
