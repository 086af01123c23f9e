//! Runs programs of any op set twice, as the bodies of its ops say and as stitched code, and compares everything that
//! could differ: the way out, all registers, the frame, the context, and what pointers point to.

use crate::domain::{Addresses, Domains, Start, Subject};
use crate::model::{
    ANCHOR_WORDS, CALLED_WORD, End, KEPT_WORD, Memory, Model, State, WAY_WORD, code_of, left_by_callee,
};
use crate::program::{Spot, Step};
use crate::values::INTERESTING;
use std::fmt;
use stencil_random::Random;
use stencil_runtime::entry::Registers;
use stencil_runtime::memory::{Arena, ArenaConfig};
use stencil_runtime::{
    Argument, Assembler, Code, CodeSpace, Convention, Label, OpSet, Placed, PublishError, Reg, Slot, StitchError, Table,
};

/// A difference between bodies and stencils.
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

/// A machine to run programs on.
pub struct Bench<'t, S: OpSet> {
    table: &'t Table<'t>,
    model: Model<'t, S>,
    space: CodeSpace<S>,
    assembler: Assembler<'t, S>,
    memory: Memory,
    /// What the memory was before a run, and what it should be after it.
    before: Memory,
    expected: Memory,
    floats: Vec<bool>,
    random: Random,
    /// Buffers of `stitch`.
    values: Vec<Placed>,
    targets: Vec<(usize, usize, Label, bool)>,
}

impl<S: OpSet> fmt::Debug for Bench<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench").field("table", &self.table).finish_non_exhaustive()
    }
}

impl<'t, S: Subject> Bench<'t, S> {
    /// A machine for a table of this host.
    ///
    /// # Errors
    /// When there is no executable memory.
    pub fn new(table: &'t Table<'t>, seed: u64) -> Result<Self, PublishError> {
        let space = CodeSpace::new(Arena::new(ArenaConfig::default())?, table)?;
        Ok(Self {
            table,
            model: Model::new(table),
            space,
            assembler: Assembler::new(table),
            memory: Memory::new(S::SCRATCH_WORDS),
            before: Memory::new(S::SCRATCH_WORDS),
            expected: Memory::new(S::SCRATCH_WORDS),
            floats: float_banks::<S>(table),
            random: Random::new(seed),
            values: Vec::new(),
            targets: Vec::new(),
        })
    }

    /// Where the memory is that programs work on.
    #[must_use]
    pub fn addresses(&self) -> Addresses {
        Addresses { scratch: (&raw const self.memory.scratch[0]).addr() as u64 }
    }

    /// What the ops are tried with.
    #[must_use]
    pub fn domains(&self) -> Domains {
        Domains::of::<S>(self.table, self.addresses())
    }

    /// Runs a program, from a random state in which the operands of the first step hold its bits.
    ///
    /// # Errors
    /// Nested: the outer one when the program could not be stitched, which is for the caller to judge; the inner one when
    /// it ran and did something else than the bodies.
    pub fn run(&mut self, program: &[Step]) -> Result<Result<(), Difference>, PublishError> {
        self.run_and(program, |_| ())
    }

    /// The same, and gives what `look` makes of the code.
    ///
    /// # Errors
    /// As for [`Bench::run`].
    pub fn run_and<T>(
        &mut self,
        program: &[Step],
        look: impl FnOnce(&Code<S>) -> T,
    ) -> Result<Result<T, Difference>, PublishError> {
        let start = self.initial(program);
        self.before.copy_from(&self.memory);
        let mut expected_state = start.clone();
        let end = self.model.run(program, &mut self.memory, &mut expected_state);
        // Both runs see the same addresses: words are copied, vectors stay.
        self.expected.copy_from(&self.memory);
        self.memory.copy_from(&self.before);
        let code = self.publish(program)?;
        let mut actual_state = start;
        self.enter(&code, &mut actual_state);
        let looked = look(&code);
        Ok(match self.compare(program, end, &expected_state, &actual_state) {
            None => Ok(looked),
            Some(what) => Err(Difference { case: self.describe(program), what }),
        })
    }

    /// Stitches and publishes a program as [`Bench::run`] runs it.
    ///
    /// # Errors
    /// When it cannot be stitched.
    pub fn publish(&mut self, program: &[Step]) -> Result<Code<S>, PublishError> {
        self.stitch(program);
        self.space.publish(&mut self.assembler)
    }

