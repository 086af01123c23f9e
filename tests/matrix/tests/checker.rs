//! The independent checker accepts what the assembler makes, and finds damage.
//!
//! Where every hole lies is known here from the ops that were emitted. One damaged byte
//!
//! - in a hole for a value is another value, which is none of the checker's business,
//! - in a hole for a place must be found, unless it now points to another boundary,
//! - anywhere else must be found, unless the bytes are now other stencils: most often, the same op in other registers.

use std::collections::BTreeMap;
use stencil_matrix::TABLES;
use stencil_matrix::bench::float_banks;
use stencil_matrix::domain::Domains;
use stencil_matrix::ops::{Emit, Machine};
use stencil_matrix::program::{Choices, Generator, Spot, Step};
use stencil_random::Random;
use stencil_runtime::{
    Assembler, Code, CodeSpace, CodeView, HoleKind, HoleSort, Label, Placed, Reg, Slot, Table, check,
};

const SEED: u64 = 0x5EED_0004;
const PROGRAMS: usize = 90;

/// What the bytes of code are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Value,
    Branch,
    Pool,
    Instruction,
}

/// How often damage was tried and not found.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    tried: usize,
    /// Branches that point to another place between two of the ops that were emitted.
    boundaries: usize,
    missed: usize,
}

fn placed(step: &Step, labels: &[Label]) -> Vec<Placed> {
    let values = step.spots.iter().zip(&step.bits);
    let place = |(spot, bits): (&Spot, &u64)| match *spot {
        Spot::Register(register) => Placed::register(Reg(register)),
        Spot::Slot(slot) => Placed::slot(Slot(slot)),
        Spot::Literal => Placed::literal(*bits),
        Spot::Hole => Placed::word(*bits),
        Spot::Target => Placed::label(labels[*bits as usize % labels.len()]),
    };
    values.map(place).collect()
}

#[test]
fn damage_is_found_and_all_else_is_accepted() {
    println!("seed {SEED:#x}");
    for table in TABLES.all().unwrap() {
        let space = CodeSpace::<Machine>::for_table(table).unwrap();
        let floats = float_banks::<Machine>(table);
        let choices = Choices { slots: 24, float_slots: 40, most: 12 };
        let domains = Domains::any(table);
        let generator = Generator::new(table, &floats, choices, &domains);
        let mut random = Random::new(SEED);
        let mut asm = Assembler::new(table);
        let mut program = Vec::new();
        let mut tallies: BTreeMap<Class, Tally> = BTreeMap::new();
        for _ in 0..PROGRAMS {
            generator.program(&mut random, &mut program);
            program.retain(|step| step.stencil(table).is_some());
            asm.prologue();
            let mut starts = vec![0, asm.len()];
            // A label in front of every op keeps them from being fused, too.
            let labels: Vec<Label> = (0..=program.len()).map(|_| asm.label()).collect();
            for (step, label) in program.iter().zip(&labels) {
                asm.bind(*label);
                asm.emit_op(step.op, &placed(step, &labels));
                starts.push(asm.len());
            }
            asm.bind(labels[program.len()]);
            asm.ret();
            let code = space.publish(&mut asm).unwrap();
            starts.push(code.bytes().len());
            code.check(table).unwrap();
            let classes = classes(table, &program, &starts, code.bytes().len());
            let pool = pool_of(table, &program, &starts, &code);
            for (at, &(class, hole)) in classes.iter().enumerate() {
                if class == Class::Value {
                    continue;
                }
                let mut bytes = code.bytes().to_vec();
                bytes[at] ^= 1 + random.below(255) as u8;
                let view = CodeView { bytes: &bytes, address: code.address(), pool, callees: &[], slots: &[] };
                let tally = tallies.entry(class).or_default();
                tally.tried += 1;
                if check(table, view).is_ok() {
                    let distance = i32::from_le_bytes(*bytes[hole..].first_chunk().unwrap_or(&[0; 4]));
                    let target = hole as i64 + i64::from(distance) + 4;
                    match class {
                        Class::Branch if starts.iter().any(|start| *start as i64 == target) => tally.boundaries += 1,
                        _ => tally.missed += 1,
                    }
                }
            }
        }
        println!("{}: {tallies:?}", table.info().convention);
        let [branch, pool, other] = [Class::Branch, Class::Pool, Class::Instruction].map(|class| tallies[&class]);
        assert!(branch.tried > 200 && pool.tried > 100 && other.tried > 5000, "{tallies:?}");
        assert_eq!((branch.missed, pool.missed), (0, 0));
        assert!(other.missed * 50 < other.tried, "{other:?}");
    }
}

/// What every byte of the code is, and where the hole starts that it belongs to.
fn classes(table: &Table<'_>, program: &[Step], starts: &[usize], len: usize) -> Vec<(Class, usize)> {
    let mut classes = vec![(Class::Instruction, 0); len];
    for (step, start) in program.iter().zip(&starts[1..]) {
        let stencil = step.stencil(table).unwrap();
        for hole in table.holes_of(stencil) {
            let kind = HoleKind::from_byte(hole.kind).unwrap();
            let class = match kind.sort() {
                HoleSort::Value => Class::Value,
                HoleSort::Label | HoleSort::Callee => Class::Branch,
                HoleSort::Pool => Class::Pool,
            };
            let at = start + usize::from(hole.offset);
            classes[at..at + kind.width()].fill((class, at));
        }
    }
    classes
}

/// The address of the pool, which is what every hole for it was patched with; 0 when there is none.
fn pool_of(table: &Table<'_>, program: &[Step], starts: &[usize], code: &Code<Machine>) -> u64 {
    let holes = program.iter().zip(&starts[1..]).flat_map(|(step, start)| {
        let holes = table.holes_of(step.stencil(table).unwrap()).iter();
        holes.map(move |hole| (start + usize::from(hole.offset), *hole))
    });
    let mut of_pool = holes.filter(|(_, hole)| hole.kind == HoleKind::PoolRel32 as u8);
    of_pool.next().map_or(0, |(at, hole)| {
        let distance = i64::from(i32::from_le_bytes(*code.bytes()[at..].first_chunk().unwrap()));
        code.address().wrapping_add(at as u64).wrapping_add((distance - i64::from(hole.addend)) as u64)
    })
}
