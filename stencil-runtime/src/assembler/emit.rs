//! The hot path: find the variant by its digits, copy its bytes, patch its holes.

use super::{Assembler, Fixup};
use crate::error::StitchError;
use crate::operand::Placed;
use stencil_table::{AxisRecord, HoleKind, HoleRecord, NO_DIGIT, OpRecord, StencilRecord, Table, op_flags};

/// Bytes copied at a time. Copies run over the stencil's end; what follows overwrites it.
const CHUNK: usize = 32;

impl<S> Assembler<'_, S> {
    /// Appends op number `op`. The first `A` values are its results and operands.
    #[doc(hidden)]
    #[inline]
    pub fn emit<const A: usize, const N: usize>(&mut self, op: u32, values: [Placed; N]) {
        let table = self.table;
        let Some(record) = table.ops().get(op as usize) else {
            return self.fail(StitchError::NoSuchOp { op });
        };
        let axes = table.axes().get(record.axes as usize..).and_then(|axes| axes.first_chunk::<A>());
        let (Some(axes), Some(places)) = (axes, values.first_chunk::<A>()) else {
            return self.fail(StitchError::NoSuchOp { op });
        };
        match find(&table, record, axes, places) {
            Some(stencil) => self.append(op, record, stencil, &values),
            None => self.synthesise(op, &values),
        }
    }

    /// Appends op number `op` of the table with `values` in the order the table numbers them. The emission API is the
    /// typed way to do this; tools that know ops by number only use this one.
    ///
    /// A wrong op, or a wrong number or sort of values, is an error like any other.
    pub fn emit_op(&mut self, op: u32, values: &[Placed]) {
        let Some(record) = self.table.ops().get(op as usize) else {
            return self.fail(StitchError::NoSuchOp { op });
        };
        let axes = usize::from(record.axis_count);
        let sorts = values.len() == usize::from(record.value_count)
            && values.iter().enumerate().all(|(index, value)| (value.kind == Placed::WORD) == (index >= axes))
            && values.iter().take(usize::from(record.result_count)).all(|value| value.kind != Placed::LITERAL);
        if !sorts {
            let op = self.table.text(record.name).to_owned();
            return self.fail(StitchError::WrongValues { op, expected: record.value_count, given: values.len() });
        }
        self.emit_slice(op, values);
    }

    /// Appends an op, whatever it takes.
    pub(super) fn emit_slice(&mut self, op: u32, values: &[Placed]) {
        if !self.emit_variant(op, values) {
            self.synthesise(op, values);
        }
    }

    /// Appends an op if it has a variant for these places; how the slower ways emit. False when it has none.
    pub(super) fn emit_variant(&mut self, op: u32, values: &[Placed]) -> bool {
        let table = self.table;
        let Some(record) = table.ops().get(op as usize) else {
            self.fail(StitchError::NoSuchOp { op });
            return true;
        };
        let stencil = find_slice(&table, record, values);
        if let Some(stencil) = stencil {
            self.append(op, record, stencil, values);
        }
        stencil.is_some()
    }

    #[inline(always)]
    fn append(&mut self, op: u32, record: &OpRecord, stencil: &StencilRecord, values: &[Placed]) {
        const IN_FUSION: u8 = op_flags::STARTS_FUSION | op_flags::ENDS_FUSION;
        if record.flags & IN_FUSION != 0 && self.fuse(op, record, values) {
            return;
        }
        let len = usize::from(stencil.len);
        if !self.room(len) {
            return;
        }
        let table = self.table;
        let at = self.code.len;
        copy(&mut self.code.bytes[at..], &table.code()[stencil.code as usize..], len);
        let holes = table.holes_of(stencil);
        let (value_holes, place_holes) = holes.split_at(holes.len() - usize::from(stencil.place_count));
        let bytes = &mut self.code.bytes[at..at + len];
        let mut fits = true;
        for hole in value_holes {
            fits &= patch(bytes, hole, values[usize::from(hole.value)].bits);
        }
        for hole in place_holes {
            // The table was validated: the kind is one of the places.
            let kind = HoleKind::from_byte(hole.kind).unwrap_or(HoleKind::PoolRel32);
            let target = values.get(usize::from(hole.value)).map_or(0, |value| value.bits);
            let fixup = Fixup {
                at: at as u32 + u32::from(hole.offset),
                target: target as u32,
                addend: hole.addend,
                kind: published(kind, target),
            };
            self.code.fixups.push(fixup);
        }
        self.code.len += len;
        self.stencils += 1;
        if !fits {
            self.out_of_range(record, value_holes, values);
        }
    }

    /// Finds out which value does not fit.
    #[cold]
    #[inline(never)]
    fn out_of_range(&mut self, record: &OpRecord, holes: &[HoleRecord], values: &[Placed]) {
        for hole in holes {
            let bits = values.get(usize::from(hole.value)).map_or(0, |value| value.bits);
            let mut bytes = [0; 8];
            let Ok(kind) = HoleKind::from_byte(hole.kind) else { continue };
            if !patch(&mut bytes, &HoleRecord { offset: 0, ..*hole }, bits) {
                let op = self.table.text(record.name).to_owned();
                self.fail(StitchError::OutOfRange { op, value: hole.value, bits, kind });
            }
        }
    }
}

