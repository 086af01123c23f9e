//! Which variants an op has, and how they are numbered: one digit per axis, the last axis the fastest.

use crate::ast::{Choices, Op, OpSet, RegisterChoice};
use crate::hash::canonical_type;
use crate::layout::Target;
use std::fmt;

/// Where a value of a variant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A register of the axis' bank.
    Register(usize),
    /// A frame slot.
    Slot,
    /// A literal that fits the short form.
    Short,
    /// Any literal.
    Wide,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Register(register) => write!(f, "reg {register}"),
            Self::Slot => f.write_str("slot"),
            Self::Short => f.write_str("short literal"),
            Self::Wide => f.write_str("literal"),
        }
    }
}

/// The digits of one result or operand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Axis {
    /// The bank.
    pub bank: usize,
    /// The place that each digit stands for.
    pub places: Vec<Place>,
}

impl Axis {
    /// The digit of a place, if it has one.
    #[must_use]
    pub fn digit(&self, place: Place) -> Option<usize> {
        self.places.iter().position(|other| *other == place)
    }

    /// How many registers have a digit.
    #[must_use]
    pub fn registers(&self) -> usize {
        self.places.iter().filter(|place| matches!(place, Place::Register(_))).count()
    }
}

/// The axes of an op on a target.
#[must_use]
pub fn axes(set: &OpSet, op: &Op, target: Target) -> Vec<Axis> {
    let values = op.values();
    let places = values.iter().filter_map(|value| op.axis(*value));
    places.map(|(bank, choices)| Axis { bank, places: places_of(set, bank, choices, target) }).collect()
}

fn places_of(set: &OpSet, bank: usize, choices: Choices, target: Target) -> Vec<Place> {
    let pinned = set.machine.registers(bank, target);
    let registers = match choices.registers {
        RegisterChoice::All => pinned,
        RegisterChoice::First(count) => count.min(pinned),
    };
    let mut places: Vec<_> = (0..registers).map(Place::Register).collect();
    if choices.slot {
        places.push(Place::Slot);
    }
    if choices.literal {
        // Only integers have a short form: the bits of other types are rarely small.
        if matches!(canonical_type(&set.machine.banks[bank].ty).as_str(), "i64" | "u64" | "isize" | "usize") {
            places.push(Place::Short);
        }
        places.push(Place::Wide);
    }
    places
}

/// How many variants the axes have, pruned ones included. Saturates.
#[must_use]
pub fn count(axes: &[Axis]) -> usize {
    axes.iter().fold(1, |count: usize, axis| count.saturating_mul(axis.places.len()))
}

/// The places of variant `number`, or `None` when it is pruned: a variant has at most one literal, since the assembler
/// reaches the others by a move.
#[must_use]
pub fn places(axes: &[Axis], number: usize) -> Option<Vec<Place>> {
    let mut rest = number;
    let mut places: Vec<Place> = axes
        .iter()
        .rev()
        .map(|axis| {
            let digit = rest % axis.places.len();
            rest /= axis.places.len();
            axis.places[digit]
        })
        .collect();
    places.reverse();
    let literals = places.iter().filter(|place| matches!(place, Place::Short | Place::Wide)).count();
    (literals <= 1).then_some(places)
}
