//! What decoded ops read, write and jump to. Each op is looked at once: what is found out is then asked for by every pass
//! over the code, at no cost worth mentioning.

use super::opcodes::{TRAITS, Traits};
use crate::code::{Code, Inst, Move};
use crate::program::{Bank, Op};
use std::ops::Range;

/// What a cell names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    List,
    Map,
}

/// What one op reads, writes and jumps to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Slots; the header's, which no op reads, stands for none.
    reads: [u32; 3],
    /// A slot in the same way.
    written: u32,
    /// A position, or [`NOWHERE`].
    target: u32,
    flags: u32,
}

/// No position: functions are shorter.
const NOWHERE: u32 = u32::MAX;

/// Goes on to the next op, as compiled code.
pub(super) const FALLS_THROUGH: u32 = 1;
/// Calls, and so also writes a register that depends on the callee.
const CALLS: u32 = 1 << 1;
/// Reads arguments, see [`arguments`].
const PASSES: u32 = 1 << 2;
/// Works on the list that the first slot it reads names.
pub(super) const ON_LIST: u32 = 1 << 3;
/// Works on the map that the first slot it reads names.
pub(super) const ON_MAP: u32 = 1 << 4;
/// Makes views of lists out of date.
pub(super) const NEW_LIST: u32 = 1 << 5;
/// Makes views of maps out of date.
pub(super) const NEW_MAP: u32 = 1 << 6;
/// Shows every register to whoever looks at the frame afterwards.
pub(super) const SHOWS_ALL: u32 = 1 << 7;
/// Jumps, as its field C says.
pub(super) const JUMPS: u32 = 1 << 8;
/// Is best served by particular machine registers.
pub(super) const WANTS: u32 = 1 << 9;
/// What most ops have nothing of.
const UNCOMMON: u32 = CALLS | PASSES | ON_LIST | ON_MAP | NEW_LIST | NEW_MAP | SHOWS_ALL | WANTS;

impl Shape {
    const fn new(reads: [u32; 3], written: u32) -> Self {
        let flags = if written == 0 { 0 } else { FALLS_THROUGH };
        Self { reads, written, target: NOWHERE, flags }
    }

