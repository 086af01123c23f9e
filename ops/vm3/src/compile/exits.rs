//! How a function is left for the interpreter, and gone into where a loop starts.

use super::emitter::emit;
use super::function::Function;
use super::listing::Part;
use super::pins::Set;
use crate::frames::header;
use stencil_runtime::Label;

/// A way out to the interpreter that something jumps to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exit {
    label: Label,
    pc: usize,
    /// The pinned registers that have to be brought home.
    flush: Set,
    /// How much fuel was charged for ops that are not executed.
    refund: u32,
}

impl Function<'_> {
    /// Emits the exits that were asked for, which all go on at the end of the last one.
    pub(super) fn exits(&mut self) {
        let mut exits = std::mem::take(&mut self.pending.exits);
        let leave = self.emitter.asm.label();
        for (at, Exit { label, pc, flush, refund }) in exits.iter().copied().enumerate() {
            self.emitter.part(Part::Exit(pc));
            self.emitter.asm.bind(label);
            self.note_exit(pc, flush, refund);
            if at + 1 < exits.len() {
                self.emitter.jump(leave);
            } else {
                self.emitter.asm.bind(leave);
                self.leave_noted();
            }
        }
        exits.clear();
        self.pending.exits = exits;
    }

    /// The ways in for the host, which has all pinned registers in place but for views.
    pub(super) fn loop_entries(&mut self) {
        for pc in self.shapes.loops.iter().map(|pc| *pc as usize) {
            self.emitter.part(Part::Loop(pc));
            let entry = self.emitter.asm.label();
            self.emitter.asm.bind(entry);
            self.emitter.asm.export(entry);
            self.emitter.prologue();
            self.fetch_all(self.live.before(pc) & self.pins.views());
            let label = self.label(pc);
            self.emitter.jump(label);
        }
    }

    /// Says where the interpreter goes on.
    fn note_exit(&mut self, pc: usize, flush: Set, refund: u32) {
        if refund > 0 {
            emit!(self, refund, refund);
        }
        // What views are of is at home.
        emit!(self, note_exit, header(self.index, pc) as u32, flush & !self.pins.views());
    }

    /// Leaves to the interpreter, which goes on where it was told.
    fn leave_noted(&mut self) {
        if let Some(exit) = self.unit.space.bridges().exit() {
            self.emitter.jump_through(&exit);
        }
    }

    /// A label of a way out to the interpreter, which then executes the op at `pc`. To be asked for before the op, or
    /// where everything that the op needs and was changed is clean.
    pub(super) fn exit(&mut self, pc: usize) -> Label {
        self.exit_with(pc, self.unspent(pc))
    }

    pub(super) fn exit_with(&mut self, pc: usize, refund: u32) -> Label {
        let label = self.emitter.asm.label();
        let flush = self.live.before(pc) & !self.clean;
        self.pending.exits.push(Exit { label, pc, flush, refund });
        label
    }

    /// Leaves to the interpreter, which executes the op at `pc`.
    pub(super) fn leave(&mut self, pc: usize) {
        self.note_exit(pc, self.live.before(pc) & !self.clean, self.unspent(pc));
        self.leave_noted();
    }
}
