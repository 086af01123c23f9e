//! The frame that the interpreter works on.

use crate::program::Cell;

/// The words of one frame.
pub(super) struct Window<'w>(pub(super) &'w mut [u64]);

impl Window<'_> {
    #[inline(always)]
    pub(super) fn bits(&self, slot: u32) -> u64 {
        self.0[slot as usize]
    }

    #[inline(always)]
    pub(super) fn set_bits(&mut self, slot: u32, bits: u64) {
        self.0[slot as usize] = bits;
    }

    #[inline(always)]
    pub(super) fn i64(&self, slot: u32) -> i64 {
        self.bits(slot).cast_signed()
    }

    #[inline(always)]
    pub(super) fn set_i64(&mut self, slot: u32, value: i64) {
        self.set_bits(slot, value.cast_unsigned());
    }

    #[inline(always)]
    pub(super) fn f64(&self, slot: u32) -> f64 {
        f64::from_bits(self.bits(slot))
    }

    #[inline(always)]
    pub(super) fn set_f64(&mut self, slot: u32, value: f64) {
        self.set_bits(slot, value.to_bits());
    }

    #[inline(always)]
    pub(super) fn cell(&self, slot: u32) -> Cell {
        Cell::from_bits(self.bits(slot))
    }

    #[inline(always)]
    pub(super) fn set_cell(&mut self, slot: u32, value: Cell) {
        self.set_bits(slot, value.bits());
    }
}
