//! Calls, tail calls and returns.

use super::compiler::{body_slot, call_slot};
use super::emitter::emit;
use super::entry::arrives;
use super::flow::{Arguments, arguments};
use super::function::Function;
use super::returns::{Kind, Landed, landed, landed_always};
use super::shortcut::Value;
use super::shuffle::{Source, Step, Steps};
use super::usage::RUN;
use crate::code::{Inst, Landing};
use crate::frames::header;
use crate::program::Bank;
use stencil_runtime::{Label, Place, Placed, Reg, Slot};

/// The machine register of a bank that a result travels in.
pub(super) const RESULT: Reg = Reg(0);

/// Arguments on their way to a callee's frame.
struct Passing {
    callee: usize,
    /// The slot of this frame that the callee's frame starts at.
    base: u32,
    /// Those that travel in machine registers, by bank.
    ints: Steps,
    floats: Steps,
}

impl Passing {
    fn new(callee: usize, base: u32) -> Self {
        Self { callee, base, ints: Steps::new(), floats: Steps::new() }
    }

    /// Sends a value to a machine register of a bank.
    fn send(&mut self, (bank, to): (Bank, Reg), from: Source, spare: u32) {
        let steps = if bank == Bank::F64 { &mut self.floats } else { &mut self.ints };
        steps.push(Step { to, from, spare });
    }
}

