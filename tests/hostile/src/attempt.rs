//! Parsing and stitching from one mutant.

use crate::ops::{Emit, Machine};
use stencil_random::Random;
use stencil_runtime::memory::Arena;
use stencil_runtime::{Assembler, Code, CodeSpace, Label, MappedTable, Operand, Place, Placed, Reg, Slot, Table};
use stencil_table::TableError;

/// How far a mutant came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The header or the sections that it names were refused.
    Header,
    /// A record was refused.
    Record,
    /// It is a table, but not one that this program could make code from.
    NotForHere,
    /// It is a table, and stitching from it ended in an error.
    Refused,
    /// Code came of it.
    Code,
}

/// Parses a mutant and stitches from it whatever it says that it has. The code is published and checked, never run.
#[must_use]
pub fn attempt(bytes: &[u8], arena: &Arena, number: u64) -> Outcome {
    let table = match Table::parse(bytes) {
        Ok(table) => table,
        Err(TableError::Malformed { what, .. }) if !what.ends_with("section") => return Outcome::Record,
        Err(_) => return Outcome::Header,
    };
    let mut random = Random::new(number);
    if random.below(64) == 0 {
        // The other way in says the same, with its own checks.
        let copied = MappedTable::from_bytes(bytes);
        let checked = copied.table::<Machine>().is_ok();
        assert!(!checked || table.verify_checksum().is_ok());
    }
    let mut asm = Assembler::<Machine>::new(&table);
    let space = match CodeSpace::<Machine>::new(arena.clone(), &table) {
        Ok(space) => space,
        Err(_) => {
            by_number(&mut asm, &table, &mut random, None);
            return Outcome::NotForHere;
        }
    };
    let mut published = Vec::new();
    for round in 0..3 {
        asm.prologue();
        if round == 0 {
            typed(&mut asm, &mut random);
        } else {
            by_number(&mut asm, &table, &mut random, published.first());
        }
        asm.epilogue();
        published.extend(space.publish(&mut asm).ok());
    }
    if random.below(256) == 0 {
        // What the checker says of code from a damaged table is its business; it must come to an end.
        published.iter().for_each(|code| drop(code.check(&table)));
    }
    if published.is_empty() { Outcome::Refused } else { Outcome::Code }
}

/// Every op through the emission API, in random places.
fn typed(asm: &mut Assembler<'_, Machine>, random: &mut Random) {
    let labels: Vec<Label> = (0..3).map(|_| asm.label()).collect();
    labels.iter().for_each(|label| asm.export(*label));
    for label in &labels {
        asm.bind(*label);
        asm.add(place(random), operand(random), operand(random));
        asm.scale(Reg(0), Operand::<f64>::from(random.word() as f64));
        asm.words(place(random), operand(random), random.word() as u8, random.word() as i32, random.interesting());
        asm.divide(place(random), operand(random), operand(random), *label);
        asm.jump_less(operand(random), operand(random), labels[2]);
        asm.begin_cold();
        asm.call(operand(random), labels[0]);
        asm.end_cold();
        asm.move_ints(place(random), operand(random));
        asm.add(Reg(0), Reg(0), 1);
        asm.jump_less(Reg(0), Reg(1), *label);
        asm.add(Reg(0), Reg(1), Reg(0));
        asm.add(Reg(1), Reg(0), Reg(0));
        asm.count_and_loop(Reg(0), operand(random), Reg(1), *label);
        asm.add_three(place(random), place(random), operand(random), operand(random), operand(random));
    }
    asm.ret();
}

fn place<T>(random: &mut Random) -> Place<T> {
    if random.below(4) == 0 { Place::from(Slot(random.below(100) as u32)) } else { Place::from(register(random)) }
}

/// Once in a while one that the undamaged table does not pin. An error ends a piece of code, so errors are rare.
fn register(random: &mut Random) -> Reg {
    Reg(if random.below(2000) == 0 { random.word() as u8 } else { random.below(2) as u8 })
}

/// Once in a while one that holes of 32 bits do not take.
fn word(random: &mut Random) -> u64 {
    let bits = random.interesting();
    if random.below(200) == 0 { bits } else { bits & 0xFF }
}

fn operand(random: &mut Random) -> Operand<i64> {
    match random.below(3) {
        0 => Operand::from(random.interesting() as i64),
        _ => place(random).into(),
    }
}

/// Whatever ops the table says that it has, with values of the sorts that it says they take.
fn by_number(asm: &mut Assembler<'_, Machine>, table: &Table<'_>, random: &mut Random, callee: Option<&Code<Machine>>) {
    let labels: Vec<Label> = (0..3).map(|_| asm.label()).collect();
    labels.iter().for_each(|label| asm.bind(*label));
    let count = table.ops().len();
    for _ in 0..40.min(3 * count) {
        let op = random.below(count);
        let record = table.ops()[op];
        let values: Vec<Placed> = (0..usize::from(record.value_count))
            .map(|value| {
                let is_axis = value < usize::from(record.axis_count);
                match random.below(6) {
                    _ if !is_axis && record.targets >> value & 1 != 0 => match callee {
                        Some(code) if random.below(2) == 0 => asm.callee(code.start().into()),
                        _ => Placed::label(labels[random.below(labels.len())]),
                    },
                    _ if !is_axis => Placed::word(word(random)),
                    0 if value >= usize::from(record.result_count) => Placed::literal(random.interesting()),
                    1 => Placed::slot(Slot(random.below(1000) as u32)),
                    _ => Placed::register(register(random)),
                }
            })
            .collect();
        asm.emit_op(op as u32, &values);
    }
}
