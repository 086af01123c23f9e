//! The writer of tables: equal bodies and equal runs of holes are stored once.

mod plain;

use crate::TableBytes;
use crate::place;
use crate::records::{AxisRecord, BankRecord, FusionRecord, Header, HoleRecord, OpRecord, Span, StencilRecord};
use crate::{
    Architecture, CODE_PADDING, Convention, FORMAT_VERSION, HoleKind, Level, MAGIC, MAX_HOLES, NO_DIGIT, NO_STEP,
    TABLE_ALIGN, Table, TableError, hash_of,
};
use std::collections::HashMap;
use thiserror::Error;
use zerocopy::{Immutable, IntoBytes};

/// What a table is made for and from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableInfo {
    /// The instruction set.
    pub architecture: Architecture,
    /// How registers are passed.
    pub convention: Convention,
    /// The CPU features taken for granted.
    pub level: Level,
    /// The hash of the op set, as the macro and the build helper both compute it.
    pub set_hash: u128,
    /// The digest of op source and flags.
    pub digest: [u8; 32],
}

/// One bank, see [`BankRecord`].
#[derive(Debug, Clone)]
pub struct Bank {
    /// The bank's name.
    pub name: String,
    /// How many registers are pinned.
    pub registers: u32,
    /// Index of the op that moves values of this bank.
    pub move_op: u32,
    /// Index of the op that keeps a register in the scratch.
    pub stash_op: u32,
    /// Index of the op that brings it back.
    pub unstash_op: u32,
}

/// One axis, see [`AxisRecord`].
#[derive(Debug, Clone)]
pub struct Axis {
    /// The bank's index.
    pub bank: u32,
    /// Registers from 0 that have a digit.
    pub registers: u8,
    /// The slot's digit or [`crate::NO_DIGIT`].
    pub slot: u8,
    /// The short literal's digit or [`crate::NO_DIGIT`].
    pub short: u8,
    /// The wide literal's digit or [`crate::NO_DIGIT`].
    pub wide: u8,
    /// How many digits.
    pub digits: u32,
    /// The short literals that every variant accepts, as an inclusive range.
    pub short_range: (i64, i64),
}

/// One hole, see [`HoleRecord`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hole {
    /// Bytes from the start of the stencil.
    pub offset: u16,
    /// What is written.
    pub kind: HoleKind,
    /// Which value of the op.
    pub value: u8,
    /// What is added.
    pub addend: i32,
}

/// One compiled variant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Stencil {
    /// The bytes, holes zero.
    pub code: Vec<u8>,
    /// The holes, in any order.
    pub holes: Vec<Hole>,
}

/// One op, see [`OpRecord`].
#[derive(Debug, Clone)]
pub struct Op {
    /// The op's name.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// The line of its name.
    pub line: u32,
    /// Its axes, results first.
    pub axes: Vec<Axis>,
    /// How many of the axes are results.
    pub result_count: u8,
    /// How many values: axes and the rest.
    pub value_count: u8,
    /// Which values are labels, exits or callees.
    pub targets: u32,
    /// See [`crate::op_flags`].
    pub flags: u8,
    /// The variants by number; `None` is pruned.
    pub variants: Vec<Option<Stencil>>,
}

/// One fusion, see [`FusionRecord`].
#[derive(Debug, Clone)]
pub struct Fusion {
    /// The fused op's index.
    pub op: u32,
    /// The ops of the sequence.
    pub sequence: Vec<u32>,
    /// For every value of every op of the sequence, the value of the fused op.
    pub map: Vec<u8>,
}

/// Why a table could not be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// A number does not fit its field.
    #[error(
        "{what} of op `{op}` is {value}, the table format ends at {limit}; narrow the op's operands or split the op"
    )]
    TooLarge {
        /// What is counted.
        what: &'static str,
        /// The op, or the set.
        op: String,
        /// The number.
        value: usize,
        /// The largest one that fits.
        limit: usize,
    },
    /// The finished table does not pass its own validation.
    #[error("the table that was written does not read back: {0}")]
    ReadBack(#[from] TableError),
}

/// Collects ops and writes the blob.
#[derive(Debug)]
pub struct TableWriter<'a> {
    info: TableInfo,
    banks: &'a [Bank],
    pool: &'a [u8],
    compiler: &'a str,
    ops: Vec<OpRecord>,
    axes: Vec<AxisRecord>,
    stencils: Vec<StencilRecord>,
    holes: Vec<HoleRecord>,
    fusions: Vec<FusionRecord>,
    maps: Vec<u8>,
    code: Vec<u8>,
    text: String,
    /// Every body, and where it is in the code if a stencil that is not plain has it.
    bodies: HashMap<Vec<u8>, Option<u32>>,
    hole_runs: HashMap<Vec<Hole>, u32>,
    names: HashMap<String, Span>,
}

