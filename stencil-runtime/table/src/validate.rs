//! Validation of a blob: every index in every record is within its section, and no two facts contradict each other.
//!
//! The work is linear in the blob's length: every stencil belongs to one op, the holes of a stencil and the values of a
//! fusion are few, and whatever else records share is looked at once.

use crate::read::{Table, TableError, malformed, run};
use crate::records::{
    AxisRecord, BankRecord, FusionRecord, HoleRecord, NO_STEP, OpRecord, PlainHole, Span, StencilRecord, place,
};
use crate::{CODE_PADDING, HoleKind, HoleSort, MAX_HOLES, MAX_REGISTERS, MAX_VALUES};

/// The most ops that a fusion has.
const MAX_SEQUENCE: usize = 4;

/// Checks all records.
pub(crate) fn check(table: &Table<'_>) -> Result<(), TableError> {
    if table.code().len() < CODE_PADDING {
        return Err(malformed("code section", 0, "the padding is missing"));
    }
    check_text(table, table.compiler_span()).map_err(|why| malformed("compiler", 0, why))?;
    for (index, bank) in table.banks().iter().enumerate() {
        check_bank(table, bank).map_err(|why| malformed("bank", index, why))?;
    }
    let mut variants = 0;
    for (index, op) in table.ops().iter().enumerate() {
        check_op(table, op, &mut variants).map_err(|why| malformed("op", index, why))?;
    }
    if variants != table.stencils().len() as u64 {
        return Err(malformed("stencil section", 0, "there are stencils that belong to no op"));
    }
    let mut fused = vec![false; table.ops().len()];
    for (index, fusion) in table.fusions().iter().enumerate() {
        match fused.get_mut(fusion.op as usize) {
            Some(fused) => *fused = true,
            None => return Err(malformed("fusion", index, "its op does not exist")),
        }
    }
    for (index, fusion) in table.fusions().iter().enumerate() {
        check_fusion(table, fusion, &fused).map_err(|why| malformed("fusion", index, why))?;
    }
    Ok(())
}

