//! What one decoded op reads, writes and jumps to: found out once, then asked for by every pass over the code at no cost worth
//! mentioning.

use super::known::source;
use super::opcodes::Traits;
use crate::code::Inst;
use crate::program::Op;
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
    pub(super) flags: u32,
    /// Where an op of one stencil finds its values 1 and 2, see [`Known::read`](super::known::Known::read).
    sources: [u32; 2],
    /// The number of the opcode of an op of one stencil.
    code: u8,
    /// In how many loops the op is.
    pub(super) depth: u8,
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
pub(super) const TURN: u32 = 1 << 17;
/// Is one stencil that writes an immediate.
pub(super) const SETS: u32 = 1 << 18;
/// What most ops have nothing of.
const UNCOMMON: u32 = CALLS | PASSES | ON_LIST | ON_MAP | NEW_LIST | NEW_MAP | SHOWS_ALL | WANTS;

impl Shape {
    /// That of an op that reads slots and goes on nowhere by itself.
    pub(super) const fn reading(slots: [u32; 3]) -> Self {
        Self { slots, other: NOWHERE, flags: 0, sources: [0; 2], code: 0, depth: 0, immediate: Placed::literal(0) }
    }

    /// That of an op that writes the first slot and reads the others.
    const fn writing(slots: [u32; 3]) -> Self {
        Self::reading(slots).with(WRITES | FALLS_THROUGH)
    }

    pub(super) const fn with(mut self, flags: u32) -> Self {
        self.flags |= flags;
        self
    }

    const fn branch(slots: [u32; 3], target: u32) -> Self {
        Self { other: target, ..Self::reading(slots).with(FALLS_THROUGH | JUMPS) }
    }

    /// That of an op of bytecode, in whose function the banks start at `starts`, by the numbers of [`Traits::banks`]; not
    /// that of one with the flag [`DECODED`].
    #[inline(always)]
    pub(super) fn of_op(op: &Op, traits: &Traits, starts: &[u32; 4]) -> Self {
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