impl<'a> TableWriter<'a> {
    /// A table without ops. `pool` holds the constants that holes of the sort [`HoleSort::Pool`](crate::HoleSort::Pool) point into.
    #[must_use]
    pub fn new(info: TableInfo, banks: &'a [Bank], pool: &'a [u8]) -> Self {
        Self {
            info,
            banks,
            pool,
            compiler: "",
            ops: Vec::new(),
            axes: Vec::new(),
            stencils: Vec::new(),
            holes: Vec::new(),
            fusions: Vec::new(),
            maps: Vec::new(),
            code: Vec::new(),
            text: String::new(),
            bodies: HashMap::new(),
            hole_runs: HashMap::new(),
            names: HashMap::new(),
        }
    }

    /// Names the compiler that made the code; nothing by default.
    pub fn compiler(&mut self, compiler: &'a str) {
        self.compiler = compiler;
    }

    /// Adds an op; its index is the number of ops added before it.
    ///
    /// # Errors
    /// [`WriteError::TooLarge`] when a number does not fit.
    pub fn op(&mut self, op: &Op) -> Result<(), WriteError> {
        let fits = |what, value: usize, limit: usize| {
            if value <= limit { Ok(()) } else { Err(WriteError::TooLarge { what, op: op.name.clone(), value, limit }) }
        };
        fits("the number of variants", self.stencils.len() + op.variants.len(), u32::MAX as usize)?;
        fits("the number of axes", op.axes.len(), usize::from(u8::MAX))?;
        let record = OpRecord {
            variants: Span { start: self.stencils.len() as u32, len: op.variants.len() as u32 },
            axes: self.axes.len() as u32,
            axis_count: op.axes.len() as u8,
            value_count: op.value_count,
            flags: op.flags,
            result_count: op.result_count,
            targets: op.targets,
            line: op.line,
            name: self.name(&op.name),
            file: self.name(&op.file),
        };
        self.ops.push(record);
        let mut stride: u32 = op.axes.iter().map(|axis| axis.digits).product();
        for axis in &op.axes {
            stride /= axis.digits.max(1);
            self.axes.push(axis_record(axis, stride));
        }
        for variant in &op.variants {
            let Some(stencil) = variant else {
                let pruned = StencilRecord::ABSENT;
                self.stencils.push(pruned);
                continue;
            };
            fits("the length of a variant", stencil.code.len(), usize::from(StencilRecord::PRUNED - 1))?;
            fits("the number of holes of a variant", stencil.holes.len(), MAX_HOLES)?;
            fits("the size of the code", self.code.len() + stencil.code.len(), i32::MAX as usize)?;
            let mut holes = stencil.holes.clone();
            holes.sort_by_key(|hole| (!hole.kind.is_value(), hole.offset));
            let plain = plain::holes(stencil, &holes, op.value_count);
            let start = self.hole_runs.get(&holes).copied().unwrap_or_else(|| {
                let start = self.holes.len() as u32;
                let places = holes.iter().filter(|hole| !hole.kind.is_value()).count() as u16;
                self.holes.push(HoleRecord::run_of(holes.len() as u16 - places, places));
                self.holes.extend(holes.iter().map(|hole| HoleRecord {
                    offset: hole.offset,
                    kind: hole.kind as u8,
                    value: hole.value,
                    addend: hole.addend,
                }));
                self.hole_runs.insert(holes, start);
                start
            });
            let mut record =
                StencilRecord { holes: start, len: stencil.code.len() as u16, plain, ..StencilRecord::ABSENT };
            let body = self.bodies.entry(stencil.code.clone()).or_default();
            if record.is_plain() {
                record.bytes[..stencil.code.len()].copy_from_slice(&stencil.code);
            } else {
                record.code = *body.get_or_insert_with(|| {
                    let start = self.code.len() as u32;
                    self.code.extend_from_slice(&stencil.code);
                    start
                });
            }
            self.stencils.push(record);
        }
        Ok(())
    }