    const fn with(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    const fn branch(reads: [u32; 3], target: u32) -> Self {
        Self { reads, written: 0, target, flags: FALLS_THROUGH | JUMPS }
    }

    /// That of an op of bytecode, in whose function the banks start at `starts`, by the numbers of [`Traits::banks`]; of
    /// one that is not [`Traits::decoded`].
    #[inline(always)]
    fn of_op(op: Op, traits: &Traits, starts: [u32; 4]) -> Self {
        // All by masks: there is nothing to predict.
        let slot = |field: usize| {
            let bank = traits.banks[field];
            (starts[usize::from(bank % 4)] + u32::from(op.values()[field])) & mask(bank != 0)
        };
        let (first, result) = (slot(0), mask(traits.writes));
        Self {
            reads: [first & !result, slot(1), slot(2)],
            written: first & result,
            target: u32::from(op.index()) | !mask(traits.flags & JUMPS != 0),
            flags: traits.flags,
        }
    }

    /// That of an op.
    pub(super) fn of(inst: Inst) -> Self {
        match inst {
            Inst::Nop => Self::new([0; 3], 0).with(FALLS_THROUGH),
            Inst::MovI64 { dst, src }
            | Inst::MovF64 { dst, src }
            | Inst::NegI64 { dst, src }
            | Inst::NegF64 { dst, src }
            | Inst::SqrtF64 { dst, src }
            | Inst::I64ToF64 { dst, src }
            | Inst::F64ToI64 { dst, src }
            | Inst::AddI64K { dst, lhs: src, .. }
            | Inst::SubI64K { dst, lhs: src, .. }
            | Inst::MulI64K { dst, lhs: src, .. }
            | Inst::DivI64K { dst, lhs: src, .. }
            | Inst::ModI64K { dst, lhs: src, .. }
            | Inst::LookupI64 { dst, index: src, .. }
            | Inst::LenStr { dst, string: src }
            | Inst::ListLen { dst, list: src } => Self::new([src, 0, 0], dst),
            Inst::ConstI64 { dst, .. } | Inst::ConstF64 { dst, .. } | Inst::ConstCell { dst, .. } => {
                Self::new([0; 3], dst)
            }
            Inst::AddI64 { dst, lhs, rhs }
            | Inst::SubI64 { dst, lhs, rhs }
            | Inst::MulI64 { dst, lhs, rhs }
            | Inst::DivI64 { dst, lhs, rhs }
            | Inst::ModI64 { dst, lhs, rhs }
            | Inst::AddF64 { dst, lhs, rhs }
            | Inst::SubF64 { dst, lhs, rhs }
            | Inst::MulF64 { dst, lhs, rhs }
            | Inst::DivF64 { dst, lhs, rhs }
            | Inst::ConcatStr { dst, lhs, rhs } => Self::new([lhs, rhs, 0], dst),
            Inst::FmaF64 { dst, lhs, rhs, addend, start } => {
                Self::new([lhs, start + u32::from(rhs), start + u32::from(addend)], dst).with(WANTS)
            }
            Inst::JumpEqI64 { lhs, rhs, target }
            | Inst::JumpNeI64 { lhs, rhs, target }
            | Inst::JumpLtI64 { lhs, rhs, target }
            | Inst::JumpLeI64 { lhs, rhs, target }
            | Inst::JumpGtI64 { lhs, rhs, target }
            | Inst::JumpGeI64 { lhs, rhs, target }
            | Inst::JumpEqF64 { lhs, rhs, target }
            | Inst::JumpNeF64 { lhs, rhs, target }
            | Inst::JumpLtF64 { lhs, rhs, target }
            | Inst::JumpLeF64 { lhs, rhs, target }
            | Inst::JumpGtF64 { lhs, rhs, target }
            | Inst::JumpGeF64 { lhs, rhs, target } => Self::branch([lhs, rhs, 0], target),
            Inst::JumpEqI64K { lhs, target, .. }
            | Inst::JumpNeI64K { lhs, target, .. }
            | Inst::JumpLtI64K { lhs, target, .. }
            | Inst::JumpLeI64K { lhs, target, .. }
            | Inst::JumpGtI64K { lhs, target, .. }
            | Inst::JumpGeI64K { lhs, target, .. } => Self::branch([lhs, 0, 0], target),
            Inst::Jump { target } => Self { target, ..Self::new([0; 3], 0).with(JUMPS) },
            Inst::NewList { dst, .. } => Self::new([0; 3], dst).with(NEW_LIST),
            Inst::NewMap { dst, .. } => Self::new([0; 3], dst).with(NEW_MAP),
            Inst::ListPush { list, value } => Self::new([list, value, 0], 0).with(ON_LIST | FALLS_THROUGH),
            Inst::ListGetI64 { dst, list, index } | Inst::ListGetF64 { dst, list, index } => {
                Self::new([list, index, 0], dst).with(ON_LIST)
            }
            Inst::ListSetI64 { list, value, index } | Inst::ListSetF64 { list, value, index } => {
                Self::new([list, value, index], 0).with(ON_LIST | FALLS_THROUGH)
            }
            Inst::MapGet { dst, map, key } => Self::new([map, key, 0], dst).with(ON_MAP),
            Inst::MapSet { map, key, value } => Self::new([map, key, value], 0).with(ON_MAP | FALLS_THROUGH),
            Inst::Call { .. } | Inst::CallMixed { .. } => {
                Self::new([0; 3], 0).with(CALLS | PASSES | NEW_LIST | NEW_MAP | FALLS_THROUGH | WANTS)
            }
            Inst::TailCallI64 { .. } | Inst::TailCallMixed { .. } => Self::new([0; 3], 0).with(PASSES),
            Inst::ReturnI64 { src } | Inst::ReturnF64 { src } => Self::new([src, 0, 0], 0).with(WANTS),
            Inst::ReturnCell { src } => Self::new([src, 0, 0], 0),
            Inst::Deopt { .. } => Self::new([0; 3], 0).with(SHOWS_ALL),
            Inst::ReturnConst { .. } | Inst::Host { .. } | Inst::CallTooWide | Inst::Unknown { .. } => {
                Self::new([0; 3], 0)
            }
        }
    }

    const fn has(self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// The slots that the op reads, but for arguments.
    #[inline]
    pub(super) fn reads(self) -> impl Iterator<Item = u32> {
        self.reads.into_iter().filter(|slot| *slot != 0)
    }

    /// The same by operand, 0 where there is none: of ops that are one stencil by the op's fields.
    #[inline]
    pub(super) const fn read_slots(self) -> [u32; 3] {
        self.reads
    }

    /// The slot that the op writes, calls left aside.
    #[inline]
    pub(super) fn written(self) -> Option<u32> {
        (self.written != 0).then_some(self.written)
    }

    /// The same, 0 where there is none.
    #[inline]
    pub(super) const fn written_slot(self) -> u32 {
        self.written
    }

    /// Whether the op is more than what it reads, writes and jumps to.
    #[inline]
    pub(super) const fn is_uncommon(self) -> bool {
        self.has(UNCOMMON)
    }

    /// Whether the op is best served by particular machine registers.
    #[inline]
    pub(super) const fn wants(self) -> bool {
        self.has(WANTS)
    }

    /// Where the op jumps to, if it does.
    #[inline]
    pub(super) fn target(self) -> Option<usize> {
        (self.target != NOWHERE).then_some(self.target as usize)
    }

    /// Whether the op can go on to the next one, as compiled code. An op that compiled code leaves to the interpreter
    /// cannot.
    #[inline]
    pub(super) const fn falls_through(self) -> bool {
        self.has(FALLS_THROUGH)
    }

    /// Whether the op calls.
    #[inline]
    pub(super) const fn calls(self) -> bool {
        self.has(CALLS)
    }

    /// Whether the op reads arguments, see [`arguments`].
    #[inline]
    pub(super) const fn passes(self) -> bool {
        self.has(PASSES)
    }

    /// Whether the op shows every register.
    #[inline]
    pub(super) const fn shows_all(self) -> bool {
        self.has(SHOWS_ALL)
    }

    /// The slot of the list or map that the op works on through a view.
    #[inline]
    pub(super) const fn container(self) -> Option<(u32, Container)> {
        let first = if self.reads[0] == 0 { self.reads[1] } else { self.reads[0] };
        if self.has(ON_LIST) {
            Some((first, Container::List))
        } else if self.has(ON_MAP) {
            Some((first, Container::Map))
        } else {
            None
        }
    }

    /// Whether the op makes views of such containers out of date.
    #[inline]
    pub(super) const fn renews(self, of: Container) -> bool {
        match of {
            Container::List => self.has(NEW_LIST),
            Container::Map => self.has(NEW_MAP),
        }
    }
}

/// All ones if `set`, else 0.
#[inline(always)]
const fn mask(set: bool) -> u32 {
    (set as u32).wrapping_neg()
}

/// The shapes of the ops of one function after another.
#[derive(Debug, Default)]
pub(super) struct Shapes {
    shapes: Vec<Shape>,
    /// The ops that jump, in ascending order.
    jumps: Vec<u32>,
    /// What leads to each op, and behind the last one.
    marks: Vec<u8>,
    /// The ops that loops start at, in ascending order.
    pub(super) loops: Vec<u32>,
}

/// Something jumps to the op.
const TARGET: u8 = 1;
/// A loop starts at the op.
const LOOP: u8 = 1 << 1;

impl Shapes {
    /// Finds out those of a function; `ops` are what `code` was decoded from, unless it is a function of the host.
    pub(super) fn find(&mut self, code: &Code, ops: &[Op]) {
        let Self { shapes, jumps, marks, loops } = self;
        let count = code.insts.len();
        shapes.clear();
        jumps.clear();
        jumps.resize(count + 1, 0);
        if let [inst @ Inst::Host { .. }] = &code.insts[..] {
            shapes.push(Shape::of(*inst));
            jumps.clear();
        } else {
            let [ints, floats, cells] = Bank::ALL.map(|bank| code.layout.start(bank));
            let starts = [0, ints, floats, cells];
            let mut found = 0;
            let all = ops.iter().zip(&code.insts).zip(0..).map(|((op, inst), pc)| {
                let traits = &TRAITS[usize::from(op.code)];
                let shape = if traits.decoded { Shape::of(*inst) } else { Shape::of_op(*op, traits, starts) };
                // The next one that jumps takes the place of one that does not.
                jumps[found] = pc;
                found += usize::from(shape.has(JUMPS));
                shape
            });
            shapes.extend(all);
            jumps.truncate(found);
        }
        marks.clear();
        marks.resize(count + 1, 0);
        loops.clear();
        for &pc in &*jumps {
            let target = shapes[pc as usize].target;
            marks[target as usize] |= TARGET;
            if target <= pc {
                if marks[target as usize] & LOOP == 0 {
                    loops.push(target);
                }
                marks[target as usize] |= LOOP;
                if let Some((head, _)) = turned(code, pc as usize) {
                    marks[head + 1] |= TARGET;
                }
            }
        }
        loops.sort_unstable();
    }

    /// Whether compiled code jumps to the op at `pc`.
    #[inline]
    pub(super) fn is_target(&self, pc: usize) -> bool {
        self.marks[pc] & TARGET != 0
    }

    /// Whether a loop goes round to the op at `pc` most times: to its head, or behind that where the turn compares itself.
    pub(super) fn turns_to(&self, pc: usize) -> bool {
        let starts = |pc: usize| self.marks[pc] & LOOP != 0;
        starts(pc) || pc.checked_sub(1).is_some_and(starts)
    }

    /// The ops that jump, in ascending order, and where they jump to.
    pub(super) fn jumps(&self) -> impl Iterator<Item = (usize, usize)> {
        self.jumps.iter().map(|pc| (*pc as usize, self.shapes[*pc as usize].target as usize))
    }

    /// All, by position.
    pub(super) fn all(&self) -> &[Shape] {
        &self.shapes
    }

    /// That of the op at `pc`.
    #[inline]
    pub(super) fn at(&self, pc: usize) -> Shape {
        self.shapes[pc]
    }
}

/// The arguments that an op passes.
#[derive(Debug)]
pub(super) struct Arguments<'c> {
    /// Those that are taken from one run of slots.
    pub(super) run: Range<u32>,
    /// The others.
    pub(super) moves: &'c [Move],
}

/// Those of `inst` of `code`.
pub(super) fn arguments(code: &Code, inst: Inst) -> Arguments<'_> {
    match inst {
        // Where nothing is passed, the first register may be anywhere.
        Inst::Call { count: 0, .. } | Inst::TailCallI64 { count: 0, .. } => Arguments { run: 0..0, moves: &[] },
        Inst::Call { count, first, .. } | Inst::TailCallI64 { count, first, .. } => {
            Arguments { run: first..first + u32::from(count), moves: &[] }
        }
        Inst::CallMixed { moves, .. } | Inst::TailCallMixed { moves, .. } => {
            Arguments { run: 0..0, moves: code.moves(moves) }
        }
        _ => Arguments { run: 0..0, moves: &[] },
    }
}

