//! The backings that a system does not have: there is no value of one.

use std::ops::Range;
use std::ptr::NonNull;

use super::Backing;
use crate::memory::error::MemoryError;

/// A backing that cannot be reserved.
#[derive(Debug)]
pub(in crate::memory) enum Unsupported {}

// SAFETY: there is no value of this type, so nothing is promised about any memory.
unsafe impl Backing for Unsupported {
    fn reserve(_len: usize, _landing_pads: bool) -> Result<Self, MemoryError> {
        Err(MemoryError::Unsupported { what: "executable memory of this kind" })
    }

    fn executable(&self) -> NonNull<u8> {
        match *self {}
    }

    fn writable(&self) -> NonNull<u8> {
        match *self {}
    }

    fn granule(&self) -> usize {
        match *self {}
    }

    fn keeps_writable(&self) -> bool {
        match *self {}
    }

    unsafe fn open(&self, _range: &Range<usize>) -> Result<(), MemoryError> {
        match *self {}
    }

    unsafe fn publish(&self, _range: &Range<usize>) -> Result<(), MemoryError> {
        match *self {}
    }

    fn refresh(&self, _pages: &Range<usize>) -> Result<(), MemoryError> {
        match *self {}
    }
}

/// A unit to round arena sizes to before they are refused.
#[cfg(not(any(unix, windows)))]
pub(in crate::memory) fn page_size() -> usize {
    4096
}
