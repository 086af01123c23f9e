//! What a decoded op reads, writes and jumps to.

use crate::code::{Code, Inst, Move};
use std::ops::Range;

/// The frame slots that an op reads.
#[derive(Debug)]
pub(super) struct Reads<'c> {
    few: [Option<u32>; 3],
    /// The arguments of a call that takes them from one run of slots.
    pub(super) run: Range<u32>,
    moves: &'c [Move],
}

impl Reads<'_> {
    /// The slots, one by one, but for those of a run.
    pub(super) fn singles(&self) -> impl Iterator<Item = u32> {
        self.few.into_iter().flatten().chain(self.moves.iter().map(|step| step.from))
    }
}

/// What `inst` of `code` reads.
pub(super) fn reads(code: &Code, inst: Inst) -> Reads<'_> {
    let mut reads = Reads { few: [None; 3], run: 0..0, moves: &[] };
    match inst {
        Inst::MovI64 { src, .. }
        | Inst::MovF64 { src, .. }
        | Inst::NegI64 { src, .. }
        | Inst::NegF64 { src, .. }
        | Inst::SqrtF64 { src, .. }
        | Inst::I64ToF64 { src, .. }
        | Inst::F64ToI64 { src, .. }
        | Inst::ReturnI64 { src }
        | Inst::ReturnF64 { src }
        | Inst::ReturnCell { src } => reads.few[0] = Some(src),
        Inst::AddI64 { lhs, rhs, .. }
        | Inst::SubI64 { lhs, rhs, .. }
        | Inst::MulI64 { lhs, rhs, .. }
        | Inst::DivI64 { lhs, rhs, .. }
        | Inst::ModI64 { lhs, rhs, .. }
        | Inst::AddF64 { lhs, rhs, .. }
        | Inst::SubF64 { lhs, rhs, .. }
        | Inst::MulF64 { lhs, rhs, .. }
        | Inst::DivF64 { lhs, rhs, .. }
        | Inst::JumpEqI64 { lhs, rhs, .. }
        | Inst::JumpNeI64 { lhs, rhs, .. }
        | Inst::JumpLtI64 { lhs, rhs, .. }
        | Inst::JumpLeI64 { lhs, rhs, .. }
        | Inst::JumpGtI64 { lhs, rhs, .. }
        | Inst::JumpGeI64 { lhs, rhs, .. }
        | Inst::JumpEqF64 { lhs, rhs, .. }
        | Inst::JumpNeF64 { lhs, rhs, .. }
        | Inst::JumpLtF64 { lhs, rhs, .. }
        | Inst::JumpLeF64 { lhs, rhs, .. }
        | Inst::JumpGtF64 { lhs, rhs, .. }
        | Inst::JumpGeF64 { lhs, rhs, .. } => (reads.few[0], reads.few[1]) = (Some(lhs), Some(rhs)),
        Inst::AddI64K { lhs, .. }
        | Inst::SubI64K { lhs, .. }
        | Inst::MulI64K { lhs, .. }
        | Inst::DivI64K { lhs, .. }
        | Inst::ModI64K { lhs, .. }
        | Inst::JumpEqI64K { lhs, .. }
        | Inst::JumpNeI64K { lhs, .. }
        | Inst::JumpLtI64K { lhs, .. }
        | Inst::JumpLeI64K { lhs, .. }
        | Inst::JumpGtI64K { lhs, .. }
        | Inst::JumpGeI64K { lhs, .. } => reads.few[0] = Some(lhs),
        Inst::FmaF64 { lhs, rhs, addend, start, .. } => {
            reads.few = [lhs, start + u32::from(rhs), start + u32::from(addend)].map(Some);
        }
        Inst::LookupI64 { index, .. } => reads.few[0] = Some(index),
        Inst::LenStr { string: cell, .. } | Inst::ListLen { list: cell, .. } => reads.few[0] = Some(cell),
        Inst::ConcatStr { lhs, rhs, .. } => reads.few = [Some(lhs), Some(rhs), None],
        Inst::ListPush { list, value } => reads.few = [Some(list), Some(value), None],
        Inst::ListGetI64 { list: cell, index, .. }
        | Inst::ListGetF64 { list: cell, index, .. }
        | Inst::MapGet { map: cell, key: index, .. } => reads.few = [Some(cell), Some(index), None],
        Inst::ListSetI64 { list: cell, value, index }
        | Inst::ListSetF64 { list: cell, value, index }
        | Inst::MapSet { map: cell, key: index, value } => reads.few = [cell, value, index].map(Some),
        Inst::Call { count, first, .. } | Inst::TailCallI64 { count, first, .. } => {
            reads.run = first..first + u32::from(count);
        }
        Inst::CallMixed { moves, .. } | Inst::TailCallMixed { moves, .. } => reads.moves = code.moves(moves),
        _ => {}
    }
    reads
}

