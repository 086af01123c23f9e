//! What decoded ops read, write and jump to. Each op is looked at once: what is found out is then asked for by every pass
//! over the code, at no cost worth mentioning.

use super::known::source;
use super::opcodes::{TRAITS, Traits};
use crate::code::{Code, Inst, Move};
use crate::program::{Bank, Op};
use std::cmp::Reverse;
use std::ops::Range;
use stencil_runtime::Placed;

/// What a cell names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    List,
    Map,
}

/// What one op reads, writes and jumps to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    /// Slots; the header's, which no op names, stands for none. The first is written if the op writes one.
    slots: [u32; 3],
    /// A position, or [`NOWHERE`]; of a fused multiply-add one more slot that it reads.
    other: u32,
    flags: u32,
    /// Where an op of one stencil finds its values 1 and 2, see [`Known::read`](super::known::Known::read).
    sources: [u32; 2],
    /// The number of the opcode of an op of one stencil.
    code: u8,
    /// In how many loops the op is.
    depth: u8,
    /// Its immediate, as the stencil takes it.
    immediate: Placed,
}

/// No position: functions are shorter.
pub(super) const NOWHERE: u32 = u32::MAX;

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
/// May jump.
pub(super) const JUMPS: u32 = 1 << 8;
/// Only the decoded form tells what the op reads, writes and jumps to.
pub(super) const DECODED: u32 = 1 << 10;
/// Writes the first slot.
pub(super) const WRITES: u32 = 1 << 11;
/// Is a fused multiply-add.
const FUSES: u32 = 1 << 12;
/// Is best served by particular machine registers.
pub(super) const WANTS: u32 = 1 << 9;
/// Does nothing when it reads what it writes.
pub(super) const MOVES: u32 = 1 << 13;
/// Is one stencil that goes elsewhere or on.
pub(super) const BRANCHES: u32 = 1 << 14;
/// Is stitched in a way of its own. Ops without both flags are one stencil.
pub(super) const OWN: u32 = 1 << 15;
/// Something jumps to the op.
pub(super) const TARGET: u32 = 1 << 16;
/// A loop goes round to the op.
const TURN: u32 = 1 << 17;
/// Is one stencil that writes an immediate.
pub(super) const SETS: u32 = 1 << 18;
/// What most ops have nothing of.
const UNCOMMON: u32 = CALLS | PASSES | ON_LIST | ON_MAP | NEW_LIST | NEW_MAP | SHOWS_ALL | WANTS;

impl Shape {
    /// That of an op that reads slots and goes on nowhere by itself.
    const fn reading(slots: [u32; 3]) -> Self {
        Self { slots, other: NOWHERE, flags: 0, sources: [0; 2], code: 0, depth: 0, immediate: Placed::literal(0) }
    }

    /// That of an op that writes the first slot and reads the others.
    const fn writing(slots: [u32; 3]) -> Self {
        Self::reading(slots).with(WRITES | FALLS_THROUGH)
    }

