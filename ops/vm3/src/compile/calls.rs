//! Calls, tail calls and returns.

use super::emitter::emit;
use super::function::Function;
use super::returns::{Kind, Landed, landed, landed_always};
use super::unit::Labels;
use super::usage::RUN;
use crate::code::{Inst, Landing};
use crate::frames::header;
use crate::native::HELPER;
use crate::program::Bank;
use stencil_runtime::{Place, Reg, Slot};

/// The machine register of a bank that a result travels in.
const RESULT: Reg = Reg(0);

impl Function<'_, '_> {
    /// Emits the call at `pc`.
    pub(super) fn call(&mut self, pc: usize) {
        let inst = self.code.insts[pc];
        let (Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. }) = inst else { return };
        let callee = usize::from(callee);
        match self.unit.labels(callee) {
            Some(labels) => self.call_compiled(pc, inst, landing, callee, labels),
            None => self.call_interpreted(pc),
        }
    }

    fn call_compiled(&mut self, pc: usize, inst: Inst, landing: Landing, callee: usize, labels: Labels) {
        let kinds = self.unit.returns.kinds(callee);
        let always = landed_always(kinds, landing, self.code.layout);
        let defined = always.map_or(0, |landed| self.pins.set_of(landed.slot()));
        let across = self.live.after(self.code, pc) & !defined;
        self.save(across);
        let overflow = self.exit(pc);
        emit!(self, check_stack, overflow);
        let words = self.code.layout.words() as u32;
        self.pass(inst, callee, words);
        let bytes = i64::from(words) * 8;
        emit!(self, move_ints, Slot(words), header(self.index, pc).cast_signed());
        emit!(self, call, bytes, labels.call);
        emit!(self, move_frame, -bytes);
        match always {
            Some(landed) => {
                self.land(landed, self.int(landed.slot()), self.float(landed.slot()));
                self.clean &= !defined;
            }
            None => {
                // The result goes to its home, which is fetched with all that was saved.
                let done = self.emitter.asm.label();
                let mut left: Vec<Kind> = kinds.iter().collect();
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
        }
        self.reload(across);
    }

    /// Moves a result from where it travelled to its place.
    fn land(&mut self, landed: Landed, int: Place<i64>, float: Place<f64>) {
        match landed {
            Landed::Int(_) if int == RESULT.into() => {}
            Landed::Int(_) => emit!(self, move_ints, int, RESULT),
            Landed::IntToFloat(_) => emit!(self, i64_to_f64, float, RESULT),
            Landed::Float(_) if float == RESULT.into() => {}
            Landed::Float(_) => emit!(self, move_floats, float, RESULT),
            Landed::FloatToInt(_) => emit!(self, f64_to_i64, int, RESULT),
        }
    }

    /// Has the host run the callee on this frame. It reads the arguments there, and stores the result there.
    fn call_interpreted(&mut self, pc: usize) {
        self.save(self.live.before(pc));
        emit!(self, call_host, header(self.index, pc) as u32, HELPER);
        self.reload(self.live.after(self.code, pc));
    }

    /// Moves arguments into a frame for `callee` that starts at slot `base` of this one, in ascending order, and sets to
    /// zero what this sort of call does not pass.
    fn pass(&mut self, inst: Inst, callee: usize, base: u32) {
        let layout = self.unit.codes[callee].layout;
        let code = self.code;
        match inst {
            Inst::Call { count, first, landing, .. } => {
                self.pass_run(first, count, base + layout.start(landing.bank), landing.bank);
                self.zero_others(callee, base, |slot| run_has(layout.start(landing.bank), count, slot));
            }
            Inst::TailCallI64 { count, first, .. } => {
                self.pass_run(first, count, base + layout.start(Bank::I64), Bank::I64);
                self.zero_others(callee, base, |slot| run_has(layout.start(Bank::I64), count, slot));
            }
            Inst::CallMixed { moves, .. } | Inst::TailCallMixed { moves, .. } => {
                let moves = code.moves(moves);
                for step in moves {
                    self.copy(step.from, base + step.to);
                }
                self.zero_others(callee, base, |slot| moves.iter().any(|step| step.to == slot));
            }
            _ => {}
        }
    }

    fn pass_run(&mut self, first: u32, count: u16, to: u32, bank: Bank) {
        let count = u32::from(count);
        if count < RUN {
            for argument in 0..count {
                self.copy(first + argument, to + argument);
            }
            return;
        }
        let run = first..first + count;
        let pinned = self.pins.iter(self.pins.all).filter(|pin| pin.bank == bank && run.contains(&pin.slot));
        let set = pinned.fold(0, |set, pin| set | self.pins.set_of(pin.slot));
        self.save(set);
        emit!(self, copy_slots, first * 8, to * 8, count);
    }

    /// Copies a register to a slot. The slots of both banks are alike.
    fn copy(&mut self, from: u32, to: u32) {
        if self.pins.register(from).is_some() && from >= self.code.layout.start(Bank::F64) {
            emit!(self, move_floats, Slot(to), self.float(from));
        } else if from != to || self.pins.register(from).is_some() {
            emit!(self, move_ints, Slot(to), self.int(from));
        }
    }

    fn zero_others(&mut self, callee: usize, base: u32, passed: impl Fn(u32) -> bool) {
        let unit = self.unit;
        for (start, count) in unit.passed(callee).runs() {
            // A run is passed as a whole or not at all, unless it is short.
            if count >= RUN {
                if !passed(start) {
                    emit!(self, zero_slots, (base + start) * 8, count);
                }
                continue;
            }
            for slot in (start..start + count).filter(|slot| !passed(*slot)) {
                emit!(self, move_ints, Slot(base + slot), 0);
            }
        }
    }

    /// Emits the tail call at `pc`.
    pub(super) fn tail_call(&mut self, pc: usize) {
        let inst = self.code.insts[pc];
        let (Inst::TailCallI64 { callee, .. } | Inst::TailCallMixed { callee, .. }) = inst else { return };
        let callee = usize::from(callee);
        let Some(labels) = self.unit.labels(callee) else {
            return self.leave(pc);
        };
        let Inst::TailCallMixed { moves, .. } = inst else {
            // The arguments go to the start of the bank: in ascending order none is overwritten before it is read.
            self.pass(inst, callee, 0);
            return self.emitter.jump(labels.body);
        };
        // Arguments in slots are laid above both frames first, where no other one is overwritten.
        let moves = self.code.moves(moves);
        let words = self.code.layout.words().max(self.unit.codes[callee].layout.words()) as u32;
        for (staged, step) in (words..).zip(moves).filter(|(_, step)| self.pins.register(step.from).is_none()) {
            emit!(self, move_ints, Slot(staged), Slot(step.from));
        }
        for (staged, step) in (words..).zip(moves) {
            match self.pins.register(step.from) {
                Some(_) => self.copy(step.from, step.to),
                None => emit!(self, move_ints, Slot(step.to), Slot(staged)),
            }
        }
        self.zero_others(callee, 0, |slot| moves.iter().any(|step| step.to == slot));
        self.emitter.jump(labels.body);
    }

    /// Emits a return.
    pub(super) fn ret(&mut self, inst: Inst) {
        let kind = match inst {
            Inst::ReturnF64 { src } => {
                self.return_float(src);
                Kind::F64
            }
            Inst::ReturnI64 { src } => {
                let src = self.int(src);
                if src != RESULT.into() {
                    emit!(self, move_ints, RESULT, src);
                }
                Kind::I64
            }
            Inst::ReturnConst { value } => {
                emit!(self, move_ints, RESULT, i64::from(value));
                Kind::Constant
            }
            _ => return,
        };
        if self.unit.returns.marks(self.index) {
            emit!(self, set_returned, kind.number());
        }
        emit!(self, ret);
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
