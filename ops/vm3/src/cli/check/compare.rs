//! Comparing how a run ended with how it has to end.

use vm3::program::json::{Expectation, Status, Stop, Value};
use vm3::program::{Arena, Bank, Cell};
use vm3::{Counts, Deopt, Fault, FaultClass, Outcome, Returned, Vm};

/// Collects what differs.
#[derive(Debug, Default)]
struct Differences(Vec<String>);

impl Differences {
    fn expect<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: &T, found: &T) {
        if expected != found {
            self.0.push(format!("{what} is {found:?}, expected {expected:?}"));
        }
    }

    fn expect_some<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, expected: Option<&T>, found: &T) {
        if let Some(expected) = expected {
            self.expect(what, expected, found);
        }
    }
}

/// What differs between a run and its expectation; `counts` are those of a tier that counts.
pub(super) fn compare(
    expect: &Expectation,
    vm: &Vm,
    ended: Result<Outcome, Fault>,
    counts: Option<Counts>,
) -> Vec<String> {
    let mut differences = Differences::default();
    match &ended {
        Ok(Outcome::Returned(returned)) => {
            differences.expect("status", &expect.status.name(), &Status::Ok.name());
            compare_result(&mut differences, expect, vm, *returned);
        }
        Ok(Outcome::Deopt(deopt)) => {
            differences.expect("status", &expect.status.name(), &Status::Deopt.name());
            differences.expect_some("deopt target", expect.deopt.as_ref(), &deopt.target);
            let stop = deopt_stop(vm, deopt);
            differences.expect_some("stop", expect.stop.as_ref(), &stop);
        }
        Err(fault) => {
            let status = match fault.kind.class() {
                FaultClass::Error => Status::Error.name(),
                FaultClass::Panic => Status::Panic.name(),
                FaultClass::Limit => "limit",
            };
            differences.expect("status", &expect.status.name(), &status);
            let text = fault.message().to_string();
            differences.expect_some("error", expect.error.as_ref(), &text);
            let Fault { pc, depth, ref name, .. } = *fault;
            let stop = Stop { function: name.clone(), pc, depth };
            differences.expect_some("stop", expect.stop.as_ref(), &stop);
        }
    }
    let cell = match &ended {
        Ok(outcome) => outcome.cell(),
        Err(_) => Cell::NULL,
    };
    differences.expect_some("cell", expect.cell.as_ref(), &cell);
    for arena in Arena::ALL {
        let counts = vm.heap().counts(arena);
        let what = format!("{} arena", arena.name());
        differences.expect(&what, &expect.arenas[arena as usize], &(counts.slots, counts.live));
    }
    if let Some(counts) = counts {
        differences.expect_some("ops", expect.ops.as_ref(), &counts.ops);
        differences.expect_some("deepest stack", expect.max_depth.as_ref(), &counts.max_depth);
    }
    differences.0
}

fn deopt_stop(vm: &Vm, deopt: &Deopt) -> Stop {
    let function = vm.program().program().functions[deopt.place.function].name.clone();
    Stop { function, pc: deopt.place.pc, depth: deopt.depth }
}

fn compare_result(differences: &mut Differences, expect: &Expectation, vm: &Vm, returned: Returned) {
    let bank = returned.bank();
    differences.expect_some("bank", expect.bank.as_ref(), &bank);
    if let Some(expected) = expect.raw_bits {
        // The bits of a NaN in a register are those of the processor that made it.
        let nans =
            bank == Bank::F64 && f64::from_bits(expected).is_nan() && f64::from_bits(returned.raw_bits()).is_nan();
        if !nans {
            let found = Cell::from_bits(returned.raw_bits());
            differences.expect("register", &Cell::from_bits(expected), &found);
        }
    }
    if let (Some(expected), Returned::Cell(cell)) = (&expect.value, returned) {
        match value(vm, cell) {
            Some(found) => differences.expect("value", expected, &found),
            None => differences.0.push(format!("{cell:?} names nothing, expected {expected:?}")),
        }
    }
}

/// What a cell names or spells, if anything.
fn value(vm: &Vm, cell: Cell) -> Option<Value> {
    if let Some(inline) = cell.as_inline_string() {
        return Some(Value::String(inline.as_bytes().into()));
    }
    let heap = vm.heap();
    match Arena::ALL.into_iter().find(|arena| cell.is_handle_of(*arena))? {
        Arena::String => Some(Value::String(heap.arena_string(cell).ok()?.into())),
        Arena::List => Some(Value::List(heap.list(cell).ok()?.into())),
        Arena::Map => {
            let (table, entries) = heap.map(cell).ok()?;
            let mut entries: Vec<_> = entries.map(|entry| (entry.key, entry.value)).collect();
            entries.sort_by_key(|(key, value)| (key.as_int(), value.as_int()));
            Some(Value::Map { table, entries: Some(entries) })
        }
    }
}
