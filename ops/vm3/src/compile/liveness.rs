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
    pending: Vec<usize>,
}

impl Liveness {
    /// Finds out what is needed. `landed` gives the register that a call certainly writes, if it is pinned.
    ///
    /// Every op is looked at once, and again only when more registers turn out to be needed behind it: at most as often
    /// as there are machine registers.
    pub(super) fn find(&mut self, code: &Code, shapes: &Shapes, pins: &Pins, landed: impl Fn(usize) -> Set) {
        self.own.clear();
        self.own.extend(shapes.all().iter().enumerate().map(|(pc, shape)| {
            let mut needed = shape.reads().fold(0, |set, slot| set | pins.set_of(slot));
            if shape.passes() {
                needed |= passed(code, pins, pc);
            }
            if shape.shows_all() {
                needed = pins.all;
            }
            let written = if shape.calls() { landed(pc) } else { shape.written().map_or(0, |slot| pins.set_of(slot)) };
            (needed, written)
        }));
        self.before.clear();
        self.before.resize(self.own.len(), 0);
        // Behind each op everything is known, but for where loops go back.
        for pc in (0..self.own.len()).rev() {
            self.update(shapes, pc);
        }
        if shapes.loops.is_empty() {
            return;
        }
        self.sources.find(shapes);
        for head in &shapes.loops {
            let head = *head as usize;
            self.pending.extend(self.sources.to(head).iter().filter(|source| **source >= head));
        }
        while let Some(source) = self.pending.pop() {
            let mut pc = source;
            while self.update(shapes, pc) {
                self.pending.extend_from_slice(self.sources.to(pc));
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
        let next = if shape.falls_through() { self.before.get(pc + 1).copied().unwrap_or_default() } else { 0 };
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
    /// Where the sources of each op start.
    starts: Vec<usize>,
    sources: Vec<usize>,
}

impl Sources {
    fn find(&mut self, shapes: &Shapes) {
        let jumps = || shapes.all().iter().enumerate().filter_map(|(pc, shape)| Some((pc, shape.target()?)));
        self.starts.clear();
        self.starts.resize(shapes.all().len() + 2, 0);
        for (_, target) in jumps() {
            self.starts[target + 2] += 1;
        }
        for pc in 2..self.starts.len() {
            self.starts[pc] += self.starts[pc - 1];
        }
        self.sources.clear();
        self.sources.resize(self.starts.last().copied().unwrap_or_default(), 0);
        // Until its sources are in place, the start of each op is one further.
        for (pc, target) in jumps() {
            self.sources[self.starts[target + 1]] = pc;
            self.starts[target + 1] += 1;
        }
    }

    fn to(&self, pc: usize) -> &[usize] {
        &self.sources[self.starts[pc]..self.starts[pc + 1]]
    }
}