    /// A program in words.
    #[must_use]
    pub fn describe(&self, program: &[Step]) -> String {
        let steps: Vec<_> = program.iter().map(|step| step.describe(self.table).to_string()).collect();
        format!("{} in the {} convention", steps.join("; "), self.table.info().convention)
    }

    /// A random state in which every operand of the first step holds its bits.
    fn initial(&mut self, program: &[Step]) -> State {
        for words in [&mut self.memory.frame, &mut self.memory.scratch] {
            words.iter_mut().for_each(|word| *word = self.random.word());
        }
        self.memory.context[..ANCHOR_WORDS].fill(0);
        let given = program.first().map_or(&[][..], |step| &step.bits);
        for word in &mut self.memory.context[ANCHOR_WORDS..] {
            // Ops compare what they find there with their holes.
            *word = match self.random.below(4) {
                0 => self.random.word(),
                1 if !given.is_empty() => self.random.of(given),
                _ => self.random.of(INTERESTING),
            };
        }
        let mut fixed = [self.random.word(); 3];
        fixed[0] = (&raw mut self.memory.context[0]).expose_provenance() as u64;
        if let Some(index) = S::FRAME {
            fixed[index] = (&raw mut self.memory.frame[0]).expose_provenance() as u64;
        }
        (&raw mut self.memory.scratch[0]).expose_provenance();
        let at = self.addresses();
        let Memory { context, scratch, frame } = &mut self.memory;
        S::prepare(at, Start { fixed: &mut fixed, context, frame, scratch });
        let mut banks: Vec<Vec<u64>> =
            self.table.banks().iter().map(|bank| (0..bank.registers).map(|_| self.random.word()).collect()).collect();
        if let Some(step) = program.first() {
            let record = self.table.ops()[step.op as usize];
            let operands = self.table.axes_of(&record).iter().enumerate().skip(usize::from(record.result_count));
            for (value, axis) in operands {
                match step.spots[value] {
                    Spot::Register(register) => banks[axis.bank as usize][usize::from(register)] = step.bits[value],
                    Spot::Slot(slot) => self.memory.frame[slot as usize] = step.bits[value],
                    _ => {}
                }
            }
        }
        State { banks, fixed }
    }

    /// Enters code: works on `self.memory` and the registers.
    fn enter(&self, code: &Code<S>, state: &mut State) {
        let convention = self.table.info().convention;
        let mut registers = Registers::default();
        put::<S>(convention, &mut registers, state);
        // SAFETY: the table was built for this set; every slot that the code uses is within the frame, pointers are into
        // `self.memory`, and every way out ends in an epilogue.
        unsafe { code.enter_raw(0, &mut registers) };
        for argument in S::layout(convention) {
            match *argument {
                Argument::Fixed { position, index } => state.fixed[index] = registers.ints[position],
                Argument::Register { position, float, bank, number } => {
                    let bits = if float { registers.floats[position] } else { registers.ints[position] };
                    if let Some(register) = state.banks[bank].get_mut(number) {
                        *register = bits;
                    }
                }
            }
        }
    }

