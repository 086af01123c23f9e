//! Tables that somebody tampered with: whatever the bytes, parsing and stitching end in code or an error. The code is
//! not run.

use crate::ops::Machine;
use crate::random::Random;
use std::fmt;
use stencil_runtime::memory::{Arena, ArenaConfig};
use stencil_runtime::{Assembler, CodeSpace, LoadError, MappedTable, Placed, Reg, Slot, Table, TableError};
use stencil_table::{Header, hash_of};

/// How many ops are stitched from a table that parses.
const OPS: usize = 24;

/// What became of the mutants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them.
    pub mutants: u64,
    /// Those that were refused for something behind the header, or parsed.
    pub past_header: u64,
    /// Those that parsed.
    pub parsed: u64,
    /// How many ops were stitched from those.
    pub stitched: u64,
    /// How many ops were errors.
    pub refused: u64,
    /// How many mutants' code was published, though never run.
    pub published: u64,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mutants, past_header, parsed, stitched, refused, published } = self;
        write!(
            f,
            "{mutants} mutants, {past_header} past the header, {parsed} parsed; {stitched} ops stitched, {refused} refused; {published} published"
        )
    }
}

/// Makes `count` mutants of `table` and tries each.
///
/// # Panics
/// When parsing or stitching does.
pub fn run(table: &Table<'_>, count: u64, seed: u64) -> Tally {
    let arena = Arena::new(ArenaConfig::default()).expect("there is executable memory");
    let mut random = Random::new(seed);
    let mut tally = Tally::default();
    let mut bytes = table.bytes().to_vec();
    for _ in 0..count {
        let undo = mutate(&mut bytes, &mut random);
        let mapped = MappedTable::from_bytes(&bytes);
        tally.mutants += 1;
        match mapped.table::<Machine>() {
            Ok(mutant) => {
                tally.past_header += 1;
                tally.parsed += 1;
                stitch(&mutant, &arena, &mut random, &mut tally);
            }
            Err(LoadError::Table(TableError::Malformed { .. } | TableError::Unknown(_))) => tally.past_header += 1,
            Err(_) => {}
        }
        for (at, byte) in undo.into_iter().rev() {
            bytes[at] = byte;
        }
    }
    tally
}

/// Changes some bytes, makes the checksum right, and gives what the bytes were.
fn mutate(bytes: &mut [u8], random: &mut Random) -> Vec<(usize, u8)> {
    let mut undo = Vec::new();
    let mut set = |bytes: &mut [u8], at: usize, byte: u8| {
        undo.push((at, bytes[at]));
        bytes[at] = byte;
    };
    for _ in 0..=random.below(4) {
        // The header is small, and everything depends on it: one change in sixteen goes there.
        let at = if random.below(16) == 0 { random.below(size_of::<Header>()) } else { random.below(bytes.len()) };
        match random.below(4) {
            0 => set(bytes, at, bytes[at] ^ 1 << random.below(8)),
            1 => set(bytes, at, random.word() as u8),
            2 => {
                let word = random.of(&[0, 1, 2, 0x7F, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, u32::MAX]);
                let at = at & !3;
                let room = bytes.len() - at;
                for (offset, byte) in word.to_le_bytes().into_iter().enumerate().take(room) {
                    set(bytes, at + offset, byte);
                }
            }
            _ => {
                // A record where another one was.
                let from = random.below(bytes.len());
                let len = (1 + random.below(64)).min(bytes.len() - at.max(from));
                for offset in 0..len {
                    set(bytes, at + offset, bytes[from + offset]);
                }
            }
        }
    }
    let checksum = std::mem::offset_of!(Header, checksum);
    let covered = std::mem::offset_of!(Header, len);
    for (offset, byte) in hash_of(&bytes[covered..]).to_le_bytes().into_iter().enumerate() {
        set(bytes, checksum + offset, byte);
    }
    undo
}

/// Stitches random ops at random places, and publishes what comes last. An error ends a piece of code, and the next op starts another one.
fn stitch(table: &Table<'_>, arena: &Arena, random: &mut Random, tally: &mut Tally) {
    let mut assembler = Assembler::<Machine>::new(table);
    let mut label = assembler.label();
    for _ in 0..OPS {
        if table.ops().is_empty() {
            break;
        }
        let number = random.below(table.ops().len());
        let op = table.ops()[number];
        let axes = table.axes_of(&op);
        let values: Vec<Placed> = (0..usize::from(op.value_count))
            .map(|value| match axes.get(value) {
                Some(axis) => {
                    let registers = table.banks().get(axis.bank as usize).map_or(1, |bank| bank.registers as usize + 1);
                    match random.below(if value < usize::from(op.result_count) { 2 } else { 3 }) {
                        0 => Placed::register(Reg(random.below(registers.max(1)) as u8)),
                        1 => Placed::slot(Slot(random.below(1 << 20) as u32)),
                        _ => Placed::literal(random.word() >> random.below(64)),
                    }
                }
                None if op.targets >> value & 1 != 0 => Placed::label(label),
                None => Placed::word(random.word() >> (24 + random.below(40))),
            })
            .collect();
        if random.below(8) == 0 {
            assembler.begin_cold();
        }
        assembler.emit_op(number as u32, &values);
        assembler.end_cold();
        if assembler.error().is_some() {
            tally.refused += 1;
            assembler.clear();
            label = assembler.label();
        } else {
            tally.stitched += 1;
        }
    }
    assembler.bind(label);
    // A mutant may be for another architecture, and its branches may not fit.
    if let Ok(space) = CodeSpace::new(arena.clone(), table)
        && let Ok(code) = space.publish(&mut assembler)
    {
        tally.published += 1;
        // Whether the checker agrees depends on the mutant; it must only come to an end.
        let _ = code.check(table);
    }
}
