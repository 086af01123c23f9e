//! The hot path: find the variant by its digits, copy its bytes, patch its holes.

use super::{Assembler, PUBLISHED, SLOT};
use crate::error::StitchError;
use crate::operand::Placed;
use crate::patch;
use std::hint::select_unpredictable;
use stencil_table::{
    AxisRecord, HoleKind, HoleRecord, MAX_VALUES, NO_STEP, OpRecord, PlainHole, StencilRecord, Table, op_flags, place,
};

/// What offsets of holes in plain stencils are below.
const REACH: usize = 64;

/// The room that a plain stencil needs: whatever its length, all of its record's bytes are copied, and what follows
/// overwrites the rest.
const ROOM: usize = REACH + 8;

// A hole that is not there lies at a plain stencil's end.
const _: () = assert!((StencilRecord::PLAIN_LEN as usize) < REACH);

/// Flags of ops that are in fusions, or noted where they are stitched.
const WATCHED: u8 = op_flags::CONTINUES_FUSION | op_flags::ENDS_FUSION | op_flags::TRACED;

/// How many values an op has at most that can be [`Prepared`].
const PREPARED: usize = 3;

/// An op of a table with at most three values, found once for [`Assembler::emit_prepared`].
#[doc(hidden)]
#[derive(Debug, Clone)]
pub struct Prepared {
    number: u32,
    /// The first variant; none if the op may be fused with others, or is noted where it is stitched.
    first: u32,
    /// How many values there are.
    values: usize,
    /// What each place of each value adds to the variant's number: nothing for those that are no operands.
    steps: [[u32; place::COUNT]; PREPARED],
}

impl Prepared {
    /// Op number `op` of `table`. To emit one that is not there, or has more values, is an error.
    #[must_use]
    pub fn of(table: &Table<'_>, op: u32) -> Self {
        let steps = [[NO_STEP; place::COUNT]; PREPARED];
        let mut prepared = Self { number: op, first: 0, values: PREPARED, steps };
        let record = table.ops().get(op as usize);
        if let Some(record) = record.filter(|record| usize::from(record.value_count) <= PREPARED) {
            let axes = table.axes_of(record).iter().map(|axis| axis.steps);
            prepared.steps = [[0; place::COUNT]; PREPARED];
            prepared.steps.iter_mut().zip(axes).for_each(|(to, steps)| *to = steps);
            prepared.first = if record.flags & WATCHED == 0 { record.variants.start } else { NO_STEP };
            prepared.values = usize::from(record.value_count);
        }
        prepared
    }
}

