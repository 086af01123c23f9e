//! Straight-line programs: ops one after the other, each with its values in places.

use crate::domain::Domains;
use crate::values::pick;
use std::fmt;
use stencil_random::Random;
use stencil_table::{AxisRecord, HoleKind, HoleSort, OpRecord, StencilRecord, Table, op_flags, place};

/// Where a value of an op is.
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

/// One op with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The op's number.
    pub op: u32,
    /// Where each value is.
    pub spots: Vec<Spot>,
    /// The bits of literals and holes, and of operands that something is put into before the first step.
    pub bits: Vec<u64>,
}

impl Step {
    /// The number of the stencil that the step is, unless it has to be reached by moves.
    #[must_use]
    pub fn variant(&self, table: &Table<'_>) -> Option<u32> {
        let op = &table.ops()[self.op as usize];
        let step = |(value, axis): (usize, &AxisRecord)| {
            let index = match self.spots[value] {
                Spot::Register(register) => u32::from(register),
                Spot::Slot(_) => place::SLOT,
                _ => place::of_literal(self.bits[value]),
            };
            u64::from(axis.steps[index as usize])
        };
        let number: u64 = table.axes_of(op).iter().enumerate().map(step).sum();
        let stencil = table.variants_of(op).get(number as usize)?;
        (stencil.len != StencilRecord::PRUNED).then_some(op.variants.start + number as u32)
    }

    /// That stencil.
    #[must_use]
    pub fn stencil<'t>(&self, table: &Table<'t>) -> Option<&'t StencilRecord> {
        table.stencils().get(self.variant(table)? as usize)
    }

    /// The step in words.
    #[must_use]
    pub fn describe<'a>(&'a self, table: &'a Table<'_>) -> impl fmt::Display + 'a {
        fmt::from_fn(move |f| {
            write!(f, "{}(", table.ops().get(self.op as usize).map_or("?", |op| table.text(op.name)))?;
            for (index, (spot, bits)) in self.spots.iter().zip(&self.bits).enumerate() {
                let comma = if index == 0 { "" } else { ", " };
                match spot {
                    Spot::Register(register) => write!(f, "{comma}r{register}")?,
                    Spot::Slot(slot) => write!(f, "{comma}s{slot}")?,
                    Spot::Literal => write!(f, "{comma}{bits:#x}")?,
                    Spot::Hole => write!(f, "{comma}hole {bits:#x}")?,
                    Spot::Target => write!(f, "{comma}target")?,
                }
            }
            f.write_str(")")
        })
    }
}

/// What there is to choose from when a program is made.
#[derive(Debug, Clone, Copy)]
pub struct Choices {
    /// The slots of integer banks: from 0 up to here.
    pub slots: u32,
    /// The slots of floating-point banks: from the end of the others up to here. What is computed from a NaN may be any
    /// NaN, so these are never read as integers.
    pub float_slots: u32,
    /// The most ops of a program.
    pub most: usize,
}

/// Makes random programs.
pub struct Generator<'a> {
    table: &'a Table<'a>,
    floats: &'a [bool],
    choices: Choices,
    domains: &'a Domains,
    /// Ops that come back, and those that end a program.
    going_on: Vec<u32>,
    ending: Vec<u32>,
}

impl fmt::Debug for Generator<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Generator").field("table", &self.table).field("choices", &self.choices).finish_non_exhaustive()
    }
}

impl<'a> Generator<'a> {
    /// Programs of the ops of `table` that have a domain. `floats` says which banks are floating-point.
    #[must_use]
    pub fn new(table: &'a Table<'a>, floats: &'a [bool], choices: Choices, domains: &'a Domains) -> Self {
        let numbered = table.ops().iter().enumerate();
        let numbered = numbered.filter(|(number, op)| !is_own(table, op) && domains.op(*number as u32).is_some());
        let (ending, going_on): (Vec<_>, Vec<_>) =
            numbered.partition(|(_, op)| op.flags & op_flags::NEVER_FALLS_THROUGH != 0);
        let numbers = |ops: Vec<(usize, &OpRecord)>| ops.into_iter().map(|(number, _)| number as u32).collect();
        Self { table, floats, choices, domains, going_on: numbers(going_on), ending: numbers(ending) }
    }

