//! Walking from a frame to its callers.

use super::{FrameLayout, Place, header_place};

/// The places that control is at in every frame from `innermost` out to the one the host entered: the innermost place,
/// then the call op that each caller waits at. `layout` gives each function's frame.
pub(crate) fn walk(
    words: &[u64],
    innermost: Place,
    layout: impl Fn(usize) -> FrameLayout,
) -> impl Iterator<Item = Place> {
    std::iter::successors(Some(innermost), move |place| {
        let (function, pc) = header_place(words[place.base])?;
        Some(Place { function, pc, base: place.base - layout(function).words() })
    })
}
