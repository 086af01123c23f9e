//! What is known of the variables at each op: which are still needed, and which are not the same at home.

use super::super::compiler::Unit;
use super::super::flow::arguments;
use super::super::returns::{landed, landed_always};
use super::super::shape::Shape;
use super::super::usage::RUN;
use super::variables::{Set, Variables};
use crate::code::{Code, Inst};

/// What an op does with variables.
#[derive(Clone, Copy, Debug, Default)]
struct Effect {
    /// Read.
    reads: Set,
    /// Certainly written.
    writes: Set,
    /// Written in some cases.
    may_write: Set,
    /// Brought home before the op, if they are not there.
    saves: Set,
    /// Written at home, from where it is fetched.
    fetches: Set,
    is_call: bool,
}

/// What is known of the variables before and after each op of a function.
#[derive(Debug)]
pub(super) struct Analysis {
    effects: Vec<Effect>,
    /// Needed before each op.
    before: Vec<Set>,
    /// Perhaps not the same at home before each op; `None` where control never comes.
    dirty: Vec<Option<Set>>,
    /// Cells are needed at every op: wherever a run stops, the collector takes them as roots.
    cells: Set,
}

impl Analysis {
    /// Analyses a function; `entry` is what is not at home when it starts. Both ways through the code are taken until
    /// nothing changes: once more than loops are nested, in code whose loops have one head each.
    pub(super) fn of(unit: Unit<'_>, code: &Code, variables: &Variables, entry: Set) -> Self {
        let length = code.insts.len();
        let effects = code.insts.iter().map(|inst| Effect::of(unit, code, variables, *inst)).collect();
        let (before, dirty) = (vec![0; length], vec![None; length]);
        let mut made = Self { effects, before, dirty, cells: variables.cells };
        while made.look_back(code) {}
        made.dirty[0] = Some(entry);
        while made.look_ahead(code) {}
        made
    }

    fn look_back(&mut self, code: &Code) -> bool {
        let mut changed = false;
        for pc in (0..code.insts.len()).rev() {
            let Effect { reads, writes, .. } = self.effects[pc];
            let now = reads | self.needed_after(code, pc) & !writes;
            changed |= now != self.before[pc];
            self.before[pc] = now;
        }
        changed
    }

    fn look_ahead(&mut self, code: &Code) -> bool {
        let mut changed = false;
        for pc in 0..code.insts.len() {
            let Some(dirty) = self.dirty[pc] else { continue };
            let inst = code.insts[pc];
            let after = self.dirty_after(code, pc, dirty);
            let next = goes_on(inst).then_some(pc + 1);
            for to in next.into_iter().chain(Shape::of(inst).target()) {
                let joined = Some(self.dirty[to].unwrap_or_default() | after);
                changed |= to <= pc && joined != self.dirty[to];
                self.dirty[to] = joined;
            }
        }
        changed
    }

    fn dirty_after(&self, code: &Code, pc: usize, dirty: Set) -> Set {
        let Effect { writes, may_write, saves, fetches, is_call, .. } = self.effects[pc];
        let saved = if is_call { saves | self.across(code, pc) } else { saves };
        (dirty & !saved | writes | may_write) & !fetches
    }

    /// What ops need after an op.
    pub(super) fn needed_after(&self, code: &Code, pc: usize) -> Set {
        let inst = code.insts[pc];
        let next = if goes_on(inst) { self.before[pc + 1] } else { 0 };
        next | Shape::of(inst).target().map_or(0, |target| self.before[target])
    }

    /// Whether control can come to an op.
    pub(super) fn reaches(&self, pc: usize) -> bool {
        self.dirty[pc].is_some()
    }

    /// What may not be the same at home before an op.
    pub(super) fn dirty(&self, pc: usize) -> Set {
        self.dirty[pc].unwrap_or_default()
    }

    /// What ops need from an op on.
    pub(super) fn needed(&self, pc: usize) -> Set {
        self.before[pc]
    }

    /// What is needed before an op, wherever a run stops.
    pub(super) fn before(&self, pc: usize) -> Set {
        self.before[pc] | self.cells
    }

    /// What is worth fetching after a call: to keep it elsewhere meanwhile would be one store more.
    pub(super) fn reloaded(&self, code: &Code, pc: usize) -> Set {
        self.needed_after(code, pc) & !self.effects[pc].writes
    }

    /// What has to be at home during a call: what is needed after it and not set by it, and cells.
    pub(super) fn across(&self, code: &Code, pc: usize) -> Set {
        self.needed_after(code, pc) & !self.effects[pc].writes | self.cells
    }
}

/// Whether an op can go on to the next one. One that certainly fails cannot.
fn goes_on(inst: Inst) -> bool {
    !matches!(inst, Inst::DivI64K { rhs: 0, .. } | Inst::ModI64K { rhs: 0, .. }) && Shape::of(inst).falls_through()
}

impl Effect {
    fn of(unit: Unit<'_>, code: &Code, variables: &Variables, inst: Inst) -> Self {
        let set = |slot| variables.set_of(slot);
        let shape = Shape::of(inst);
        let arguments = arguments(code, inst);
        let run = arguments.run;
        let singles = shape.reads().chain(arguments.moves.iter().map(|step| step.from));
        let singles = singles.fold(0, |found, slot| found | set(slot));
        let in_run = if run.is_empty() { 0 } else { variables.set_of_run(run.clone()) };
        let reads = singles | in_run;
        let writes = shape.written().map_or(0, set);
        match inst {
            Inst::Deopt { .. } => Self { reads: variables.all, ..Self::default() },
            Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. } => {
                let kinds = unit.facts.returns.kinds(usize::from(callee));
                let all = kinds.iter().map(|kind| landed(kind, landing, code.layout).slot());
                let may_write = all.fold(0, |found, slot| found | set(slot));
                let writes = landed_always(kinds, landing, code.layout).map_or(0, |landed| set(landed.slot()));
                // A long run is copied from the frame.
                let saves = if run.len() as u32 >= RUN { in_run } else { 0 };
                Self { reads, writes, may_write, saves, is_call: true, ..Self::default() }
            }
            Inst::NewList { .. } | Inst::NewMap { .. } => {
                Self { reads, writes, saves: reads, fetches: writes, ..Self::default() }
            }
            _ => Self { reads, writes, ..Self::default() },
        }
    }
}
