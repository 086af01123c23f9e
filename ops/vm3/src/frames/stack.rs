//! The memory of the frame stack.

use memmap2::{MmapMut, MmapOptions};
use std::io;
use std::marker::PhantomData;
use std::ptr::NonNull;
use zerocopy::FromBytes;

/// One anonymous mapping, committed by the system page by page as frames first touch it, and never moved.
#[derive(Debug)]
pub(crate) struct FrameStack {
    memory: MmapMut,
}

impl FrameStack {
    /// Maps `bytes`, rounded down to whole words.
    ///
    /// # Errors
    /// What the system says when it has no such mapping to give.
    pub(crate) fn new(bytes: usize) -> io::Result<Self> {
        let bytes = bytes - bytes % size_of::<u64>();
        Ok(Self { memory: MmapOptions::new().len(bytes).no_reserve_swap().map_anon()? })
    }

    /// The stack's size in bytes.
    pub(crate) fn bytes(&self) -> usize {
        self.memory.len()
    }

    /// The stack's words; frames start from the first.
    pub(crate) fn words(&self) -> &[u64] {
        <[u64]>::ref_from_bytes(&self.memory).expect("a mapping starts at a page and has whole words")
    }

    /// The same, to write.
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        <[u64]>::mut_from_bytes(&mut self.memory).expect("a mapping starts at a page and has whole words")
    }
}

/// The words of a frame stack while a run has them for itself. Compiled code writes them through [`Words::address`] at
/// times when nobody holds the slice that [`Words::all`] gives.
#[derive(Debug)]
pub(crate) struct Words<'w> {
    // Invariant: `len` words from `start` on are valid for reads and writes, and nobody else's, for `'w`.
    start: NonNull<u64>,
    len: usize,
    of: PhantomData<&'w mut [u64]>,
}

impl<'w> Words<'w> {
    /// These words.
    pub(crate) fn new(words: &'w mut [u64]) -> Self {
        Self { len: words.len(), start: NonNull::from(words).cast(), of: PhantomData }
    }

    /// How many there are.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Where the first one is.
    #[inline]
    pub(crate) const fn address(&self) -> NonNull<u64> {
        self.start
    }

    /// All of them.
    #[inline]
    pub(crate) const fn all(&mut self) -> &mut [u64] {
        // SAFETY: by the invariant the words are valid, and this borrow of `self` keeps them from being given twice.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_start_as_zero_and_stay_where_they_are() {
        let mut stack = FrameStack::new(1 << 20 | 3).unwrap();
        assert_eq!(stack.bytes(), 1 << 20);
        assert!(stack.words().iter().all(|word| *word == 0));
        let address = stack.words().as_ptr();
        stack.words_mut()[131_071] = 7;
        assert_eq!((stack.words()[131_071], stack.words().as_ptr()), (7, address));
        assert!(FrameStack::new(7).unwrap().words().is_empty());
    }
}
