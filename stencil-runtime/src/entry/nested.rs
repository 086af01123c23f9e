//! Entering again while stitched code that uses the same anchor waits for a host function.
//!
//! An op that calls the host may have been reached through borrowed registers, whose content lies in the anchor's
//! scratch until the host returns. Code that is entered meanwhile may borrow registers too.

use crate::prelude::Anchor;

/// The scratch of code that waits outside, if any.
pub(super) struct Kept(Option<[u64; Anchor::SCRATCH_WORDS]>);

impl Kept {
    /// Keeps the scratch of the anchor at `address` when code that uses it was entered before.
    ///
    /// # Safety
    /// The address is that of an anchor that is valid for reads and that nobody else uses meanwhile.
    #[inline]
    pub(super) unsafe fn of(address: u64) -> Self {
        // SAFETY: the caller vouches for the address; the reference ends with this function.
        let anchor = unsafe { &*(address as usize as *const Anchor) };
        Self(anchor.is_entered().then(|| anchor.scratch()))
    }

    /// Puts it back.
    ///
    /// # Safety
    /// As for [`Kept::of`] with the same address, and valid for writes.
    #[inline]
    pub(super) unsafe fn restore(self, address: u64) {
        if let Some(scratch) = self.0 {
            // SAFETY: the caller vouches for the address; the reference ends with this function.
            let anchor = unsafe { &mut *(address as usize as *mut Anchor) };
            anchor.set_scratch(scratch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scratch_is_kept_exactly_when_somebody_waits_outside() {
        for (stack, after) in [(0_u64, 9), (0x1000, 1)] {
            // An anchor: its stack pointer, then its scratch.
            let mut words = [1_u64; 1 + Anchor::SCRATCH_WORDS];
            words[0] = stack;
            let address = words.as_mut_ptr().expose_provenance() as u64;
            // SAFETY: the words are an anchor of our own.
            let kept = unsafe { Kept::of(address) };
            words[3] = 9;
            // SAFETY: as above.
            unsafe { kept.restore(address) };
            assert_eq!((words[0], words[3], words[7]), (stack, after, 1));
        }
    }
}
