//! The code between compiled functions and the host, none of which belongs to one function's code.

use super::emitter::emit_to;
use super::pins::Registers;
use crate::frames::FrameLayout;
use crate::native::{RUN_CALLED, RUN_REPLACED};
use crate::program::Bank;
use crate::stencils::ops::Machine;
use std::sync::Arc;
use stencil_runtime::{Assembler, CodeSpace, EntryAddress, EntrySlot, EntrySlots, PublishError, Reg, Slot};

/// What compiled code goes to when it cannot go on by itself.
#[derive(Debug)]
pub(crate) struct Bridges {
    /// Stands for a function that is interpreted, where it is called.
    pub(crate) call: EntryAddress,
    /// The same where it is gone into by a tail call.
    pub(crate) body: EntryAddress,
    /// One slot, which leads to where registers are shown to the host and the code leaves.
    exit: Arc<EntrySlots>,
}

impl Bridges {
    /// Stitches and publishes them.
    ///
    /// # Errors
    /// When there is no room for them.
    pub(super) fn new(
        asm: &mut Assembler<'_, Machine>,
        space: &CodeSpace<Machine>,
        registers: Registers,
    ) -> Result<Self, PublishError> {
        let labels = [(); 3].map(|()| asm.label());
        let [call, body, exit] = labels;
        labels.iter().for_each(|label| asm.export(*label));
        for (label, helper) in [(call, RUN_CALLED), (body, RUN_REPLACED)] {
            asm.bind(label);
            if label == call {
                asm.prologue();
            }
            show(asm, registers);
            emit_to!(asm, run_on_host, helper);
            emit_to!(asm, take_int, Reg(0));
            emit_to!(asm, take_float, Reg(0));
            emit_to!(asm, ret);
        }
        asm.bind(exit);
        show(asm, registers);
        emit_to!(asm, leave);
        let code = space.publish(asm)?;
        let entry = |index| code.entry(index).unwrap_or_else(|| code.start());
        Ok(Self { call: entry(0), body: entry(1), exit: EntrySlots::new(1, &entry(2)) })
    }

    /// Where code that leaves to be resumed goes, after it said where.
    pub(super) fn exit(&self) -> Option<EntrySlot> {
        self.exit.slot(0)
    }
}

/// Shows all registers to the host.
fn show(asm: &mut Assembler<'_, Machine>, registers: Registers) {
    for register in 0..registers.ints as u8 {
        emit_to!(asm, show_int, u32::from(register), Reg(register));
    }
    for register in 0..registers.floats as u8 {
        emit_to!(asm, show_float, u32::from(register), Reg(register));
    }
}

/// Stitches the way in for the host to a function whose frame is set, region included, and that is gone into through
/// `body`: fetches those arguments that travel in machine registers from the frame, `counts` of each bank. The function
/// returns to the host.
pub(crate) fn host_entry(
    asm: &mut Assembler<'_, Machine>,
    function: usize,
    layout: FrameLayout,
    [ints, floats]: [usize; 2],
    body: &EntrySlot,
) {
    let slots = |bank, count: usize| (0..count as u8).zip(layout.start(bank)..);
    asm.prologue();
    for (register, slot) in slots(Bank::I64, ints) {
        emit_to!(asm, move_ints, Reg(register), Slot(slot));
    }
    for (register, slot) in slots(Bank::F64, floats) {
        emit_to!(asm, move_floats, Reg(register), Slot(slot));
    }
    emit_to!(asm, set_callee, function as i64);
    asm.jump_through(body);
}
