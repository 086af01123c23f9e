//! Which literals the short variants of an op serve.
//!
//! Which variant serves a literal must not depend on where the other values are: every axis has one range for its short
//! digit. But the compiler puts a short literal into fields of several senses, or into one where it does not belong at
//! all. So a range is chosen that most variants accept, and in the place of the others their wide variants stand.

use stencil_syntax::variants::{self, Axis, Place};
use stencil_table::{HoleSort, Stencil};

/// All literals that any short field takes.
const FULL: (i64, i64) = (i32::MIN as i64, i32::MAX as i64);

/// The range of the short digit of axis `number`, or `None` when there is no such digit, or nothing for it to serve.
/// Short variants that do not accept the whole range are replaced by their wide ones.
pub(crate) fn settle(number: usize, axes: &[Axis], variants: &mut [Option<Stencil>]) -> Option<(i64, i64)> {
    let axis = axes.get(number)?;
    let (short, wide) = (axis.digit(Place::Short)?, axis.digit(Place::Wide)?);
    let stride: usize = axes[number + 1..].iter().map(|axis| axis.places.len()).product();
    let is_short =
        |variant: &usize| variants::places(axes, *variant).is_some_and(|places| places[number] == Place::Short);
    let all: Vec<usize> = (0..variants.len()).filter(is_short).collect();
    let ranges: Vec<Option<(i64, i64)>> =
        all.iter().map(|variant| range(number, variants[*variant].as_ref()?)).collect();
    let chosen = choose(&ranges)?;
    for (variant, range) in all.into_iter().zip(ranges) {
        if !range.is_some_and(|range| contains(range, chosen)) {
            // Digits are numbered in the order of places, so the wide variant lies this many steps on.
            variants[variant] = variants[variant + (wide - short) * stride].clone();
        }
    }
    Some(chosen)
}

/// The literals that a stencil accepts for a value.
fn range(number: usize, stencil: &Stencil) -> Option<(i64, i64)> {
    let holes =
        stencil.holes.iter().filter(|hole| usize::from(hole.value) == number && hole.kind.sort() != HoleSort::Pool);
    holes.map(|hole| hole.kind.value_range(hole.addend)).try_fold(FULL, |range, other| {
        let other = other?;
        Some((range.0.max(other.0), range.1.min(other.1))).filter(|(low, high)| low <= high)
    })
}

/// The full range if at least half of the variants accept it, else what all that accept something accept.
fn choose(ranges: &[Option<(i64, i64)>]) -> Option<(i64, i64)> {
    let known = || ranges.iter().flatten().copied();
    if known().filter(|range| contains(*range, FULL)).count() * 2 >= ranges.len().max(1) {
        return Some(FULL);
    }
    let both = |left: (i64, i64), right: (i64, i64)| (left.0.max(right.0), left.1.min(right.1));
    known().reduce(both).filter(|(low, high)| low <= high)
}

fn contains(outer: (i64, i64), inner: (i64, i64)) -> bool {
    outer.0 <= inner.0 && inner.1 <= outer.1
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITIVE: (i64, i64) = (0, i32::MAX as i64);

    #[test]
    fn the_range_is_what_most_variants_accept() {
        assert_eq!(choose(&[Some(FULL), Some(POSITIVE), None, Some(FULL)]), Some(FULL));
        assert_eq!(choose(&[Some(FULL), Some(POSITIVE), Some(POSITIVE)]), Some(POSITIVE));
        assert_eq!(choose(&[None, Some(POSITIVE), None]), Some(POSITIVE));
        assert_eq!(choose(&[Some((-8, -1)), Some(POSITIVE)]), None);
        assert_eq!(choose(&[None]), None);
    }
}
