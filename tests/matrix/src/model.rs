//! Runs any op of any set twice, as its body says and as stitched code, and compares everything that could differ:
//! the way out, all registers, the frame, the context, and what pointers point to.

use std::fmt;
use stencil_runtime::entry::Registers;
use stencil_runtime::memory::{Arena, ArenaConfig};
use stencil_runtime::{
    Argument, Assembler, CodeSpace, Convention, Label, OpSet, Placed, PublishError, Reg, Slot, StitchError, Table,
    Vouched, Way,
};

/// Words of the frame. The first half is for the op under test.
pub const FRAME_WORDS: usize = 128;

/// Words behind the first fixed part.
pub const CONTEXT_WORDS: usize = 64;

/// Words that an anchor takes at the start of the context; not compared.
const ANCHOR_WORDS: usize = 8;

/// Words that pointer holes may point into.
pub const SCRATCH_WORDS: usize = 16;

/// The slot that says how the op went on, and the one that says that the callee was called.
const WAY_SLOT: u32 = 100;
const CALLED_SLOT: u32 = 101;

/// Where a value of the op under test is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// A register of the value's bank.
    Register(u8),
    /// A frame slot.
    Slot(u32),
    /// A literal; the value's bits.
    Literal,
    /// Not placed: a hole.
    Hole,
    /// A label, exit or callee.
    Target,
}

/// A difference between an op's body and its stencil.
#[derive(Debug)]
pub struct Difference {
    /// What was run.
    pub case: String,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.case, self.what)
    }
}

/// The memory that both runs work on.
#[derive(Clone, PartialEq, Eq)]
struct Memory {
    frame: Vec<u64>,
    context: Vec<u64>,
    scratch: Vec<u64>,
}

impl Memory {
    fn copy_from(&mut self, other: &Self) {
        self.frame.copy_from_slice(&other.frame);
        self.context.copy_from_slice(&other.context);
        self.scratch.copy_from_slice(&other.scratch);
    }
}

/// Everything a step of the machine may change.
struct State {
    /// `banks[b][r]`
    banks: Vec<Vec<u64>>,
    fixed: [u64; 3],
}

/// A machine to run ops on.
pub struct Bench<'t, S: OpSet> {
    table: &'t Table<'t>,
    space: CodeSpace<S>,
    assembler: Assembler<'t, S>,
    memory: Memory,
    /// Whether a bank's values are compared as floating-point numbers.
    floats: Vec<bool>,
    random: Random,
}

impl<S: OpSet> fmt::Debug for Bench<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench").field("table", &self.table).finish_non_exhaustive()
    }
}

impl<'t, S: OpSet> Bench<'t, S> {
    /// A machine for a table of this host.
    ///
    /// # Errors
    /// When there is no executable memory.
    pub fn new(table: &'t Table<'t>, seed: u64) -> Result<Self, PublishError> {
        let arena = Arena::new(ArenaConfig::default())?;
        let space = CodeSpace::new(arena, table)?;
        let memory =
            Memory { frame: vec![0; FRAME_WORDS], context: vec![0; CONTEXT_WORDS], scratch: vec![0; SCRATCH_WORDS] };
        let mut floats = vec![false; table.banks().len()];
        for argument in S::layout(table.info().convention) {
            if let Argument::Register { float, bank, .. } = *argument {
                floats[bank] = float;
            }
        }
        Ok(Self { table, space, assembler: Assembler::new(table), memory, floats, random: Random(seed | 1) })
    }

    /// The address of word `index` of the memory that pointer holes may point into, plus `bytes`.
    #[must_use]
    pub fn scratch_address(&self, index: usize, bytes: usize) -> u64 {
        (&raw const self.memory.scratch[index]).addr() as u64 + bytes as u64
    }