/// The compare of ints at the head of a loop that the jump at `pc` closes, if there is one: the jump becomes the opposite
/// compare, so that there is one branch per turn.
pub(super) fn turned(code: &Code, pc: usize) -> Option<(usize, Inst)> {
    let Inst::Jump { target } = code.insts[pc] else { return None };
    let head = target as usize;
    let inst = code.insts[head];
    let opposite = match inst {
        Inst::JumpEqI64 { lhs, rhs, target } => Inst::JumpNeI64 { lhs, rhs, target },
        Inst::JumpNeI64 { lhs, rhs, target } => Inst::JumpEqI64 { lhs, rhs, target },
        Inst::JumpLtI64 { lhs, rhs, target } => Inst::JumpGeI64 { lhs, rhs, target },
        Inst::JumpLeI64 { lhs, rhs, target } => Inst::JumpGtI64 { lhs, rhs, target },
        Inst::JumpGtI64 { lhs, rhs, target } => Inst::JumpLeI64 { lhs, rhs, target },
        Inst::JumpGeI64 { lhs, rhs, target } => Inst::JumpLtI64 { lhs, rhs, target },
        Inst::JumpEqI64K { lhs, rhs, target } => Inst::JumpNeI64K { lhs, rhs, target },
        Inst::JumpNeI64K { lhs, rhs, target } => Inst::JumpEqI64K { lhs, rhs, target },
        Inst::JumpLtI64K { lhs, rhs, target } => Inst::JumpGeI64K { lhs, rhs, target },
        Inst::JumpLeI64K { lhs, rhs, target } => Inst::JumpGtI64K { lhs, rhs, target },
        Inst::JumpGtI64K { lhs, rhs, target } => Inst::JumpLeI64K { lhs, rhs, target },
        Inst::JumpGeI64K { lhs, rhs, target } => Inst::JumpLtI64K { lhs, rhs, target },
        _ => return None,
    };
    (head <= pc).then_some((head, opposite))
}
