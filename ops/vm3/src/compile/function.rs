//! A function being emitted: its parts, and its ops in turn.

use super::charges::Charges;
use super::compiler::Unit;
use super::emitter::{Emitter, emit};
use super::entry::Fate;
use super::exits::Exit;
use super::flow::Shapes;
use super::known::Known;
use super::listing::{Part, What};
use super::liveness::Liveness;
use super::opcodes::Stencils;
use super::pins::{Holds, Pin, Pins, Registers, Set};
use super::returns::landed_always;
use super::shape::{BRANCHES, Container, OWN, TARGET};
use super::shuffle::{Move, Source, Steps};
use super::slow::Slow;
use super::usage::Usages;
use crate::code::{Code, Inst};
use crate::program::Bank;
use stencil_runtime::{Label, Labels, Place, Slot};

/// A function being compiled.
#[derive(Debug)]
pub(super) struct Function<'f> {
    pub(super) unit: Unit<'f>,
    pub(super) index: usize,
    pub(super) code: &'f Code,
    pub(super) registers: Registers,
    pub(super) stencils: &'f Stencils,
    pub(super) emitter: &'f mut Emitter<'static>,
    pub(super) pins: &'f Pins,
    pub(super) shapes: &'f Shapes,
    pub(super) live: &'f Liveness,
    pub(super) usages: &'f Usages,
    /// Where calls of itself go.
    pub(super) call: Label,
    /// Where tail calls of itself go.
    pub(super) body: Label,
    /// One for each op.
    labels: Labels,
    /// What is charged for, if the code is metered.
    charges: Option<Charges>,
    pub(super) pending: &'f mut Pending,
    pub(super) known: &'f mut Known,
    /// The pinned registers that are certainly the same at home.
    pub(super) clean: Set,
    /// Those that are so all the time: at home from the start, and written by nothing.
    pub(super) always_clean: Set,
}

/// What is emitted out of the way, and lists that are only needed for a moment.
#[derive(Debug, Default)]
pub(super) struct Pending {
    pub(super) exits: Vec<Exit>,
    /// What the host is asked for.
    pub(super) slow: Vec<Slow>,
    /// Slots that have to be zero.
    pub(super) unset: Vec<u32>,
    /// What became of each of them.
    pub(super) fates: Vec<Fate>,
}

/// What was found out about a function before it is emitted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'f> {
    pub(super) shapes: &'f Shapes,
    pub(super) usages: &'f Usages,
    pub(super) pins: &'f Pins,
    pub(super) live: &'f Liveness,
}

/// What a function is emitted with.
#[derive(Debug)]
pub(super) struct Tools<'f> {
    pub(super) registers: Registers,
    pub(super) stencils: &'f Stencils,
    pub(super) emitter: &'f mut Emitter<'static>,
    pub(super) pending: &'f mut Pending,
    pub(super) known: &'f mut Known,
}

impl<'f> Function<'f> {
    pub(super) fn new(unit: Unit<'f>, index: usize, tools: Tools<'f>, found: Found<'f>) -> Self {
        let code = &unit.codes[index];
        let Tools { registers, stencils, emitter, pending, known } = tools;
        let Found { shapes, usages, pins, live } = found;
        let passed = unit.facts.passed(index);
        let [call, body] = [(); 2].map(|()| emitter.asm.label());
        let labels = emitter.asm.labels(code.insts.len() + 1);
        let charges = unit.metered.then(|| Charges::of(code, shapes));
        let mut made = Self {
            unit,
            index,
            code,
            registers,
            stencils,
            emitter,
            pins,
            shapes,
            live,
            usages,
            call,
            body,
            labels,
            charges,
            pending,
            known,
            clean: 0,
            always_clean: 0,
        };
        let passed = passed.runs().flat_map(|(start, count)| start..start + count);
        let unwritten = passed.filter(|slot| pins.set_of(*slot) != 0 && !usages.is_written(*slot));
        // An argument that comes in a machine register is brought home at once where that may save doing so in a loop.
        let at_home = unwritten.filter(|slot| made.arrives(*slot).is_none() || !shapes.loops.is_empty());
        made.always_clean = at_home.fold(0, |set, slot| set | pins.set_of(slot));
        made.clean = made.always_clean;
        made
    }

    /// Emits the whole function. Labels are exported where it can be gone into besides its start: first that of tail calls,
    /// then one for each loop.
    pub(super) fn compile(mut self) {
        self.emitter.asm.export(self.body);
        self.emitter.part(Part::Entry);
        self.emitter.asm.bind(self.call);
        self.emitter.prologue();
        if self.code.keeps_region {
            emit!(self, open_region);
        }
        self.emitter.asm.bind(self.body);
        self.entry();
        self.ops();
        self.emitter.begin_cold();
        self.slow_parts();
        self.exits();
        self.loop_entries();
        self.emitter.end_cold();
    }

    /// Emits all ops.
    fn ops(&mut self) {
        let shapes = self.shapes;
        let plain = self.is_plain();
        let end = shapes.all().len();
        let mut pc = 0;
        while pc < end {
            let shape = shapes.at(pc);
            if shape.has(TARGET) {
                self.target(pc);
            }
            self.emitter.part(Part::Op(pc));
            if !plain {
                self.charge(pc);
                #[cfg(test)]
                self.ask_to_leave(pc);
            }
            // Most ops go one way here, and which ones do not is known before anything else is looked up.
            if !shape.has(OWN | BRANCHES) {
                self.emitter.note(What::Stencil(self.stencils.of_op(shape.code()).name));
                pc = self.simple(pc, if plain { end } else { pc + 1 });
                continue;
            }
            if shape.has(OWN) {
                self.own(pc);
            } else {
                self.branch(pc, shape);
            }
            pc += 1;
        }
    }

