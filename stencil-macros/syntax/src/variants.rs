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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Architecture, Convention};
    use std::collections::HashSet;
    use syn::parse_quote;

    const TARGET: Target = Target { architecture: Architecture::X86_64, convention: Convention::Portable };

    fn set() -> OpSet {
        let module = parse_quote! {
            mod ops {
                #[machine]
                struct Machine { ctx: *mut Context, #[frame] frame: *mut u64, #[bank(wide = 3)] ints: [i64; 2], #[bank] floats: [f64; 1] }
                struct Context { anchor: Anchor }
                #[stencil]
                fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }
                #[stencil(result(reg(..1)))]
                fn scale(#[operand(reg(..1), literal)] value: i64, by: f64) -> f64 { value as f64 * by }
            }
        };
        crate::op_set(quote::quote!(table = "test"), module).unwrap()
    }

    #[test]
    fn an_axis_has_a_digit_for_every_place() {
        let set = set();
        let axes = axes(&set, &set.ops[0], TARGET);
        let registers = [Place::Register(0), Place::Register(1)];
        assert_eq!(axes[0].places, [&registers[..], &[Place::Slot]].concat());
        assert_eq!(axes[1].places, [&registers[..], &[Place::Slot, Place::Short, Place::Wide]].concat());
        assert_eq!((axes[1].registers(), axes[1].digit(Place::Short), axes[0].digit(Place::Wide)), (2, Some(3), None));
    }

    #[test]
    fn places_are_narrowed_and_only_integers_have_a_short_form() {
        let set = set();
        let wide = Target { convention: Convention::Wide, ..TARGET };
        let axes = axes(&set, &set.ops[1], wide);
        assert_eq!(axes[0].places, [Place::Register(0)]);
        assert_eq!(axes[1].places, [Place::Register(0), Place::Short, Place::Wide]);
        assert_eq!(axes[2].places, [Place::Register(0), Place::Slot, Place::Wide]);
    }

    #[test]
    fn the_last_axis_is_the_fastest_and_two_literals_are_pruned() {
        let set = set();
        let axes = axes(&set, &set.ops[0], TARGET);
        assert_eq!(count(&axes), 3 * 5 * 5);
        let made: Vec<_> = (0..count(&axes)).filter_map(|number| Some((number, places(&axes, number)?))).collect();
        assert_eq!(made.len(), 3 * (5 * 5 - 2 * 2));
        for (number, places) in &made {
            let digits = axes.iter().zip(places).map(|(axis, place)| (axis.places.len(), axis.digit(*place).unwrap()));
            assert_eq!(digits.fold(0, |number, (radix, digit)| number * radix + digit), *number);
        }
        assert_eq!(made.iter().map(|(_, places)| places).collect::<HashSet<_>>().len(), made.len());
        assert_eq!(places(&axes, 1), Some(vec![Place::Register(0), Place::Register(0), Place::Register(1)]));
    }

    #[test]
    fn counting_saturates() {
        let axis = || Axis { bank: 0, places: vec![Place::Slot; 16] };
        let axes: Vec<_> = (0..24).map(|_| axis()).collect();
        assert_eq!(count(&axes), usize::MAX);
        assert_eq!(count(&[]), 1);
    }
}
