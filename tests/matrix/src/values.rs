//! The values that holes and operands are tried with.

use crate::program::Spot;
use std::collections::BTreeSet;
use stencil_random::Random;
use stencil_table::{OpRecord, Table};

/// Values at which something changes: the bounds of every width and their neighbours, floating-point corner cases.
pub const INTERESTING: &[u64] = &[
    0,
    1,
    2,
    5,
    7,
    8,
    0x7E,
    0x7F,
    0x80,
    0x81,
    0xFE,
    0xFF,
    0x100,
    0x7FFE,
    0x7FFF,
    0x8000,
    0x8001,
    0xFFFE,
    0xFFFF,
    0x1_0000,
    0x7FFF_FFFA,
    0x7FFF_FFFB,
    0x7FFF_FFFE,
    0x7FFF_FFFF,
    0x8000_0000,
    0x8000_0001,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
    0x1_0000_0000,
    0x1_0000_0001,
    0x7FFF_FFFF_FFFF_FFFE,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    0x8000_0000_0000_0001,
    0xFFFF_FFFF_0000_0000,
    0xFFFF_FFFF_7FFF_FFFB,
    0xFFFF_FFFF_7FFF_FFFF,
    0xFFFF_FFFF_8000_0000,
    0xFFFF_FFFF_8000_0001,
    0xFFFF_FFFF_8000_0005,
    0xFFFF_FFFF_FFFF_8000,
    0xFFFF_FFFF_FFFF_FF80,
    0xFFFF_FFFF_FFFF_FFFE,
    0xFFFF_FFFF_FFFF_FFFF,
    // 1.0, -2.5, the smallest subnormal, infinities, a quiet and a signalling NaN, 2^53 + 1.
    0x3FF0_0000_0000_0000,
    0xC004_0000_0000_0000,
    0x0000_0000_0000_0001,
    0x7FF0_0000_0000_0000,
    0xFFF0_0000_0000_0000,
    0x7FF8_0000_0000_0000,
    0x7FF0_0000_0000_0001,
    0x4340_0000_0000_0001,
];

/// One of them, or now and then any number.
pub fn pick(random: &mut Random) -> u64 {
    match random.below(8) {
        0 => random.word(),
        _ => random.of(INTERESTING),
    }
}

/// What a value of an op is tried with: its domain, or everything interesting, the bounds of its holes among it as the
/// addends that were folded into them move these.
#[must_use]
pub fn values(table: &Table<'_>, op: &OpRecord, value: usize, domain: Option<&[u64]>) -> Vec<u64> {
    const BOUNDS: [i64; 5] = [0, i32::MIN as i64, i32::MAX as i64, 1 << 31, u32::MAX as i64];
    if let Some(domain) = domain {
        return domain.to_vec();
    }
    let holes = table.variants_of(op).iter().flat_map(|variant| table.holes_of(variant));
    let addends: BTreeSet<i64> = holes
        .filter(|hole| usize::from(hole.value) == value && hole.addend != 0)
        .map(|hole| i64::from(hole.addend))
        .collect();
    let moved = addends.iter().flat_map(|addend| BOUNDS.map(|bound| bound.wrapping_sub(*addend)));
    let near = moved.flat_map(|bound| [-1, 0, 1].map(|by| bound.wrapping_add(by) as u64));
    INTERESTING.iter().copied().chain(near).collect()
}

/// All of a list, or so many of it: the first, the last, one that no short form holds, and others by chance.
#[must_use]
pub fn sample(list: &[u64], count: Option<usize>, random: &mut Random) -> Vec<u64> {
    let Some(count) = count.filter(|count| *count < list.len()) else { return list.to_vec() };
    (0..count)
        .map(|index| match index {
            0 => list[0],
            1 => list[list.len() - 1],
            2 => list.iter().copied().find(|value| *value >> 63 != 0).unwrap_or(list[0]),
            _ => random.of(list),
        })
        .collect()
}

/// All spots that the emission API accepts for every value of an op: axes first, then holes and targets.
#[must_use]
pub fn spots(table: &Table<'_>, op: &OpRecord, has_frame: bool) -> Vec<Vec<Spot>> {
    let axes = table.axes_of(op).iter().enumerate().map(|(value, axis)| {
        let registers = table.banks()[axis.bank as usize].registers;
        let mut spots: Vec<_> = (0..registers).map(|register| Spot::Register(register as u8)).collect();
        if has_frame {
            // Slot 0 for everybody, and one of its own.
            spots.push(Spot::Slot(0));
            spots.push(Spot::Slot(1 + value as u32));
        }
        if value >= usize::from(op.result_count) {
            spots.push(Spot::Literal);
        }
        spots
    });
    let rest = (op.axis_count..op.value_count)
        .map(|value| vec![if op.targets >> value & 1 != 0 { Spot::Target } else { Spot::Hole }]);
    axes.chain(rest).collect()
}

/// Calls `each` with every combination of one element of every list.
pub fn combinations<T: Copy>(lists: &[Vec<T>], each: &mut impl FnMut(&[T])) {
    let mut chosen: Vec<T> = Vec::new();
    fn next<T: Copy>(lists: &[Vec<T>], chosen: &mut Vec<T>, each: &mut impl FnMut(&[T])) {
        let Some((first, rest)) = lists.split_first() else { return each(chosen) };
        for item in first {
            chosen.push(*item);
            next(rest, chosen, each);
            chosen.pop();
        }
    }
    next(lists, &mut chosen, each);
}
