//! Functions of the host, and typed calls, in every tier.

use super::{program, tiers};
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use vm3::program::{Bank, Cell, Function, text};
use vm3::{BindError, CallError, FaultKind, HostError, HostFunctions, HostPanic, Tier, Value, Vm, VmError, VmOptions};

const SOURCE: &str = "host func mix(i64, f64, i64) -> f64
host func fail(i64) -> i64
host func greet(cell) -> cell

func sum(i64) -> i64 {
    regs 4 i64, 1 f64
    ConstI64K r1, 0
loop:
    CmpLeI64KBr r0, 0, done
    MovI64 r2, r0
    CallI64 r3, r0, fail
    AddI64 r1, r1, r3
    SubI64K r0, r0, 1
    Jump loop
done:
    ReturnI64 r1
}

func mixed(i64, f64, i64) -> f64 {
    regs 3 i64, 3 f64
    CallMixed d0, 0, mix
    AddF64 d0, d0, d0
    ReturnF64 d0
}

func tail(i64, f64, i64) -> f64 {
    regs 3 i64, 3 f64
    TailCallMixed 0, mix
}

func hello(cell) -> cell {
    regs 2 cell
    NewList c1, 0
    CallMixed c0, 0, greet
    ReturnCell c0
}

func deep(i64) -> i64 {
    regs 2 i64
    CmpLeI64KBr r0, 0, leaf
    SubI64K r1, r0, 1
    CallI64 r1, r1, deep
    ReturnI64 r1
leaf:
    ConstI64K r0, -1
    CallI64 r1, r0, fail
    ReturnI64 r1
}

func two(i64, f64) -> i64 {
    regs 2 i64, 1 f64
    ReturnI64 r0
}";

/// The functions, which count their calls.
fn functions(calls: &Arc<AtomicI64>) -> HostFunctions {
    let (i, f, c) = (Bank::I64, Bank::F64, Bank::Cell);
    let calls = Arc::clone(calls);
    let mut functions = HostFunctions::new();
    functions.bind("mix", &[i, f, i], f, |call| Ok(Value::F64(call.i64(0) as f64 + call.f64(1) * call.i64(2) as f64)));
    functions.bind("fail", &[i], i, move |call| {
        calls.fetch_add(1, Ordering::Relaxed);
        match call.i64(0) {
            13 => Err(HostError::new("thirteen brings bad luck")),
            14 => panic!("at {}", call.i64(0)),
            15 => Ok(Value::F64(1.5)),
            other => Ok(Value::I64(2 * other)),
        }
    });
    functions.bind("greet", &[c], c, |call| {
        let mut text = b"hello, ".to_vec();
        text.extend(call.heap().string(call.cell(0))?);
        Ok(Value::Cell(call.new_string(&text)?))
    });
    functions
}

/// Runs something in every tier, three times, so that functions are compiled in between.
fn in_every_tier(run: impl Fn(&mut Vm, &AtomicI64)) {
    for options in tiers() {
        for fuel in [None, Some(1 << 40)] {
            let calls = Arc::new(AtomicI64::new(0));
            let options = VmOptions { fuel, ..options.clone() };
            let mut vm = Vm::with_host(program(SOURCE), &options, functions(&calls)).unwrap();
            for _ in 0..3 {
                calls.store(0, Ordering::Relaxed);
                run(&mut vm, &calls);
            }
        }
    }
}

#[test]
fn functions_of_the_host_are_called_from_loops_and_by_tail_calls() {
    in_every_tier(|vm, calls| {
        assert_eq!(vm.call_named("sum", &[Value::I64(12)]), Ok(Value::I64(12 * 13)));
        assert_eq!(calls.load(Ordering::Relaxed), 12);
        let arguments = [Value::I64(1), Value::F64(2.5), Value::I64(4)];
        for (name, expected) in [("mixed", 22.0), ("tail", 11.0), ("mix", 11.0)] {
            assert_eq!(vm.call_named(name, &arguments), Ok(Value::F64(expected)), "{name}");
        }
    });
}

#[test]
fn functions_of_the_host_read_and_make_strings() {
    in_every_tier(|vm, _| {
        for name in ["world", "everybody"] {
            let cell = vm.new_string(name.as_bytes()).unwrap();
            let Ok(Value::Cell(greeting)) = vm.call_named("hello", &[Value::Cell(cell)]) else { panic!("{name}") };
            assert_eq!(vm.heap().string(greeting).unwrap(), format!("hello, {name}").into_bytes());
        }
    });
}