    /// Whether there is nothing between ops but what ops do themselves.
    fn is_plain(&self) -> bool {
        #[cfg(test)]
        if self.unit.asks != crate::native::Asks::Nowhere {
            return false;
        }
        self.charges.is_none() && self.emitter.notes.is_none()
    }

    /// Something jumps to the op at `pc`.
    fn target(&mut self, pc: usize) {
        if self.shapes.turns_to(pc) {
            self.emitter.align_loop();
        }
        let label = self.label(pc);
        self.emitter.asm.bind(label);
        self.clean = self.always_clean;
        self.known.meet();
    }

    /// Emits what moves values to machine registers of a bank.
    pub(super) fn shuffle(&mut self, steps: Steps, bank: Bank) {
        steps.shuffle(|step| match (step, bank) {
            (Move::ToRegister(to, Source::Register(from)), Bank::I64) => emit!(self, move_ints, to, from),
            (Move::ToRegister(to, Source::Slot(from)), Bank::I64) => emit!(self, move_ints, to, Slot(from)),
            (Move::ToRegister(to, Source::Zero), Bank::I64) => emit!(self, move_ints, to, 0),
            (Move::ToSlot(to, from), Bank::I64) => emit!(self, move_ints, to, from),
            (Move::ToRegister(to, Source::Register(from)), _) => emit!(self, move_floats, to, from),
            (Move::ToRegister(to, Source::Slot(from)), _) => emit!(self, move_floats, to, Slot(from)),
            (Move::ToRegister(to, Source::Zero), _) => emit!(self, move_floats, to, 0.0),
            (Move::ToSlot(to, from), _) => emit!(self, move_floats, to, from),
        });
    }

    /// The label of the op at `pc`.
    #[inline]
    pub(super) fn label(&self, pc: usize) -> Label {
        self.labels.at(pc)
    }

    /// Charges for the run of ops that starts at `pc`, if one does. With too little fuel for it, the interpreter finds out
    /// which op is the last.
    fn charge(&mut self, pc: usize) {
        if let Some(count) = self.charges.as_ref().and_then(|charges| charges.before(pc)) {
            let empty = self.exit_with(pc, 0);
            emit!(self, charge, count, empty);
        }
    }

    /// Leaves at the op at `pc` if the host says so, where the code is to ask.
    #[cfg(test)]
    fn ask_to_leave(&mut self, pc: usize) {
        if self.unit.asks.at((self.index, pc)) {
            let stop = self.exit(pc);
            emit!(self, run_host, crate::frames::header(self.index, pc) as u32, crate::native::STOP, stop);
        }
    }

    /// How much fuel was charged for the op at `pc` and those after it.
    pub(super) fn unspent(&self, pc: usize) -> u32 {
        self.charges.as_ref().map_or(0, |charges| charges.unspent(pc))
    }

    /// Stores pinned registers in their homes, unless they are the same there.
    pub(super) fn save(&mut self, set: Set) {
        for pin in self.pins.iter(set & !self.clean) {
            self.bring_home(pin);
        }
        self.clean |= set;
    }

    pub(super) fn bring_home(&mut self, pin: Pin) {
        match pin.holds {
            Holds::Int => emit!(self, move_ints, Slot(pin.slot), pin.register),
            Holds::Float => emit!(self, move_floats, Slot(pin.slot), pin.register),
            Holds::View(_) => {}
        }
    }

    /// Loads pinned registers from their homes.
    pub(super) fn reload(&mut self, set: Set) {
        self.fetch_all(set);
        self.clean |= set;
    }

    /// The same, but for what is known of them from there on.
    pub(super) fn fetch_all(&mut self, set: Set) {
        for pin in self.pins.iter(set) {
            self.fetch(pin);
        }
    }

    /// Loads a pinned register from its home.
    pub(super) fn fetch(&mut self, pin: Pin) {
        match pin.holds {
            Holds::Int => emit!(self, move_ints, pin.register, Slot(pin.slot)),
            Holds::Float => emit!(self, move_floats, pin.register, Slot(pin.slot)),
            Holds::View(Container::List) => {
                if let Some(view) = self.pins.list(pin.slot) {
                    emit!(self, view_list, view, Slot(pin.slot));
                }
            }
            Holds::View(Container::Map) => emit!(self, view_map, pin.register, Slot(pin.slot)),
        }
    }

    /// Makes those of these views anew, from the cells at home, that are needed after the op at `pc`.
    pub(super) fn renew(&mut self, pc: usize, set: Set) {
        let views = set & self.pins.views();
        if views != 0 {
            self.fetch_all(views & self.live.after(self.shapes, pc));
        }
    }

    /// Where the value of an i64 or a cell register's slot is.
    #[inline]
    pub(super) fn int(&self, slot: u32) -> Place<i64> {
        self.pins.int(slot)
    }

    /// Where the value of an f64 register's slot is.
    #[inline]
    pub(super) fn float(&self, slot: u32) -> Place<f64> {
        self.pins.float(slot)
    }
}

/// The pinned register that the result of the call at `pc` certainly lands in.
pub(super) fn landing(unit: Unit<'_>, code: &Code, pins: &Pins, pc: usize) -> Set {
    let (Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. }) = code.insts[pc] else {
        return 0;
    };
    let kinds = unit.facts.returns.kinds(usize::from(callee));
    landed_always(kinds, landing, code.layout).map_or(0, |landed| pins.set_of(landed.slot()))
}
