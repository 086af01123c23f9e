//! The buffer of the section that is being written.

use super::Assembler;
use crate::error::StitchError;

impl<S> Assembler<'_, S> {
    /// Appends bytes that are no stencil, and says where they start; `None` when there is no room.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> Option<usize> {
        if !self.room(bytes.len()) {
            return None;
        }
        let at = self.code.len;
        self.code.bytes[at..at + bytes.len()].copy_from_slice(bytes);
        self.code.len += bytes.len();
        self.history.barrier();
        Some(at)
    }

    /// Makes room for a stencil of `len` bytes and the over-copy behind it.
    #[inline]
    pub(super) fn room(&mut self, len: usize) -> bool {
        if self.code.bytes.len() - self.code.len >= len + stencil_table::CODE_PADDING {
            return true;
        }
        self.grow(len)
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) -> bool {
        let needed = self.code.len + len + stencil_table::CODE_PADDING;
        if needed > self.code.due {
            self.look(needed);
        }
        self.stretch(len)
    }

    /// Makes room and nothing else.
    #[cold]
    pub(super) fn stretch(&mut self, len: usize) -> bool {
        let needed = self.code.len + len + stencil_table::CODE_PADDING;
        let limit = self.limits.code;
        if needed > limit {
            self.fail(StitchError::TooLarge { limit });
            return false;
        }
        let size = self.code.bytes.len();
        if needed > size {
            self.code.bytes.resize((size * 2).max(4096).min(limit).min(self.code.due).max(needed), 0);
        }
        true
    }
}
