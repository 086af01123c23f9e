//! A function: its entries, its ops in turn, its exits.

use super::emitter::{Emitter, emit};
use super::flow::{falls_through, reads, target, targets, written};
use super::listing::Part;
use super::liveness::Liveness;
use super::pins::{Pin, Pins, Set};
use super::returns::landed_always;
use super::unit::{Labels, Unit};
use super::usage::Usages;
use crate::code::{Code, Inst};
use crate::frames::header;
use crate::program::Bank;
use stencil_runtime::{Label, Place, Reg, Slot};

/// A function being compiled.
#[derive(Debug)]
pub(super) struct Function<'f, 't> {
    pub(super) unit: &'f Unit<'f>,
    pub(super) index: usize,
    pub(super) code: &'f Code,
    pub(super) emitter: &'f mut Emitter<'t>,
    pub(super) pins: &'f Pins,
    pub(super) live: Liveness,
    usages: &'f Usages,
    entries: Labels,
    /// The ops that something jumps to.
    targets: Vec<bool>,
    labels: Vec<Option<Label>>,
    exits: Vec<Exit>,
    /// The pinned registers that are certainly the same at home.
    pub(super) clean: Set,
    /// Those that are so all the time: set by every caller, and written by nothing.
    always_clean: Set,
}

/// A way out to the interpreter that something jumps to.
#[derive(Debug)]
struct Exit {
    label: Label,
    pc: usize,
    /// The pinned registers that have to be brought home.
    flush: Set,
}

/// The longest run of slots that are set to zero one by one.
const FEW: usize = 4;

impl<'f, 't> Function<'f, 't> {
    pub(super) fn new(
        unit: &'f Unit<'f>,
        index: usize,
        entries: Labels,
        emitter: &'f mut Emitter<'t>,
        pins: &'f Pins,
        usages: &'f Usages,
    ) -> Self {
        let code = &unit.codes[index];
        let live = Liveness::of(code, pins, |pc| definition(unit, code, pins, pc));
        let unwritten = pins.iter(pins.all).filter(|pin| !usages.of(pin.slot).written);
        let unwritten = unwritten.filter(|pin| unit.passed(index).has(pin.slot));
        let always_clean = unwritten.fold(0, |set, pin| set | pins.set_of(pin.slot));
        let (targets, labels) = (targets(code), vec![None; code.insts.len() + 1]);
        let (exits, clean) = (Vec::new(), always_clean);
        Self { unit, index, code, emitter, pins, live, usages, entries, targets, labels, exits, clean, always_clean }
    }

    /// Emits the whole function.
    pub(super) fn compile(mut self) {
        let start = self.emitter.asm.label();
        self.entry();
        self.emitter.asm.bind(start);
        for pc in 0..self.code.insts.len() {
            if self.targets[pc] {
                let label = self.label(pc);
                self.emitter.asm.bind(label);
                self.clean = self.always_clean;
            }
            self.emitter.part(self.index, Part::Op(pc));
            self.op(pc);
        }
        self.emitter.begin_cold();
        self.exits();
        self.host_entry(start);
        self.emitter.end_cold();
    }

    /// The ways in for calls and tail calls: pinned registers are fetched, and registers that nobody has set are zero.
    fn entry(&mut self) {
        self.emitter.part(self.index, Part::Entry);
        self.emitter.asm.bind(self.entries.call);
        self.emitter.prologue();
        self.emitter.asm.bind(self.entries.body);
        let passed = self.unit.passed(self.index);
        for pin in self.pins.iter(self.live.before(0)) {
            if passed.has(pin.slot) {
                self.fetch(pin);
            } else if pin.bank == Bank::I64 {
                emit!(self, move_ints, pin.register, 0);
            } else {
                emit!(self, move_floats, pin.register, 0.0);
            }
        }
        for (first, count) in self.unset() {
            if count <= FEW {
                for slot in first..first + count as u32 {
                    emit!(self, move_ints, Slot(slot), 0);
                }
            } else {
                emit!(self, zero_slots, first * 8, count as u32);
            }
        }
    }

    /// The runs of slots that have to be zero before the first op: read somewhere, not pinned, set by no caller, and not
    /// certainly written before anything reads them.
    fn unset(&self) -> Vec<(u32, usize)> {
        let passed = self.unit.passed(self.index);
        let mut first_written = self.written_first();
        first_written.sort_unstable();
        let wanted = |slot: &u32| {
            self.pins.set_of(*slot) == 0 && !passed.has(*slot) && first_written.binary_search(slot).is_err()
        };
        let slots: Vec<u32> = if self.usages.reads_all {
            (1..self.code.layout.words() as u32).filter(wanted).collect()
        } else {
            let touched = self.usages.touched().iter().copied();
            let mut slots: Vec<u32> = touched.filter(|slot| self.usages.of(*slot).read).filter(wanted).collect();
            slots.sort_unstable();
            slots
        };
        slots.chunk_by(|left, right| left + 1 == *right).map(|run| (run[0], run.len())).collect()
    }