    /// Adds a fusion of ops that were added or will be.
    pub fn fusion(&mut self, fusion: &Fusion) {
        let mut sequence = [0; 4];
        for (to, from) in sequence.iter_mut().zip(&fusion.sequence) {
            *to = *from;
        }
        let map = Span { start: self.maps.len() as u32, len: fusion.map.len() as u32 };
        self.maps.extend_from_slice(&fusion.map);
        self.fusions.push(FusionRecord { op: fusion.op, len: fusion.sequence.len() as u32, sequence, map });
    }

    /// How many bodies are stored, equal ones counted once.
    #[must_use]
    pub fn distinct_bodies(&self) -> usize {
        self.bodies.len()
    }

    /// Writes the blob and reads it back.
    ///
    /// # Errors
    /// [`WriteError::ReadBack`] when what was added contradicts itself.
    pub fn finish(mut self) -> Result<TableBytes, WriteError> {
        let banks: Vec<BankRecord> = self
            .banks
            .iter()
            .map(|bank| BankRecord {
                name: self.names.get(&bank.name).copied().unwrap_or_else(|| append(&mut self.text, &bank.name)),
                registers: bank.registers,
                move_op: bank.move_op,
                stash_op: bank.stash_op,
                unstash_op: bank.unstash_op,
            })
            .collect();
        let compiler = append(&mut self.text, self.compiler);
        self.code.resize(self.code.len() + CODE_PADDING, 0);
        self.fusions.sort_by_key(|fusion| std::cmp::Reverse(fusion.len));
        let mut blob = vec![0; size_of::<Header>()];
        let mut header = Header {
            magic: MAGIC,
            version: FORMAT_VERSION,
            architecture: self.info.architecture as u8,
            convention: self.info.convention as u8,
            level: self.info.level as u8,
            reserved: 0,
            checksum: 0,
            len: 0,
            set_hash_low: self.info.set_hash as u64,
            set_hash_high: (self.info.set_hash >> 64) as u64,
            digest: self.info.digest,
            banks: section(&mut blob, &banks),
            ops: section(&mut blob, &self.ops),
            axes: section(&mut blob, &self.axes),
            stencils: section(&mut blob, &self.stencils),
            holes: section(&mut blob, &self.holes),
            fusions: section(&mut blob, &self.fusions),
            maps: section(&mut blob, &self.maps),
            code: section(&mut blob, &self.code),
            pool: section(&mut blob, self.pool),
            text: section(&mut blob, self.text.as_bytes()),
            compiler,
        };
        blob.resize(blob.len().next_multiple_of(TABLE_ALIGN), 0);
        header.len = blob.len() as u64;
        let covered = core::mem::offset_of!(Header, len);
        blob[..size_of::<Header>()].copy_from_slice(header.as_bytes());
        header.checksum = hash_of(&blob[covered..]);
        blob[..size_of::<Header>()].copy_from_slice(header.as_bytes());
        let bytes = TableBytes::copy_of(&blob);
        Table::parse(&bytes)?;
        Ok(bytes)
    }

    fn name(&mut self, name: &str) -> Span {
        if let Some(&span) = self.names.get(name) {
            return span;
        }
        let span = append(&mut self.text, name);
        self.names.insert(name.to_owned(), span);
        span
    }
}

fn axis_record(axis: &Axis, stride: u32) -> AxisRecord {
    let mut steps = [NO_STEP; place::COUNT];
    let step = |digit: u8| if digit == NO_DIGIT { NO_STEP } else { u32::from(digit) * stride };
    for (register, to) in (0..axis.registers).zip(&mut steps) {
        *to = step(register);
    }
    steps[place::SLOT as usize] = step(axis.slot);
    let (low, high) = axis.short_range;
    let serves = |from: i64, to: i64| axis.short != NO_DIGIT && low <= from && to <= high;
    let literal = |short: bool| step(if short { axis.short } else { axis.wide });
    steps[place::SMALL as usize] = literal(serves(0, place::SMALL_BOUND - 1));
    steps[place::NEGATIVE as usize] = literal(serves(-place::SMALL_BOUND, -1));
    steps[place::WIDE as usize] = literal(false);
    AxisRecord { steps, stride, digits: axis.digits, bank: axis.bank, registers: u32::from(axis.registers) }
}

fn append(text: &mut String, name: &str) -> Span {
    let span = Span { start: text.len() as u32, len: name.len() as u32 };
    text.push_str(name);
    span
}

fn section<T: IntoBytes + Immutable>(blob: &mut Vec<u8>, records: &[T]) -> Span {
    blob.resize(blob.len().next_multiple_of(TABLE_ALIGN), 0);
    let span = Span { start: blob.len() as u32, len: records.len() as u32 };
    blob.extend_from_slice(records.as_bytes());
    span
}
