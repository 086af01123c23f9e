//! A function: its entry, its ops in turn, its exits.

use super::charges::Charges;
use super::compiler::Unit;
use super::emitter::{Emitter, emit};
use super::flow::{BRANCHES, Container, OWN, Shapes, TARGET};
use super::known::Known;
use super::listing::{Part, What};
use super::liveness::Liveness;
use super::opcodes::Stencils;
use super::pins::{Holds, Pin, Pins, Registers, Set};
use super::returns::landed_always;
use super::shuffle::{Move, Source, Step, Steps};
use super::slow::Slow;
use super::usage::Usages;
use crate::code::{Code, Inst};
use crate::frames::header;
use crate::program::Bank;
use stencil_runtime::{Label, Labels, Place, Reg, Slot};

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
    usages: &'f Usages,
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
    always_clean: Set,
}

/// What is emitted out of the way, and lists that are only needed for a moment.
#[derive(Debug, Default)]
pub(super) struct Pending {
    exits: Vec<Exit>,
    /// What the host is asked for.
    pub(super) slow: Vec<Slow>,
    /// Slots that have to be zero.
    unset: Vec<u32>,
    /// What became of each of them.
    fates: Vec<Fate>,
}

/// What ops do first with a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It does not matter.
    Unasked,
    Unknown,
    Read,
    Written,
}

/// A way out to the interpreter that something jumps to.
#[derive(Clone, Copy, Debug)]
struct Exit {
    label: Label,
    pc: usize,
    /// The pinned registers that have to be brought home.
    flush: Set,
    /// How much fuel was charged for ops that are not executed.
    refund: u32,
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

/// The longest run of slots that are set to zero one by one.
const FEW: usize = 4;

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

    /// Puts arguments where the function has them; registers that nobody has set are zero.
    fn entry(&mut self) {
        let needed = self.live.before(0);
        let mut steps = [Steps::new(), Steps::new()];
        for (bank, steps) in [Bank::I64, Bank::F64].into_iter().zip(&mut steps) {
            let count = self.unit.facts.in_registers(self.index, bank, self.registers.of_bank(bank));
            for (register, slot) in (0..count as u8).map(Reg).zip(self.code.layout.start(bank)..) {
                let set = self.pins.set_of(slot);
                let read = self.usages.reads_all || self.usages.of(slot).read;
                if set & self.always_clean != 0 || set == 0 && read {
                    let holds = if bank == Bank::F64 { Holds::Float } else { Holds::Int };
                    self.bring_home(Pin { slot, holds, register });
                }
                if let Some(to) = self.pins.register(slot).filter(|_| set & needed != 0) {
                    steps.push(Step { to, from: Source::Register(register), spare: slot });
                }
            }
        }
        let [ints, floats] = steps;
        self.shuffle(ints, Bank::I64);
        self.shuffle(floats, Bank::F64);
        let passed = self.unit.facts.passed(self.index);
        for pin in self.pins.iter(needed) {
            match pin.holds {
                // From cells that are zero, perhaps: see below.
                Holds::View(_) => {}
                _ if self.arrives(pin.slot).is_some() => {}
                _ if passed.has(pin.slot) => self.fetch(pin),
                Holds::Float => emit!(self, move_floats, pin.register, 0.0),
                Holds::Int => emit!(self, move_ints, pin.register, 0),
            }
        }
        self.zero_unset();
        self.fetch_all(self.live.before(0) & self.pins.views());
    }