    /// Runs op `op` with its values at `spots`; `bits` holds the operands' and holes' bits by value.
    ///
    /// # Errors
    /// Nested: the outer one when the op could not be stitched, which is for the caller to judge; the inner one when it
    /// ran and did something else than its body.
    pub fn run(&mut self, op: u32, spots: &[Spot], bits: &[u64]) -> Result<Result<(), Difference>, PublishError> {
        let state = self.initial(op, spots, bits);
        let before = self.memory.clone();
        let (expected_state, way) = self.model(op, spots, bits, &state);
        let expected = self.memory.clone();
        // Both runs see the same addresses: words are copied, vectors stay.
        self.memory.copy_from(&before);
        let actual_state = self.stitched(op, spots, bits, &state)?;
        let actual = &self.memory;
        let case = || self.describe(op, spots, bits);
        let what = self.compare(way, &expected, &expected_state, actual, &actual_state);
        Ok(what.map_or(Ok(()), |what| Err(Difference { case: case(), what })))
    }

    /// A random state in which every operand holds its bits.
    fn initial(&mut self, op: u32, spots: &[Spot], bits: &[u64]) -> State {
        for words in [&mut self.memory.frame, &mut self.memory.scratch] {
            words.iter_mut().for_each(|word| *word = self.random.next());
        }
        self.memory.context.iter_mut().for_each(|word| *word = 0);
        self.memory.context[ANCHOR_WORDS..].iter_mut().for_each(|word| *word = self.random.next());
        let frame = &raw mut self.memory.frame[0];
        let context = &raw mut self.memory.context[0];
        let mut fixed = [self.random.next(); 3];
        fixed[0] = context.expose_provenance() as u64;
        if let Some(index) = S::FRAME {
            fixed[index] = frame.expose_provenance() as u64;
        }
        (&raw mut self.memory.scratch[0]).expose_provenance();
        let mut banks: Vec<Vec<u64>> =
            self.table.banks().iter().map(|bank| (0..bank.registers).map(|_| self.random.next()).collect()).collect();
        let record = self.table.ops()[op as usize];
        let results = usize::from(record.result_count);
        for (value, axis) in self.table.axes_of(&record).iter().enumerate().skip(results) {
            match spots[value] {
                Spot::Register(register) => banks[axis.bank as usize][usize::from(register)] = bits[value],
                Spot::Slot(slot) => self.memory.frame[slot as usize] = bits[value],
                _ => {}
            }
        }
        State { banks, fixed }
    }

    /// What the bodies say: works on `self.memory`, gives the registers and the way out.
    fn model(&mut self, op: u32, spots: &[Spot], bits: &[u64], state: &State) -> (State, Way) {
        let record = self.table.ops()[op as usize];
        let identity: Vec<u8> = (0..record.value_count).collect();
        let fusion = self.table.fusions().iter().find(|fusion| fusion.op == op);
        let steps: Vec<(u32, Vec<u8>)> = match fusion {
            None => vec![(op, identity)],
            Some(fusion) => {
                let mut map = self.table.map_of(fusion);
                let sequence = &fusion.sequence[..fusion.len as usize];
                sequence
                    .iter()
                    .map(|&step| {
                        let (own, rest) = map.split_at(usize::from(self.table.ops()[step as usize].value_count));
                        map = rest;
                        (step, own.to_vec())
                    })
                    .collect()
            }
        };
        let mut now = State { banks: state.banks.clone(), fixed: state.fixed };
        for (step, map) in steps {
            let record = self.table.ops()[step as usize];
            let axes = self.table.axes_of(&record);
            let results = usize::from(record.result_count);
            let frame_offset = S::FRAME
                .map_or(0, |index| now.fixed[index].wrapping_sub((&raw const self.memory.frame[0]).addr() as u64) / 8);
            let values: Vec<u64> = (0..usize::from(record.value_count))
                .map(|value| {
                    let outer = usize::from(map[value]);
                    match (axes.get(value), spots[outer]) {
                        (Some(_), _) if value < results => 0,
                        (Some(axis), Spot::Register(register)) => now.banks[axis.bank as usize][usize::from(register)],
                        (Some(_), Spot::Slot(slot)) => self.memory.frame[frame_offset as usize + slot as usize],
                        _ => bits[outer],
                    }
                })
                .collect();
            let mut out = [0; 8];
            let mut fixed = S::fixed_from_words(now.fixed);
            // SAFETY: the caller gives pointers into `self.memory` and functions of the declared types.
            let vouched = unsafe { Vouched::new() };
            let way = S::evaluate(vouched, step, &mut fixed, &values, &mut out);
            now.fixed = S::fixed_words(&fixed);
            match way {
                Way::Next => {}
                Way::Target(value) => return (now, Way::Target(usize::from(map[value]))),
                way => return (now, way),
            }
            let frame_offset = S::FRAME
                .map_or(0, |index| now.fixed[index].wrapping_sub((&raw const self.memory.frame[0]).addr() as u64) / 8);
            for (value, axis) in axes.iter().enumerate().take(results) {
                match spots[usize::from(map[value])] {
                    Spot::Register(register) => now.banks[axis.bank as usize][usize::from(register)] = out[value],
                    Spot::Slot(slot) => self.memory.frame[frame_offset as usize + slot as usize] = out[value],
                    _ => {}
                }
            }
        }
        (now, Way::Next)
    }