fn check_bank(table: &Table<'_>, bank: &BankRecord) -> Result<(), &'static str> {
    check_text(table, bank.name)?;
    if bank.registers as usize > MAX_REGISTERS {
        return Err("it has more registers than any architecture");
    }
    let shape = |op: u32, axes: u8, values: u8| {
        table.ops().get(op as usize).is_some_and(|op| op.axis_count == axes && op.value_count == values)
    };
    if !shape(bank.move_op, 2, 2) || !shape(bank.stash_op, 1, 2) || !shape(bank.unstash_op, 1, 2) {
        return Err("its move, stash or unstash op is missing or has another shape");
    }
    Ok(())
}

/// Checks an op whose variants start behind `before` others, and adds its own to them.
fn check_op(table: &Table<'_>, op: &OpRecord, before: &mut u64) -> Result<(), &'static str> {
    check_text(table, op.name)?;
    check_text(table, op.file)?;
    if usize::from(op.value_count) > MAX_VALUES || op.axis_count > op.value_count || op.result_count > op.axis_count {
        return Err("it has too many values, more axes than values, or more results than axes");
    }
    if u64::from(op.targets) >> op.value_count != 0 || u64::from(op.targets) & ((1 << op.axis_count) - 1) != 0 {
        return Err("a target is no value, or one that has an axis");
    }
    let axes = run(table.axes(), Span { start: op.axes, len: u32::from(op.axis_count) })
        .ok_or("its axes are outside of the axis section")?;
    let mut variants: u64 = 1;
    for axis in axes.iter().rev() {
        check_axis(table, axis, variants)?;
        variants = variants
            .checked_mul(u64::from(axis.digits))
            .filter(|&n| n < u64::from(NO_STEP))
            .ok_or("it has too many variants")?;
    }
    let stencils = run(table.stencils(), op.variants).ok_or("its variants are outside of the stencil section")?;
    if stencils.len() as u64 != variants {
        return Err("the number of its variants is not the product of its axes");
    }
    if u64::from(op.variants.start) != *before {
        return Err("its variants do not stand behind those of the op before it");
    }
    *before += variants;
    stencils.iter().try_for_each(|stencil| check_stencil(table, op, stencil))
}

/// Checks an axis behind which `variants` are told apart by other axes.
fn check_axis(table: &Table<'_>, axis: &AxisRecord, variants: u64) -> Result<(), &'static str> {
    if u64::from(axis.stride) != variants {
        return Err("the stride of an axis is not the product of the digits behind it");
    }
    let Some(bank) = table.banks().get(axis.bank as usize) else { return Err("an axis names an unknown bank") };
    if axis.registers > bank.registers {
        return Err("an axis has more registers than its bank");
    }
    let possible = |step: u32| {
        step == NO_STEP || step.is_multiple_of(axis.stride.max(1)) && step / axis.stride.max(1) < axis.digits
    };
    let known = axis.steps.iter().enumerate().all(|(index, step)| {
        possible(*step) && (index < axis.registers as usize || index >= place::SLOT as usize || *step == NO_STEP)
    });
    if !known || axis.steps[place::NONE as usize] != NO_STEP {
        return Err("a step of an axis is out of range");
    }
    Ok(())
}

fn check_stencil(table: &Table<'_>, op: &OpRecord, stencil: &StencilRecord) -> Result<(), &'static str> {
    if stencil.len == StencilRecord::PRUNED {
        return Ok(());
    }
    let end = u64::from(stencil.code) + u64::from(stencil.len);
    if !stencil.is_plain() && end > (table.code().len() - CODE_PADDING) as u64 {
        return Err("a variant's bytes are outside of the code");
    }
    let counts = table.holes().get(stencil.holes as usize).and_then(HoleRecord::run);
    let (values, places) = counts.ok_or("a variant's holes do not start with their number")?;
    if values + places > MAX_HOLES {
        return Err("a variant has too many holes");
    }
    let start = stencil.holes as usize + 1;
    let holes =
        table.holes().get(start..start + values + places).ok_or("a variant's holes are outside of the hole section")?;
    if stencil.has_places() != (places != 0) {
        return Err("a variant's mark for places is wrong");
    }
    if stencil.is_plain() {
        check_plain(op, stencil)?;
    }
    holes.iter().enumerate().try_for_each(|(index, hole)| check_hole(table, op, stencil, hole, index < values))
}

fn check_hole(
    table: &Table<'_>,
    op: &OpRecord,
    stencil: &StencilRecord,
    hole: &HoleRecord,
    among_values: bool,
) -> Result<(), &'static str> {
    let kind = HoleKind::from_byte(hole.kind).map_err(|_| "a hole is of an unknown kind")?;
    if kind.architecture().is_some_and(|architecture| architecture != table.info().architecture) {
        return Err("a hole is of another architecture's kind");
    }
    if usize::from(hole.offset) + kind.width() > usize::from(stencil.len) {
        return Err("a hole reaches past the end of its stencil");
    }
    if kind.is_value() != among_values {
        return Err("holes for values do not stand before holes for places");
    }
    let target = op.targets >> (hole.value & 31) & 1 != 0;
    let fits = match kind.sort() {
        HoleSort::Label | HoleSort::Callee => hole.value < op.value_count && target,
        HoleSort::Pool => true,
        HoleSort::Value => hole.value < op.value_count && !target,
    };
    if fits { Ok(()) } else { Err("a hole names a value of another sort, or none") }
}

/// A plain stencil's holes say the same as the records of its holes, of which there are no others for values.
fn check_plain(op: &OpRecord, stencil: &StencilRecord) -> Result<(), &'static str> {
    if stencil.len > StencilRecord::PLAIN_LEN {
        return Err("a plain variant is too long");
    }
    for (index, hole) in stencil.plain.into_iter().enumerate() {
        let number = hole.value & PlainHole::NUMBER;
        let wide = hole.value & PlainHole::WIDE != 0;
        let own = [0, PlainHole::HAS_PLACES, PlainHole::WIDE];
        let flags = PlainHole::NUMBER | PlainHole::UNSIGNED | own[index];
        let width = if wide { 8 } else { 4 };
        let absent = number == op.value_count && u16::from(hole.offset) == stencil.len && !wide;
        let inside = u16::from(hole.offset) + width <= stencil.len && number < op.value_count;
        let target = op.targets >> number & 1 != 0;
        if hole.value & !flags != 0 || !(absent || inside && !target) {
            return Err("a plain hole reaches past the end of its stencil or names no value");
        }
    }
    Ok(())
}

/// Checks a fusion; `fused` says which ops are fusions.
fn check_fusion(table: &Table<'_>, fusion: &FusionRecord, fused: &[bool]) -> Result<(), &'static str> {
    let op = table.ops().get(fusion.op as usize).ok_or("its op does not exist")?;
    if !(2..=MAX_SEQUENCE).contains(&(fusion.len as usize)) {
        return Err("it has fewer than two or more than four ops");
    }
    let map = table.find_map(fusion).ok_or("its map is outside of the maps")?;
    if map.len() > MAX_SEQUENCE * MAX_VALUES {
        return Err("its map is longer than its ops can have values");
    }
    if map.iter().any(|&value| value >= op.value_count) {
        return Err("its map names a value that the fused op does not have");
    }
    let mut seen = 0_u32;
    let mut at = 0;
    for &index in fusion.sequence.get(..fusion.len as usize).unwrap_or_default() {
        let step = table.ops().get(index as usize).ok_or("it contains an op that does not exist")?;
        if fused.get(index as usize) != Some(&false) {
            return Err("it contains a fusion");
        }
        for value in 0..step.value_count {
            let to = *map.get(at).ok_or("its map is too short")?;
            let axis = value < step.axis_count;
            let target = step.targets >> value & 1;
            if axis != (to < op.axis_count) || target != op.targets >> to & 1 {
                return Err("its map turns a value into one of another sort");
            }
            seen |= 1 << to;
            at += 1;
        }
    }
    if at != map.len() || seen.count_ones() != u32::from(op.value_count) {
        return Err("its map does not give every value of the fused op");
    }
    Ok(())
}

fn check_text(table: &Table<'_>, name: Span) -> Result<(), &'static str> {
    table.find_text(name).map(|_| ()).ok_or("its name is outside of the text")
}
