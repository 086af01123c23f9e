//! Places in code: labels within the code being stitched, and code that others call.

use crate::code::EntryAddress;
use crate::slots::EntrySlot;

/// A place in the code being stitched. Made by [`crate::Assembler::label`], meaningless to any other assembler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub(crate) u32);

/// Labels that were made at once, by [`crate::Assembler::labels`].
#[derive(Debug, Clone, Copy)]
pub struct Labels {
    pub(crate) first: u32,
    pub(crate) count: u32,
}

impl Labels {
    /// Label number `index`, from 0; for a number that is too large a label of no assembler.
    #[inline]
    #[must_use]
    pub fn at(self, index: usize) -> Label {
        Label(if index < self.count as usize { self.first + index as u32 } else { u32::MAX })
    }
}

/// What a `Callee` parameter takes: a label of the code being stitched, an entry of published code, or a data slot that
/// holds one when the call is made. The new code keeps the published code or the slots alive.
#[derive(Debug, Clone)]
pub struct Callee(pub(crate) CalleeKind);

#[derive(Debug, Clone)]
pub(crate) enum CalleeKind {
    Label(Label),
    Published(EntryAddress),
    Slot(EntrySlot),
}

impl From<Label> for Callee {
    fn from(label: Label) -> Self {
        Self(CalleeKind::Label(label))
    }
}

impl From<EntryAddress> for Callee {
    fn from(entry: EntryAddress) -> Self {
        Self(CalleeKind::Published(entry))
    }
}

impl From<EntrySlot> for Callee {
    fn from(slot: EntrySlot) -> Self {
        Self(CalleeKind::Slot(slot))
    }
}
