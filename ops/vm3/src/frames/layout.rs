//! Where things are in a frame.

use crate::program::{Bank, RegisterCounts};
use crate::stencils::ops::REGION;

/// The header of a frame that the host entered.
pub(crate) const HOST_ENTRY: u64 = u64::MAX;

/// Bits of a header that hold the position of the call op.
const PC_BITS: u32 = 16;

/// The header of a frame called by the op at `pc` of `function`.
#[inline]
pub(crate) const fn header(function: usize, pc: usize) -> u64 {
    (function as u64) << PC_BITS | pc as u64
}

/// The function and the position that [`header`] was made from.
#[inline]
pub(crate) const fn place_of(header: u64) -> (usize, usize) {
    ((header >> PC_BITS) as usize, (header & ((1 << PC_BITS) - 1)) as usize)
}

/// The calling function and the position of its call op, or `None` when the host entered the frame.
#[inline]
pub(crate) const fn header_place(header: u64) -> Option<(usize, usize)> {
    if header == HOST_ENTRY {
        return None;
    }
    Some(place_of(header))
}

/// The slots of a function's frames: words of 8 bytes, counted from the frame's base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameLayout {
    i64: u32,
    f64: u32,
    cell: u32,
    view: u32,
    end: u32,
}

/// The most cells of a frame that have a word for a view besides.
const VIEWS: u16 = 8;

impl FrameLayout {
    /// The slot of the header.
    pub const HEADER: u32 = 0;

    /// The layout for these registers, of frames that keep a region of the heap or do not.
    #[must_use]
    pub const fn of(registers: RegisterCounts, keeps_region: bool) -> Self {
        let i64 = if keeps_region { REGION as u32 + 2 } else { Self::HEADER + 1 };
        let f64 = i64 + registers.i64 as u32;
        let cell = f64 + registers.f64 as u32;
        let view = cell + registers.cell as u32;
        let views = if registers.cell < VIEWS { registers.cell } else { VIEWS };
        Self { i64, f64, cell, view, end: view + views as u32 }
    }

    /// The first slot of `bank`.
    #[must_use]
    pub const fn start(self, bank: Bank) -> u32 {
        match bank {
            Bank::I64 => self.i64,
            Bank::F64 => self.f64,
            Bank::Cell => self.cell,
        }
    }

    /// The slot of a register.
    #[must_use]
    pub const fn slot(self, bank: Bank, register: u16) -> u32 {
        self.start(bank) + register as u32
    }

    /// The slots of the cell registers.
    #[must_use]
    pub const fn cells(self) -> std::ops::Range<usize> {
        self.cell as usize..self.view as usize
    }

    /// The slots after the last register, in which compiled code keeps views of what cells name.
    #[must_use]
    pub const fn views(self) -> std::ops::Range<u32> {
        self.view..self.end
    }

    /// The words of a frame, header included.
    #[must_use]
    pub const fn words(self) -> usize {
        self.end as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banks_follow_the_header_in_order() {
        let registers = RegisterCounts { i64: 3, f64: 2, cell: 4 };
        let layout = FrameLayout::of(registers, false);
        assert_eq!(Bank::ALL.map(|bank| layout.start(bank)), [1, 4, 6]);
        assert_eq!(layout.slot(Bank::F64, 1), 5);
        assert_eq!((layout.cells(), layout.views(), layout.words()), (6..10, 10..14, 14));
        let layout = FrameLayout::of(registers, true);
        assert_eq!(Bank::ALL.map(|bank| layout.start(bank)), [3, 6, 8]);
        assert_eq!((layout.cells(), layout.views(), layout.words()), (8..12, 12..16, 16));
        let most = RegisterCounts { i64: u16::MAX, f64: u16::MAX, cell: u16::MAX };
        assert_eq!(FrameLayout::of(most, true).words(), 3 + 3 * 65535 + 8);
    }

    #[test]
    fn headers_name_the_call_op() {
        for place in [(0, 0), (65535, 65535), (7, 0), (0, 7)] {
            assert_eq!(header_place(header(place.0, place.1)), Some(place));
        }
        assert_eq!(header_place(HOST_ENTRY), None);
    }
}