    /// The slots that the ops up to the first one that may leave or go elsewhere write before they read them.
    fn written_first(&self) -> Vec<u32> {
        let mut found: Vec<(u32, bool)> = Vec::new();
        for (pc, inst) in self.code.insts.iter().enumerate() {
            let straight = target(*inst).is_none() && falls_through(*inst);
            if !straight || matches!(inst, Inst::Call { .. } | Inst::CallMixed { .. }) || (pc > 0 && self.targets[pc]) {
                break;
            }
            found.extend(reads(self.code, *inst).singles().map(|slot| (slot, false)));
            found.extend(written(*inst).map(|slot| (slot, true)));
        }
        // The first mention of each slot counts.
        found.sort_by_key(|(slot, _)| *slot);
        found.dedup_by_key(|(slot, _)| *slot);
        found.into_iter().filter_map(|(slot, written)| written.then_some(slot)).collect()
    }

    /// The way in for the host: all registers of the frame are set, so all that are needed are fetched.
    fn host_entry(&mut self, start: Label) {
        self.emitter.part(self.index, Part::Host);
        self.emitter.asm.bind(self.entries.host);
        self.emitter.asm.export(self.entries.host);
        let inner = self.emitter.asm.label();
        self.emitter.prologue();
        emit!(self, call_in_place, inner);
        emit!(self, give, Reg(0), Reg(0));
        emit!(self, ret);
        self.emitter.asm.bind(inner);
        self.emitter.prologue();
        for pin in self.pins.iter(self.live.before(0)) {
            self.fetch(pin);
        }
        self.emitter.jump(start);
    }

    fn exits(&mut self) {
        for Exit { label, pc, flush } in std::mem::take(&mut self.exits) {
            self.emitter.part(self.index, Part::Exit(pc));
            self.emitter.asm.bind(label);
            self.bring_home(flush);
            emit!(self, resume, header(self.index, pc) as u32);
        }
    }

    /// The label of the op at `pc`.
    pub(super) fn label(&mut self, pc: usize) -> Label {
        *self.labels[pc].get_or_insert_with(|| self.emitter.asm.label())
    }

    /// A label of a way out to the interpreter, which then executes the op at `pc`. To be asked for before the op, or
    /// where everything that the op needs and was changed is clean.
    pub(super) fn exit(&mut self, pc: usize) -> Label {
        let label = self.emitter.asm.label();
        let flush = self.live.before(pc) & !self.clean;
        self.exits.push(Exit { label, pc, flush });
        label
    }

    /// Leaves to the interpreter, which executes the op at `pc`.
    pub(super) fn leave(&mut self, pc: usize) {
        self.bring_home(self.live.before(pc) & !self.clean);
        emit!(self, resume, header(self.index, pc) as u32);
    }

    /// Stores pinned registers in their homes, unless they are the same there.
    pub(super) fn save(&mut self, set: Set) {
        self.bring_home(set & !self.clean);
        self.clean |= set;
    }

    fn bring_home(&mut self, set: Set) {
        for pin in self.pins.iter(set) {
            match pin.bank {
                Bank::I64 => emit!(self, move_ints, Slot(pin.slot), pin.register),
                _ => emit!(self, move_floats, Slot(pin.slot), pin.register),
            }
        }
    }

    /// Loads pinned registers from their homes.
    pub(super) fn reload(&mut self, set: Set) {
        for pin in self.pins.iter(set) {
            self.fetch(pin);
        }
        self.clean |= set;
    }

    fn fetch(&mut self, pin: Pin) {
        match pin.bank {
            Bank::I64 => emit!(self, move_ints, pin.register, Slot(pin.slot)),
            _ => emit!(self, move_floats, pin.register, Slot(pin.slot)),
        }
    }

    /// Where the value of an i64 register's slot is.
    #[inline]
    pub(super) fn int(&self, slot: u32) -> Place<i64> {
        self.pins.register(slot).map_or_else(|| Slot(slot).into(), Into::into)
    }

    /// Where the value of an f64 register's slot is.
    #[inline]
    pub(super) fn float(&self, slot: u32) -> Place<f64> {
        self.pins.register(slot).map_or_else(|| Slot(slot).into(), Into::into)
    }
}

/// The pinned register that the op at `pc` certainly writes.
pub(super) fn definition(unit: &Unit<'_>, code: &Code, pins: &Pins, pc: usize) -> Set {
    let slot = match code.insts[pc] {
        Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. } => {
            let callee = usize::from(callee);
            let kinds = unit.returns.kinds(callee);
            // What an interpreted function returns is stored in the frame.
            let landed = unit.labels(callee).and_then(|_| landed_always(kinds, landing, code.layout));
            landed.map(|landed| landed.slot())
        }
        inst => written(inst),
    };
    slot.map_or(0, |slot| pins.set_of(slot))
}
