//! Which pinned registers are still needed before and after each op.

use super::flow::{Shapes, arguments};
use super::pins::{Pins, Set};
use crate::code::Code;

/// The pinned registers that are needed at each op of one function after another.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    /// Before each op.
    before: Vec<Set>,
    /// What each op needs itself, and what it certainly writes.
    own: Vec<(Set, Set)>,
    sources: Sources,
    pending: Vec<u32>,
}

impl Liveness {
    /// Finds out what is needed. `landed` gives the register that a call certainly writes, if it is pinned.
    ///
    /// Every op is looked at once, and again only when more registers turn out to be needed behind it: at most as often
    /// as there are machine registers.
    pub(super) fn find(&mut self, code: &Code, shapes: &Shapes, pins: &Pins, landed: impl Fn(usize) -> Set) {
        let count = shapes.all().len();
        self.own.clear();
        self.own.resize(count, (0, 0));
        // Nothing is needed behind the last op.
        self.before.clear();
        self.before.resize(count + 1, 0);
        // Behind each op everything is known, but for where loops go back.
        let mut next = 0;
        for (pc, (shape, place)) in shapes.all().iter().zip(&mut self.own).enumerate().rev() {
            let [first, second, third] = shape.slots().map(|slot| pins.set_of(slot));
            let result = if shape.writes() { Set::MAX } else { 0 };
            let (mut needed, mut written) = (first & !result | second | third, first & result);
            if shape.is_uncommon() {
                needed = shape.reads().fold(0, |set, slot| set | pins.set_of(slot));
                if shape.passes() {
                    needed |= passed(code, pins, pc);
                }
                if shape.shows_all() {
                    needed = pins.all;
                }
                if shape.calls() {
                    written = landed(pc);
                }
            }
            *place = (needed, written);
            let fallen = if shape.falls_through() { next } else { 0 };
            next = needed | (fallen | self.before[shape.target().unwrap_or(count)]) & !written;
            self.before[pc] = next;
        }
        if shapes.loops.is_empty() {
            return;
        }
        self.sources.find(shapes);
        self.pending.extend(shapes.jumps().filter(|(pc, target)| target <= pc).map(|(pc, _)| pc as u32));
        while let Some(source) = self.pending.pop() {
            let mut pc = source as usize;
            while self.update(shapes, pc) {
                self.pending.extend(self.sources.to(pc));
                if pc == 0 || !shapes.at(pc - 1).falls_through() {
                    break;
                }
                pc -= 1;
            }
        }
    }

    /// Looks at an op. Whether more turned out to be needed before it.
    #[inline]
    fn update(&mut self, shapes: &Shapes, pc: usize) -> bool {
        let (needed, written) = self.own[pc];
        let now = needed | self.after(shapes, pc) & !written;
        std::mem::replace(&mut self.before[pc], now) != now
    }

    /// What is needed before an op.
    pub(super) fn before(&self, pc: usize) -> Set {
        self.before[pc]
    }

    /// What is needed after it.
    #[inline]
    pub(super) fn after(&self, shapes: &Shapes, pc: usize) -> Set {
        let shape = shapes.at(pc);
        let next = if shape.falls_through() { self.before[pc + 1] } else { 0 };
        next | shape.target().map_or(0, |target| self.before[target])
    }
}

/// The pinned registers that the op at `pc` passes.
fn passed(code: &Code, pins: &Pins, pc: usize) -> Set {
    let arguments = arguments(code, code.insts[pc]);
    let moved = arguments.moves.iter().fold(0, |set, step| set | pins.set_of(step.from));
    let in_run = pins.iter(pins.all).filter(|pin| arguments.run.contains(&pin.slot));
    in_run.fold(moved, |set, pin| set | pins.set_of(pin.slot))
}

/// The ops that jump to each op.
#[derive(Debug, Default)]
struct Sources {
    /// The last jump to each op, by its position plus 1; 0 where there is none.
    last: Vec<u32>,
    /// The jump before it to the same op, in the same way, by the jump's position.
    before: Vec<u32>,
}

impl Sources {
    fn find(&mut self, shapes: &Shapes) {
        let count = shapes.all().len();
        self.last.clear();
        self.last.resize(count, 0);
        // What a jump of another function left is never asked for.
        self.before.resize(self.before.len().max(count), 0);
        for (pc, target) in shapes.jumps() {
            self.before[pc] = std::mem::replace(&mut self.last[target], pc as u32 + 1);
        }
    }

    fn to(&self, pc: usize) -> impl Iterator<Item = u32> {
        let position = |source: u32| source.checked_sub(1);
        std::iter::successors(position(self.last[pc]), move |pc| position(self.before[*pc as usize]))
    }
}
