//! The short form of a stencil's holes for values, which the assembler patches without a loop.

use super::{Hole, Stencil};
use crate::HoleKind;
use crate::records::{PlainHole, StencilRecord};

/// What is recorded for a stencil that is not plain.
const NOT_PLAIN: [PlainHole; 3] = [
    PlainHole { offset: 0, value: PlainHole::NOT_PLAIN },
    PlainHole { offset: 0, value: 0 },
    PlainHole { offset: 0, value: 0 },
];

/// The holes for values in their short form, if all have one. `holes` is sorted, values first.
pub(super) fn holes(stencil: &Stencil, holes: &[Hole], value_count: u8) -> [PlainHole; 3] {
    let mut values: Vec<_> = holes.iter().filter(|hole| hole.kind.is_value()).collect();
    // The last one may be wide.
    values.sort_by_key(|hole| hole.kind.width());
    let wide = values.iter().filter(|hole| hole.kind.width() == 8).count();
    let fits = stencil.code.len() <= usize::from(StencilRecord::PLAIN_LEN) && values.len() <= 3;
    let whole = |kind| matches!(kind, HoleKind::Abs64 | HoleKind::Abs32Signed | HoleKind::Abs32Unsigned);
    if !fits || wide > 1 || values.iter().any(|hole| hole.addend != 0 || !whole(hole.kind)) {
        return mark_places(NOT_PLAIN, holes);
    }
    let absent = PlainHole { offset: stencil.code.len() as u8, value: value_count };
    let mut plain = [absent; 3];
    let first = if wide == 1 { 3 - values.len() } else { 0 };
    for (to, hole) in plain[first..].iter_mut().zip(values) {
        let flag = match hole.kind {
            HoleKind::Abs64 => PlainHole::WIDE,
            HoleKind::Abs32Unsigned => PlainHole::UNSIGNED,
            _ => 0,
        };
        *to = PlainHole { offset: hole.offset as u8, value: hole.value | flag };
    }
    mark_places(plain, holes)
}

fn mark_places(mut plain: [PlainHole; 3], holes: &[Hole]) -> [PlainHole; 3] {
    if holes.iter().any(|hole| !hole.kind.is_value()) {
        plain[1].value |= PlainHole::HAS_PLACES;
    }
    plain
}