    /// Stitches and runs: works on `self.memory`, gives the registers.
    fn stitched(&mut self, op: u32, spots: &[Spot], bits: &[u64], state: &State) -> Result<State, PublishError> {
        self.stitch(op, spots, bits);
        let code = self.space.publish(&mut self.assembler)?;
        let convention = self.table.info().convention;
        let mut registers = Registers::default();
        exchange::<S>(convention, &mut registers, state.fixed, &state.banks);
        // SAFETY: the table was built for this set; every slot that the code uses is within the frame, pointers are into
        // `self.memory`, and every way out ends in an epilogue.
        unsafe { code.enter_raw(0, &mut registers) };
        let mut after = State { banks: state.banks.clone(), fixed: state.fixed };
        for argument in S::layout(convention) {
            match *argument {
                Argument::Fixed { position, index } => after.fixed[index] = registers.ints[position],
                Argument::Register { position, float, bank, number } => {
                    let bits = if float { registers.floats[position] } else { registers.ints[position] };
                    if let Some(register) = after.banks[bank].get_mut(number) {
                        *register = bits;
                    }
                }
            }
        }
        Ok(after)
    }

    /// The code of one run: the op, and for every way out a mark that says which one it was.
    fn stitch(&mut self, op: u32, spots: &[Spot], bits: &[u64]) {
        let assembler = &mut self.assembler;
        let move_op = self.table.banks()[0].move_op;
        let mark = |assembler: &mut Assembler<'t, S>, slot: u32, value: u64| {
            assembler.emit_op(move_op, &[Placed::slot(Slot(slot)), Placed::literal(value)]);
        };
        let mut labels: Vec<(usize, Label)> = Vec::new();
        let values: Vec<Placed> = spots
            .iter()
            .zip(bits)
            .enumerate()
            .map(|(value, (spot, bits))| match *spot {
                Spot::Register(register) => Placed::register(Reg(register)),
                Spot::Slot(slot) => Placed::slot(Slot(slot)),
                Spot::Literal => Placed::literal(*bits),
                Spot::Hole => Placed::word(*bits),
                Spot::Target => {
                    let label = assembler.label();
                    labels.push((value, label));
                    Placed::label(label)
                }
            })
            .collect();
        assembler.prologue();
        assembler.emit_op(op, &values);
        mark(assembler, WAY_SLOT, 1);
        assembler.epilogue();
        for (value, label) in labels {
            assembler.begin_cold();
            assembler.bind(label);
            // A callee starts like a function and returns to behind the op; jumping to it would not come back.
            if is_callee(self.table, op, value) {
                assembler.prologue();
                mark(assembler, CALLED_SLOT, value as u64);
            } else {
                mark(assembler, WAY_SLOT, 2 + value as u64);
            }
            assembler.epilogue();
            assembler.end_cold();
        }
    }

    fn compare(
        &self,
        way: Way,
        expected: &Memory,
        expected_state: &State,
        actual: &Memory,
        actual_state: &State,
    ) -> Option<String> {
        let marks = |memory: &Memory| (memory.frame[WAY_SLOT as usize], memory.frame[CALLED_SLOT as usize]);
        let untouched = marks(expected);
        let wanted = match way {
            Way::Next => (1, untouched.1),
            // The harness cannot tell a callee from a label by its value alone; a call falls through afterwards.
            Way::Target(value) if marks(actual).1 == value as u64 => (1, value as u64),
            Way::Target(value) => (2 + value as u64, untouched.1),
            Way::Return | Way::Leave => untouched,
            Way::NoBody => return Some("the op has no body".to_owned()),
        };
        if marks(actual) != wanted {
            return Some(format!("went on as {:?}, not as {way:?} ({wanted:?})", marks(actual)));
        }
        if expected_state.fixed[..S::FIXED] != actual_state.fixed[..S::FIXED] {
            return Some(format!("fixed parts {:x?}, expected {:x?}", actual_state.fixed, expected_state.fixed));
        }
        for (bank, (expected, actual)) in expected_state.banks.iter().zip(&actual_state.banks).enumerate() {
            for (register, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                if !self.equal(bank, *expected, *actual) {
                    return Some(format!("register {register} of bank {bank} is {actual:#x}, expected {expected:#x}"));
                }
            }
        }
        let words = |memory: &Memory| {
            let mut frame = memory.frame.clone();
            frame[WAY_SLOT as usize] = 0;
            frame[CALLED_SLOT as usize] = 0;
            [frame, memory.context[ANCHOR_WORDS..].to_vec(), memory.scratch.clone()]
        };
        let names = ["frame", "context", "scratch"];
        for ((name, expected), actual) in names.iter().zip(words(expected)).zip(words(actual)) {
            for (index, (expected, actual)) in expected.iter().zip(&actual).enumerate() {
                let both_nan = f64::from_bits(*expected).is_nan() && f64::from_bits(*actual).is_nan();
                if expected != actual && !(both_nan && *name == "frame") {
                    return Some(format!("{name} word {index} is {actual:#x}, expected {expected:#x}"));
                }
            }
        }
        None
    }

    fn equal(&self, bank: usize, expected: u64, actual: u64) -> bool {
        let both_nan = f64::from_bits(expected).is_nan() && f64::from_bits(actual).is_nan();
        expected == actual || self.floats[bank] && both_nan
    }

    fn describe(&self, op: u32, spots: &[Spot], bits: &[u64]) -> String {
        let record = self.table.ops()[op as usize];
        let values: Vec<_> = spots.iter().zip(bits).map(|(spot, bits)| format!("{spot:?} {bits:#x}")).collect();
        format!("{} ({}) of {}", self.table.text(record.name), values.join(", "), self.table.info().convention)
    }
}

