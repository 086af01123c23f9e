//! Pushing and replacing frames.

use super::decode::{Code, Move};
use super::inst::{Inst, Moves};
use super::window::Window;
use crate::frames::FrameLayout;
use crate::outcome::Returned;
use crate::program::MAX_MIXED;

/// The caller's frame at `base` and a zeroed frame for `callee` right above it, with `header`; `None` when the stack is
/// full.
#[inline]
pub(super) fn push(
    words: &mut [u64],
    base: usize,
    caller: FrameLayout,
    callee: FrameLayout,
    header: u64,
) -> Option<(&[u64], &mut [u64])> {
    let (below, above) = words.split_at_mut(base + caller.words());
    let pushed = above.get_mut(..callee.words())?;
    pushed.fill(0);
    pushed[FrameLayout::HEADER as usize] = header;
    Some((&below[base..], pushed))
}

/// Replaces the frame at `base` by a zeroed one for `callee`, passing `count` registers from slot `first`; `None` when
/// the stack is full.
pub(super) fn replace(words: &mut [u64], base: usize, callee: FrameLayout, first: u32, count: u16) -> Option<()> {
    let frame = &mut words[base..];
    if callee.words() > frame.len() {
        return None;
    }
    let start = FrameLayout::HEADER as usize + 1;
    let (first, count) = (first as usize, usize::from(count));
    frame.copy_within(first..first + count, start);
    frame[start + count..callee.words()].fill(0);
    Some(())
}

/// The same, passing what `moves` say.
pub(super) fn replace_mixed(words: &mut [u64], base: usize, callee: FrameLayout, moves: &[Move]) -> Option<()> {
    let frame = &mut words[base..];
    if callee.words() > frame.len() {
        return None;
    }
    let mut arguments = [0; MAX_MIXED];
    for (argument, step) in arguments.iter_mut().zip(moves) {
        *argument = frame[step.from as usize];
    }
    frame[FrameLayout::HEADER as usize + 1..callee.words()].fill(0);
    for (argument, step) in arguments.iter().zip(moves) {
        frame[step.to as usize] = *argument;
    }
    Some(())
}

impl Code {
    /// The argument moves of a mixed call.
    #[inline]
    pub(super) fn moves(&self, moves: Moves) -> &[Move] {
        &self.moves[moves.start as usize..][..usize::from(moves.count)]
    }

    /// Stores what the call at `pc` got into its caller's frame.
    ///
    /// # Panics
    /// When the op at `pc` is no call: headers name call ops only.
    #[inline]
    pub(super) fn land(&self, frame: &mut Window<'_>, pc: usize, returned: Returned) {
        let (Inst::Call { landing, .. } | Inst::CallMixed { landing, .. }) = self.insts[pc] else {
            unreachable!("the header of a frame names an op that is no call");
        };
        let (bank, bits) = returned.landing(landing.bank);
        frame.set_bits(self.layout.slot(bank, landing.register), bits);
    }
}
