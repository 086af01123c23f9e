//! Which pinned registers are still needed before and after each op.

use super::flow::{Shapes, arguments};
use super::pins::{Pins, Set};
use super::shape::Shape;
use crate::code::Code;

/// The pinned registers that are needed at each op of one function after another.
#[derive(Debug, Default)]
pub(super) struct Liveness {
    /// Before each op, then behind the last one, then what other functions left.
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
        let (all, sets) = (shapes.all(), pins.sets());
        let len = all.len();
        if self.before.len() <= len {
            self.before.resize(len + 1, 0);
            self.own.resize(len + 1, (0, 0));
        }
        let (before, own) = (&mut self.before[..=len], &mut self.own[..len]);
        // Nothing is needed behind the last op, nor where an op that does not jump goes.
        before[len] = 0;
        // Behind each op everything is known, but for where loops go back.
        shapes.loops.iter().for_each(|head| before[*head as usize] = 0);
        let mut next = 0;
        for (pc, (shape, own)) in all.iter().zip(own).enumerate().rev() {
            let [first, second, third] = shape.slots().map(|slot| sets[slot as usize]);
            let result = if shape.writes() { Set::MAX } else { 0 };
            let mut needs = (first & !result | second | third, first & result);
            let mut target = shape.target_or(len);
            if shape.is_uncommon() {
                needs = uncommon_needs(code, shape, pins, pc, &landed);
                target = shape.target().unwrap_or(len);
            }
            let (needed, written) = needs;
            *own = needs;
            let fallen = if shape.falls_through() { next } else { 0 };
            next = needed | (fallen | before[target]) & !written;
            before[pc] = next;
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

/// What an op that is [uncommon](Shape::is_uncommon) needs itself, and what it certainly writes.
#[inline(never)]
fn uncommon_needs(code: &Code, shape: &Shape, pins: &Pins, pc: usize, landed: impl Fn(usize) -> Set) -> (Set, Set) {
    let mut needed = shape.reads().fold(0, |set, slot| set | pins.set_of(slot));
    if shape.passes() {
        needed |= passed(code, pins, pc);
    }
    if shape.shows_all() {
        needed = pins.all;
    }
    let written = if shape.calls() { landed(pc) } else { shape.written().map_or(0, |slot| pins.set_of(slot)) };
    (needed, written)
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