impl<S> Assembler<'_, S> {
    /// Appends op number `op`. The first `A` values are its results and operands, the last one is a word 0 that is none
    /// of the op's.
    #[doc(hidden)]
    #[inline]
    pub fn emit<const A: usize, const N: usize>(&mut self, op: u32, values: [Placed; N]) {
        let Some(record) = self.table.ops().get(op as usize) else {
            return self.fail(StitchError::NoSuchOp { op });
        };
        let axes = self.table.axes().get(record.axes as usize..).and_then(|axes| axes.first_chunk::<A>());
        let (Some(axes), Some(places)) = (axes, values.first_chunk::<A>()) else {
            return self.fail(StitchError::NoSuchOp { op });
        };
        match find(&self.table, record, axes, places) {
            Some(stencil) => self.append(op, record, stencil, &values),
            None => self.synthesise(op, &values),
        }
    }

    /// The same for an op that was [prepared](Prepared) from this assembler's table. What follows the op's values has no
    /// bits. `values` is asked again where something is out of the ordinary, so that what everybody wants need not be in memory.
    #[doc(hidden)]
    #[inline(always)]
    pub fn emit_prepared(&mut self, op: &Prepared, values: impl Fn() -> [Placed; PREPARED + 1]) {
        let places = values();
        // It is patched behind the stencil's end.
        debug_assert!(places.iter().skip(op.values).all(|place| place.bits == 0), "more than the op's values has bits");
        let steps =
            op.steps.iter().zip(places).map(|(steps, place)| u64::from(steps[place.kind as usize % place::COUNT]));
        let number = u64::from(op.first) + steps.sum::<u64>();
        let bits = places.map(|place| place.bits);
        let stencil = self.table.stencils().get(number as usize).filter(|stencil| stencil.len != StencilRecord::PRUNED);
        let copied = stencil.and_then(|stencil| Some((stencil, self.copy(stencil, |value| bits[value % bits.len()])?)));
        match copied {
            Some((stencil, 0)) if !stencil.has_places() => {}
            Some((stencil, 0)) => self.fix_later(stencil, |value| bits[value % bits.len()]),
            Some((stencil, _)) => self.out_of_range(op.number, stencil, &values()),
            None => self.emit_unprepared(op, values()),
        }
    }

    #[cold]
    #[inline(never)]
    fn emit_unprepared(&mut self, op: &Prepared, values: [Placed; PREPARED + 1]) {
        self.emit_slice(op.number, values.get(..=op.values).unwrap_or_default());
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
        let is_sort = |(index, value): (usize, &Placed)| {
            let number = value.bits as u32 as usize;
            let place = match value.bits & !u64::from(u32::MAX) {
                0 => true,
                PUBLISHED => number < self.callees.len(),
                SLOT => number < self.slots.len(),
                _ => false,
            };
            (value.kind == Placed::WORD) == (index >= axes) && (record.targets >> index & 1 == 0 || place)
        };
        let sorts = values.len() == usize::from(record.value_count)
            && values.iter().enumerate().all(is_sort)
            && values.iter().take(usize::from(record.result_count)).all(|value| !value.is_literal());
        if !sorts {
            let op = self.table.text(record.name).to_owned();
            return self.fail(StitchError::WrongValues { op, expected: record.value_count, given: values.len() });
        }
        let mut padded = [Placed::word(0); MAX_VALUES + 1];
        padded[..values.len()].copy_from_slice(values);
        self.emit_slice(op, &padded[..=values.len()]);
    }

    /// Appends an op, whatever it takes. Here and below, a word 0 follows the op's values.
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
        if record.flags & WATCHED != 0 && self.fuse(op, record, values) {
            return;
        }
        let bits_of = |value: usize| values.get(value).map_or(0, |value| value.bits);
        let copied = self.copy(stencil, bits_of).or_else(|| self.append_long(stencil, values));
        match copied {
            Some(0) if !stencil.has_places() => {}
            Some(0) => self.fix_later(stencil, bits_of),
            Some(_) => self.out_of_range(op, stencil, values),
            None => {}
        }
    }

    /// Copies and patches a plain stencil; nothing is done, and `None` given, if the stencil is another one, or where there
    /// is no room. `bits_of` gives the bits of a value by its number; that of holes which are not there is the number of
    /// values. A validated table's numbers never go beyond it, so what looks like a branch always goes one way. Not 0 when a
    /// value does not fit.
    #[inline(always)]
    fn copy(&mut self, stencil: &StencilRecord, bits_of: impl Fn(usize) -> u64) -> Option<u64> {
        let at = self.code.len;
        let to = self.code.bytes.get_mut(at..)?.first_chunk_mut::<ROOM>()?;
        if !stencil.is_plain() {
            return None;
        }
        let len = usize::from(stencil.len);
        self.code.len = at + len;
        *to.first_chunk_mut()? = stencil.bytes;
        let [first, second, last] = stencil.plain;
        let bits = |hole: PlainHole| bits_of(usize::from(hole.value & PlainHole::NUMBER));
        let misfit = patch_plain(to, first, bits(first)) | patch_plain(to, second, bits(second));
        // Few stencils have a third hole, or a wide one.
        Some(if usize::from(last.offset) == len { misfit } else { misfit | patch_last(to, last, len, bits(last)) })
    }

    /// Appends and patches a stencil of any length with any holes, after making room for it; `None` when there is none.
    #[inline(never)]
    fn append_long(&mut self, stencil: &StencilRecord, values: &[Placed]) -> Option<u64> {
        let len = usize::from(stencil.len);
        if !self.room(len) {
            return None;
        }
        let at = self.code.len;
        self.code.len += len;
        let to = &mut self.code.bytes[at..at + len];
        to.copy_from_slice(self.table.code_of(stencil));
        let holes = self.table.value_holes_of(stencil);
        Some(holes.iter().fold(0, |misfit, hole| misfit | patch(to, hole, values)))
    }

    /// Keeps the holes of the last stencil whose values are places until places are known. That can make the code longer: a
    /// call through a slot does.
    #[inline]
    fn fix_later(&mut self, stencil: &StencilRecord, bits_of: impl Fn(usize) -> u64) {
        let at = self.code.len - usize::from(stencil.len);
        for hole in self.table.place_holes_of(stencil) {
            let target = bits_of(usize::from(hole.value));
            // The table was validated: there is no hole of another kind.
            if let Ok(kind) = HoleKind::from_byte(hole.kind) {
                self.reach(at + usize::from(hole.offset), kind, hole.addend, target);
            }
        }
    }

    /// Reaches slots that are too far for the variant, which was appended last, or finds out which value does not fit.
    #[cold]
    #[inline(never)]
    fn out_of_range(&mut self, op: u32, stencil: &StencilRecord, values: &[Placed]) {
        self.code.len -= usize::from(stencil.len);
        self.code.stencils.drop_from(self.code.len);
        let table = self.table;
        let Some(record) = table.ops().get(op as usize) else { return };
        let values = values.get(..=usize::from(record.value_count)).unwrap_or(values);
        if self.reach_far(op, record, values) {
            return;
        }
        for hole in self.table.value_holes_of(stencil) {
            let bits = values.get(usize::from(hole.value)).map_or(0, |value| value.bits);
            let Ok(kind) = HoleKind::from_byte(hole.kind) else { continue };
            let value = bits.wrapping_add(i64::from(hole.addend) as u64);
            if patch::value(kind, &mut [0; 8], value).is_err() {
                let op = self.table.text(record.name).to_owned();
                self.fail(StitchError::OutOfRange { op, value: hole.value, bits, kind });
            }
        }
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
    let mut number = 0_u64;
    for (axis, place) in axes.iter().zip(places) {
        number += u64::from(step(axis, *place));
    }
    variant(table, record, number)
}

