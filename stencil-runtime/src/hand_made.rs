//! A small op set, and tables of it for every architecture, made by hand: what tests of the assembler stitch from.
//!
//! | op | what it does |
//! |---|---|
//! | `move_ints`, `stash_ints`, `unstash_ints` | what every bank has |
//! | `word` | `dst = ` a hole of 32 bits |
//! | `jump_less` | jumps when `lhs < rhs`; only in registers |
//! | `call` | calls |
//! | `filler` | nothing, for as many bytes as the table was made with |
//! | `call_with` | reads a register or a slot and calls |
//! | `read`, `write` | read a register; write a register or a slot |
//! | `read_write` | both, one after the other: what the two are fused to |

mod aarch64;
mod riscv64;
mod x86_64;

use crate::entry::Registers;
use crate::set::{Argument, MAX_FIXED, OpSet, Vouched, Way};
use stencil_table::{
    Architecture, Axis, Bank, Convention, Fusion, Hole, HoleKind, Level, NO_DIGIT, Op, Stencil, Table, TableBytes,
    TableInfo, TableWriter, op_flags,
};

pub(crate) const MOVE: u32 = 0;
pub(crate) const STASH: u32 = 1;
pub(crate) const WORD: u32 = 3;
pub(crate) const JUMP_LESS: u32 = 4;
pub(crate) const CALL: u32 = 5;
pub(crate) const FILLER: u32 = 6;
pub(crate) const CALL_WITH: u32 = 7;
pub(crate) const READ: u32 = 8;
pub(crate) const WRITE: u32 = 9;
const READ_WRITE: u32 = 10;
/// How many ops the set has.
pub(crate) const OPS: u32 = 11;

/// The op set; its machine has two registers, and is never run.
#[derive(Debug)]
pub(crate) struct Set;

impl OpSet for Set {
    const NAME: &'static str = "hand_made";
    const HASH: u128 = 7;
    const FIXED: usize = 2;
    const FRAME: Option<usize> = Some(1);
    type Fixed = [u64; MAX_FIXED];

    fn fixed_words(fixed: &Self::Fixed) -> [u64; MAX_FIXED] {
        *fixed
    }

    fn fixed_from_words(words: [u64; MAX_FIXED]) -> Self::Fixed {
        words
    }

    fn load(&self, _convention: Convention, _registers: &mut Registers) {}

    fn store(&mut self, _convention: Convention, _registers: &Registers) {}

    fn evaluate(_: Vouched, _op: u32, _fixed: &mut Self::Fixed, _values: &[u64], _results: &mut [u64]) -> Way {
        Way::NoBody
    }

    fn layout(_convention: Convention) -> &'static [Argument] {
        &[]
    }
}

/// The machine code of an architecture, by registers 0 and 1 and one for what is between, 2.
struct Code {
    copy: fn(to: usize, from: usize) -> Stencil,
    load: fn(to: usize) -> Stencil,
    store: fn(from: usize) -> Stencil,
    stash: fn(from: usize) -> Stencil,
    unstash: fn(to: usize) -> Stencil,
    short: fn(to: usize) -> Stencil,
    wide: fn(to: usize) -> Stencil,
    word: fn(to: usize) -> Stencil,
    less: fn(lhs: usize, rhs: usize) -> Stencil,
    call: fn() -> Stencil,
    nop: &'static [u8],
    /// The literals that the short form takes.
    short_range: (i64, i64),
}

const BETWEEN: usize = 2;

/// Machine code with holes for value 0.
fn stencil(code: &[u8], holes: &[(u16, HoleKind, i32)]) -> Stencil {
    let holes = holes.iter().map(|&(offset, kind, addend)| Hole { offset, kind, value: 0, addend }).collect();
    Stencil { code: code.to_vec(), holes }
}

/// The same for instructions of 4 bytes.
fn words(words: &[u32], holes: &[(u16, HoleKind)]) -> Stencil {
    let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    stencil(&code, &holes.iter().map(|&(offset, kind)| (offset, kind, 0)).collect::<Vec<_>>())
}

/// The same for another value.
fn of_value(mut stencil: Stencil, value: u8) -> Stencil {
    stencil.holes.iter_mut().for_each(|hole| hole.value = value);
    stencil
}

/// One stencil behind another.
fn then(mut first: Stencil, second: Stencil) -> Stencil {
    let start = first.code.len() as u16;
    first.code.extend(second.code);
    first.holes.extend(second.holes.into_iter().map(|hole| Hole { offset: hole.offset + start, ..hole }));
    first
}

/// A table of the set for an architecture, whose filler has `filler` bytes or a little less.
pub(crate) fn table(architecture: Architecture, filler: usize) -> TableBytes {
    made(architecture, filler, true)
}

/// A table of a set whose machine has no frame.
pub(crate) fn table_without_slots(architecture: Architecture) -> TableBytes {
    made(architecture, 4, false)
}

