//! One op.

use super::divide::is_divisor;
use super::emitter::{Emitter, emit};
use super::flow::turned;
use super::function::Function;
use super::known::source;
use super::listing::Part;
use super::opcodes::TRAITS;
use super::shape::{BRANCHES, Container, OWN, SETS, Shape, TARGET};
use crate::code::Inst;
use crate::host;
use crate::stencils::ops::boxed_int;
use stencil_runtime::Placed;

impl Function<'_> {
    /// Emits the op at `pc`, which is one stencil that goes on to the next, and those like it that follow before `end`; gives
    /// the position of what comes then. The first one is marked already.
    #[inline(never)]
    pub(super) fn simple(&mut self, mut pc: usize, end: usize) -> usize {
        let Self { known, emitter: Emitter { asm, .. }, stencils, pins, .. } = self;
        let sets = pins.sets();
        // What was written.
        let mut defined = 0;
        let mut shapes = self.shapes.all().get(pc..end).unwrap_or_default().iter();
        let Some(mut shape) = shapes.next() else { return end };
        let next = loop {
            let [first, ..] = shape.slots();
            let [second, third] = shape.sources();
            known.set_immediate(shape.immediate());
            asm.emit_prepared(&stencils.of_op(shape.code()).prepared, || {
                let [first, second, third] = known.read([source(first, false), second, third]);
                [first, second, third, Placed::word(0)]
            });
            if shape.has(SETS) {
                known.set(first, shape.immediate().as_literal().unwrap_or_default().cast_signed());
            } else {
                known.forget(first);
            }
            defined |= sets[first as usize];
            let Some(next) = shapes.next() else { break end };
            pc += 1;
            if next.has(TARGET | OWN | BRANCHES) {
                break pc;
            }
            asm.mark(Part::Op(pc).tag());
            shape = next;
        };
        debug_assert_eq!(defined & pins.views(), 0, "an op of one stencil writes no cell");
        self.clean &= !defined;
        next
    }

    /// Emits the branch at `pc`.
    pub(super) fn branch(&mut self, pc: usize, shape: &Shape) {
        let to = shape.target_or(self.shapes.all().len());
        self.poll_before(pc, to);
        self.compare(shape, shape.code(), to);
    }

    /// Emits a compare of this shape as one with opcode `code` that goes to the op at `to`.
    #[inline]
    fn compare(&mut self, shape: &Shape, code: u8, to: usize) {
        let [first, ..] = shape.slots();
        let [last, _] = shape.sources();
        self.known.set_immediate(shape.immediate());
        let [first, last] = self.known.read([source(first, false), last]);
        let to = Placed::label(self.label(to));
        self.emitter.stencil(self.stencils.of_op(code), [first, last, to, Placed::word(0)]);
    }

    /// Emits the op at `pc` in a way of its own.
    pub(super) fn own(&mut self, pc: usize) {
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
            // Moves to where they come from.
            Inst::Nop | Inst::MovI64 { .. } | Inst::MovF64 { .. } => {}
            Inst::ConstI64 { dst, value } => emit!(self, move_ints, self.int(dst), value),
            Inst::ConstF64 { dst, bits } => emit!(self, move_floats, self.float(dst), f64::from_bits(bits)),
            Inst::ConstCell { dst, bits } => emit!(self, move_ints, self.int(dst), bits.cast_signed()),
            Inst::DivI64 { dst, lhs, rhs } => match self.known.of(rhs) {
                Some(divisor) if is_divisor(divisor) => self.divide_by(dst, lhs, divisor, false),
                _ => element!(div_i64, self.int(dst), self.int(lhs), self.int(rhs)),
            },
            Inst::ModI64 { dst, lhs, rhs } => match self.known.of(rhs) {
                Some(divisor) if is_divisor(divisor) => self.divide_by(dst, lhs, divisor, true),
                _ => element!(mod_i64, self.int(dst), self.int(lhs), self.int(rhs)),
            },
            Inst::DivI64K { rhs: 0, .. } | Inst::ModI64K { rhs: 0, .. } => self.leave(pc),
            Inst::DivI64K { dst, lhs, rhs } => self.divide_by(dst, lhs, i64::from(rhs), false),
            Inst::ModI64K { dst, lhs, rhs } => self.divide_by(dst, lhs, i64::from(rhs), true),
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
            Inst::ListPush { list, value } => match self.pins.list(list) {
                Some(list) => match self.known.of(value) {
                    Some(known) => or_host!(view_push_constant, list, boxed_int(known)),
                    None => or_host!(view_push, list, self.int(value)),
                },
                None => or_host!(list_push, self.int(list), self.int(value)),
            },
            Inst::ListGetI64 { dst, list, index } => match self.pins.list(list) {
                Some(list) => element!(view_get_i64, self.int(dst), list, self.int(index)),
                None => element!(list_get_i64, self.int(dst), self.int(list), self.int(index)),
            },
            Inst::ListSetI64 { list, value, index } => match self.pins.list(list) {
                Some(list) => match self.known.of(value) {
                    Some(known) => element!(view_set_constant, list, boxed_int(known), self.int(index)),
                    None => element!(view_set_i64, list, self.int(value), self.int(index)),
                },
                None => element!(list_set_i64, self.int(list), self.int(value), self.int(index)),
            },
            Inst::ListGetF64 { dst, list, index } => match self.pins.list(list) {
                Some(list) => element!(view_get_f64, self.float(dst), list, self.int(index)),
                None => element!(list_get_f64, self.float(dst), self.int(list), self.int(index)),
            },
            Inst::ListSetF64 { list, value, index } => match self.pins.list(list) {
                Some(list) => or_host!(view_set_f64, list, self.float(value), self.int(index)),
                None => or_host!(list_set_f64, self.int(list), self.float(value), self.int(index)),
            },
            Inst::MapGet { dst, map, key } => match self.pins.map(map) {
                Some(map) => or_host!(view_map_get, self.int(dst), map, self.int(key)),
                None => element!(map_get, self.int(dst), self.int(map), self.int(key)),
            },
            Inst::MapSet { map, key, value } => match self.pins.map(map) {
                Some(map) => or_host!(view_map_set, map, self.int(key), self.int(value)),
                None => or_host!(map_set, self.int(map), self.int(key), self.int(value)),
            },
            Inst::Jump { target } => self.jump(pc, target as usize),
            Inst::Call { .. } | Inst::CallMixed { .. } => self.call(pc),
            Inst::TailCallI64 { .. } | Inst::TailCallMixed { .. } => self.tail_call(pc),
            Inst::ReturnI64 { .. } | Inst::ReturnF64 { .. } | Inst::ReturnConst { .. } | Inst::ReturnCell { .. } => {
                self.ret(inst);
            }
            // Ops that end the run are left to the interpreter; all others are one stencil.
            _ => self.leave(pc),
        }
        let shape = self.shapes.at(pc);
        match inst {
            Inst::ConstI64 { dst, value } => self.known.set(dst, value),
            Inst::Call { .. } | Inst::CallMixed { .. } => self.known.meet(),
            _ => shape.written().into_iter().for_each(|slot| self.known.forget(slot)),
        }
        if !shape.calls() {
            let defined = shape.written().map_or(0, |slot| self.pins.set_of(slot));
            self.clean &= !defined;
            let outdated = |of, views| if shape.renews(of) { views } else { 0 };
            let outdated = outdated(Container::List, self.pins.lists) | outdated(Container::Map, self.pins.maps);
            self.renew(pc, defined | outdated);
        }
    }

    /// Emits a jump. One that closes a loop whose head is a compare of ints becomes the opposite compare to what follows
    /// the head.
    fn jump(&mut self, pc: usize, to: usize) {
        self.poll_before(pc, to);
        let to = match turned(self.code, pc) {
            Some((head, _)) => {
                let shape = self.shapes.at(head);
                let leaves = shape.target().unwrap_or(to);
                self.compare(shape, TRAITS[usize::from(shape.code())].opposite, head + 1);
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
