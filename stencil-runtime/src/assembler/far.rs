//! Slots that are further away than the architecture's loads and stores reach: a move to or from one stands between two
//! shifts of the frame's register, and other ops borrow registers for them.

use super::Assembler;
use crate::glue::{Far, Shift};
use crate::operand::Placed;
use crate::patch;
use stencil_table::{MAX_VALUES, OpRecord};

/// The largest offset of a slot. What is above is a distance back from where the frame's register was moved to: in a table
/// that was damaged, no stencil may reach that either.
const MOST: u64 = 8 * u32::MAX as u64;

/// Whether a place is a slot that some stencil does not reach.
pub(super) fn is_far(far: Option<&Far>, place: Placed) -> bool {
    place.kind == Placed::SLOT && far.is_some_and(|far| (far.reach + 1..=MOST).contains(&place.bits))
}

impl<S> Assembler<'_, S> {
    /// Emits an op with slots that its variant does not reach. False when it has none.
    #[cold]
    pub(super) fn reach_far(&mut self, op: u32, record: &OpRecord, values: &[Placed]) -> bool {
        let Some(far) = &self.glue.far else { return false };
        let axes = values.iter().take(usize::from(record.axis_count)).enumerate();
        let slots = axes.filter(|(_, place)| place.kind == Placed::SLOT);
        let mut far_ones = slots.clone().filter(|(_, place)| is_far(Some(far), **place));
        let Some((first, place)) = far_ones.next() else { return false };
        let is_move = self.table.banks().iter().any(|bank| bank.move_op == op);
        if !is_move || slots.count() > 1 {
            self.synthesise(op, values);
            return true;
        }
        let (pages, offset) = far.split(place.bits);
        let mut near = [Placed::word(0); MAX_VALUES + 1];
        near[..values.len()].copy_from_slice(values);
        near[first].bits = offset;
        let (Some(forward), Some(back)) = (far.forward.get(self.frame), far.back.get(self.frame)) else { return false };
        if !self.shift(forward, far, pages) {
            return false;
        }
        self.emit_slice(op, &near[..values.len()]);
        self.shift(back, far, pages)
    }

    /// Moves the frame's register by pages. False when it cannot be moved that far.
    fn shift(&mut self, shift: &Shift, far: &Far, pages: u64) -> bool {
        let Some(at) = self.raw(shift.code) else { return true };
        let to = &mut self.code.bytes[at..self.code.len];
        let fits = patch::value(shift.kind, to, pages * far.page).is_ok();
        if !fits {
            self.code.len = at;
        }
        fits
    }
}
