//! One op.

use super::divide::is_divisor;
use super::emitter::emit;
use super::flow::{Container, Shape, turned};
use super::function::Function;
use super::opcodes::{TRAITS, Traits};
use crate::code::Inst;
use crate::host;
use crate::stencils::ops::boxed_int;
use std::hint::select_unpredictable;
use stencil_runtime::Placed;

impl Function<'_> {
    /// Emits the op at `pc`, of this shape, which is one stencil that goes on to the next.
    #[inline(always)]
    pub(super) fn simple(&mut self, pc: usize, shape: Shape) {
        let op = &self.ops[pc];
        let traits = &TRAITS[usize::from(op.code)];
        let [first, second, third] = shape.slots();
        let sources = self.sources(traits, [second, third], op.c);
        let values = [self.place(first), sources[0], sources[1], Placed::word(0)];
        self.emitter.stencil(self.stencils.of_op(op.code), values);
        if traits.immediate == 1 {
            self.known.set(first, i64::from(op.c));
        } else {
            self.known.forget(first);
        }
        let defined = self.pins.set_of(first);
        debug_assert_eq!(defined & self.pins.views(), 0, "an op of one stencil writes no cell");
        self.clean &= !defined;
    }

    /// Emits the branch at `pc`.
    pub(super) fn branch(&mut self, pc: usize) {
        let op = self.ops[pc];
        self.poll_before(pc, usize::from(op.index()));
        self.compare(op.code, pc, usize::from(op.index()));
    }

    /// Emits the compare at `at` as one with opcode `code` that goes to the op at `to`.
    #[inline]
    fn compare(&mut self, code: u8, at: usize, to: usize) {
        let op = &self.ops[at];
        let traits = &TRAITS[usize::from(op.code)];
        let [first, second, _] = self.shapes.at(at).slots();
        let [last, _] = self.sources(traits, [second, 0], op.b.cast_signed());
        let values = [self.place(first), last, Placed::label(self.label(to)), Placed::word(0)];
        self.emitter.stencil(self.stencils.of_op(code), values);
    }

    /// Where the register of a slot is. Which bank it is of the stencil knows.
    #[inline(always)]
    fn place(&self, slot: u32) -> Placed {
        self.known.place(slot, false)
    }

    /// The values 1 and 2 of an op's stencil: its immediate if that is one, else the registers of slots, or what they are
    /// known to hold if the stencil takes that.
    #[inline(always)]
    fn sources(&self, traits: &Traits, slots: [u32; 2], immediate: i16) -> [Placed; 2] {
        let sign = if traits.negated { -1 } else { 1 };
        let literal = Placed::literal((sign * i64::from(immediate)).cast_unsigned());
        let of = |value: u8, slot| {
            let place = self.known.place(slot, traits.literal == value);
            select_unpredictable(traits.immediate == value, literal, place)
        };
        [of(1, slots[0]), of(2, slots[1])]
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
            Inst::ListPush { list, value } => match self.pins.view(list, Container::List) {
                Some(list) => match self.known.of(value) {
                    Some(known) => or_host!(view_push_constant, list, boxed_int(known)),
                    None => or_host!(view_push, list, self.int(value)),
                },
                None => or_host!(list_push, self.int(list), self.int(value)),
            },
            Inst::ListGetI64 { dst, list, index } => match self.pins.view(list, Container::List) {
                Some(list) => element!(view_get_i64, self.int(dst), list, self.int(index)),
                None => element!(list_get_i64, self.int(dst), self.int(list), self.int(index)),
            },
            Inst::ListSetI64 { list, value, index } => match self.pins.view(list, Container::List) {
                Some(list) => match self.known.of(value) {
                    Some(known) => element!(view_set_constant, list, boxed_int(known), self.int(index)),
                    None => element!(view_set_i64, list, self.int(value), self.int(index)),
                },
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
                let leaves = self.shapes.at(head).target().unwrap_or(to);
                self.compare(TRAITS[usize::from(self.ops[head].code)].opposite, head, head + 1);
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