    const fn with(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    const fn branch(slots: [u32; 3], target: u32) -> Self {
        Self { other: target, ..Self::reading(slots).with(FALLS_THROUGH | JUMPS) }
    }

    /// That of an op of bytecode, in whose function the banks start at `starts`, by the numbers of [`Traits::banks`]; not
    /// that of one with the flag [`DECODED`].
    #[inline(always)]
    fn of_op(op: &Op, traits: &Traits, starts: &[u32; 4]) -> Self {
        // All by masks: there is nothing to predict.
        let slot = |field: usize, value: u16| {
            starts[usize::from(traits.banks[field] % 4)] + u32::from(value & traits.registers[field])
        };
        let slots = [slot(0, op.a), slot(1, op.b), slot(2, op.index())];
        let stays = u32::from(slots[0] == slots[1]) * (traits.flags & MOVES) * (OWN / MOVES);
        // An immediate is in a field that is no register, so it counts for slot 0.
        let source = |value: usize| source(slots[value], traits.sources[value - 1]);
        let immediate = op.b & traits.immediates[0] | op.c.cast_unsigned() & traits.immediates[1];
        Self {
            slots,
            other: u32::from(op.index()) | traits.nowhere,
            flags: traits.flags | stays,
            sources: [source(1), source(2)],
            code: op.code,
            depth: 0,
            immediate: Placed::literal((i64::from(immediate.cast_signed()) * i64::from(traits.sign)).cast_unsigned()),
        }
    }

    /// That of an op.
    pub(super) fn of(inst: Inst) -> Self {
        match inst {
            Inst::Nop => Self::reading([0; 3]).with(FALLS_THROUGH),
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
            | Inst::ListLen { dst, list: src } => Self::writing([dst, src, 0]),
            Inst::ConstI64 { dst, .. } | Inst::ConstF64 { dst, .. } | Inst::ConstCell { dst, .. } => {
                Self::writing([dst, 0, 0])
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
            | Inst::ConcatStr { dst, lhs, rhs } => Self::writing([dst, lhs, rhs]),
            Inst::FmaF64 { dst, lhs, rhs, addend, start } => {
                let (rhs, addend) = (start + u32::from(rhs), start + u32::from(addend));
                Self { other: addend, ..Self::writing([dst, lhs, rhs]).with(WANTS | FUSES) }
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
            Inst::Jump { target } => Self { other: target, ..Self::reading([0; 3]).with(JUMPS) },
            Inst::NewList { dst, .. } => Self::writing([dst, 0, 0]).with(NEW_LIST),
            Inst::NewMap { dst, .. } => Self::writing([dst, 0, 0]).with(NEW_MAP),
            Inst::ListPush { list, value } => Self::reading([list, value, 0]).with(ON_LIST | FALLS_THROUGH),
            Inst::ListGetI64 { dst, list, index } | Inst::ListGetF64 { dst, list, index } => {
                Self::writing([dst, list, index]).with(ON_LIST)
            }
            Inst::ListSetI64 { list, value, index } | Inst::ListSetF64 { list, value, index } => {
                Self::reading([list, value, index]).with(ON_LIST | FALLS_THROUGH)
            }
            Inst::MapGet { dst, map, key } => Self::writing([dst, map, key]).with(ON_MAP),
            Inst::MapSet { map, key, value } => Self::reading([map, key, value]).with(ON_MAP | FALLS_THROUGH),
            Inst::Call { .. } | Inst::CallMixed { .. } => {
                Self::reading([0; 3]).with(CALLS | PASSES | NEW_LIST | NEW_MAP | FALLS_THROUGH | WANTS)
            }
            Inst::TailCallI64 { .. } | Inst::TailCallMixed { .. } => Self::reading([0; 3]).with(PASSES),
            Inst::ReturnI64 { src } | Inst::ReturnF64 { src } => Self::reading([src, 0, 0]).with(WANTS),
            Inst::ReturnCell { src } => Self::reading([src, 0, 0]),
            Inst::Deopt { .. } => Self::reading([0; 3]).with(SHOWS_ALL),
            Inst::ReturnConst { .. } | Inst::Host { .. } | Inst::CallTooWide | Inst::Unknown { .. } => {
                Self::reading([0; 3])
            }
        }
    }

    /// Whether it has one of these flags.
    #[inline]
    pub(super) const fn has(&self, flags: u32) -> bool {
        self.flags & flags != 0
    }

    /// The slots that the op reads, but for arguments.
    #[inline]
    pub(super) fn reads(&self) -> impl Iterator<Item = u32> + use<> {
        let Self { slots: [first, second, third], other, .. } = *self;
        let first = if self.has(WRITES) { 0 } else { first };
        let fourth = if self.has(FUSES) { other } else { 0 };
        [first, second, third, fourth].into_iter().filter(|slot| *slot != 0)
    }

    /// The slots that the op names, 0 where there is none: the first is read or written, the others are read. Of an op
    /// that is one stencil they are in the order of its fields. A fused multiply-add reads one more.
    #[inline]
    pub(super) const fn slots(&self) -> [u32; 3] {
        self.slots
    }

    /// Where an op of one stencil finds its values 1 and 2.
    #[inline]
    pub(super) const fn sources(&self) -> [u32; 2] {
        self.sources
    }

    /// The immediate of an op of one stencil, as the stencil takes it.
    #[inline]
    pub(super) const fn immediate(&self) -> Placed {
        self.immediate
    }

    /// The number of the opcode of an op of one stencil.
    #[inline]
    pub(super) const fn code(&self) -> u8 {
        self.code
    }

    /// In how many loops the op is, 255 at most: what lies between an op and the last one that jumps back to it is one.
    #[inline]
    pub(super) const fn depth(&self) -> u8 {
        self.depth
    }

    /// Whether it writes the first of them.
    #[inline]
    pub(super) const fn writes(&self) -> bool {
        self.has(WRITES)
    }

    /// The slot that the op writes, calls left aside.
    #[inline]
    pub(super) fn written(&self) -> Option<u32> {
        self.writes().then_some(self.slots[0])
    }

    /// Whether the op is more than what it reads, writes and jumps to.
    #[inline]
    pub(super) const fn is_uncommon(&self) -> bool {
        self.has(UNCOMMON)
    }

    /// Whether the op is best served by particular machine registers.
    #[inline]
    pub(super) const fn wants(&self) -> bool {
        self.has(WANTS)
    }

    /// Where the op jumps to, if it does.
    #[inline]
    pub(super) fn target(&self) -> Option<usize> {
        (self.other != NOWHERE && !self.has(FUSES)).then_some(self.other as usize)
    }

    /// The same of an op that is not [uncommon](Self::is_uncommon): `none` if it does not jump, which is a position behind
    /// all of them.
    #[inline]
    pub(super) fn target_or(&self, none: usize) -> usize {
        (self.other as usize).min(none)
    }

    /// Whether the op can go on to the next one, as compiled code. An op that compiled code leaves to the interpreter
    /// cannot.
    #[inline]
    pub(super) const fn falls_through(&self) -> bool {
        self.has(FALLS_THROUGH)
    }

    /// Whether the op calls.
    #[inline]
    pub(super) const fn calls(&self) -> bool {
        self.has(CALLS)
    }

    /// Whether the op reads arguments, see [`arguments`].
    #[inline]
    pub(super) const fn passes(&self) -> bool {
        self.has(PASSES)
    }

    /// Whether the op shows every register.
    #[inline]
    pub(super) const fn shows_all(&self) -> bool {
        self.has(SHOWS_ALL)
    }

    /// The slot of the list or map that the op works on through a view.
    #[inline]
    pub(super) const fn container(&self) -> Option<(u32, Container)> {
        let first = self.slots[self.has(WRITES) as usize];
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
    pub(super) const fn renews(&self, of: Container) -> bool {
        match of {
            Container::List => self.has(NEW_LIST),
            Container::Map => self.has(NEW_MAP),
        }
    }
}

/// The shapes of the ops of one function. Like its decoded form they depend on the program alone, and are made with it.
#[derive(Debug)]
pub(super) struct Shapes {
    /// By position, then that of an op behind the last one.
    shapes: Box<[Shape]>,
    /// The ops that may jump, and those whose decoded form tells more than their fields, in ascending order.
    jumps: Box<[u32]>,
    /// The ops that loops start at, in ascending order.
    pub(super) loops: Box<[u32]>,
}

impl Shapes {
    /// Those of a function; `ops` are what `code` was decoded from, unless it is a function of the host. `jumps` is room to
    /// work in.
    pub(super) fn of(code: &Code, ops: &[Op], jumps: &mut Vec<u32>) -> Self {
        let [ints, floats, cells] = Bank::ALL.map(|bank| code.layout.start(bank));
        let starts = [0, ints, floats, cells];
        let none = Shape::reading([0; 3]);
        let mut shapes: Box<[Shape]> = if let [inst @ Inst::Host { .. }] = &code.insts[..] {
            // There is no op to look at: it is left to the interpreter.
            [Shape::of(*inst).with(OWN), none].into()
        } else {
            let shape = |op: &Op| Shape::of_op(op, &TRAITS[usize::from(op.code)], &starts);
            ops.iter().map(shape).chain([none]).collect()
        };
        if jumps.len() < shapes.len() {
            jumps.resize(shapes.len(), 0);
        }
        let mut found = 0;
        for (pc, shape) in shapes.iter().enumerate() {
            // The next one takes the place of one that does neither.
            jumps[found] = pc as u32;
            found += usize::from(shape.has(JUMPS | DECODED));
        }
        let jumps: Box<[u32]> = jumps[..found].into();
        let mut turns = Vec::new();
        for pc in jumps.iter().map(|pc| *pc as usize) {
            if shapes[pc].has(DECODED) {
                shapes[pc] = Shape::of(code.insts[pc]).with(OWN);
            }
        }
        for pc in jumps.iter().map(|pc| *pc as usize) {
            let Some(target) = shapes[pc].target() else { continue };
            shapes[target].flags |= TARGET;
            if target <= pc {
                turns.push(target as u32..pc as u32 + 1);
                match turned(code, pc) {
                    Some((head, _)) => shapes[head + 1].flags |= TARGET | TURN,
                    None => shapes[target].flags |= TURN,
                }
            }
        }
        let loops = nest(&mut shapes, turns);
        Self { shapes, jumps, loops }
    }

    /// Whether compiled code jumps to the op at `pc`.
    #[inline]
    pub(super) fn is_target(&self, pc: usize) -> bool {
        self.shapes[pc].has(TARGET)
    }

    /// Whether a loop goes round to the op at `pc`: to its head, or behind that where the turn compares itself.
    pub(super) fn turns_to(&self, pc: usize) -> bool {
        self.shapes[pc].has(TURN)
    }

    /// The ops that jump, in ascending order, and where they jump to.
    pub(super) fn jumps(&self) -> impl Iterator<Item = (usize, usize)> {
        self.jumps.iter().filter_map(|pc| Some((*pc as usize, self.shapes[*pc as usize].target()?)))
    }

    /// All, by position.
    pub(super) fn all(&self) -> &[Shape] {
        self.shapes.split_last().map_or(&[], |(_, shapes)| shapes)
    }

    /// That of the op at `pc`.
    #[inline]
    pub(super) fn at(&self, pc: usize) -> &Shape {
        &self.shapes[pc]
    }
}

/// Notes in how many loops each op is, of which each jump back is a turn; gives the loops' heads, in ascending order.
fn nest(shapes: &mut [Shape], mut turns: Vec<Range<u32>>) -> Box<[u32]> {
    turns.sort_unstable_by_key(|turn| (turn.start, Reverse(turn.end)));
    // Of the turns of one loop the longest counts.
    turns.dedup_by_key(|turn| turn.start);
    let changes = turns.iter().flat_map(|turn| [(turn.start, 1), (turn.end, -1)]);
    let mut changes: Vec<(u32, i32)> = changes.collect();
    changes.sort_unstable();
    let mut depth = 0;
    for pair in changes.windows(2) {
        depth += pair[0].1;
        let depth = u8::try_from(depth).unwrap_or(u8::MAX);
        shapes[pair[0].0 as usize..pair[1].0 as usize].iter_mut().for_each(|shape| shape.depth = depth);
    }
    turns.into_iter().map(|turn| turn.start).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::decode;
    use crate::program::{Cell, Field, Function, Opcode, Program, RegisterCounts};
    use std::collections::BTreeSet;

    /// A program of one function in which every opcode that can stand there by itself is an op, all operands different.
    fn every_opcode() -> Vec<Op> {
        let opcodes = Opcode::ALL.into_iter().filter(|opcode| !opcode.is_undefined());
        let jumps = |opcode: &Opcode| opcode.fields().contains(&Field::Target);
        let mut ops: Vec<Op> = opcodes.clone().map(|opcode| Op::new(opcode, 1, 2, 3)).collect();
        // Back, too; and registers that are operand and result in one.
        ops.extend(opcodes.clone().filter(jumps).map(|opcode| Op::new(opcode, 4, 5, 90)));
        ops.extend(opcodes.map(|opcode| Op::new(opcode, 0, 0, 0)));
        // Of itself: a jump.
        ops.push(Op::new(Opcode::TailCallMixed, 0, 0, 1));
        ops.push(Op::new(Opcode::ReturnI64, 0, 0, 0));
        ops
    }

    #[test]
    fn ops_have_the_shapes_of_their_decoded_forms() {
        let ops = every_opcode();
        let count = |count| RegisterCounts { i64: count, f64: count, cell: count };
        let callee = |name: &str| Function {
            name: name.into(),
            registers: count(8),
            parameters: vec![Bank::I64, Bank::F64],
            result: Bank::I64,
            constants: vec![Cell::float(2.5), Cell::float(1.5), Cell::float(0.5), Cell::float(3.5)],
            tables: vec![vec![1, 2]; 4],
            code: vec![Op::new(Opcode::ReturnI64, 0, 0, 0)],
            host: false,
        };
        let mut functions: Vec<Function> = ["a", "b", "c", "d"].map(callee).into();
        functions[1].code = ops.clone();
        let program = Program { functions, ..Program::default() }.verify().unwrap();
        let code = &decode(&program)[1];
        let shapes = Shapes::of(code, &ops, &mut Vec::new());
        for (pc, (op, inst)) in ops.iter().zip(&code.insts).enumerate() {
            let (found, expected) = (*shapes.at(pc), Shape::of(*inst));
            let reads = |shape: Shape| shape.reads().collect::<BTreeSet<_>>();
            assert_eq!(reads(found), reads(expected), "{op:?}");
            assert_eq!(found.written(), expected.written(), "{op:?}");
            assert_eq!(found.target(), expected.target(), "{op:?}");
            assert_eq!(found.container(), expected.container(), "{op:?}");
            // How the op is stitched only its opcode tells.
            let told = (BRANCHES - 1) & !(MOVES | DECODED);
            assert_eq!(found.flags & told, expected.flags & told, "{op:?}");
        }
    }

    #[test]
    fn compares_of_ints_have_one_opposite() {
        for opcode in Opcode::ALL {
            let opposite = TRAITS[opcode as usize].opposite;
            assert_eq!(TRAITS[usize::from(opposite)].opposite, opcode as u8);
            let turns = opcode.fields()[2] == Field::Target && opcode.fields()[0] == Field::I64;
            assert_eq!(opposite != opcode as u8, turns, "{opcode:?}");
        }
    }
}