/// Whether a target is a callee: its hole is one of a call.
fn is_callee(table: &Table<'_>, op: u32, value: usize) -> bool {
    let record = table.ops()[op as usize];
    table.variants_of(&record).iter().filter(|variant| variant.len != stencil_table::StencilRecord::PRUNED).any(
        |variant| {
            let callee = stencil_table::HoleKind::CalleeRel32 as u8;
            table.holes_of(variant).iter().any(|hole| usize::from(hole.value) == value && hole.kind == callee)
        },
    )
}

/// Puts the state where the convention passes it.
fn exchange<S: OpSet>(convention: Convention, registers: &mut Registers, fixed: [u64; 3], banks: &[Vec<u64>]) {
    for argument in S::layout(convention) {
        match *argument {
            Argument::Fixed { position, index } => registers.ints[position] = fixed[index],
            Argument::Register { position, float, bank, number } => {
                let bits = banks[bank].get(number).copied().unwrap_or_default();
                let to = if float { &mut registers.floats } else { &mut registers.ints[..] };
                to[position] = bits;
            }
        }
    }
}

/// A small random number generator: xorshift64*.
#[derive(Debug, Clone)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Whether an error of stitching is the documented one for a value out of range.
#[must_use]
pub fn is_out_of_range(error: &PublishError) -> bool {
    matches!(error, PublishError::Stitch(StitchError::OutOfRange { .. }))
}
