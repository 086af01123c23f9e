//! One op.

use super::emitter::emit;
use super::flow::{Container, turned};
use super::function::Function;
use crate::code::Inst;
use crate::host;
use stencil_runtime::Label;

impl Function<'_> {
    /// Emits the op at `pc`.
    pub(super) fn op(&mut self, pc: usize) {
        macro_rules! unary {
            ($op:ident, $to:ident $dst:expr, $from:ident $src:expr) => {
                emit!(self, $op, self.$to($dst), self.$from($src))
            };
        }
        macro_rules! binary {
            ($op:ident, $bank:ident, $dst:expr, $lhs:expr, $rhs:expr) => {
                emit!(self, $op, self.$bank($dst), self.$bank($lhs), self.$bank($rhs))
            };
        }
        macro_rules! binary_k {
            ($op:ident, $dst:expr, $lhs:expr, $rhs:expr) => {
                emit!(self, $op, self.int($dst), self.int($lhs), i64::from($rhs))
            };
        }
        macro_rules! divide {
            ($op:ident, $dst:expr, $lhs:expr, $rhs:expr) => {{
                let exit = self.exit(pc);
                emit!(self, $op, self.int($dst), self.int($lhs), $rhs, exit)
            }};
        }
        macro_rules! element {
            ($op:ident $(, $value:expr)*) => {{
                let exit = self.exit(pc);
                emit!(self, $op, $($value,)* exit)
            }};
        }
        macro_rules! or_host {
            ($op:ident $(, $value:expr)*) => {{
                let slow = self.slow(pc);
                emit!(self, $op, $($value,)* slow.label);
                self.emitter.asm.bind(slow.back);
            }};
        }
        let inst = self.code.insts[pc];
        match inst {
            Inst::Nop => {}
            Inst::MovI64 { dst, src } if dst != src => unary!(move_ints, int dst, int src),
            Inst::MovF64 { dst, src } if dst != src => unary!(move_floats, float dst, float src),
            Inst::MovI64 { .. } | Inst::MovF64 { .. } => {}
            Inst::ConstI64 { dst, value } => emit!(self, move_ints, self.int(dst), value),
            Inst::ConstF64 { dst, bits } => emit!(self, move_floats, self.float(dst), f64::from_bits(bits)),
            Inst::ConstCell { dst, bits } => emit!(self, move_ints, self.int(dst), bits.cast_signed()),
            Inst::AddI64 { dst, lhs, rhs } => binary!(add_i64, int, dst, lhs, rhs),
            Inst::SubI64 { dst, lhs, rhs } => binary!(sub_i64, int, dst, lhs, rhs),
            Inst::MulI64 { dst, lhs, rhs } => binary!(mul_i64, int, dst, lhs, rhs),
            Inst::AddI64K { dst, lhs, rhs } => binary_k!(add_i64, dst, lhs, rhs),
            Inst::SubI64K { dst, lhs, rhs } => binary_k!(add_i64, dst, lhs, -i32::from(rhs)),
            Inst::MulI64K { dst, lhs, rhs } => binary_k!(mul_i64, dst, lhs, rhs),
            Inst::DivI64 { dst, lhs, rhs } => divide!(div_i64, dst, lhs, self.int(rhs)),
            Inst::ModI64 { dst, lhs, rhs } => divide!(mod_i64, dst, lhs, self.int(rhs)),
            Inst::DivI64K { rhs: 0, .. } | Inst::ModI64K { rhs: 0, .. } => self.leave(pc),
            Inst::DivI64K { dst, lhs, rhs } => divide!(div_i64, dst, lhs, i64::from(rhs)),
            Inst::ModI64K { dst, lhs, rhs } => divide!(mod_i64, dst, lhs, i64::from(rhs)),
            Inst::NegI64 { dst, src } => unary!(neg_i64, int dst, int src),
            Inst::AddF64 { dst, lhs, rhs } => binary!(add_f64, float, dst, lhs, rhs),
            Inst::SubF64 { dst, lhs, rhs } => binary!(sub_f64, float, dst, lhs, rhs),
            Inst::MulF64 { dst, lhs, rhs } => binary!(mul_f64, float, dst, lhs, rhs),
            Inst::DivF64 { dst, lhs, rhs } => binary!(div_f64, float, dst, lhs, rhs),
            Inst::NegF64 { dst, src } => unary!(neg_f64, float dst, float src),
            Inst::SqrtF64 { dst, src } => unary!(sqrt_f64, float dst, float src),
            Inst::I64ToF64 { dst, src } => unary!(i64_to_f64, float dst, int src),
            Inst::F64ToI64 { dst, src } => unary!(f64_to_i64, int dst, float src),
            Inst::FmaF64 { dst, lhs, rhs, addend, start } => {
                let (mut lhs, mut rhs, addend) = (lhs, start + u32::from(rhs), start + u32::from(addend));
                // The instruction replaces its first factor.
                if rhs == dst {
                    std::mem::swap(&mut lhs, &mut rhs);
                }
                let [dst, lhs, rhs, addend] = [dst, lhs, rhs, addend].map(|slot| self.float(slot));
                if self.unit.facts.fuses {
                    emit!(self, fuse_f64, dst, lhs, rhs, addend);
                } else {
                    emit!(self, fma_f64, dst, lhs, rhs, addend, host::fma());
                }
            }
            Inst::LookupI64 { dst, index, table } => {
                let table = &self.unit.program.functions[self.index].tables[usize::from(table)];
                let exit = self.exit(pc);
                let (start, length) = (table.as_ptr(), table.len() as u64);
                emit!(self, lookup_i64, self.int(dst), self.int(index), start, length, exit);
            }
            Inst::LenStr { dst, string } => element!(len_str, self.int(dst), self.int(string)),
            Inst::ConcatStr { dst, lhs, rhs } => or_host!(concat_str, self.int(dst), self.int(lhs), self.int(rhs)),
            Inst::NewList { .. } | Inst::NewMap { .. } => self.run_host(pc),
            Inst::ListLen { dst, list } => element!(list_len, self.int(dst), self.int(list)),
            Inst::ListPush { list, value } => match self.pins.view(list, Container::List) {
                Some(list) => or_host!(view_push, list, self.int(value)),
                None => or_host!(list_push, self.int(list), self.int(value)),
            },
            Inst::ListGetI64 { dst, list, index } => match self.pins.view(list, Container::List) {
                Some(list) => element!(view_get_i64, self.int(dst), list, self.int(index)),
                None => element!(list_get_i64, self.int(dst), self.int(list), self.int(index)),
            },
            Inst::ListSetI64 { list, value, index } => match self.pins.view(list, Container::List) {
                Some(list) => element!(view_set_i64, list, self.int(value), self.int(index)),
                None => element!(list_set_i64, self.int(list), self.int(value), self.int(index)),
            },
            Inst::ListGetF64 { dst, list, index } => match self.pins.view(list, Container::List) {
                Some(list) => element!(view_get_f64, self.float(dst), list, self.int(index)),
                None => element!(list_get_f64, self.float(dst), self.int(list), self.int(index)),
            },
            Inst::ListSetF64 { list, value, index } => match self.pins.view(list, Container::List) {
                Some(list) => or_host!(view_set_f64, list, self.float(value), self.int(index)),
                None => or_host!(list_set_f64, self.int(list), self.float(value), self.int(index)),
            },
            Inst::MapGet { dst, map, key } => match self.pins.view(map, Container::Map) {
                Some(map) => or_host!(view_map_get, self.int(dst), map, self.int(key)),
                None => element!(map_get, self.int(dst), self.int(map), self.int(key)),
            },
            Inst::MapSet { map, key, value } => match self.pins.view(map, Container::Map) {
                Some(map) => or_host!(view_map_set, map, self.int(key), self.int(value)),
                None => or_host!(map_set, self.int(map), self.int(key), self.int(value)),
            },
            Inst::Jump { target } => self.jump(pc, target as usize),
            Inst::Call { .. } | Inst::CallMixed { .. } => self.call(pc),
            Inst::TailCallI64 { .. } | Inst::TailCallMixed { .. } => self.tail_call(pc),
            Inst::ReturnI64 { .. } | Inst::ReturnF64 { .. } | Inst::ReturnConst { .. } | Inst::ReturnCell { .. } => {
                self.ret(inst);
            }
            inst => match self.shapes.at(pc).target() {
                Some(target) => {
                    self.poll_before(pc, target);
                    let taken = self.label(target);
                    self.branch(inst, taken);
                }
                // What is left to the interpreter: ops that end the run.
                None => self.leave(pc),
            },
        }
        let shape = self.shapes.at(pc);
        if !shape.calls() {
            let defined = shape.written().map_or(0, |slot| self.pins.set_of(slot));
            self.clean &= !defined;
            let outdated = |of, views| if shape.renews(of) { views } else { 0 };
            let outdated = outdated(Container::List, self.pins.lists) | outdated(Container::Map, self.pins.maps);
            self.renew(pc, defined | outdated);
        }
    }

    /// Emits a compare that branches to `taken`; does nothing for any other op.
    fn branch(&mut self, inst: Inst, taken: Label) {
        macro_rules! branch {
            ($op:ident, $bank:ident, $lhs:expr, $rhs:expr) => {
                emit!(self, $op, self.$bank($lhs), self.$bank($rhs), taken)
            };
        }
        macro_rules! branch_k {
            ($op:ident, $lhs:expr, $rhs:expr) => {
                emit!(self, $op, self.int($lhs), i64::from($rhs), taken)
            };
        }
        match inst {
            Inst::JumpEqI64 { lhs, rhs, .. } => branch!(jump_eq_i64, int, lhs, rhs),
            Inst::JumpNeI64 { lhs, rhs, .. } => branch!(jump_ne_i64, int, lhs, rhs),
            Inst::JumpLtI64 { lhs, rhs, .. } => branch!(jump_lt_i64, int, lhs, rhs),
            Inst::JumpLeI64 { lhs, rhs, .. } => branch!(jump_le_i64, int, lhs, rhs),
            Inst::JumpGtI64 { lhs, rhs, .. } => branch!(jump_gt_i64, int, lhs, rhs),
            Inst::JumpGeI64 { lhs, rhs, .. } => branch!(jump_ge_i64, int, lhs, rhs),
            Inst::JumpEqI64K { lhs, rhs, .. } => branch_k!(jump_eq_i64, lhs, rhs),
            Inst::JumpNeI64K { lhs, rhs, .. } => branch_k!(jump_ne_i64, lhs, rhs),
            Inst::JumpLtI64K { lhs, rhs, .. } => branch_k!(jump_lt_i64, lhs, rhs),
            Inst::JumpLeI64K { lhs, rhs, .. } => branch_k!(jump_le_i64, lhs, rhs),
            Inst::JumpGtI64K { lhs, rhs, .. } => branch_k!(jump_gt_i64, lhs, rhs),
            Inst::JumpGeI64K { lhs, rhs, .. } => branch_k!(jump_ge_i64, lhs, rhs),
            Inst::JumpEqF64 { lhs, rhs, .. } => branch!(jump_eq_f64, float, lhs, rhs),
            Inst::JumpNeF64 { lhs, rhs, .. } => branch!(jump_ne_f64, float, lhs, rhs),
            Inst::JumpLtF64 { lhs, rhs, .. } => branch!(jump_lt_f64, float, lhs, rhs),
            Inst::JumpLeF64 { lhs, rhs, .. } => branch!(jump_le_f64, float, lhs, rhs),
            Inst::JumpGtF64 { lhs, rhs, .. } => branch!(jump_gt_f64, float, lhs, rhs),
            Inst::JumpGeF64 { lhs, rhs, .. } => branch!(jump_ge_f64, float, lhs, rhs),
            _ => {}
        }
    }

    /// Emits a jump. One that closes a loop whose head is a compare of ints becomes the opposite compare to what follows
    /// the head.
    fn jump(&mut self, pc: usize, to: usize) {
        self.poll_before(pc, to);
        let to = match turned(self.code, pc) {
            Some((head, opposite)) => {
                let leaves = self.shapes.at(head).target().unwrap_or(to);
                let again = self.label(head + 1);
                self.branch(opposite, again);
                leaves
            }
            None => to,
        };
        if to != pc + 1 {
            let label = self.label(to);
            self.emitter.jump(label);
        }
    }

    /// Lets a loop that the op at `pc` closes by a jump to `to` be stopped.
    fn poll_before(&mut self, pc: usize, to: usize) {
        if to <= pc {
            let stop = self.exit(pc);
            emit!(self, poll, stop);
        }
    }
}
