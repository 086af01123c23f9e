//! What compiled code sees of an arena.

use super::slab::Slot;
use crate::stencils::ops::Head;
use std::ptr::NonNull;

/// The head of an arena, at an address that does not change.
// Invariant: the pointer is that of a box, which nobody else has and no reference points into.
#[derive(Debug)]
pub(super) struct SharedHead<S>(NonNull<Head<S>>);

impl<S> SharedHead<S> {
    /// The head of an arena without slots.
    pub(super) fn new() -> Self {
        let head = Box::new(Head { slots: std::ptr::dangling_mut(), length: 0 });
        Self(NonNull::from(Box::leak(head)))
    }

    /// Says where the slots are: the first `length` of `slots`.
    pub(super) fn set(&mut self, slots: &mut Vec<Slot<S>>, length: usize) {
        let head = Head { slots: slots.as_mut_ptr(), length };
        // SAFETY: by the invariant the box is there, and nobody holds a reference into it.
        unsafe { self.0.write(head) };
    }

    /// Where the head is, as long as this lives.
    pub(super) const fn address(&self) -> *const Head<S> {
        self.0.as_ptr()
    }
}

impl<S> Drop for SharedHead<S> {
    fn drop(&mut self) {
        // SAFETY: by the invariant the pointer is that of a box that nobody else drops.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

// SAFETY: a head owns nothing but itself, and is changed through a unique borrow only.
unsafe impl<S: Send> Send for SharedHead<S> {}

// SAFETY: a shared head gives its address only.
unsafe impl<S: Sync> Sync for SharedHead<S> {}
