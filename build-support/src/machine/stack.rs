//! Gates on the stack: followed along every path, it is as it was at every way out, nothing outside of the stencil's own
//! frame is touched, and the frame pointer is the machine's.

use super::{Decoded, Machine, To, Way};
use crate::arch::Context;
use crate::fault::Fault;

/// The stack before an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stack {
    /// Bytes in use below the stack pointer at entry.
    pub(crate) depth: i64,
    pub(crate) frame: Frame,
}

/// What the frame pointer holds. Places on the stack are bytes below the stack pointer at entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frame {
    /// What it held at entry.
    Machine,
    /// The same, and it is also saved on the stack at this place.
    Saved(i64),
    /// The address of a place in the stencil's own frame.
    Own {
        /// Where the machine's is saved.
        saved: i64,
        /// The place.
        base: i64,
    },
}

impl Stack {
    /// The stack when an instruction leaves this many bytes in use, and the frame pointer like this.
    ///
    /// # Errors
    /// When it takes what is not the stencil's, or drops what the frame pointer is to be restored from.
    pub(crate) fn moved(depth: i64, frame: Frame) -> Result<Self, Fault> {
        if depth < 0 {
            return Err(Fault::Unbalanced { bytes: depth });
        }
        if let Frame::Saved(at) | Frame::Own { saved: at, .. } = frame
            && depth < at
        {
            return Err(Fault::FramePointer);
        }
        Ok(Self { depth, frame })
    }

    /// Adds what is wrong with an access of `size` bytes at a place given as bytes from the stack pointer at entry.
    pub(crate) fn access(self, start: i64, size: i64, faults: &mut Vec<Fault>) {
        if start.wrapping_add(size) > 0 {
            faults.push(Fault::AboveFrame);
        } else if start < -self.depth {
            faults.push(Fault::BelowStack);
        }
    }
}

/// What the gates of this module refuse.
pub(super) fn check<M: Machine>(decoded: &Decoded<'_, M>, context: &Context<'_>) -> Vec<Fault> {
    let mut walk = Walk { decoded, known: vec![None; decoded.steps.len()], deepest: 0, faults: Vec::new() };
    walk.run();
    let limit = context.frame_limit;
    if walk.deepest > i64::from(limit) {
        walk.faults.push(Fault::FrameTooLarge { bytes: walk.deepest, limit });
    }
    walk.faults
}

struct Walk<'a, M: Machine> {
    decoded: &'a Decoded<'a, M>,
    known: Vec<Option<Stack>>,
    deepest: i64,
    faults: Vec<Fault>,
}

impl<M: Machine> Walk<'_, M> {
    fn run(&mut self) {
        let mut open = vec![(0, Stack { depth: 0, frame: Frame::Machine })];
        while let Some((index, stack)) = open.pop() {
            match self.known.get_mut(index) {
                Some(known @ None) => *known = Some(stack),
                Some(Some(known)) => {
                    if *known != stack {
                        self.faults.push(Fault::StackUnknown);
                    }
                    continue;
                }
                None => continue,
            }
            let step = &self.decoded.steps[index];
            let after = match M::follow(step, stack, &mut self.faults) {
                Ok(after) => after,
                Err(fault) => {
                    self.faults.push(fault);
                    continue;
                }
            };
            self.deepest = self.deepest.max(after.depth);
            match step.way {
                Way::Next | Way::Call { .. } => open.push((index + 1, after)),
                Way::Branch { conditional, to } => {
                    match to {
                        To::Step(target) => open.push((target, after)),
                        To::Relocation(_) | To::Nowhere => self.is_as_it_was(after),
                    }
                    if conditional {
                        open.push((index + 1, after));
                    }
                }
                Way::Return | Way::Computed | Way::Trap => {}
            }
        }
    }

    /// At a way out, the stack pointer and the frame pointer are the machine's.
    fn is_as_it_was(&mut self, stack: Stack) {
        if stack.depth != 0 {
            self.faults.push(Fault::Unbalanced { bytes: stack.depth });
        }
        if matches!(stack.frame, Frame::Own { .. }) {
            self.faults.push(Fault::FramePointer);
        }
    }
}
