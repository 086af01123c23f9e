//! The independent checker accepts what the assembler makes, and finds damage.
//!
//! Where every hole lies is known here from the ops that were emitted. Damage to some bits of one byte
//!
//! - in a hole for a value is another value, which is none of the checker's business,
//! - in a hole for a place must be found, unless it now points to another boundary,
//! - anywhere else must be found, unless the bytes are now other stencils: most often, the same op in other registers.
//!
//! What the bits of a hole are is written down here once more, in [`field`] and [`distance`].

use std::collections::{BTreeMap, BTreeSet};
use stencil_matrix::TABLES;
use stencil_matrix::bench::float_banks;
use stencil_matrix::domain::Domains;
use stencil_matrix::ops::{Emit, Machine};
use stencil_matrix::program::{Choices, Generator, Spot, Step};
use stencil_random::{Random, emulated};
use stencil_runtime::{Assembler, CodeSpace, CodeView, HoleKind, HoleSort, Label, Placed, Reg, Slot, Table, check};

const SEED: u64 = 0x5EED_0004;

/// What bits of code are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Class {
    Branch,
    Pool,
    Instruction,
}

/// How often damage was tried and not found.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    tried: usize,
    /// Branches that point to another place between two ops: those that were emitted, or others of the same bytes.
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
        let programs = if emulated() { 30 } else { 90 };
        for _ in 0..programs {
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
            // More boundaries than those of the ops: some op can be read as several others.
            let boundaries: BTreeSet<usize> = starts.iter().copied().collect();
            let ambiguous = code.check(table).unwrap().boundaries > boundaries.len();
            let pool = space.pool().unwrap_or_default();
            for (at, parts) in parts(table, &program, &starts, code.bytes().len()).into_iter().enumerate() {
                for Part { class, bits, hole } in parts {
                    let mut bytes = code.bytes().to_vec();
                    bytes[at] ^= damage(&mut random, bits);
                    let view = CodeView { bytes: &bytes, address: code.address(), pool, callees: &[], slots: &[] };
                    let tally = tallies.entry(class).or_default();
                    tally.tried += 1;
                    if check(table, view).is_ok() {
                        let leads_to =
                            |hole: Hole| hole.at as i64 + distance(hole.kind, &bytes[hole.at..]) - hole.addend;
                        let target = hole.filter(|_| class == Class::Branch).map(leads_to);
                        match target {
                            Some(target) if ambiguous || starts.iter().any(|start| *start as i64 == target) => {
                                tally.boundaries += 1;
                            }
                            _ => tally.missed += 1,
                        }
                    }
                }
            }
        }
        println!("{}: {tallies:?}", table.info().convention);
        let of = |class| tallies.get(&class).copied().unwrap_or_default();
        let [branch, pool, other] = [Class::Branch, Class::Pool, Class::Instruction].map(of);
        assert!(branch.tried > 2 * programs && other.tried > 50 * programs, "{tallies:?}");
        // Not every architecture needs memory for these constants.
        assert!(table.pool().is_empty() || pool.tried > programs, "{tallies:?}");
        assert_eq!((branch.missed, pool.missed), (0, 0));
        // Where instructions have 4 bytes, one damaged distance in some twenty is that of another op.
        assert!(branch.boundaries * 10 < branch.tried, "{branch:?}");
        assert!(other.missed * 50 < other.tried, "{other:?}");
    }
}

/// Some of the bits, at least one.
fn damage(random: &mut Random, bits: u8) -> u8 {
    loop {
        let damaged = random.below(256) as u8 & bits;
        if damaged != 0 {
            return damaged;
        }
    }
}

/// A hole in code.
#[derive(Debug, Clone, Copy)]
struct Hole {
    at: usize,
    kind: HoleKind,
    addend: i64,
}

/// Bits of one byte that belong together.
#[derive(Debug, Clone, Copy)]
struct Part {
    class: Class,
    bits: u8,
    hole: Option<Hole>,
}

