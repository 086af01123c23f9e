//! One op.

use super::super::flow::turned;
use super::super::shape::Shape;
use super::function::Function;
use super::memory::TRUSTED;
use crate::code::Inst;
use crate::host;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::immediates::Ieee64;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};

impl Function<'_> {
    /// Emits the op at `pc`. Gives whether control goes on after it.
    pub(super) fn op(&mut self, pc: usize) -> bool {
        macro_rules! unary {
            ($op:ident, $dst:expr, $src:expr) => {{
                let src = self.get($src);
                let value = self.builder.ins().$op(src);
                self.set($dst, value);
            }};
        }
        macro_rules! binary {
            ($op:ident, $dst:expr, $lhs:expr, $rhs:expr) => {{
                let (lhs, rhs) = (self.get($lhs), self.get($rhs));
                let value = self.builder.ins().$op(lhs, rhs);
                self.set($dst, value);
            }};
        }
        macro_rules! binary_k {
            ($op:ident, $dst:expr, $lhs:expr, $rhs:expr) => {{
                let lhs = self.get($lhs);
                let value = self.builder.ins().$op(lhs, i64::from($rhs));
                self.set($dst, value);
            }};
        }
        let inst = self.code.insts[pc];
        match inst {
            Inst::Nop => {}
            Inst::MovI64 { dst, src } | Inst::MovF64 { dst, src } => {
                let value = self.get(src);
                self.set(dst, value);
            }
            Inst::ConstI64 { dst, value } => {
                let value = self.int_constant(value);
                self.set(dst, value);
            }
            Inst::ConstF64 { dst, bits } => {
                let value = self.builder.ins().f64const(Ieee64::with_bits(bits));
                self.set(dst, value);
            }
            Inst::ConstCell { dst, bits } => {
                let value = self.int_constant(bits.cast_signed());
                self.set(dst, value);
            }
            Inst::AddI64 { dst, lhs, rhs } => binary!(iadd, dst, lhs, rhs),
            Inst::SubI64 { dst, lhs, rhs } => binary!(isub, dst, lhs, rhs),
            Inst::MulI64 { dst, lhs, rhs } => binary!(imul, dst, lhs, rhs),
            Inst::AddI64K { dst, lhs, rhs } => binary_k!(iadd_imm_s, dst, lhs, rhs),
            Inst::SubI64K { dst, lhs, rhs } => binary_k!(iadd_imm_s, dst, lhs, -i32::from(rhs)),
            Inst::MulI64K { dst, lhs, rhs } => binary_k!(imul_imm_s, dst, lhs, rhs),
            Inst::NegI64 { dst, src } => unary!(ineg, dst, src),
            Inst::DivI64K { rhs: 0, .. } | Inst::ModI64K { rhs: 0, .. } => return self.leave(pc),
            Inst::DivI64K { dst, lhs, rhs: -1 } => unary!(ineg, dst, lhs),
            Inst::DivI64K { dst, lhs, rhs } => binary_k!(sdiv_imm_s, dst, lhs, rhs),
            Inst::ModI64K { dst, lhs, rhs } => binary_k!(srem_imm_s, dst, lhs, rhs),
            Inst::DivI64 { dst, lhs, rhs } => {
                let (lhs, rhs) = (self.get(lhs), self.get(rhs));
                let value = self.divide(lhs, rhs, pc);
                self.set(dst, value);
            }
            Inst::ModI64 { dst, lhs, rhs } => {
                let (lhs, rhs) = (self.get(lhs), self.get(rhs));
                let is_zero = self.builder.ins().icmp_imm_s(IntCC::Equal, rhs, 0);
                self.leave_if(is_zero, pc);
                let value = self.builder.ins().srem(lhs, rhs);
                self.set(dst, value);
            }
            Inst::AddF64 { dst, lhs, rhs } => binary!(fadd, dst, lhs, rhs),
            Inst::SubF64 { dst, lhs, rhs } => binary!(fsub, dst, lhs, rhs),
            Inst::MulF64 { dst, lhs, rhs } => binary!(fmul, dst, lhs, rhs),
            Inst::DivF64 { dst, lhs, rhs } => binary!(fdiv, dst, lhs, rhs),
            Inst::NegF64 { dst, src } => unary!(fneg, dst, src),
            Inst::SqrtF64 { dst, src } => unary!(sqrt, dst, src),
            Inst::FmaF64 { dst, lhs, rhs, addend, start } => {
                let factors = [lhs, start + u32::from(rhs), start + u32::from(addend)];
                let [lhs, rhs, addend] = factors.map(|slot| self.get(slot));
                let value = if self.unit.facts.fuses {
                    self.builder.ins().fma(lhs, rhs, addend)
                } else {
                    self.call_host(host::fma() as *const (), &[lhs, rhs, addend], &[types::F64])[0]
                };
                self.set(dst, value);
            }
            Inst::I64ToF64 { dst, src } => {
                let src = self.get(src);
                let value = self.builder.ins().fcvt_from_sint(types::F64, src);
                self.set(dst, value);
            }
            Inst::F64ToI64 { dst, src } => {
                let src = self.get(src);
                let value = self.truncate(src);
                self.set(dst, value);
            }
            Inst::LookupI64 { dst, index, table } => {
                let table = &self.unit.program.functions[self.index].tables[usize::from(table)];
                let index = self.get(index);
                let beyond = IntCC::UnsignedGreaterThanOrEqual;
                let outside = self.builder.ins().icmp_imm_s(beyond, index, table.len() as i64);
                self.leave_if(outside, pc);
                let start = self.int_constant(table.as_ptr().expose_provenance() as i64);
                let at = self.element(start, index, size_of::<i64>());
                let value = self.builder.ins().load(types::I64, TRUSTED.with_readonly(), at, 0);
                self.set(dst, value);
            }
            Inst::Jump { target } => return self.jump(pc, target as usize),
            Inst::Call { .. } | Inst::CallMixed { .. } => self.call(pc),
            Inst::TailCallI64 { .. } | Inst::TailCallMixed { .. } => return self.tail_call(pc),
            Inst::ReturnI64 { .. } | Inst::ReturnF64 { .. } | Inst::ReturnConst { .. } | Inst::ReturnCell { .. } => {
                return self.ret(inst);
            }
            // What is left to the interpreter: ops that end the run.
            Inst::Deopt { .. } | Inst::Unknown { .. } | Inst::CallTooWide => return self.leave(pc),
            inst => match Shape::of(inst).target() {
                Some(target) => {
                    self.poll_before(pc, target);
                    let next = self.builder.create_block();
                    let taken = self.block(target);
                    let condition = self.condition(inst);
                    self.builder.ins().brif(condition, taken, &[], next, &[]);
                    self.go_on(next);
                }
                None => self.cells(pc),
            },
        }
        true
    }

    /// Leaves to the interpreter, which executes the op at `pc`.
    fn leave(&mut self, pc: usize) -> bool {
        let exit = self.exit(pc);
        self.builder.ins().jump(exit, &[]);
        false
    }

    /// `lhs / rhs`; a zero divisor leaves at `pc`.
    fn divide(&mut self, lhs: Value, rhs: Value, pc: usize) -> Value {
        let is_zero = self.builder.ins().icmp_imm_s(IntCC::Equal, rhs, 0);
        self.leave_if(is_zero, pc);
        let [negate, divide, done] = [(); 3].map(|()| self.builder.create_block());
        let quotient = self.builder.append_block_param(done, types::I64);
        let is_minus_one = self.builder.ins().icmp_imm_s(IntCC::Equal, rhs, -1);
        self.builder.ins().brif(is_minus_one, negate, &[], divide, &[]);
        self.go_on(negate);
        let value = self.builder.ins().ineg(lhs);
        self.builder.ins().jump(done, &[BlockArg::Value(value)]);
        self.go_on(divide);
        let value = self.builder.ins().sdiv(lhs, rhs);
        self.builder.ins().jump(done, &[BlockArg::Value(value)]);
        self.go_on(done);
        quotient
    }

    /// A float as an int: `MIN` for all that an int cannot hold.
    pub(super) fn truncate(&mut self, float: Value) -> Value {
        // What lies below the range is `MIN` already.
        let saturated = self.builder.ins().fcvt_to_sint_sat(types::I64, float);
        let limit = self.builder.ins().f64const(9_223_372_036_854_775_808.0);
        let below = self.builder.ins().fcmp(FloatCC::LessThan, float, limit);
        let least = self.int_constant(i64::MIN);
        self.builder.ins().select(below, saturated, least)
    }

    /// The address of an element; `size` is a power of two.
    pub(super) fn element(&mut self, start: Value, index: Value, size: usize) -> Value {
        let distance = self.builder.ins().ishl_imm_u(index, i64::from(size.trailing_zeros()));
        self.builder.ins().iadd(start, distance)
    }

    /// Emits a jump. One that closes a loop whose head is a compare of ints becomes the opposite compare to what follows
    /// the head.
    fn jump(&mut self, pc: usize, to: usize) -> bool {
        self.poll_before(pc, to);
        match turned(self.code, pc) {
            Some((head, opposite)) => {
                let again = self.block(head + 1);
                let leaves = self.block(Shape::of(opposite).target().unwrap_or(to));
                let condition = self.condition(opposite);
                self.builder.ins().brif(condition, again, &[], leaves, &[]);
            }
            None => {
                let block = self.block(to);
                self.builder.ins().jump(block, &[]);
            }
        }
        false
    }

    /// Lets a loop that the op at `pc` closes by a jump to `to` be stopped.
    fn poll_before(&mut self, pc: usize, to: usize) {
        if to <= pc {
            self.poll(pc);
        }
    }

    /// What a conditional jump tests.
    fn condition(&mut self, inst: Inst) -> Value {
        macro_rules! ints {
            ($condition:ident, $lhs:expr, $rhs:expr) => {{
                let (lhs, rhs) = (self.get($lhs), self.get($rhs));
                self.builder.ins().icmp(IntCC::$condition, lhs, rhs)
            }};
        }
        macro_rules! int_k {
            ($condition:ident, $lhs:expr, $rhs:expr) => {{
                let lhs = self.get($lhs);
                self.builder.ins().icmp_imm_s(IntCC::$condition, lhs, i64::from($rhs))
            }};
        }
        macro_rules! floats {
            ($condition:ident, $lhs:expr, $rhs:expr) => {{
                let (lhs, rhs) = (self.get($lhs), self.get($rhs));
                self.builder.ins().fcmp(FloatCC::$condition, lhs, rhs)
            }};
        }
        match inst {
            Inst::JumpEqI64 { lhs, rhs, .. } => ints!(Equal, lhs, rhs),
            Inst::JumpNeI64 { lhs, rhs, .. } => ints!(NotEqual, lhs, rhs),
            Inst::JumpLtI64 { lhs, rhs, .. } => ints!(SignedLessThan, lhs, rhs),
            Inst::JumpLeI64 { lhs, rhs, .. } => ints!(SignedLessThanOrEqual, lhs, rhs),
            Inst::JumpGtI64 { lhs, rhs, .. } => ints!(SignedGreaterThan, lhs, rhs),
            Inst::JumpGeI64 { lhs, rhs, .. } => ints!(SignedGreaterThanOrEqual, lhs, rhs),
            Inst::JumpEqI64K { lhs, rhs, .. } => int_k!(Equal, lhs, rhs),
            Inst::JumpNeI64K { lhs, rhs, .. } => int_k!(NotEqual, lhs, rhs),
            Inst::JumpLtI64K { lhs, rhs, .. } => int_k!(SignedLessThan, lhs, rhs),
            Inst::JumpLeI64K { lhs, rhs, .. } => int_k!(SignedLessThanOrEqual, lhs, rhs),
            Inst::JumpGtI64K { lhs, rhs, .. } => int_k!(SignedGreaterThan, lhs, rhs),
            Inst::JumpGeI64K { lhs, rhs, .. } => int_k!(SignedGreaterThanOrEqual, lhs, rhs),
            Inst::JumpEqF64 { lhs, rhs, .. } => floats!(Equal, lhs, rhs),
            // Also when one is a NaN.
            Inst::JumpNeF64 { lhs, rhs, .. } => floats!(NotEqual, lhs, rhs),
            Inst::JumpLtF64 { lhs, rhs, .. } => floats!(LessThan, lhs, rhs),
            Inst::JumpLeF64 { lhs, rhs, .. } => floats!(LessThanOrEqual, lhs, rhs),
            Inst::JumpGtF64 { lhs, rhs, .. } => floats!(GreaterThan, lhs, rhs),
            Inst::JumpGeF64 { lhs, rhs, .. } => floats!(GreaterThanOrEqual, lhs, rhs),
            other => unreachable!("{other:?} is no conditional jump"),
        }
    }
}