/// A callee hole with a label is patched like any label; only published code needs the final address.
#[inline(always)]
fn published(kind: HoleKind, target: u64) -> HoleKind {
    match kind {
        HoleKind::CalleeRel32 if target & super::PUBLISHED == 0 => HoleKind::LabelRel32,
        kind => kind,
    }
}

/// The stencil for these places, or `None` when there is none.
#[inline(always)]
fn find<'t, const A: usize>(
    table: &Table<'t>,
    record: &OpRecord,
    axes: &[AxisRecord; A],
    places: &[Placed; A],
) -> Option<&'t StencilRecord> {
    let mut index = record.variants.start;
    let mut missing = false;
    for (axis, place) in axes.iter().zip(places) {
        let digit = digit(axis, *place);
        missing |= digit == u32::from(NO_DIGIT);
        index = index.wrapping_add(digit.wrapping_mul(axis.stride));
    }
    let stencil = table.stencils().get(index as usize)?;
    (!missing && stencil.len != StencilRecord::PRUNED).then_some(stencil)
}

/// The same for a slice of values.
pub(super) fn find_slice<'t>(table: &Table<'t>, record: &OpRecord, values: &[Placed]) -> Option<&'t StencilRecord> {
    let mut index = record.variants.start;
    for (axis, place) in table.axes_of(record).iter().zip(values) {
        let digit = digit(axis, *place);
        if digit == u32::from(NO_DIGIT) {
            return None;
        }
        index += digit * axis.stride;
    }
    table.stencils().get(index as usize).filter(|stencil| stencil.len != StencilRecord::PRUNED)
}

/// The digit of a place, or [`NO_DIGIT`]. Written without branches: operands of real programs are as good as random.
#[inline(always)]
pub(super) fn digit(axis: &AxisRecord, place: Placed) -> u32 {
    let word = u32::from_le_bytes([axis.registers, axis.slot, axis.short, axis.wide]);
    let outside = (place.bits as i64).wrapping_sub(axis.short_min) as u64 > axis.short_span;
    let literal = place.kind == Placed::LITERAL;
    // Byte 1 of the word is the slot's digit, 2 that of a short literal, 3 that of any other.
    let byte = (place.kind.wrapping_sub(Placed::SLOT)).wrapping_add(1).wrapping_add(u32::from(literal & outside));
    let special = word.wrapping_shr(byte.wrapping_mul(8)) & 0xFF;
    let register = if place.kind < u32::from(axis.registers) { place.kind } else { u32::from(NO_DIGIT) };
    if place.kind < Placed::SLOT { register } else { special }
}

/// Copies a stencil in chunks of fixed size; both sides have room behind its end.
#[inline(always)]
fn copy(to: &mut [u8], from: &[u8], len: usize) {
    let mut done = 0;
    loop {
        to[done..done + CHUNK].copy_from_slice(&from[done..done + CHUNK]);
        done += CHUNK;
        if done >= len {
            break;
        }
    }
}

/// Writes a value into its hole; false when it does not fit.
#[inline(always)]
fn patch(bytes: &mut [u8], hole: &HoleRecord, bits: u64) -> bool {
    let at = usize::from(hole.offset);
    let value = bits.wrapping_add(i64::from(hole.addend) as u64);
    if hole.kind == HoleKind::Abs64 as u8 {
        bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        true
    } else {
        bytes[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
        let extended =
            if hole.kind == HoleKind::Abs32Signed as u8 { value as i32 as u64 } else { u64::from(value as u32) };
        // The sum must not have wrapped on the way.
        let wrapped = (bits as i64).checked_add(i64::from(hole.addend)).is_none();
        extended == value && !wrapped
    }
}
