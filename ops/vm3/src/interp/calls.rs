//! Pushing and replacing frames.

use crate::code::{Code, Inst, Move, Moves};
use crate::frames::{FrameLayout, Place, header};
use crate::heap::Heap;
use crate::outcome::Returned;
use crate::program::{Bank, MAX_MIXED};

/// Lays a zeroed frame for the callee of the call op at `from` right above its frame, with header, region and arguments,
/// and gives the callee and the word its frame starts at; `None` when the stack is full.
///
/// # Panics
/// When the op is no call.
#[inline]
pub(crate) fn push_call(words: &mut [u64], codes: &[Code], heap: &Heap, from: Place) -> Option<(usize, usize)> {
    let caller = &codes[from.function];
    let base = from.base + caller.layout.words();
    let (below, above) = words.split_at_mut(base);
    let frame = &below[from.base..];
    let inst = caller.insts[from.pc];
    let (Inst::Call { callee, .. } | Inst::CallMixed { callee, .. }) = inst else {
        unreachable!("{inst:?} is no call");
    };
    let callee = usize::from(callee);
    let layout = codes[callee].layout;
    let pushed = above.get_mut(..layout.words())?;
    pushed.fill(0);
    pushed[FrameLayout::HEADER as usize] = header(from.function, from.pc);
    if codes[callee].keeps_region {
        heap.region().note(pushed);
    }
    match inst {
        Inst::Call { landing, count, first, .. } => {
            let into = &mut pushed[layout.start(landing.bank) as usize..];
            let arguments = &frame[first as usize..][..usize::from(count)];
            // A loop: there are few, and a call of `memcpy` costs more.
            for (to, argument) in into.iter_mut().zip(arguments) {
                *to = *argument;
            }
        }
        Inst::CallMixed { moves, .. } => {
            for step in caller.moves(moves) {
                pushed[step.to as usize] = frame[step.from as usize];
            }
        }
        _ => {}
    }
    Some((callee, base))
}

/// Replaces the frame at `base` by a zeroed one for `callee`, which keeps its header and its region, passing `count` registers from slot `first`; `None` when
/// the stack is full.
pub(super) fn replace(words: &mut [u64], base: usize, callee: FrameLayout, first: u32, count: u16) -> Option<()> {
    let frame = &mut words[base..];
    if callee.words() > frame.len() {
        return None;
    }
    let start = callee.start(Bank::I64) as usize;
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
    frame[callee.start(Bank::I64) as usize..callee.words()].fill(0);
    for (argument, step) in arguments.iter().zip(moves) {
        frame[step.to as usize] = *argument;
    }
    Some(())
}

impl Code {
    /// The argument moves of a mixed call.
    #[inline]
    pub(crate) fn moves(&self, moves: Moves) -> &[Move] {
        &self.moves[moves.start as usize..][..usize::from(moves.count)]
    }

    /// Stores what the call at `pc` got into its caller's frame.
    ///
    /// # Panics
    /// When the op at `pc` is no call: headers name call ops only.
    #[inline]
    pub(crate) fn land(&self, frame: &mut [u64], pc: usize, returned: Returned) {
        let (Inst::Call { landing, .. } | Inst::CallMixed { landing, .. }) = self.insts[pc] else {
            unreachable!("the header of a frame names an op that is no call");
        };
        let (bank, bits) = returned.landing(landing.bank);
        frame[self.layout.slot(bank, landing.register) as usize] = bits;
    }
}