    /// The machine register that a register of this function comes in, if callers pass it so.
    fn arrives(&self, slot: u32) -> Option<Reg> {
        arrives(self.unit, self.registers, self.index, slot).map(|(_, register)| register)
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

    /// Sets slots to zero that have to be so before the first op: not pinned and set by no caller; and read somewhere, but
    /// not certainly written before anything reads them. Those of cells have to be zero anyway, for the collector.
    fn zero_unset(&mut self) {
        let passed = self.unit.facts.passed(self.index);
        let layout = self.code.layout;
        let cells = layout.start(Bank::Cell)..layout.views().start;
        let mut unset = std::mem::take(&mut self.pending.unset);
        let mut count = 0;
        unset.resize((cells.start - layout.start(Bank::I64)) as usize, 0);
        for slot in layout.start(Bank::I64)..cells.start {
            // The next one takes the place of one that nobody reads, or that is pinned.
            unset[count] = slot;
            let read = self.usages.reads_all | self.usages.is_read(slot);
            count += usize::from(read & (self.pins.set_of(slot) == 0));
        }
        unset.truncate(count);
        unset.retain(|slot| !passed.has(*slot));
        if !unset.is_empty() {
            self.drop_written_first(&mut unset);
        }
        unset.extend(cells.filter(|slot| !passed.has(*slot)));
        for run in unset.chunk_by(|left, right| left + 1 == *right) {
            if run.len() <= FEW {
                for slot in run {
                    emit!(self, move_ints, Slot(*slot), 0);
                }
            } else {
                emit!(self, zero_slots, run[0] * 8, run.len() as u32);
            }
        }
        unset.clear();
        self.pending.unset = unset;
    }

    /// Drops the slots that the ops up to the first one that may leave or go elsewhere write before they read them.
    fn drop_written_first(&mut self, slots: &mut Vec<u32>) {
        let fates = &mut self.pending.fates;
        fates.clear();
        fates.resize(self.code.layout.words(), Fate::Unasked);
        for slot in &*slots {
            fates[*slot as usize] = Fate::Unknown;
        }
        let mut unknown = slots.len();
        for (pc, shape) in self.shapes.all().iter().enumerate() {
            let goes_elsewhere = shape.target().is_some() || !shape.falls_through() || shape.calls();
            if unknown == 0 || goes_elsewhere || (pc > 0 && shape.has(TARGET)) {
                break;
            }
            let mut meet = |slot: u32, fate: Fate| {
                if fates[slot as usize] == Fate::Unknown {
                    fates[slot as usize] = fate;
                    unknown -= 1;
                }
            };
            let [first, second, third] = shape.slots();
            meet(second, Fate::Read);
            meet(third, Fate::Read);
            if shape.is_uncommon() {
                shape.reads().for_each(|slot| meet(slot, Fate::Read));
            }
            meet(first, if shape.writes() { Fate::Written } else { Fate::Read });
        }
        slots.retain(|slot| fates[*slot as usize] != Fate::Written);
    }

    /// Emits the exits that were asked for, which all go on at the end of the last one.
    fn exits(&mut self) {
        let mut exits = std::mem::take(&mut self.pending.exits);
        let leave = self.emitter.asm.label();
        for (at, Exit { label, pc, flush, refund }) in exits.iter().copied().enumerate() {
            self.emitter.part(Part::Exit(pc));
            self.emitter.asm.bind(label);
            self.note_exit(pc, flush, refund);
            if at + 1 < exits.len() {
                self.emitter.jump(leave);
            } else {
                self.emitter.asm.bind(leave);
                self.leave_noted();
            }
        }
        exits.clear();
        self.pending.exits = exits;
    }

    /// The ways in for the host, which has all pinned registers in place but for views.
    fn loop_entries(&mut self) {
        for pc in self.shapes.loops.iter().map(|pc| *pc as usize) {
            self.emitter.part(Part::Loop(pc));
            let entry = self.emitter.asm.label();
            self.emitter.asm.bind(entry);
            self.emitter.asm.export(entry);
            self.emitter.prologue();
            self.fetch_all(self.live.before(pc) & self.pins.views());
            let label = self.label(pc);
            self.emitter.jump(label);
        }
    }

    /// Says where the interpreter goes on.
    fn note_exit(&mut self, pc: usize, flush: Set, refund: u32) {
        if refund > 0 {
            emit!(self, refund, refund);
        }
        // What views are of is at home.
        emit!(self, note_exit, header(self.index, pc) as u32, flush & !self.pins.views());
    }

    /// Leaves to the interpreter, which goes on where it was told.
    fn leave_noted(&mut self) {
        if let Some(exit) = self.unit.space.bridges().exit() {
            self.emitter.jump_through(&exit);
        }
    }

    /// The label of the op at `pc`.
    #[inline]
    pub(super) fn label(&self, pc: usize) -> Label {
        self.labels.at(pc)
    }

    /// A label of a way out to the interpreter, which then executes the op at `pc`. To be asked for before the op, or
    /// where everything that the op needs and was changed is clean.
    pub(super) fn exit(&mut self, pc: usize) -> Label {
        self.exit_with(pc, self.unspent(pc))
    }

    fn exit_with(&mut self, pc: usize, refund: u32) -> Label {
        let label = self.emitter.asm.label();
        let flush = self.live.before(pc) & !self.clean;
        self.pending.exits.push(Exit { label, pc, flush, refund });
        label
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
            emit!(self, run_host, header(self.index, pc) as u32, crate::native::STOP, stop);
        }
    }

    /// How much fuel was charged for the op at `pc` and those after it.
    fn unspent(&self, pc: usize) -> u32 {
        self.charges.as_ref().map_or(0, |charges| charges.unspent(pc))
    }

    /// Leaves to the interpreter, which executes the op at `pc`.
    pub(super) fn leave(&mut self, pc: usize) {
        self.note_exit(pc, self.live.before(pc) & !self.clean, self.unspent(pc));
        self.leave_noted();
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

/// The bank and machine register that callers of `callee` pass a slot of its frame in, if they do.
pub(super) fn arrives(unit: Unit<'_>, registers: Registers, callee: usize, slot: u32) -> Option<(Bank, Reg)> {
    let layout = unit.codes[callee].layout;
    [Bank::I64, Bank::F64].into_iter().find_map(|bank| {
        let count = unit.facts.in_registers(callee, bank, registers.of_bank(bank));
        let index = slot.checked_sub(layout.start(bank)).filter(|index| (*index as usize) < count)?;
        Some((bank, Reg(index as u8)))
    })
}

/// The pinned register that the result of the call at `pc` certainly lands in.
pub(super) fn landing(unit: Unit<'_>, code: &Code, pins: &Pins, pc: usize) -> Set {
    let (Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. }) = code.insts[pc] else {
        return 0;
    };
    let kinds = unit.facts.returns.kinds(usize::from(callee));
    landed_always(kinds, landing, code.layout).map_or(0, |landed| pins.set_of(landed.slot()))
}
