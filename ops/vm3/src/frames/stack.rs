//! The memory of the frame stack.

use memmap2::{MmapMut, MmapOptions};
use std::io;
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