    /// The code of one run: the steps, and for every way out a mark that says which one it was.
    fn stitch(&mut self, program: &[Step]) {
        let Self { assembler, values, targets, .. } = self;
        let banks = self.table.banks();
        let register = Placed::register(Reg(0));
        let word = |index: usize| Placed::word(8 * index as u64);
        // Whether or not there are slots.
        let mark = |assembler: &mut Assembler<'t, S>, index: usize, value: u64| {
            assembler.emit_op(banks[0].stash_op, &[register, word(KEPT_WORD)]);
            assembler.emit_op(banks[0].move_op, &[register, Placed::literal(value)]);
            assembler.emit_op(banks[0].stash_op, &[register, word(index)]);
            assembler.emit_op(banks[0].unstash_op, &[register, word(KEPT_WORD)]);
        };
        targets.clear();
        assembler.prologue();
        for (number, step) in program.iter().enumerate() {
            values.clear();
            for (value, (spot, bits)) in step.spots.iter().zip(&step.bits).enumerate() {
                values.push(match *spot {
                    Spot::Register(register) => Placed::register(Reg(register)),
                    Spot::Slot(slot) => Placed::slot(Slot(slot)),
                    Spot::Literal => Placed::literal(*bits),
                    Spot::Hole => Placed::word(*bits),
                    Spot::Target => {
                        let label = assembler.label();
                        targets.push((number, value, label, self.model.is_callee(step.op, value)));
                        Placed::label(label)
                    }
                });
            }
            assembler.emit_op(step.op, values);
        }
        mark(assembler, WAY_WORD, 1);
        assembler.epilogue();
        assembler.begin_cold();
        for &(step, value, label, is_callee) in &*targets {
            assembler.bind(label);
            // A callee starts like a function and returns to behind the op; jumping to it would not come back.
            if is_callee {
                assembler.prologue();
                mark(assembler, CALLED_WORD, code_of(step, value));
                for register in 0..banks[0].registers {
                    let bits = left_by_callee(register as usize);
                    assembler
                        .emit_op(banks[0].move_op, &[Placed::register(Reg(register as u8)), Placed::literal(bits)]);
                }
            } else {
                mark(assembler, WAY_WORD, code_of(step, value));
            }
            assembler.epilogue();
        }
        assembler.end_cold();
    }

    fn compare(&self, program: &[Step], end: End, expected: &State, actual: &State) -> Option<String> {
        if end == End::NoBody {
            return Some("an op has no body".to_owned());
        }
        let marks = |memory: &Memory| [WAY_WORD, CALLED_WORD].map(|word| memory.context[word]);
        if marks(&self.memory) != marks(&self.expected) {
            let (actual, expected) = (marks(&self.memory), marks(&self.expected));
            return Some(format!("went on as {actual:?}, not as {end:?} ({expected:?})"));
        }
        if expected.fixed[..S::FIXED] != actual.fixed[..S::FIXED] {
            return Some(format!("fixed parts {:x?}, expected {:x?}", actual.fixed, expected.fixed));
        }
        // Who leaves from a place that its op has no variant for leaves registers that stood in for it.
        let given_up = |step: usize| program[step].stencil(self.table).is_none();
        let banks = match end {
            End::Left { step } if given_up(step) => 0,
            _ => expected.banks.len(),
        };
        for (bank, (expected, actual)) in expected.banks.iter().zip(&actual.banks).enumerate().take(banks) {
            for (register, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                if expected != actual && !(self.floats[bank] && both_nan(*expected, *actual)) {
                    return Some(format!("register {register} of bank {bank} is {actual:#x}, expected {expected:#x}"));
                }
            }
        }
        let pairs = [
            ("frame", &self.expected.frame[..], &self.memory.frame[..]),
            ("context", &self.expected.context[ANCHOR_WORDS..KEPT_WORD], &self.memory.context[ANCHOR_WORDS..KEPT_WORD]),
            ("scratch", &self.expected.scratch[..], &self.memory.scratch[..]),
        ];
        for (name, expected, actual) in pairs {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                if expected != actual && !(name == "frame" && both_nan(*expected, *actual)) {
                    return Some(format!("{name} word {index} is {actual:#x}, expected {expected:#x}"));
                }
            }
        }
        None
    }
}

fn both_nan(left: u64, right: u64) -> bool {
    f64::from_bits(left).is_nan() && f64::from_bits(right).is_nan()
}

/// Which banks' values are floating-point numbers.
#[must_use]
pub fn float_banks<S: OpSet>(table: &Table<'_>) -> Vec<bool> {
    let mut floats = vec![false; table.banks().len()];
    for argument in S::layout(table.info().convention) {
        if let Argument::Register { float, bank, .. } = *argument {
            floats[bank] = float;
        }
    }
    floats
}

/// Puts the state where the convention passes it.
fn put<S: OpSet>(convention: Convention, registers: &mut Registers, state: &State) {
    for argument in S::layout(convention) {
        match *argument {
            Argument::Fixed { position, index } => registers.ints[position] = state.fixed[index],
            Argument::Register { position, float, bank, number } => {
                let to = if float { &mut registers.floats } else { &mut registers.ints[..] };
                to[position] = state.banks[bank].get(number).copied().unwrap_or_default();
            }
        }
    }
}

/// Whether an error of stitching is the documented one for a value out of range.
#[must_use]
pub fn is_out_of_range(error: &PublishError) -> bool {
    matches!(error, PublishError::Stitch(StitchError::OutOfRange { .. }))
}
