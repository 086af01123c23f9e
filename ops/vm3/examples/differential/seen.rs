//! What can be seen of a machine after a run, and whether that is the same for two of them.

use vm3::heap::SlotCounts;
use vm3::program::{Arena, Bank, Cell, Field, Opcode, Verified};
use vm3::{Fault, Outcome, Place, Returned, Vm};

/// What can be seen after a run.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) outcome: Result<Outcome, Fault>,
    places: Vec<Place>,
    registers: Vec<(Place, Bank, u16, u64)>,
    heap: Contents,
    /// The same after a collection, for which cell registers and constants are the roots.
    collected: Contents,
}

impl Seen {
    /// What can be seen now, when a run has just ended. Collects.
    pub(crate) fn of(vm: &mut Vm, program: &Verified, outcome: Result<Outcome, Fault>) -> Self {
        let places: Vec<Place> = vm.backtrace().collect();
        let registers = registers(vm, program, &places, matches!(outcome, Ok(Outcome::Deopt(_))));
        let heap = Contents::of(vm);
        vm.collect();
        Self { outcome, places, registers, heap, collected: Contents::of(vm) }
    }
}

/// The registers that count where a run stopped: every cell register of every frame; and of the innermost one, after a
/// deopt all others, else those that its op reads.
fn registers(vm: &Vm, program: &Verified, places: &[Place], deopt: bool) -> Vec<(Place, Bank, u16, u64)> {
    let functions = &program.program().functions;
    let cells = places
        .iter()
        .flat_map(|place| (0..functions[place.function].registers.cell).map(|register| (*place, Bank::Cell, register)));
    let mut wanted: Vec<(Place, Bank, u16)> = cells.collect();
    if let Some(place) = places.first() {
        let function = &functions[place.function];
        if deopt {
            for bank in [Bank::I64, Bank::F64] {
                wanted.extend((0..function.registers.of(bank)).map(|register| (*place, bank, register)));
            }
        } else if let Some(op) = function.code.get(place.pc) {
            let fields = op.opcode().map_or([Field::Unused; 3], Opcode::fields).into_iter().zip(op.values()).skip(1);
            let ints = fields.filter(|(field, _)| *field == Field::I64);
            wanted.extend(ints.map(|(_, register)| (*place, Bank::I64, register)));
        } else {
            // A function of the host has its arguments.
            let arguments = (0..).zip(&function.parameters);
            wanted.extend(arguments.map(|(register, bank)| (*place, *bank, register)));
        }
    }
    let bits =
        |(place, bank, register)| (place, bank, register, vm.register(place, bank, register).unwrap_or_default());
    wanted.into_iter().map(bits).collect()
}

/// Everything on a heap.
#[derive(Debug, PartialEq, Eq)]
struct Contents {
    counts: [SlotCounts; 3],
    bytes: usize,
    strings: Vec<Vec<u8>>,
    lists: Vec<Vec<Cell>>,
    maps: Vec<(usize, Vec<(Cell, Cell)>)>,
}

impl Contents {
    fn of(vm: &Vm) -> Self {
        let heap = vm.heap();
        let cells = |arena| (0..heap.counts(arena).slots as u32).map(move |slot| Cell::handle(arena, 0, slot));
        let map = |cell| {
            let (length, entries) = heap.map(cell).ok()?;
            Some((length, entries.map(|entry| (entry.key, entry.value)).collect()))
        };
        Self {
            counts: Arena::ALL.map(|arena| heap.counts(arena)),
            bytes: heap.bytes(),
            strings: cells(Arena::String).filter_map(|cell| Some(heap.arena_string(cell).ok()?.to_vec())).collect(),
            lists: cells(Arena::List).filter_map(|cell| Some(heap.list(cell).ok()?.to_vec())).collect(),
            maps: cells(Arena::Map).filter_map(map).collect(),
        }
    }
}

/// Compares what was seen of two machines.
///
/// # Errors
/// What differs.
pub(crate) fn compare(expected: &Seen, found: &Seen) -> Result<(), String> {
    let same = match (&expected.outcome, &found.outcome) {
        (Ok(Outcome::Returned(Returned::F64(left))), Ok(Outcome::Returned(Returned::F64(right)))) => {
            same_bits(Bank::F64, left.to_bits(), right.to_bits())
        }
        (left, right) => left == right,
    };
    if !same {
        return Err(format!("{:?}, expected {:?}", found.outcome, expected.outcome));
    }
    if expected.places != found.places {
        return Err(format!("stopped at {:?}, expected {:?}", found.places, expected.places));
    }
    for ((place, bank, register, left), (.., right)) in expected.registers.iter().zip(&found.registers) {
        if !same_bits(*bank, *left, *right) {
            return Err(format!("{bank} register {register} at {place:?} is {right:#x}, expected {left:#x}"));
        }
    }
    for (name, left, right) in
        [("heap", &expected.heap, &found.heap), ("heap after a collection", &expected.collected, &found.collected)]
    {
        if left != right {
            return Err(format!("the {name} is {right:?}, expected {left:?}"));
        }
    }
    Ok(())
}

/// Whether two registers are alike: every NaN is like every other.
fn same_bits(bank: Bank, left: u64, right: u64) -> bool {
    let nan = |bits| f64::from_bits(bits).is_nan();
    left == right || bank == Bank::F64 && nan(left) && nan(right)
}