/// What every byte of the code is made of, values aside.
fn parts(table: &Table<'_>, program: &[Step], starts: &[usize], len: usize) -> Vec<Vec<Part>> {
    let mut parts = vec![Vec::new(); len];
    let mut rest = vec![0xFF_u8; len];
    for (step, start) in program.iter().zip(&starts[1..]) {
        let stencil = step.stencil(table).unwrap();
        for hole in table.holes_of(stencil) {
            let kind = HoleKind::from_byte(hole.kind).unwrap();
            let class = match kind.sort() {
                HoleSort::Value => None,
                HoleSort::Label | HoleSort::Callee => Some(Class::Branch),
                HoleSort::Pool => Some(Class::Pool),
            };
            let at = start + usize::from(hole.offset);
            let hole = Hole { at, kind, addend: i64::from(hole.addend) };
            for (index, bits) in field(kind).to_le_bytes().into_iter().enumerate().filter(|(_, bits)| *bits != 0) {
                rest[at + index] &= !bits;
                parts[at + index].extend(class.map(|class| Part { class, bits, hole: Some(hole) }));
            }
        }
    }
    for (parts, bits) in parts.iter_mut().zip(rest).filter(|(_, bits)| *bits != 0) {
        parts.push(Part { class: Class::Instruction, bits, hole: None });
    }
    parts
}

/// The bits of a hole, in the 4 or 8 bytes where it lies.
fn field(kind: HoleKind) -> u64 {
    match kind {
        HoleKind::Abs64 => u64::MAX,
        HoleKind::Abs32Signed
        | HoleKind::Abs32Unsigned
        | HoleKind::LabelRel32
        | HoleKind::CalleeRel32
        | HoleKind::PoolRel32 => 0xFFFF_FFFF,
        HoleKind::MovG0
        | HoleKind::MovG0Part
        | HoleKind::MovG1
        | HoleKind::MovG1Part
        | HoleKind::MovG2
        | HoleKind::MovG2Part
        | HoleKind::MovG3 => 0x001F_FFE0,
        HoleKind::MovSignedG1 => 0x401F_FFE0,
        HoleKind::Offset12Scaled8 | HoleKind::PoolOffset12 => 0x003F_FC00,
        HoleKind::LabelBranch26 | HoleKind::CalleeBranch26 => 0x03FF_FFFF,
        HoleKind::LabelBranch19 => 0x00FF_FFE0,
        HoleKind::PoolPage21 => 0x60FF_FFE0,
        HoleKind::Hi20 | HoleKind::Hi20Word | HoleKind::PoolHi20 | HoleKind::LabelJump20 => 0xFFFF_F000,
        HoleKind::Lo12I | HoleKind::Offset12I | HoleKind::PoolLo12I => 0xFFF0_0000,
        HoleKind::Lo12S | HoleKind::Offset12S => 0xFE00_0F80,
        HoleKind::LabelPair | HoleKind::CalleePair => 0xFFF0_0000_FFFF_F000,
        HoleKind::LabelMov32 => 0x001F_FFE0_001F_FFE0,
    }
}

/// How far the branch in `bytes` goes.
fn distance(kind: HoleKind, bytes: &[u8]) -> i64 {
    let word = |at: usize| i64::from(i32::from_le_bytes(*bytes[at..].first_chunk().unwrap()));
    let (first, sign) = (word(0), |value: i64, bits: u32| value << (64 - bits) >> (64 - bits));
    match kind {
        HoleKind::LabelBranch26 | HoleKind::CalleeBranch26 => sign(first, 26) * 4,
        HoleKind::LabelBranch19 => sign(first >> 5, 19) * 4,
        HoleKind::LabelPair | HoleKind::CalleePair => (first & !0xFFF) + (word(4) >> 20),
        HoleKind::LabelMov32 => sign((word(4) >> 5 & 0xFFFF) << 16 | first >> 5 & 0xFFFF, 32),
        HoleKind::LabelJump20 => {
            let low = (first >> 21 & 0x3FF) << 1 | (first >> 20 & 1) << 11 | (first >> 12 & 0xFF) << 12;
            low | (first >> 31) << 20
        }
        _ => first,
    }
}