fn made(architecture: Architecture, filler: usize, slots: bool) -> TableBytes {
    let code = match architecture {
        Architecture::X86_64 => &x86_64::CODE,
        Architecture::Aarch64 => &aarch64::CODE,
        Architecture::Riscv64 => &riscv64::CODE,
    };
    let registers =
        Axis { bank: 0, registers: 2, slot: NO_DIGIT, short: NO_DIGIT, wide: NO_DIGIT, digits: 2, short_range: (0, 0) };
    let slot = if slots { 2 } else { NO_DIGIT };
    let places = 2 + u8::from(slots);
    let result = Axis { slot, digits: u32::from(places), ..registers.clone() };
    let operand = Axis {
        short: places,
        wide: places + 1,
        digits: u32::from(places) + 2,
        short_range: code.short_range,
        ..result.clone()
    };
    let op = |name: &str, axes: &[&Axis], results: u8, values: u8, targets: u32, variants: Vec<Stencil>| Op {
        name: name.to_owned(),
        file: "hand_made.rs".to_owned(),
        line: 1,
        axes: axes.iter().map(|axis| (*axis).clone()).collect(),
        result_count: results,
        value_count: values,
        targets,
        flags: 0,
        variants: variants.into_iter().map(Some).collect(),
    };
    let mut moves = Vec::new();
    for to in (0..3).filter(|to| *to != 2 || slots) {
        let place = if to == 2 { BETWEEN } else { to };
        for from in (0..5).filter(|from| *from != 2 || slots) {
            let fetch = match from {
                0 | 1 => (code.copy)(place, from),
                2 => (code.load)(place),
                3 => (code.short)(place),
                _ => (code.wide)(place),
            };
            let fetch = of_value(fetch, 1);
            moves.push(if to == 2 { then(fetch, (code.store)(BETWEEN)) } else { fetch });
        }
    }
    let pairs = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let read = |from| (code.copy)(BETWEEN, from);
    let write = |to, value| if to == 2 { of_value((code.store)(BETWEEN), value) } else { (code.copy)(to, BETWEEN) };
    let fetch = |from| if from == 2 { (code.load)(BETWEEN) } else { read(from) };
    let written = 0..usize::from(places);
    let call_with = written.clone().map(|from| then(fetch(from), of_value((code.call)(), 1)));
    let both = (0..2).flat_map(|from| written.clone().map(move |to| (from, to)));
    let mut ops = [
        op("move_ints", &[&result, &operand], 1, 2, 0, moves),
        op("stash_ints", &[&registers], 0, 2, 0, (0..2).map(|r| of_value((code.stash)(r), 1)).collect()),
        op("unstash_ints", &[&registers], 1, 2, 0, (0..2).map(|r| of_value((code.unstash)(r), 1)).collect()),
        op("word", &[&registers], 1, 2, 0, (0..2).map(|r| of_value((code.word)(r), 1)).collect()),
        op(
            "jump_less",
            &[&registers, &registers],
            0,
            3,
            1 << 2,
            pairs.map(|(lhs, rhs)| of_value((code.less)(lhs, rhs), 2)).to_vec(),
        ),
        op("call", &[], 0, 1, 1, vec![(code.call)()]),
        op("filler", &[], 0, 0, 0, vec![stencil(&code.nop.repeat(filler / code.nop.len()), &[])]),
        op("call_with", &[&result], 0, 2, 1 << 1, call_with.collect()),
        op("read", &[&registers], 0, 1, 0, (0..2).map(read).collect()),
        op("write", &[&result], 1, 1, 0, written.clone().map(|to| write(to, 0)).collect()),
        op(
            "read_write",
            &[&registers, &result],
            0,
            2,
            0,
            both.map(|(from, to)| then(read(from), write(to, 1))).collect(),
        ),
    ];
    ops[READ as usize].flags = op_flags::CONTINUES_FUSION;
    ops[WRITE as usize].flags = op_flags::ENDS_FUSION;
    let info = TableInfo {
        architecture,
        convention: Convention::Portable,
        level: Level::Baseline,
        set_hash: Set::HASH,
        digest: [0; 32],
    };
    let banks = [Bank { name: "ints".to_owned(), registers: 2, move_op: MOVE, stash_op: STASH, unstash_op: 2 }];
    let mut writer = TableWriter::new(info, &banks, &[]);
    ops.iter().for_each(|op| writer.op(op).unwrap());
    writer.fusion(&Fusion { op: READ_WRITE, sequence: vec![READ, WRITE], map: vec![0, 1] });
    writer.finish().unwrap()
}

/// The table in bytes that [`table`] made.
pub(crate) fn parsed(bytes: &TableBytes) -> Table<'_> {
    Table::parse(bytes).unwrap()
}