    /// A random program.
    pub fn program(&self, random: &mut Random, steps: &mut Vec<Step>) {
        steps.clear();
        let len = 1 + random.below(self.choices.most);
        while steps.len() < len {
            let op = random.of(&self.going_on);
            // Now and then the ops of a fusion, which the assembler is to find.
            match random.below(8) {
                0 if !self.table.fusions().is_empty() => self.fusion(random, steps),
                _ => steps.push(self.step(random, op)),
            }
        }
        if !self.ending.is_empty() && random.below(4) == 0 {
            let op = random.of(&self.ending);
            steps.push(self.step(random, op));
        }
    }

    /// The steps of some fusion, in places that its op could have.
    fn fusion(&self, random: &mut Random, steps: &mut Vec<Step>) {
        let fusions = self.table.fusions();
        let fusion = &fusions[random.below(fusions.len())];
        let whole = self.step(random, fusion.op);
        let mut map = self.table.map_of(fusion);
        for &op in &fusion.sequence[..fusion.len as usize] {
            let record = &self.table.ops()[op as usize];
            let (own, rest) = map.split_at(usize::from(record.value_count));
            map = rest;
            // A step may write what the whole only reads.
            let results = usize::from(record.result_count);
            if own[..results].iter().any(|&value| whole.spots[usize::from(value)] == Spot::Literal) {
                return;
            }
            let spots = own.iter().map(|&value| whole.spots[usize::from(value)]).collect();
            let bits = own.iter().map(|&value| whole.bits[usize::from(value)]).collect();
            steps.push(Step { op, spots, bits });
        }
    }

    /// An op in random places with random values.
    fn step(&self, random: &mut Random, op: u32) -> Step {
        let record = &self.table.ops()[op as usize];
        let axes = self.table.axes_of(record);
        let mut step = Step { op, spots: Vec::new(), bits: Vec::new() };
        for value in 0..usize::from(record.value_count) {
            step.spots.push(match axes.get(value) {
                Some(axis) => self.spot(random, axis, value < usize::from(record.result_count)),
                None if record.targets >> value & 1 != 0 => Spot::Target,
                None => Spot::Hole,
            });
            let bits = match self.domains.op(op).and_then(|domain| domain.of(value)) {
                Some(values) => random.of(values),
                None if step.spots[value] == Spot::Hole => pick(random) & hole_mask(self.table, record, value),
                None => pick(random),
            };
            step.bits.push(bits);
        }
        step
    }

    fn spot(&self, random: &mut Random, axis: &AxisRecord, is_result: bool) -> Spot {
        let bank = axis.bank as usize;
        let registers = self.table.banks()[bank].registers as usize;
        let slots = match self.floats[bank] {
            true => self.choices.slots..self.choices.float_slots,
            false => 0..self.choices.slots,
        };
        match random.below(8) {
            0 if !is_result => Spot::Literal,
            1 | 2 if !slots.is_empty() => Spot::Slot(slots.start + random.below(slots.len()) as u32),
            _ => Spot::Register(random.below(registers) as u8),
        }
    }
}

/// Whether an op is one of the assembler's own, which emission does not offer.
#[must_use]
pub fn is_own(table: &Table<'_>, op: &OpRecord) -> bool {
    let name = table.text(op.name);
    name.starts_with("stash_") || name.starts_with("unstash_")
}

/// The bits of a hole that is value number `value` of an op: the emission API passes what has fewer than 64 zero-extended.
#[must_use]
pub fn hole_mask(table: &Table<'_>, op: &OpRecord, value: usize) -> u64 {
    let variants = table.variants_of(op).iter();
    let holes = variants.flat_map(|variant| table.holes_of(variant)).filter(|hole| usize::from(hole.value) == value);
    let highest = holes.filter_map(|hole| Some(HoleKind::from_byte(hole.kind).ok()?.value_range(hole.addend)?.1)).min();
    let masks = [u16::MAX.into(), u32::MAX.into()];
    masks.into_iter().find(|mask| highest.is_some_and(|highest| highest <= *mask as i64)).unwrap_or(u64::MAX)
}

/// Which values of an op are callees, by bit: their holes are those of calls.
#[must_use]
pub fn callees(table: &Table<'_>, op: &OpRecord) -> u32 {
    let holes = table.variants_of(op).iter().flat_map(|variant| table.holes_of(variant));
    let is_callee = |kind| HoleKind::from_byte(kind).is_ok_and(|kind| kind.sort() == HoleSort::Callee);
    holes.filter(|hole| is_callee(hole.kind)).fold(0, |mask, hole| mask | 1 << hole.value)
}
