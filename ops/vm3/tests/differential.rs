//! Random programs in every tier; the same with any number of them is the example `differential`.

#[path = "../examples/differential/calls.rs"]
mod calls;
#[path = "../examples/differential/cells.rs"]
mod cells;
#[path = "../examples/differential/compare.rs"]
mod compare;
#[path = "../examples/differential/generate.rs"]
mod generate;
#[path = "../examples/differential/hosts.rs"]
mod hosts;
#[path = "../examples/differential/seen.rs"]
mod seen;
#[path = "../examples/differential/signature.rs"]
mod signature;

use compare::{Checked, check};
use stencil_random::{Random, emulated};
use vm3::program::{Op, Opcode};
use vm3::{FaultKind, Vm, VmOptions};

#[test]
fn random_programs_do_the_same_in_every_tier() {
    let mut seen = [0; 4];
    let unit = if emulated() { 10 } else { 50 };
    for seed in 0..60 * unit {
        match check(seed) {
            Ok(checked) => seen[checked as usize] += 1,
            Err(difference) => panic!("seed {seed}: {difference}"),
        }
    }
    // The programs are worth running: they end in every way, and few are long.
    let [returned, deopt, fault, long] =
        [Checked::Returned, Checked::Deopt, Checked::Fault, Checked::Long].map(|checked| seen[checked as usize]);
    assert!(returned > 20 * unit && deopt > unit && fault > 10 * unit && long > unit && long < 4 * unit, "{seen:?}");
}

/// The opcodes that the program of a seed executes, seen by giving it fuel for one op more from run to run.
fn executed(seed: u64) -> Vec<Opcode> {
    let program = generate::program(&mut Random::new(seed)).verify().unwrap();
    let options = VmOptions { fuel: Some(0), ..VmOptions::default() };
    let mut vm = Vm::with_host(program.clone(), &options, hosts::functions(program.program())).unwrap();
    let mut seen = Vec::new();
    for fuel in 0..300 {
        vm.set_fuel(fuel).unwrap();
        let fault = vm.run(&[5]).err();
        if fault.is_none_or(|fault| fault.kind != FaultKind::OutOfFuel) {
            break;
        }
        let place = vm.backtrace().next().unwrap();
        // Functions of the host have no ops.
        let op = program.program().functions[place.function].code.get(place.pc);
        seen.extend(op.and_then(|op| op.opcode()));
    }
    seen
}

#[test]
fn random_programs_execute_every_opcode() {
    let seen: Vec<Opcode> = (0..1000).flat_map(executed).collect();
    let missing: Vec<&str> =
        Opcode::ALL.into_iter().filter(|opcode| !seen.contains(opcode)).map(Opcode::name).collect();
    assert_eq!(missing, [""; 0]);
    // And numbers that are none.
    let none = |op: &Op| op.opcode().is_none();
    assert!((0..1000).any(|seed| generate::program(&mut Random::new(seed)).functions[0].code.iter().any(none)));
}
