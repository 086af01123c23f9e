//! Rows of values whose words stand where compiled code reads and writes them.

use crate::stencils::ops::Vector;
use std::mem::ManuallyDrop;
use std::ops::{Deref, DerefMut};

/// A `Vec` taken apart.
// Invariant: the words are those of a `Vec<T>`, and `length` values from `start` on are there, at most `capacity`.
// Compiled code that writes to a buffer keeps this: it replaces values, and appends one only where there is room.
#[derive(Debug)]
#[repr(transparent)]
pub(super) struct Buffer<T>(Vector<T>);

impl<T> Buffer<T> {
    /// How many values there is room for.
    pub(super) const fn capacity(&self) -> usize {
        self.0.capacity
    }

    /// Makes room for `more` further values, and for no more than that if the allocator can do so.
    pub(super) fn reserve_exact(&mut self, more: usize) {
        let mut values = Vec::from(std::mem::take(self));
        values.reserve_exact(more);
        *self = values.into();
    }

    /// Appends a value.
    ///
    /// # Panics
    /// When there is no room for it.
    #[inline]
    pub(super) fn push(&mut self, value: T) {
        assert!(self.0.length < self.0.capacity, "a buffer is made larger before a value is appended");
        // SAFETY: the length is below the capacity, so this stays within the allocation.
        let end = unsafe { self.0.start.add(self.0.length) };
        // SAFETY: the place is allocated and borrowed with `self`.
        unsafe { end.write(value) };
        self.0.length += 1;
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(values: Vec<T>) -> Self {
        let mut values = ManuallyDrop::new(values);
        Self(Vector { start: values.as_mut_ptr(), length: values.len(), capacity: values.capacity() })
    }
}

impl<T> From<Buffer<T>> for Vec<T> {
    fn from(buffer: Buffer<T>) -> Self {
        let Vector { start, length, capacity } = ManuallyDrop::new(buffer).0;
        // SAFETY: by the invariant these are the words of a vector, and nobody uses them again.
        unsafe { Self::from_raw_parts(start, length, capacity) }
    }
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Vec::new().into()
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        // SAFETY: by the invariant the values are there, and they are borrowed with `self`.
        unsafe { std::slice::from_raw_parts(self.0.start, self.0.length) }
    }
}

impl<T> DerefMut for Buffer<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: by the invariant the values are there, and they are borrowed with `self`.
        unsafe { std::slice::from_raw_parts_mut(self.0.start, self.0.length) }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        let Vector { start, length, capacity } = self.0;
        // SAFETY: by the invariant these are the words of a vector, and nobody uses them again.
        drop(unsafe { Vec::from_raw_parts(start, length, capacity) });
    }
}

// SAFETY: a buffer owns its values as a vector does.
unsafe impl<T: Send> Send for Buffer<T> {}

// SAFETY: a shared buffer gives shared values only, as a vector does.
unsafe impl<T: Sync> Sync for Buffer<T> {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::rc::Rc;

    #[test]
    fn values_are_kept_and_dropped_once() {
        let value = Rc::new(7);
        let mut buffer: Buffer<Rc<i32>> = Buffer::default();
        assert_eq!((buffer.len(), buffer.capacity()), (0, 0));
        buffer.reserve_exact(2);
        buffer.push(Rc::clone(&value));
        buffer.reserve_exact(2);
        buffer.push(Rc::clone(&value));
        assert_eq!((buffer.len(), buffer.capacity(), Rc::strong_count(&value)), (2, 3, 3));
        buffer[1] = Rc::new(8);
        assert_eq!((*buffer[0], *buffer[1], Rc::strong_count(&value)), (7, 8, 2));
        let values = Vec::from(buffer);
        assert_eq!(values, [Rc::new(7), Rc::new(8)]);
        drop(Buffer::from(values));
        assert_eq!(Rc::strong_count(&value), 1);
    }

    #[test]
    #[should_panic = "larger"]
    fn without_room_nothing_is_appended() {
        Buffer::from(Vec::new()).push(1);
    }
}