/// The same for a slice of values.
pub(super) fn find_slice<'t>(table: &Table<'t>, record: &OpRecord, values: &[Placed]) -> Option<&'t StencilRecord> {
    variant(table, record, number(table, record, values))
}

/// The number of the variant for these places, which may be none.
pub(super) fn number(table: &Table<'_>, record: &OpRecord, values: &[Placed]) -> u64 {
    let axes = table.axes_of(record).iter();
    axes.zip(values).map(|(axis, place)| u64::from(step(axis, *place))).sum()
}

/// A step that is none makes the number greater than that of any variant.
#[inline(always)]
fn variant<'t>(table: &Table<'t>, record: &OpRecord, number: u64) -> Option<&'t StencilRecord> {
    let index = u64::from(record.variants.start) + number;
    let stencil = table.stencils().get(index as usize)?;
    (stencil.len != StencilRecord::PRUNED).then_some(stencil)
}

/// What a place adds to the variant's number.
#[inline(always)]
pub(super) fn step(axis: &AxisRecord, place: Placed) -> u32 {
    axis.steps[place.kind as usize % place::COUNT]
}

/// What makes a value that fits one of less than 2^32 when it is added: half of the range for a signed hole.
#[inline(always)]
fn half_of(hole: PlainHole) -> u64 {
    u64::from(!hole.value & PlainHole::UNSIGNED) * ((1 << 31) / u64::from(PlainHole::UNSIGNED))
}

/// Writes a value into a plain hole of 4 bytes. Not 0 when the value does not fit.
#[inline(always)]
fn patch_plain(to: &mut [u8; ROOM], hole: PlainHole, value: u64) -> u64 {
    put(to, usize::from(hole.offset), value as u32);
    value.wrapping_add(half_of(hole)) >> 32
}

/// Writes a value into the last plain hole, which has 4 or 8 bytes, without a branch: the high half of a value that has
/// none goes behind the stencil's end.
#[inline(always)]
fn patch_last(to: &mut [u8; ROOM], hole: PlainHole, len: usize, value: u64) -> u64 {
    let wide = hole.value & PlainHole::WIDE != 0;
    let at = usize::from(hole.offset);
    put(to, at, value as u32);
    put(to, select_unpredictable(wide, at + 4, len), (value >> 32) as u32);
    (value.wrapping_add(half_of(hole)) >> 32) & u64::from(wide).wrapping_sub(1)
}

/// Writes 4 bytes. A plain hole lies within reach, for the table was validated.
#[inline(always)]
fn put(to: &mut [u8; ROOM], at: usize, value: u32) {
    let at = at % REACH;
    to[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

/// Writes a value into a hole of any kind. Not 0 when the value does not fit. Relocations are sums modulo 2^64, so nothing
/// else can overflow.
fn patch(to: &mut [u8], hole: &HoleRecord, values: &[Placed]) -> u64 {
    let bits = values.get(usize::from(hole.value)).map_or(0, |value| value.bits);
    let value = bits.wrapping_add(i64::from(hole.addend) as u64);
    // The table was validated: there is no hole of another kind.
    let Ok(kind) = HoleKind::from_byte(hole.kind) else { return 1 };
    u64::from(patch::value(kind, &mut to[usize::from(hole.offset)..], value).is_err())
}
