//! Which pinned registers are still needed before and after each op.

use super::flow::{falls_through, reads, target};
use super::pins::{Pins, Set};
use crate::code::{Code, Inst};

/// The pinned registers that are needed at each op of a function.
#[derive(Debug)]
pub(super) struct Liveness {
    /// Before each op.
    before: Vec<Set>,
}

impl Liveness {
    /// Finds out what is needed. `written` gives the register that an op certainly writes, if it is pinned.
    ///
    /// Every op is looked at once, and again only when more registers turn out to be needed behind it: at most as often
    /// as there are machine registers.
    pub(super) fn of(code: &Code, pins: &Pins, written: impl Fn(usize) -> Set) -> Self {
        let length = code.insts.len();
        let needs: Vec<Set> = code.insts.iter().map(|inst| needs(code, pins, *inst)).collect();
        let sources = Sources::of(code);
        let mut before = vec![0; length];
        let mut pending: Vec<usize> = Vec::new();
        let update = |before: &mut Vec<Set>, pc: usize| {
            let now = needs[pc] | after(code, before, pc) & !written(pc);
            let changed = now != before[pc];
            before[pc] = now;
            changed
        };
        for pc in (0..length).rev() {
            if update(&mut before, pc) {
                pending.extend(sources.to(pc).iter().filter(|source| **source >= pc));
            }
        }
        while let Some(source) = pending.pop() {
            let mut pc = source;
            while update(&mut before, pc) {
                pending.extend_from_slice(sources.to(pc));
                if pc == 0 || !falls_through(code.insts[pc - 1]) {
                    break;
                }
                pc -= 1;
            }
        }
        Self { before }
    }

    /// What is needed before an op.
    pub(super) fn before(&self, pc: usize) -> Set {
        self.before[pc]
    }

    /// What is needed after it.
    pub(super) fn after(&self, code: &Code, pc: usize) -> Set {
        after(code, &self.before, pc)
    }
}

fn after(code: &Code, before: &[Set], pc: usize) -> Set {
    let inst = code.insts[pc];
    let next = if falls_through(inst) { before.get(pc + 1).copied().unwrap_or_default() } else { 0 };
    next | target(inst).map_or(0, |target| before[target])
}

/// What an op needs itself.
fn needs(code: &Code, pins: &Pins, inst: Inst) -> Set {
    if matches!(inst, Inst::Deopt { .. }) {
        return pins.all;
    }
    let reads = reads(code, inst);
    let singles = reads.singles().fold(0, |set, slot| set | pins.set_of(slot));
    if reads.run.is_empty() {
        return singles;
    }
    let in_run = pins.iter(pins.all).filter(|pin| reads.run.contains(&pin.slot));
    in_run.fold(singles, |set, pin| set | pins.set_of(pin.slot))
}

/// The ops that jump to each op.
struct Sources {
    /// Where the sources of each op start.
    starts: Vec<usize>,
    sources: Vec<usize>,
}

impl Sources {
    fn of(code: &Code) -> Self {
        let mut starts = vec![0; code.insts.len() + 1];
        let jumps = || code.insts.iter().enumerate().filter_map(|(pc, inst)| Some((pc, target(*inst)?)));
        for (_, target) in jumps() {
            starts[target + 1] += 1;
        }
        for pc in 1..starts.len() {
            starts[pc] += starts[pc - 1];
        }
        let mut free = starts.clone();
        let mut sources = vec![0; *starts.last().unwrap_or(&0)];
        for (pc, target) in jumps() {
            sources[free[target]] = pc;
            free[target] += 1;
        }
        Self { starts, sources }
    }

    fn to(&self, pc: usize) -> &[usize] {
        &self.sources[self.starts[pc]..self.starts[pc + 1]]
    }
}