/// The slot that an op writes, calls left aside.
pub(super) fn written(inst: Inst) -> Option<u32> {
    match inst {
        Inst::MovI64 { dst, .. }
        | Inst::MovF64 { dst, .. }
        | Inst::ConstI64 { dst, .. }
        | Inst::ConstF64 { dst, .. }
        | Inst::AddI64 { dst, .. }
        | Inst::SubI64 { dst, .. }
        | Inst::MulI64 { dst, .. }
        | Inst::DivI64 { dst, .. }
        | Inst::ModI64 { dst, .. }
        | Inst::NegI64 { dst, .. }
        | Inst::AddI64K { dst, .. }
        | Inst::SubI64K { dst, .. }
        | Inst::MulI64K { dst, .. }
        | Inst::DivI64K { dst, .. }
        | Inst::ModI64K { dst, .. }
        | Inst::AddF64 { dst, .. }
        | Inst::SubF64 { dst, .. }
        | Inst::MulF64 { dst, .. }
        | Inst::DivF64 { dst, .. }
        | Inst::NegF64 { dst, .. }
        | Inst::SqrtF64 { dst, .. }
        | Inst::FmaF64 { dst, .. }
        | Inst::I64ToF64 { dst, .. }
        | Inst::F64ToI64 { dst, .. }
        | Inst::LookupI64 { dst, .. }
        | Inst::ConstCell { dst, .. }
        | Inst::LenStr { dst, .. }
        | Inst::ConcatStr { dst, .. }
        | Inst::NewList { dst, .. }
        | Inst::ListLen { dst, .. }
        | Inst::ListGetI64 { dst, .. }
        | Inst::ListGetF64 { dst, .. }
        | Inst::NewMap { dst, .. }
        | Inst::MapGet { dst, .. } => Some(dst),
        _ => None,
    }
}

/// What a cell names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    List,
    Map,
}

/// The slot of the list or map that an op works on through a view.
pub(super) fn container(inst: Inst) -> Option<(u32, Container)> {
    match inst {
        Inst::ListPush { list, .. }
        | Inst::ListGetI64 { list, .. }
        | Inst::ListSetI64 { list, .. }
        | Inst::ListGetF64 { list, .. }
        | Inst::ListSetF64 { list, .. } => Some((list, Container::List)),
        Inst::MapGet { map, .. } | Inst::MapSet { map, .. } => Some((map, Container::Map)),
        _ => None,
    }
}

/// Of what an op makes views out of date: of one sort, or, in the inner `None`, of all.
pub(super) fn renews(inst: Inst) -> Option<Option<Container>> {
    match inst {
        Inst::NewList { .. } => Some(Some(Container::List)),
        Inst::NewMap { .. } => Some(Some(Container::Map)),
        Inst::Call { .. } | Inst::CallMixed { .. } => Some(None),
        _ => None,
    }
}

/// Where an op jumps to, if it does.
pub(super) fn target(inst: Inst) -> Option<usize> {
    match inst {
        Inst::JumpEqI64 { target, .. }
        | Inst::JumpNeI64 { target, .. }
        | Inst::JumpLtI64 { target, .. }
        | Inst::JumpLeI64 { target, .. }
        | Inst::JumpGtI64 { target, .. }
        | Inst::JumpGeI64 { target, .. }
        | Inst::JumpEqI64K { target, .. }
        | Inst::JumpNeI64K { target, .. }
        | Inst::JumpLtI64K { target, .. }
        | Inst::JumpLeI64K { target, .. }
        | Inst::JumpGtI64K { target, .. }
        | Inst::JumpGeI64K { target, .. }
        | Inst::JumpEqF64 { target, .. }
        | Inst::JumpNeF64 { target, .. }
        | Inst::JumpLtF64 { target, .. }
        | Inst::JumpLeF64 { target, .. }
        | Inst::JumpGtF64 { target, .. }
        | Inst::JumpGeF64 { target, .. }
        | Inst::Jump { target } => Some(target as usize),
        _ => None,
    }
}

/// Whether an op can go on to the next one, as compiled code. An op that compiled code leaves to the interpreter cannot.
pub(super) fn falls_through(inst: Inst) -> bool {
    match inst {
        Inst::Nop
        | Inst::Call { .. }
        | Inst::CallMixed { .. }
        | Inst::ListPush { .. }
        | Inst::ListSetI64 { .. }
        | Inst::ListSetF64 { .. }
        | Inst::MapSet { .. } => true,
        Inst::Jump { .. } => false,
        inst => written(inst).is_some() || target(inst).is_some(),
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

/// Which ops compiled code jumps to.
pub(super) fn targets(code: &Code) -> Vec<bool> {
    let mut targets = vec![false; code.insts.len() + 1];
    for pc in 0..code.insts.len() {
        if let Some((head, _)) = turned(code, pc) {
            targets[head + 1] = true;
        }
        if let Some(target) = target(code.insts[pc]) {
            targets[target] = true;
        }
    }
    targets
}
