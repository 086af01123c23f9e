//! What metered code takes from the fuel, and where: at the start of each straight run of ops, for the whole run.

use super::flow::{Shapes, turned};
use super::shape::Shape;
use crate::code::Code;

/// The runs of a function's ops.
#[derive(Debug)]
pub(super) struct Charges {
    /// For each op: how many ops of its run there are from it on.
    left: Box<[u32]>,
    /// For each op: whether it starts a run.
    starts: Box<[bool]>,
}

impl Charges {
    /// Those of `code`.
    pub(super) fn of(code: &Code, shapes: &Shapes) -> Self {
        let count = shapes.all().len();
        let starts = |pc: usize| pc == 0 || shapes.is_target(pc) || ends(shapes.at(pc - 1));
        let mut left = vec![1; count];
        for pc in (0..count).rev() {
            if turned(code, pc).is_some() {
                // The jump executes the compare at the loop's head, too.
                left[pc] = 2;
            } else if pc + 1 < count && !starts(pc + 1) {
                left[pc] = 1 + left[pc + 1];
            }
        }
        Self { left: left.into(), starts: (0..count).map(starts).collect() }
    }

    /// What is charged before the op at `pc`, if something is.
    pub(super) fn before(&self, pc: usize) -> Option<u32> {
        self.starts[pc].then_some(self.left[pc])
    }

    /// What was charged and is not executed when the op at `pc` is not.
    pub(super) fn unspent(&self, pc: usize) -> u32 {
        self.left[pc]
    }
}

/// Whether the ops that are executed after this one are not known, or are not the function's own.
fn ends(shape: &Shape) -> bool {
    shape.target().is_some() || !shape.falls_through() || shape.calls()
}
