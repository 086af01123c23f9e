//! What compiled code has the host do, mostly out of the way of the ops that seldom need it.

use super::calls::RESULT;
use super::emitter::emit;
use super::function::Function;
use super::listing::Part;
use super::pins::Set;
use crate::code::Inst;
use crate::frames::header;
use crate::native::{HEAP_OP, JOIN, NEW_LIST, NEW_MAP, RELEASE, RELEASE_KEEPING};
use stencil_runtime::Label;

/// A way to the host and back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slow {
    /// Where it begins.
    pub(super) label: Label,
    /// Where the code goes on.
    pub(super) back: Label,
    asks: Ask,
}

/// What the host is asked for.
#[derive(Clone, Copy, Debug)]
enum Ask {
    /// To execute the op at `pc`. When it cannot, the code leaves through `failed`.
    Op { pc: usize, failed: Label, clean: Set },
    /// To end the frame's region, keeping what the result names if `keeping`.
    Release { keeping: bool },
}

impl Function<'_> {
    /// A way to have the host execute the op at `pc`. To be asked for before the op.
    pub(super) fn slow(&mut self, pc: usize) -> Slow {
        let failed = self.exit(pc);
        self.add_slow(Ask::Op { pc, failed, clean: self.clean })
    }

    /// Ends the frame's region, before a return; the result is where it travels.
    pub(super) fn close_region(&mut self, keeping: bool) {
        let slow = self.add_slow(Ask::Release { keeping });
        emit!(self, check_region, slow.label);
        self.emitter.asm.bind(slow.back);
    }

    fn add_slow(&mut self, asks: Ask) -> Slow {
        let slow = Slow { label: self.emitter.asm.label(), back: self.emitter.asm.label(), asks };
        self.pending.slow.push(slow);
        slow
    }

    /// Has the host execute the op at `pc`.
    pub(super) fn run_host(&mut self, pc: usize) {
        let failed = self.exit(pc);
        self.ask(pc, failed, self.clean);
    }

    /// Emits the ways that were asked for.
    pub(super) fn slow_parts(&mut self) {
        let mut slow = std::mem::take(&mut self.pending.slow);
        for Slow { label, back, asks } in slow.drain(..) {
            let part = if let Ask::Op { pc, .. } = asks { Part::Slow(pc) } else { Part::Release };
            self.emitter.part(part);
            self.emitter.asm.bind(label);
            match asks {
                Ask::Op { pc, failed, clean } => self.ask(pc, failed, clean),
                Ask::Release { keeping: false } => emit!(self, release, RELEASE),
                Ask::Release { keeping: true } => emit!(self, release_keeping, RESULT, RESULT, RELEASE_KEEPING),
            }
            self.emitter.jump(back);
        }
        self.pending.slow = slow;
    }

    /// Calls the host, with the op's operands at home unless they are so already, and fetches the result.
    fn ask(&mut self, pc: usize, failed: Label, clean: Set) {
        let shape = self.shapes.at(pc);
        let operands = shape.reads().fold(0, |set, slot| set | self.pins.set_of(slot));
        for pin in self.pins.iter(operands & !clean) {
            self.bring_home(pin);
        }
        match self.code.insts[pc] {
            Inst::ConcatStr { dst, lhs, rhs } => {
                return emit!(self, join_on_host, self.int(dst), self.int(lhs), self.int(rhs), JOIN, failed);
            }
            Inst::NewList { dst, capacity } => {
                return emit!(self, make_on_host, self.int(dst), capacity.cast_unsigned(), NEW_LIST, failed);
            }
            Inst::NewMap { dst, expected } => {
                return emit!(self, make_on_host, self.int(dst), expected, NEW_MAP, failed);
            }
            _ => emit!(self, run_host, header(self.index, pc) as u32, HEAP_OP, failed),
        }
        let result = shape.written().map_or(0, |slot| self.pins.set_of(slot));
        // Views are made where the code goes on.
        self.fetch_all(result & !self.pins.views());
    }
}