impl Function<'_> {
    /// Emits the call at `pc`.
    pub(super) fn call(&mut self, pc: usize) {
        let inst = self.code.insts[pc];
        let (Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. }) = inst else { return };
        let callee = usize::from(callee);
        let kinds = self.unit.facts.returns.kinds(callee);
        let always = landed_always(kinds, landing, self.code.layout);
        let defined = always.map_or(0, |landed| self.pins.set_of(landed.slot()));
        let across = self.live.after(self.shapes, pc) & !defined;
        let overflow = self.exit(pc);
        emit!(self, poll, overflow);
        let clean = self.clean;
        let done = self.shortcut(pc, callee, always);
        self.save(across);
        let words = self.code.layout.words() as u32;
        emit!(self, move_ints, Slot(words), header(self.index, pc).cast_signed());
        self.pass(inst, callee, words);
        let bytes = i64::from(words) * 8;
        if callee == self.index {
            emit!(self, call, bytes, self.call);
        } else if let Some(slot) = self.unit.slots.slot(call_slot(callee)) {
            emit!(self, call, bytes, slot);
        }
        emit!(self, move_frame, -bytes);
        match always {
            Some(landed) => {
                self.land(landed, self.int(landed.slot()), self.float(landed.slot()));
                self.clean &= !defined;
                self.renew(pc, defined);
            }
            None => self.land_by_kind(kinds.iter().collect(), landing),
        }
        self.reload(across);
        if let Some(done) = done {
            self.emitter.asm.bind(done);
            // Nothing was saved on the way around the call.
            self.clean = clean & !defined;
        }
    }

    /// Goes around the call of `callee` at `pc`, to the label that it gives, where the callee would return at once. None if it
    /// never does, or the result might overwrite what is still to be passed.
    fn shortcut(&mut self, pc: usize, callee: usize, landed: Option<Landed>) -> Option<Label> {
        let (Some(Landed::Int(to)), Some(shortcut)) = (landed, self.unit.facts.shortcuts[callee]) else { return None };
        // Fuel is taken by the callee.
        if self.unit.metered {
            return None;
        }
        let value = |value: Value| match value {
            Value::Slot(slot) => self.passed(pc, callee, slot).map(Value::Slot),
            Value::Constant(_) => Some(value),
        };
        let (Value::Slot(lhs), rhs, result) =
            (value(Value::Slot(shortcut.lhs))?, value(shortcut.rhs)?, value(shortcut.result)?)
        else {
            return None;
        };
        if result != Value::Slot(to) {
            let Arguments { run, moves } = arguments(self.code, self.code.insts[pc]);
            if run.contains(&to) || moves.iter().any(|step| step.from == to) {
                return None;
            }
            match result {
                Value::Slot(from) => emit!(self, move_ints, self.int(to), self.int(from)),
                Value::Constant(value) => emit!(self, move_ints, self.int(to), value),
            }
        }
        let rhs = match rhs {
            Value::Slot(slot) => self.int(slot).into(),
            Value::Constant(value) => Placed::literal(value.cast_unsigned()),
        };
        let done = self.emitter.asm.label();
        let values = [self.int(lhs).into(), rhs, Placed::label(done), Placed::word(0)];
        self.emitter.stencil(self.stencils.of_op(shortcut.code), values);
        Some(done)
    }

    /// The slot of this frame that the call at `pc` passes to an int register of the callee, whose slot there it is. None if
    /// the call passes zero.
    fn passed(&self, pc: usize, callee: usize, slot: u32) -> Option<u32> {
        match self.code.insts[pc] {
            Inst::Call { count, first, landing, .. } => {
                let start = self.unit.codes[callee].layout.start(landing.bank);
                run_has(start, count, slot).then(|| first + (slot - start))
            }
            Inst::CallMixed { moves, .. } => {
                self.code.moves(moves).iter().find(|step| step.to == slot).map(|step| step.from)
            }
            _ => None,
        }
    }

    /// Moves a result to its home, which is fetched with all that was saved: to which one the kind of return tells.
    fn land_by_kind(&mut self, mut left: Vec<Kind>, landing: Landing) {
        let done = self.emitter.asm.label();
        while let Some(kind) = left.pop() {
            let other = self.emitter.asm.label();
            let landed = landed(kind, landing, self.code.layout);
            if !left.is_empty() {
                let this = self.emitter.asm.label();
                emit!(self, jump_returned, kind.number(), this);
                self.emitter.jump(other);
                self.emitter.asm.bind(this);
            }
            self.land(landed, Slot(landed.slot()).into(), Slot(landed.slot()).into());
            if !left.is_empty() {
                self.emitter.jump(done);
            }
            self.emitter.asm.bind(other);
        }
        self.emitter.asm.bind(done);
    }

    /// Moves a result from where it travelled to its place.
    fn land(&mut self, landed: Landed, int: Place<i64>, float: Place<f64>) {
        match landed {
            Landed::Int(_) | Landed::Cell(_) if int == RESULT.into() => {}
            Landed::Int(_) | Landed::Cell(_) => emit!(self, move_ints, int, RESULT),
            Landed::IntToFloat(_) => emit!(self, i64_to_f64, float, RESULT),
            Landed::Float(_) if float == RESULT.into() => {}
            Landed::Float(_) => emit!(self, move_floats, float, RESULT),
            Landed::FloatToInt(_) => emit!(self, f64_to_i64, int, RESULT),
            Landed::IntToCell(_) => emit!(self, box_int, int, RESULT),
            Landed::FloatToCell(_) => emit!(self, box_float, int, RESULT),
        }
    }

    /// Passes arguments to a frame for `callee` that starts at slot `base` of this one, above it, and zero for what this
    /// sort of call does not pass.
    fn pass(&mut self, inst: Inst, callee: usize, base: u32) {
        let layout = self.unit.codes[callee].layout;
        let code = self.code;
        let mut passing = Passing::new(callee, base);
        match inst {
            Inst::Call { count, first, landing, .. } => {
                let start = layout.start(landing.bank);
                self.pass_run(&mut passing, first, u32::from(count), start);
                self.zero_others(&mut passing, |slot| run_has(start, count, slot));
            }
            Inst::CallMixed { moves, .. } => {
                let moves = code.moves(moves);
                for step in moves {
                    self.pass_one(&mut passing, self.source(step.from), step.from, step.to);
                }
                self.zero_others(&mut passing, |slot| moves.iter().any(|step| step.to == slot));
            }
            _ => {}
        }
        self.finish(passing);
    }

    /// Passes `count` registers from slot `first` on to slots of the callee from `to` on.
    fn pass_run(&mut self, passing: &mut Passing, first: u32, count: u32, to: u32) {
        if count < RUN {
            for argument in 0..count {
                self.pass_one(passing, self.source(first + argument), first + argument, to + argument);
            }
            return;
        }
        let base = passing.base;
        self.copy_run(first, base + to, count);
        // Those that travel in machine registers are taken from there.
        for slot in to..to + count.min(RUN) {
            if arrives(self.unit, self.registers, passing.callee, slot).is_some() {
                self.pass_one(passing, Source::Slot(base + slot), base + slot, slot);
            }
        }
    }

    /// Copies `count` registers from slot `first` on to slots from `to` on, the first one first.
    fn copy_run(&mut self, first: u32, to: u32, count: u32) {
        let run = first..first + count;
        let pinned = self.pins.iter(self.pins.all).filter(|pin| run.contains(&pin.slot));
        let set = pinned.fold(0, |set, pin| set | self.pins.set_of(pin.slot));
        self.save(set);
        emit!(self, copy_slots, first * 8, to * 8, count);
    }

    /// Passes the register of slot `from`, which is at `source`, to slot `to` of the callee: at once if it goes to memory.
    fn pass_one(&mut self, passing: &mut Passing, source: Source, from: u32, to: u32) {
        let spare = passing.base + to;
        match arrives(self.unit, self.registers, passing.callee, to) {
            Some(register) => passing.send(register, source, spare),
            None => self.copy(from, spare),
        }
    }

    /// Where the value of a slot's register is.
    fn source(&self, slot: u32) -> Source {
        self.pins.register(slot).map_or(Source::Slot(slot), Source::Register)
    }

    /// Copies a register to a slot. The slots of all banks are alike.
    fn copy(&mut self, from: u32, to: u32) {
        let layout = self.code.layout;
        let is_float = (layout.start(Bank::F64)..layout.start(Bank::Cell)).contains(&from);
        if is_float && self.pins.register(from).is_some() {
            emit!(self, move_floats, Slot(to), self.float(from));
        } else if from != to || self.pins.register(from).is_some() {
            emit!(self, move_ints, Slot(to), self.int(from));
        }
    }

    fn zero_others(&mut self, passing: &mut Passing, passed: impl Fn(u32) -> bool) {
        let base = passing.base;
        for (start, count) in self.unit.facts.passed(passing.callee).runs() {
            // A run is passed as a whole or not at all, unless it is short.
            if count >= RUN && !passed(start) {
                emit!(self, zero_slots, (base + start) * 8, count);
            }
            for slot in (start..start + count.min(RUN)).filter(|slot| !passed(*slot)) {
                let spare = base + slot;
                match arrives(self.unit, self.registers, passing.callee, slot) {
                    Some(register) => passing.send(register, Source::Zero, spare),
                    None if count < RUN => emit!(self, move_ints, Slot(spare), 0),
                    None => {}
                }
            }
        }
    }

    /// Emits the tail call at `pc`.
    pub(super) fn tail_call(&mut self, pc: usize) {
        let inst = self.code.insts[pc];
        let (Inst::TailCallI64 { callee, .. } | Inst::TailCallMixed { callee, .. }) = inst else { return };
        let callee = usize::from(callee);
        let stop = self.exit(pc);
        emit!(self, poll, stop);
        match inst {
            Inst::TailCallI64 { count, first, .. } => {
                let start = self.unit.codes[callee].layout.start(Bank::I64);
                let passed = |slot| run_has(start, count, slot);
                if u32::from(count) < RUN {
                    let count = u32::from(count);
                    self.replace((first..first + count).zip(start..start + count), callee, passed);
                } else {
                    let mut passing = Passing::new(callee, 0);
                    // To the start of the bank: in ascending order no argument is overwritten before it is read.
                    self.pass_run(&mut passing, first, u32::from(count), start);
                    self.zero_others(&mut passing, passed);
                    self.finish(passing);
                }
            }
            Inst::TailCallMixed { moves, .. } => {
                let moves = self.code.moves(moves);
                let passed = |slot| moves.iter().any(|step| step.to == slot);
                self.replace(moves.iter().map(|step| (step.from, step.to)), callee, passed);
            }
            _ => {}
        }
        if callee == self.index {
            return self.emitter.jump(self.body);
        }
        emit!(self, set_callee, callee as i64);
        if let Some(slot) = self.unit.slots.slot(body_slot(callee)) {
            self.emitter.jump_through(&slot);
        }
    }

    /// Passes fewer than [`RUN`] arguments from slots of this frame to slots of the frame that replaces it, and zero for what is
    /// not passed.
    fn replace(
        &mut self,
        moves: impl Iterator<Item = (u32, u32)> + Clone,
        callee: usize,
        passed: impl Fn(u32) -> bool,
    ) {
        // Above both frames nothing is overwritten.
        let staging = self.code.layout.words().max(self.unit.codes[callee].layout.words()) as u32;
        let in_memory = |(_, to): &(u32, u32)| arrives(self.unit, self.registers, callee, *to).is_none();
        let staged: Vec<_> = moves.clone().filter(in_memory).zip(staging..).collect();
        for ((from, _), stage) in &staged {
            self.copy(*from, *stage);
        }
        let mut passing = Passing::new(callee, 0);
        for ((from, to), spare) in moves.zip(staging + RUN..) {
            if let Some(register) = arrives(self.unit, self.registers, callee, to) {
                passing.send(register, self.source(from), spare);
            }
        }
        self.finish(passing);
        for ((_, to), stage) in &staged {
            emit!(self, move_ints, Slot(*to), Slot(*stage));
        }
        // All arguments are where they belong: zeros go elsewhere.
        let mut zeros = Passing::new(callee, 0);
        self.zero_others(&mut zeros, passed);
        self.finish(zeros);
    }

    /// Moves what travels in machine registers there.
    fn finish(&mut self, passing: Passing) {
        self.shuffle(passing.ints, Bank::I64);
        self.shuffle(passing.floats, Bank::F64);
    }

    /// Emits a return.
    pub(super) fn ret(&mut self, inst: Inst) {
        let kind = match inst {
            Inst::ReturnF64 { src } => {
                self.return_float(src);
                Kind::F64
            }
            Inst::ReturnI64 { src } => {
                self.return_int(src);
                Kind::I64
            }
            Inst::ReturnCell { src } => {
                self.return_int(src);
                Kind::Cell
            }
            Inst::ReturnConst { value } => {
                emit!(self, move_ints, RESULT, i64::from(value));
                Kind::Constant
            }
            _ => return,
        };
        if self.code.keeps_region {
            self.close_region(kind == Kind::Cell);
        }
        if self.unit.facts.returns.marks(self.index) {
            emit!(self, set_returned, i64::from(kind.number()));
        }
        emit!(self, ret);
    }

    fn return_int(&mut self, src: u32) {
        let src = self.int(src);
        if src != RESULT.into() {
            emit!(self, move_ints, RESULT, src);
        }
    }

    fn return_float(&mut self, src: u32) {
        let src = self.float(src);
        if src != RESULT.into() {
            emit!(self, move_floats, RESULT, src);
        }
    }
}

/// Whether `slot` is one of the `count` slots from `start` on.
fn run_has(start: u32, count: u16, slot: u32) -> bool {
    (start..start + u32::from(count)).contains(&slot)
}
