//! What the bodies of ops say: a machine that runs programs step by step, one body after the other.

use crate::program::{Spot, Step};
use std::marker::PhantomData;
use stencil_runtime::{OpSet, Vouched, Way};
use stencil_table::Table;

/// Words of the frame. The first half is for the program under test.
pub(crate) const FRAME_WORDS: usize = 128;

/// Words behind the first fixed part.
pub(crate) const CONTEXT_WORDS: usize = 64;

/// The word of the context that says how a program ended, and the one that says what it called last.
pub(crate) const WAY_WORD: usize = CONTEXT_WORDS - 2;
pub(crate) const CALLED_WORD: usize = CONTEXT_WORDS - 1;

/// The word of the context in which a register waits while those are written; not compared.
pub(crate) const KEPT_WORD: usize = CONTEXT_WORDS - 3;

/// Words that an anchor takes at the start of the context; not compared.
pub(crate) const ANCHOR_WORDS: usize = 8;

/// What a callee leaves in register `number` of the first bank.
pub(crate) fn left_by_callee(number: usize) -> u64 {
    0x00CA_11EE + number as u64
}

/// The memory that both runs work on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) frame: Vec<u64>,
    pub(crate) context: Vec<u64>,
    pub(crate) scratch: Vec<u64>,
}

impl Memory {
    pub(crate) fn new(scratch_words: usize) -> Self {
        Self { frame: vec![0; FRAME_WORDS], context: vec![0; CONTEXT_WORDS], scratch: vec![0; scratch_words] }
    }

    /// Takes over the words of another one; they stay where they are.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.frame.copy_from_slice(&other.frame);
        self.context.copy_from_slice(&other.context);
        self.scratch.copy_from_slice(&other.scratch);
    }
}

/// The registers.
#[derive(Debug, Clone, Default)]
pub(crate) struct State {
    /// `banks[b][r]`
    pub(crate) banks: Vec<Vec<u64>>,
    pub(crate) fixed: [u64; 3],
}

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Behind the last step.
    Next,
    /// At the label or exit that is a value of a step.
    Target { step: usize, value: usize },
    /// It returned.
    Returned,
    /// It left at a step.
    Left { step: usize },
    /// At an op without a body.
    NoBody,
}

impl End {
    /// What says in the context that a program ended so, if anything.
    pub(crate) fn mark(self) -> Option<u64> {
        match self {
            Self::Next => Some(1),
            Self::Target { step, value } => Some(code_of(step, value)),
            Self::Returned | Self::Left { .. } | Self::NoBody => None,
        }
    }
}

/// What marks a way out.
pub(crate) fn code_of(step: usize, value: usize) -> u64 {
    2 + 32 * step as u64 + value as u64
}

/// Runs the bodies of the ops of a table.
pub(crate) struct Model<'t, S> {
    table: &'t Table<'t>,
    /// By op, see [`crate::program::callees`].
    callees: Vec<u32>,
    set: PhantomData<fn() -> S>,
}

impl<'t, S: OpSet> Model<'t, S> {
    pub(crate) fn new(table: &'t Table<'t>) -> Self {
        let callees = table.ops().iter().map(|op| crate::program::callees(table, op)).collect();
        Self { table, callees, set: PhantomData }
    }

    /// Whether a value of an op is a callee.
    pub(crate) fn is_callee(&self, op: u32, value: usize) -> bool {
        self.callees[op as usize] >> value & 1 != 0
    }

    /// Runs a program, and leaves the marks in the context that the stitched code leaves.
    pub(crate) fn run(&self, program: &[Step], memory: &mut Memory, state: &mut State) -> End {
        let end = self.steps(program, memory, state);
        if let Some(mark) = end.mark() {
            memory.context[WAY_WORD] = mark;
        }
        end
    }

    fn steps(&self, program: &[Step], memory: &mut Memory, state: &mut State) -> End {
        for (number, step) in program.iter().enumerate() {
            match self.whole(step, memory, state) {
                Way::Next => {}
                Way::Target(value) if self.is_callee(step.op, value) => {
                    memory.context[CALLED_WORD] = code_of(number, value);
                    for (register, bits) in state.banks[0].iter_mut().enumerate() {
                        *bits = left_by_callee(register);
                    }
                }
                Way::Target(value) => return End::Target { step: number, value },
                Way::Return => return End::Returned,
                Way::Leave => return End::Left { step: number },
                Way::NoBody => return End::NoBody,
            }
        }
        End::Next
    }

    /// Runs a step: one body, or those of a fusion.
    fn whole(&self, step: &Step, memory: &mut Memory, state: &mut State) -> Way {
        let Some(fusion) = self.table.fusions().iter().find(|fusion| fusion.op == step.op) else {
            return self.body(step, memory, state);
        };
        let mut map = self.table.map_of(fusion);
        for &op in &fusion.sequence[..fusion.len as usize] {
            let (own, rest) = map.split_at(usize::from(self.table.ops()[op as usize].value_count));
            map = rest;
            let spots = own.iter().map(|&value| step.spots[usize::from(value)]).collect();
            let bits = own.iter().map(|&value| step.bits[usize::from(value)]).collect();
            match self.body(&Step { op, spots, bits }, memory, state) {
                Way::Next => {}
                Way::Target(value) => return Way::Target(usize::from(own[value])),
                way => return way,
            }
        }
        Way::Next
    }

    fn body(&self, step: &Step, memory: &mut Memory, state: &mut State) -> Way {
        let record = &self.table.ops()[step.op as usize];
        let axes = self.table.axes_of(record);
        let results = usize::from(record.result_count);
        // Operands are read before anything runs; the body may change fixed parts and memory.
        let mut values = [0; stencil_table::MAX_VALUES];
        let frame = frame_start::<S>(memory, state);
        for (value, to) in values.iter_mut().enumerate().take(usize::from(record.value_count)).skip(results) {
            *to = match (axes.get(value), step.spots[value]) {
                (Some(axis), Spot::Register(register)) => state.banks[axis.bank as usize][usize::from(register)],
                (Some(_), Spot::Slot(slot)) => memory.frame[frame + slot as usize],
                _ => step.bits[value],
            };
        }
        let mut out = [0; 8];
        let mut fixed = S::fixed_from_words(state.fixed);
        // SAFETY: who runs a program gives pointers into `memory` and functions of the declared types, and the fixed
        // parts point into it.
        let vouched = unsafe { Vouched::new() };
        let way = S::evaluate(vouched, step.op, &mut fixed, &values[..usize::from(record.value_count)], &mut out);
        state.fixed = S::fixed_words(&fixed);
        if way == Way::Next {
            let frame = frame_start::<S>(memory, state);
            for (value, axis) in axes.iter().enumerate().take(results) {
                match step.spots[value] {
                    Spot::Register(register) => state.banks[axis.bank as usize][usize::from(register)] = out[value],
                    Spot::Slot(slot) => memory.frame[frame + slot as usize] = out[value],
                    _ => {}
                }
            }
        }
        way
    }
}

/// The word of the memory that slot 0 is.
fn frame_start<S: OpSet>(memory: &Memory, state: &State) -> usize {
    let base = (&raw const memory.frame[0]).addr() as u64;
    S::FRAME.map_or(0, |index| (state.fixed[index].wrapping_sub(base) / 8) as usize)
}
