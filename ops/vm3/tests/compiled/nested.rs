//! What ends a run within compiled and interpreted functions that call one another: a typed error of the same place in every
//! tier, and a machine that goes on afterwards.

use super::{int, program, tiers};
use std::sync::{Arc, Mutex};
use vm3::program::{Bank, Verified};
use vm3::{CodeCache, Fault, FaultKind, HostError, HostFunctions, Interrupt, Place, Tier, Value, Vm, VmOptions};

/// What the innermost function does.
const GIVE: i64 = 0;
const FILL: i64 = 1;
const SPIN: i64 = 2;
const DIVIDE: i64 = 3;
const PANIC: i64 = 4;
const FAIL: i64 = 5;

/// Functions that call one another, and one at the end that does what it is told to. One is so long that a small cache has no
/// room for it.
fn nested() -> Verified {
    let body = |other: &str| {
        format!(
            " CmpLeI64KBr r0, 0, bottom
    SubI64K r2, r0, 1
    MovI64 r3, r1
    CallI64 r4, r2, {other}
    AddI64K r4, r4, 1
    ReturnI64 r4
bottom:
    CallI64 r4, r1, last
    ReturnI64 r4
}}"
        )
    };
    let source = format!(
        "entry main
host func host(i64) -> i64
func main(i64, i64) -> i64 {{
    regs 5 i64
{}
func long(i64, i64) -> i64 {{
    regs 5 i64
    CmpGeI64KBr r0, 0, start
{}start:
{}
func last(i64) -> i64 {{
    regs 3 i64, 1 cell
    CmpEqI64KBr r0, {FILL}, fill
    CmpEqI64KBr r0, {SPIN}, spin
    CmpEqI64KBr r0, {DIVIDE}, divide
    CallI64 r2, r0, host
    ReturnI64 r2
fill:
    NewList c0, 4
more:
    ListPushI64 c0, r0
    Jump more
spin:
    CallI64 r2, r0, host
again:
    Jump again
divide:
    DivI64 r0, r0, r1
    ReturnI64 r0
}}",
        body("long"),
        " MulI64 r2, r3, r0\n AddI64 r3, r2, r0\n".repeat(1000),
        body("main"),
    );
    program(&source)
}

/// The function of the host, which stops a machine if it is given one.
fn host(stops: &Arc<Mutex<Option<Interrupt>>>) -> HostFunctions {
    let (mut functions, stops) = (HostFunctions::new(), Arc::clone(stops));
    functions.bind("host", &[Bank::I64], Bank::I64, move |call| match call.i64(0) {
        SPIN => {
            stops.lock().unwrap().iter().for_each(Interrupt::stop);
            Ok(Value::I64(0))
        }
        PANIC => panic!("as it was told to"),
        FAIL => Err(HostError::new("it was told to")),
        _ => Ok(Value::I64(100)),
    });
    functions
}

/// Every way to run the program, and one in which one function is compiled and the other is not. They stop themselves when
/// they are told to spin, if `stops`.
fn machines(stops: bool, change: impl Fn(VmOptions) -> VmOptions) -> Vec<Vm> {
    let mixed = VmOptions { tier: Tier::Auto, threshold: 0, cache: CodeCache::new(3000), ..VmOptions::default() };
    let program = nested();
    let machine = |options: VmOptions| {
        let interrupt = Arc::default();
        let vm = Vm::with_host(program.clone(), &change(options), host(&interrupt)).unwrap();
        *interrupt.lock().unwrap() = stops.then(|| vm.interrupt());
        vm
    };
    tiers().into_iter().chain([mixed]).map(machine).collect()
}

/// Fails at every depth, in the same way in every machine, and goes on.
fn fails(mut vms: Vec<Vm>, what: i64, kind: FaultKind, before: impl Fn(&mut Vm)) {
    for depth in [0, 1, 2, 7, 60, 4000] {
        let mut expected: Option<((usize, usize, usize), Vec<Place>)> = None;
        for vm in &mut vms {
            before(vm);
            let fault: Fault = vm.run(&[depth, what]).unwrap_err();
            assert_eq!(fault.kind, kind, "{depth}");
            let seen = ((fault.function, fault.pc, fault.depth), vm.backtrace().collect());
            assert_eq!(expected.get_or_insert_with(|| seen.clone()), &seen, "{depth}");
            if vm.fuel().is_some() {
                vm.set_fuel(u64::MAX).unwrap();
            }
            assert_eq!(vm.run(&[depth, GIVE]), int(depth + 100), "{depth}");
            vm.collect();
        }
    }
    // The last one ran both: `main` compiled, `long` interpreted.
    let mixed = vms.last().unwrap();
    assert!(mixed.stats(1).compiled.is_some() && mixed.stats(2).compiled.is_none(), "{mixed:?}");
}

#[test]
fn errors_of_ops_and_of_the_host() {
    for (what, kind) in [(DIVIDE, FaultKind::DivisionByZero), (PANIC, FaultKind::HostPanicked), (FAIL, FaultKind::Host)]
    {
        fails(machines(false, |options| options), what, kind, |_| {});
    }
}

#[test]
fn a_full_heap() {
    const LIMIT: usize = 50_000;
    let vms = machines(false, |options| VmOptions { heap_bytes: LIMIT, ..options });
    fails(vms, FILL, FaultKind::HeapFull { limit: LIMIT }, |_| {});
}

#[test]
fn no_fuel() {
    let vms = machines(false, |options| VmOptions { fuel: Some(0), ..options });
    fails(vms, SPIN, FaultKind::OutOfFuel, |vm| vm.set_fuel(100_000).unwrap());
}

#[test]
fn an_interrupt() {
    fails(machines(true, |options| options), SPIN, FaultKind::Interrupted, |_| {});
}

#[test]
fn a_million_calls_deep() {
    const DEEP: i64 = 1_000_000;
    for vm in &mut machines(false, |options| options) {
        assert_eq!(vm.run(&[DEEP, GIVE]), int(DEEP + 100));
        let fault = vm.run(&[DEEP, DIVIDE]).unwrap_err();
        assert_eq!((fault.kind, fault.depth), (FaultKind::DivisionByZero, DEEP as usize + 2));
        let fault = vm.run(&[2 * DEEP, GIVE]).unwrap_err();
        assert_eq!(fault.kind, FaultKind::StackOverflow { limit: 64 << 20 });
        assert_eq!(vm.run(&[DEEP, GIVE]), int(DEEP + 100));
    }
}
