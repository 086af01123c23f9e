//! Where the values of an op are: registers, frame slots, literals.

use crate::prelude::Register;
use std::marker::PhantomData;
use stencil_table::place;

/// A register of the operand's bank, by number from 0. How many there are the table says ([`crate::Assembler::registers`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reg(pub u8);

/// A slot of the frame: 8 bytes at 8 times this index from the machine's `#[frame]` part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u32);

/// Where a result of type `T` goes: a [`Reg`] or a [`Slot`].
#[derive(Debug)]
pub struct Place<T> {
    placed: Placed,
    of: PhantomData<fn() -> T>,
}

/// Where an operand of type `T` is: a [`Reg`], a [`Slot`], or a literal, which is any `T`.
#[derive(Debug)]
pub struct Operand<T> {
    placed: Placed,
    of: PhantomData<fn() -> T>,
}

impl<T> Clone for Place<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Place<T> {}
impl<T> PartialEq for Place<T> {
    fn eq(&self, other: &Self) -> bool {
        self.placed == other.placed
    }
}
impl<T> Eq for Place<T> {}

impl<T> Clone for Operand<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Operand<T> {}
impl<T> PartialEq for Operand<T> {
    fn eq(&self, other: &Self) -> bool {
        self.placed == other.placed
    }
}
impl<T> Eq for Operand<T> {}

impl<T> From<Reg> for Place<T> {
    #[inline(always)]
    fn from(register: Reg) -> Self {
        Self { placed: Placed::register(register), of: PhantomData }
    }
}

impl<T> From<Slot> for Place<T> {
    #[inline(always)]
    fn from(slot: Slot) -> Self {
        Self { placed: Placed::slot(slot), of: PhantomData }
    }
}

impl<T> From<Reg> for Operand<T> {
    #[inline(always)]
    fn from(register: Reg) -> Self {
        Self { placed: Placed::register(register), of: PhantomData }
    }
}

impl<T> From<Slot> for Operand<T> {
    #[inline(always)]
    fn from(slot: Slot) -> Self {
        Self { placed: Placed::slot(slot), of: PhantomData }
    }
}

impl<T> From<Place<T>> for Operand<T> {
    #[inline(always)]
    fn from(place: Place<T>) -> Self {
        Self { placed: place.placed, of: PhantomData }
    }
}

impl<T: Register> From<T> for Operand<T> {
    #[inline(always)]
    fn from(literal: T) -> Self {
        Self { placed: Placed::literal(literal.to_bits()), of: PhantomData }
    }
}

impl<T> Place<T> {
    /// The register, if the place is one.
    #[must_use]
    pub fn as_register(self) -> Option<Reg> {
        (self.placed.kind < Placed::SLOT).then_some(Reg(self.placed.bits as u8))
    }
}

/// A value of an op without its type: what the emission API passes to the assembler, and what tools that emit ops by
/// number use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// The index of the place, see [`stencil_table::place`].
    pub(crate) kind: u32,
    /// The register's number, the slot's byte offset, the literal's bits, or the word of a value that is no operand.
    pub(crate) bits: u64,
}

impl Placed {
    pub(crate) const SLOT: u32 = place::SLOT;
    pub(crate) const WORD: u32 = place::NONE;

    /// Whether the value is a literal.
    pub(crate) const fn is_literal(self) -> bool {
        matches!(self.kind, place::SMALL | place::NEGATIVE | place::WIDE)
    }

    /// The bits of the literal, if the value is one.
    #[inline]
    #[must_use]
    pub const fn as_literal(self) -> Option<u64> {
        if self.is_literal() { Some(self.bits) } else { None }
    }

    /// A register.
    #[inline(always)]
    #[must_use]
    pub const fn register(register: Reg) -> Self {
        let number = register.0 as u32;
        Self { kind: if number < place::NO_REGISTER { number } else { place::NO_REGISTER }, bits: number as u64 }
    }

    /// A slot.
    #[inline(always)]
    #[must_use]
    pub const fn slot(slot: Slot) -> Self {
        Self { kind: Self::SLOT, bits: slot.0 as u64 * 8 }
    }

    /// A literal, by its bits.
    #[inline(always)]
    #[must_use]
    pub const fn literal(bits: u64) -> Self {
        Self { kind: place::of_literal(bits), bits }
    }

    /// A value that is patched in whatever the variant: a hole or a target.
    #[inline(always)]
    #[must_use]
    pub const fn word(bits: u64) -> Self {
        Self { kind: Self::WORD, bits }
    }

    /// A label, for a value that is a label, an exit or a callee.
    #[inline(always)]
    #[must_use]
    pub const fn label(label: crate::Label) -> Self {
        Self::word(label.0 as u64)
    }
}

impl<T> From<Place<T>> for Placed {
    #[inline(always)]
    fn from(place: Place<T>) -> Self {
        place.placed
    }
}

impl<T> From<Operand<T>> for Placed {
    #[inline(always)]
    fn from(operand: Operand<T>) -> Self {
        operand.placed
    }
}
