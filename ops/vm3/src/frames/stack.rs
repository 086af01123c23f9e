//! The memory of the frame stack.

use memmap2::{MmapMut, MmapOptions};
use std::io;
use std::marker::PhantomData;
use std::ptr::NonNull;
use zerocopy::FromBytes;

/// One anonymous mapping, committed by the system page by page as frames first touch it, and never moved.
#[derive(Debug)]
pub(crate) struct FrameStack {
    // Invariant: the words are those of the mapping, which is only kept for them.
    start: NonNull<u64>,
    len: usize,
    _memory: MmapMut,
}

// SAFETY: the words are owned as the mapping is, which can be sent.
unsafe impl Send for FrameStack {}

// SAFETY: a shared stack gives its words to be read only.
unsafe impl Sync for FrameStack {}

impl FrameStack {
    /// Maps `bytes`, rounded down to whole words.
    ///
    /// # Errors
    /// What the system says when it has no such mapping to give.
    pub(crate) fn new(bytes: usize) -> io::Result<Self> {
        let bytes = bytes - bytes % size_of::<u64>();
        let mut memory = MmapOptions::new().len(bytes).no_reserve_swap().map_anon()?;
        let words = <[u64]>::mut_from_bytes(&mut memory).expect("a mapping starts at a page and has whole words");
        Ok(Self { len: words.len(), start: NonNull::from(words).cast(), _memory: memory })
    }

    /// The stack's size in bytes.
    #[inline]
    pub(crate) fn bytes(&self) -> usize {
        self.len * size_of::<u64>()
    }

    /// How many words it has.
    #[inline]
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Where the first word is.
    #[inline]
    pub(crate) const fn address(&self) -> NonNull<u64> {
        self.start
    }

    /// The stack's words; frames start from the first.
    pub(crate) fn words(&self) -> &[u64] {
        // SAFETY: by the invariant the words are valid, and borrowed with `self`.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// The same, to write.
    #[inline]
    pub(crate) fn words_mut(&mut self) -> &mut [u64] {
        // SAFETY: as above, and nobody else has them meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
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
    /// Those of a stack.
    pub(crate) const fn of(stack: &'w mut FrameStack) -> Self {
        Self { start: stack.start, len: stack.len, of: PhantomData }
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
