//! Data slots that hold the addresses of functions. Stitched code calls and jumps through them, so that what a slot
//! leads to can change while published code stays as it is.

use crate::code::EntryAddress;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A fixed number of slots. Code that calls through one of them keeps all of them, and each keeps what it leads to: code
/// that calls itself through a slot lives until the slot leads elsewhere.
#[derive(Debug)]
pub struct EntrySlots {
    /// What code reads.
    addresses: Box<[AtomicU64]>,
    /// The same, keeping the code alive.
    entries: Mutex<Vec<EntryAddress>>,
}

impl EntrySlots {
    /// `count` slots that lead to `entry`.
    #[must_use]
    pub fn new(count: usize, entry: &EntryAddress) -> Arc<Self> {
        let addresses = (0..count).map(|_| AtomicU64::new(entry.address())).collect();
        Arc::new(Self { addresses, entries: Mutex::new(vec![entry.clone(); count]) })
    }

    /// How many slots there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.addresses.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.addresses.is_empty()
    }

    /// Slot number `index`, to be called through: give it to an op that takes a callee, or to
    /// [`crate::Assembler::jump_through`]. `None` when there is no such slot.
    #[must_use]
    pub fn slot(self: &Arc<Self>, index: usize) -> Option<EntrySlot> {
        (index < self.len()).then(|| EntrySlot { slots: Arc::clone(self), index })
    }

    /// Where a slot leads to at present.
    ///
    /// # Panics
    /// When there is no such slot.
    #[inline]
    #[must_use]
    pub fn address(&self, index: usize) -> u64 {
        self.addresses[index].load(Ordering::Acquire)
    }

    /// Lets a slot lead to `entry`, for calls that start from now on, and gives what it led to. A thread that runs code
    /// with this slot may still go there: it is kept alive until the value returned is dropped.
    ///
    /// # Panics
    /// When there is no such slot.
    #[must_use = "threads may still run the code that the slot led to"]
    pub fn set(&self, index: usize, entry: EntryAddress) -> EntryAddress {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        self.addresses[index].store(entry.address(), Ordering::Release);
        std::mem::replace(&mut entries[index], entry)
    }
}

/// One of the [`EntrySlots`].
#[derive(Debug, Clone)]
pub struct EntrySlot {
    slots: Arc<EntrySlots>,
    index: usize,
}

impl EntrySlot {
    /// The address of the word that code reads.
    #[must_use]
    pub fn location(&self) -> u64 {
        (&raw const self.slots.addresses[self.index]).expose_provenance() as u64
    }
}