#[test]
fn errors_panics_and_wrong_results_are_faults_and_the_machine_goes_on() {
    in_every_tier(|vm, _| {
        for (argument, kind, cause) in [
            (13, FaultKind::Host, "thirteen brings bad luck"),
            (14, FaultKind::HostPanicked, "at 14"),
            (15, FaultKind::Host, "it gave a value of bank f64; give one of bank i64, as the program declares"),
        ] {
            let Err(CallError::Fault(fault)) = vm.call_named("sum", &[Value::I64(argument)]) else {
                panic!("{kind:?}")
            };
            assert_eq!((fault.kind, fault.name.as_str(), fault.pc, fault.depth), (kind, "fail", 0, 2));
            assert_eq!(fault.source().unwrap().to_string(), cause);
            let found = fault.cause.as_ref().unwrap().get().downcast_ref::<HostPanic>();
            assert_eq!(found.is_some(), kind == FaultKind::HostPanicked);
            let callers: Vec<_> = vm.backtrace().skip(1).map(|place| (place.function, place.pc)).collect();
            assert_eq!(callers, [(3, 3)]);
            assert_eq!(vm.call_named("sum", &[Value::I64(2)]), Ok(Value::I64(6)));
        }
    });
}

#[test]
fn functions_of_the_host_are_called_at_any_depth() {
    in_every_tier(|vm, calls| {
        assert_eq!(vm.call_named("deep", &[Value::I64(30_000)]), Ok(Value::I64(-2)));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn calls_by_name_say_what_is_wrong_with_them() {
    in_every_tier(|vm, _| {
        let mut says = |name: &str, arguments: &[Value]| vm.call_named(name, arguments).unwrap_err().to_string();
        assert_eq!(says("none", &[]), "the program has no function `none`");
        assert_eq!(says("sum", &[]), "function `sum` takes 1 arguments, not 0");
        let wrong = says("sum", &[Value::F64(1.0)]);
        assert_eq!(wrong, "argument 0 of function `sum` is of bank f64; pass one of bank i64");
        let unreached = says("two", &[Value::I64(1), Value::F64(1.0)]);
        assert!(unreached.starts_with("function `two` cannot be called with these parameters"), "{unreached}");
    });
}

#[test]
fn bindings_are_compared_with_declarations() {
    let bind = |functions| match Vm::with_host(program(SOURCE), &VmOptions::default(), functions) {
        Err(VmError::Bind(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(bind(HostFunctions::new()), BindError::Missing { name: "mix".into() });
    let mut wrong = functions(&Arc::default());
    wrong.bind("fail", &[Bank::F64], Bank::I64, |_| Ok(Value::I64(0)));
    let error = bind(wrong);
    assert_eq!(
        error.to_string(),
        "function `fail` of the host is declared as (i64) -> i64 and bound as (f64) -> i64; bind it as declared"
    );
    assert!(matches!(Vm::new(program(SOURCE), &VmOptions::default()), Err(VmError::Bind(_))));
}

#[test]
fn declarations_are_checked_and_printed() {
    let parsed = text::parse(SOURCE).unwrap();
    assert_eq!(text::parse(&text::print(&parsed)), Ok(parsed.clone()));
    let rejects = |change: &dyn Fn(&mut Function)| {
        let mut program = parsed.clone();
        change(&mut program.functions[0]);
        program.verify().unwrap_err().to_string()
    };
    let shape = "at most 8 parameters and nothing of its own";
    assert!(rejects(&|function| function.constants.push(Cell::NULL)).contains(shape));
    assert!(rejects(&|function| *function = Function::host("mix", &[Bank::I64; 9], Bank::F64)).contains(shape));
    let dense = SOURCE.replace("CallMixed d0, 0, mix", "CallF64 d0, d0, mix");
    let error = text::parse(&dense).unwrap().verify().unwrap_err().to_string();
    assert!(error.ends_with("function 0 of the host takes i64 parameters, too; call it with a mixed call"), "{error}");
}

#[test]
fn statistics_tell_what_became_of_a_function() {
    let options = VmOptions { tier: Tier::Auto, threshold: 5, ..VmOptions::default() };
    let mut vm = Vm::with_host(program(SOURCE), &options, functions(&Arc::default())).unwrap();
    let sum = vm.program().program().function_named("sum").unwrap();
    assert_eq!(vm.stats(sum), vm3::FunctionStats::default());
    vm.call_named("sum", &[Value::I64(3)]).unwrap();
    let stats = vm.stats(sum);
    assert!(stats.compiled.is_none() && stats.counted > 0 && stats.counted <= 5, "{stats:?}");
    vm.call_named("sum", &[Value::I64(12)]).unwrap();
    let stats = vm.stats(sum);
    let compiled = stats.compiled.unwrap();
    assert!(compiled.bytes > 0 && !compiled.time.is_zero() && stats.loop_entries == 1, "{stats:?}");
    vm.interrupt().stop();
    vm.call_named("sum", &[Value::I64(12)]).unwrap_err();
    assert_eq!(vm.stats(sum).exits, 1);
    // What the host provides is never compiled.
    assert_eq!(vm.stats(1).compiled, None);
}
