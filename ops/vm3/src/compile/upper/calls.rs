//! Calls, tail calls and returns.

use super::super::returns::{Kind, Landed, landed};
use super::super::usage::RUN;
use super::function::Function;
use super::signature::Arguments;
use crate::code::{Inst, Landing};
use crate::frames::{FrameLayout, header};
use crate::program::Bank;
use crate::stencils::ops::Context;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, MemFlagsData, Value, types};
use std::mem::offset_of;

impl Function<'_> {
    /// Emits the call at `pc`.
    pub(super) fn call(&mut self, pc: usize) {
        let inst = self.code.insts[pc];
        let (Inst::Call { landing, callee, .. } | Inst::CallMixed { landing, callee, .. }) = inst else { return };
        let callee = usize::from(callee);
        self.save(self.analysis.across(self.code, pc));
        self.poll(pc);
        let base = self.code.layout.words() as u32;
        let here = self.int_constant(header(self.index, pc).cast_signed());
        self.store(here, base + FrameLayout::HEADER);
        let above = self.builder.ins().iadd_imm_s(self.frame, i64::from(base) * 8);
        let mut arguments = vec![self.context, above];
        arguments.extend(self.pass(inst, callee, base));
        if self.unit.codes[callee].keeps_region {
            self.open_region(base);
        }
        let function = self.callee(callee);
        let call = self.builder.ins().call(function, &arguments);
        let results = self.builder.inst_results(call);
        let (status, bits) = (results[0], results[1]);
        self.hand_on(status);
        self.reload(self.analysis.reloaded(self.code, pc));
        let kinds = self.unit.facts.returns.kinds(callee).iter().collect();
        self.land(kinds, landing, bits);
    }

    /// Moves a result to where it lands: the kind of return tells where.
    fn land(&mut self, mut kinds: Vec<Kind>, landing: Landing, bits: Value) {
        let done = self.builder.create_block();
        while let Some(kind) = kinds.pop() {
            if kinds.is_empty() {
                self.land_one(kind, landing, bits);
                break;
            }
            let [this, other] = [(); 2].map(|()| self.builder.create_block());
            let returned = self.word(self.memory.context, self.context, offset_of!(Context, returned));
            let is_this = self.builder.ins().icmp_imm_s(IntCC::Equal, returned, i64::from(kind.number()));
            self.builder.ins().brif(is_this, this, &[], other, &[]);
            self.go_on(this);
            self.land_one(kind, landing, bits);
            self.builder.ins().jump(done, &[]);
            self.go_on(other);
        }
        self.builder.ins().jump(done, &[]);
        self.go_on(done);
    }

    fn land_one(&mut self, kind: Kind, landing: Landing, bits: Value) {
        let landed = landed(kind, landing, self.code.layout);
        let float = |function: &mut Self| function.builder.ins().bitcast(types::F64, MemFlagsData::new(), bits);
        let value = match landed {
            Landed::Int(_) | Landed::Cell(_) => bits,
            Landed::IntToFloat(_) => self.builder.ins().fcvt_from_sint(types::F64, bits),
            Landed::Float(_) => float(self),
            Landed::FloatToInt(_) => {
                let float = float(self);
                self.truncate(float)
            }
            Landed::IntToCell(_) => self.boxed_int(bits),
            Landed::FloatToCell(_) => {
                let float = float(self);
                self.boxed_float(float)
            }
        };
        self.set(landed.slot(), value);
    }

    /// Stores what a call or a tail call passes to a frame for `callee` that starts at slot `base` of this one, and zero
    /// for what callers set and this sort of call does not pass. Gives what is passed as arguments.
    fn pass(&mut self, inst: Inst, callee: usize, base: u32) -> Vec<Value> {
        let layout = self.unit.codes[callee].layout;
        let arguments = Arguments::of(self.unit, callee);
        let (run, moves) = match inst {
            Inst::Call { landing, count, first, .. } => {
                (Some((first, layout.start(landing.bank), u32::from(count))), &[][..])
            }
            Inst::TailCallI64 { count, first, .. } => {
                (Some((first, layout.start(Bank::I64), u32::from(count))), &[][..])
            }
            Inst::CallMixed { moves, .. } | Inst::TailCallMixed { moves, .. } => (None, self.code.moves(moves)),
            _ => (None, &[][..]),
        };
        let in_run = run.into_iter().flat_map(|(from, to, count)| (from..from + count).zip(to..));
        let is_long = run.is_some_and(|(.., count)| count >= RUN);
        // A long run is copied as a whole, but for what is passed as arguments too. All is read before anything is
        // written: a tail call writes where it reads.
        let one_by_one = |(_, to): &(u32, u32)| !is_long || arguments.position(*to).is_some();
        let steps = in_run.chain(moves.iter().map(|step| (step.from, step.to))).filter(one_by_one);
        let values: Vec<(u32, Value)> = steps.map(|(from, to)| (to, self.get(from))).collect();
        if let Some((from, to, count)) = run.filter(|_| is_long) {
            self.save(self.variables.set_of_run(from..from + count));
            // Upwards: a tail call copies to the start of the bank.
            self.copy_slots(from, base + to, count);
        }
        let mut passed: Vec<Option<Value>> = arguments.iter().map(|_| None).collect();
        for (to, value) in &values {
            match arguments.position(*to) {
                Some(position) => passed[position] = Some(*value),
                None => self.store(*value, base + to),
            }
        }
        let is_passed = |slot: u32| {
            run.is_some_and(|(_, to, count)| (to..to + count).contains(&slot))
                || values.iter().any(|(to, _)| *to == slot)
        };
        let runs: Vec<(u32, u32)> = self.unit.facts.passed(callee).runs().collect();
        for (start, count) in runs {
            if count >= RUN {
                if !is_passed(start) {
                    self.zero_slots(base + start, count);
                }
                continue;
            }
            for slot in (start..start + count).filter(|slot| !is_passed(*slot)) {
                if arguments.position(slot).is_none() {
                    self.zero_slots(base + slot, 1);
                }
            }
        }
        let kinds = arguments.iter().map(|(_, kind)| kind);
        passed.into_iter().zip(kinds).map(|(value, kind)| value.unwrap_or_else(|| self.zero(kind))).collect()
    }

    /// Emits the tail call at `pc`.
    pub(super) fn tail_call(&mut self, pc: usize) -> bool {
        let inst = self.code.insts[pc];
        if let Inst::TailCallI64 { callee, .. } | Inst::TailCallMixed { callee, .. } = inst {
            let callee = usize::from(callee);
            self.poll(pc);
            let passed = self.pass(inst, callee, 0);
            if self.calls_itself_last(inst) {
                self.start(&passed);
                let again = self.block(0);
                self.builder.ins().jump(again, &[]);
                return false;
            }
            let mut arguments = vec![self.context, self.frame];
            arguments.extend(passed);
            let function = self.callee(callee);
            self.builder.ins().return_call(function, &arguments);
        }
        false
    }

    /// Whether an op is a tail call of the function that it is in, which is a loop.
    pub(super) fn calls_itself_last(&self, inst: Inst) -> bool {
        matches!(inst, Inst::TailCallI64 { callee, .. } | Inst::TailCallMixed { callee, .. }
            if usize::from(callee) == self.index)
    }

    /// Emits a return.
    pub(super) fn ret(&mut self, inst: Inst) -> bool {
        let (kind, bits) = match inst {
            Inst::ReturnI64 { src } => (Kind::I64, self.get(src)),
            Inst::ReturnCell { src } => (Kind::Cell, self.get(src)),
            Inst::ReturnConst { value } => (Kind::Constant, self.int_constant(i64::from(value))),
            Inst::ReturnF64 { src } => {
                let float = self.get(src);
                (Kind::F64, self.builder.ins().bitcast(types::I64, MemFlagsData::new(), float))
            }
            _ => return false,
        };
        let bits = if self.code.keeps_region { self.close_region(bits, kind == Kind::Cell) } else { bits };
        if self.unit.facts.returns.marks(self.index) {
            let number = self.int_constant(i64::from(kind.number()));
            self.set_in_context(offset_of!(Context, returned), number);
        }
        let status = self.int_constant(0);
        self.builder.ins().return_(&[status, bits]);
        false
    }
}
