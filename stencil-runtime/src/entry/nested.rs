//! Entering again while stitched code that uses the same anchor waits for a host function.
//!
//! An op that calls the host may have been reached through borrowed registers, whose content lies in the anchor's
//! scratch until the host returns. Code that is entered meanwhile may borrow registers too.

use crate::prelude::Anchor;

/// What the anchor held for code that waits outside, if any does. When a panic goes through stitched code, its trampoline
/// does not get to restore the anchor: dropping this does.
pub(super) struct Kept {
    // Invariant: the address is that of an anchor that nobody else uses while this is there, but for the code entered.
    address: u64,
    stack: u64,
    scratch: Option<[u64; Anchor::SCRATCH_WORDS]>,
}

impl Kept {
    /// Keeps the anchor's stack pointer, and its scratch when code that uses it was entered before.
    ///
    /// # Safety
    /// The address is that of an anchor that is valid for reads and writes as long as this is there, and that nobody else
    /// uses meanwhile but for the code that is entered.
    #[inline]
    pub(super) unsafe fn of(address: u64) -> Self {
        // SAFETY: the caller vouches for the address; the reference ends with this function.
        let anchor = unsafe { &*(address as usize as *const Anchor) };
        // SAFETY: the stack pointer is a word of the anchor.
        let stack = unsafe { stack_of(address).read() };
        Self { address, stack, scratch: anchor.is_entered().then(|| anchor.scratch()) }
    }

    /// Puts the scratch back, after a trampoline that has restored the stack pointer.
    #[inline]
    pub(super) fn restore(self) {
        self.restore_scratch();
        std::mem::forget(self);
    }

    #[inline]
    fn restore_scratch(&self) {
        if let Some(scratch) = self.scratch {
            // SAFETY: by the invariant; the reference ends here.
            let anchor = unsafe { &mut *(self.address as usize as *mut Anchor) };
            anchor.set_scratch(scratch);
        }
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.restore_scratch();
        // SAFETY: by the invariant; the stack pointer is a word of the anchor.
        unsafe { stack_of(self.address).write(self.stack) };
    }
}

/// Where the stack pointer of the anchor at `address` is.
fn stack_of(address: u64) -> *mut u64 {
    (address as usize + Anchor::STACK_OFFSET) as *mut u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the scratch, and the stack pointer, are what they were after code that changed them has ended.
    fn after(stack: u64, unwinds: bool) -> [u64; 3] {
        // An anchor: its stack pointer, then its scratch.
        let mut words = [1_u64; 1 + Anchor::SCRATCH_WORDS];
        words[0] = stack;
        let address = words.as_mut_ptr().expose_provenance() as u64;
        // SAFETY: the words are an anchor of our own.
        let kept = unsafe { Kept::of(address) };
        words[3] = 9;
        if unwinds {
            words[0] = 77;
            drop(kept);
        } else {
            kept.restore();
        }
        [words[0], words[3], words[7]]
    }

    #[test]
    fn scratch_is_kept_exactly_when_somebody_waits_outside() {
        assert_eq!([after(0, false), after(0x1000, false)], [[0, 9, 1], [0x1000, 1, 1]]);
    }

    #[test]
    fn a_panic_restores_the_stack_pointer_too() {
        assert_eq!([after(0, true), after(0x1000, true)], [[0, 9, 1], [0x1000, 1, 1]]);
    }
}
