//! Ops on the heap: what only reads it or writes what is there inline, or as the op's body; all else, and whatever these
//! cannot do, by the host.

use super::super::shape::Shape;
use super::function::Function;
use crate::code::Inst;
use crate::frames::header;
use crate::native::{HEAP_OP, body};
use crate::stencils::ops::{LISTS, Slot, TAG_INT, Vector};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Block, BlockArg, InstBuilder, MemFlagsData, Value, types};
use std::mem::offset_of;

type List = Vector<u64>;

const START: usize = offset_of!(Slot<List>, storage) + offset_of!(List, start);
const LENGTH: usize = offset_of!(Slot<List>, storage) + offset_of!(List, length);
const CAPACITY: usize = offset_of!(Slot<List>, storage) + offset_of!(List, capacity);

/// The bits of the one NaN that cells have.
const NAN: i64 = 0x7ff8_0000_0000_0000;

impl Function<'_> {
    /// Emits the op on the heap at `pc`.
    pub(super) fn cells(&mut self, pc: usize) {
        match self.code.insts[pc] {
            Inst::ListLen { dst, list } => {
                let list = self.get(list);
                let length = self.list_length(list, pc);
                self.set(dst, length);
            }
            Inst::ListGetI64 { dst, list, index } => {
                let at = self.list_element(list, index, pc);
                let cell = self.builder.ins().load(types::I64, self.memory.elements, at, 0);
                let value = self.unboxed_int(cell);
                self.set(dst, value);
            }
            Inst::ListGetF64 { dst, list, index } => {
                let at = self.list_element(list, index, pc);
                let value = self.builder.ins().load(types::F64, self.memory.elements, at, 0);
                self.set(dst, value);
            }
            Inst::ListSetI64 { list, value, index } => {
                let at = self.list_element(list, index, pc);
                let value = self.get(value);
                let cell = self.boxed_int(value);
                self.builder.ins().store(self.memory.elements, cell, at, 0);
            }
            Inst::ListSetF64 { list, value, index } => {
                let at = self.list_element(list, index, pc);
                let value = self.get(value);
                let cell = self.boxed_float(value);
                self.builder.ins().store(self.memory.elements, cell, at, 0);
            }
            Inst::ListPush { list, value } => self.push(list, value, pc),
            Inst::LenStr { dst, string } => self.by_body(body::len_str as *const (), &[string], Some(dst), pc),
            Inst::ConcatStr { dst, lhs, rhs } => {
                self.by_body(body::concat_str as *const (), &[lhs, rhs], Some(dst), pc);
            }
            Inst::MapGet { dst, map, key } => self.by_body(body::map_get as *const (), &[map, key], Some(dst), pc),
            Inst::MapSet { map, key, value } => {
                self.by_body(body::map_set as *const (), &[map, key, value], None, pc);
            }
            inst @ (Inst::NewList { .. } | Inst::NewMap { .. }) => {
                self.ask_host(pc);
                if let Some(slot) = Shape::of(inst).written() {
                    let value = self.load(slot);
                    self.set(slot, value);
                }
                if matches!(inst, Inst::NewList { .. }) {
                    self.renew_views(self.analysis.needed_after(self.code, pc));
                }
            }
            other => unreachable!("{other:?} is no op on the heap"),
        }
    }

    /// Has the host execute the op at `pc` on the frame, with the op's operands at home.
    fn ask_host(&mut self, pc: usize) {
        let operands = Shape::of(self.code.insts[pc]);
        let operands = operands.reads().fold(0, |set, slot| set | self.variables.set_of(slot));
        self.save(operands);
        let place = self.int_constant(header(self.index, pc).cast_signed());
        let arguments = [self.context, self.frame, place];
        let failed = self.call_host(HEAP_OP as *const (), &arguments, &[types::I64])[0];
        self.leave_if(failed, pc);
    }

    /// Executes the op at `pc` by its body, compiled as a function of its own, and where that cannot by the host.
    fn by_body(&mut self, body: *const (), operands: &[u32], dst: Option<u32>, pc: usize) {
        let operands: Vec<Value> = operands.iter().map(|slot| self.get(*slot)).collect();
        let arguments: Vec<Value> = [self.context, self.frame].into_iter().chain(operands).collect();
        let results = self.call_host(body, &arguments, &[types::I64; 2]);
        let (slow, done) = (self.cold_block(), self.builder.create_block());
        self.builder.ins().brif(results[1], slow, &[], done, &[BlockArg::Value(results[0])]);
        let value = self.builder.append_block_param(done, types::I64);
        self.by_host(slow, pc);
        let fetched = match dst {
            Some(slot) => self.load(slot),
            None => self.int_constant(0),
        };
        self.builder.ins().jump(done, &[BlockArg::Value(fetched)]);
        self.go_on(done);
        if let Some(slot) = dst {
            self.set(slot, value);
        }
    }

    /// Fills `slow` with what has the host execute the op at `pc`. What is at home elsewhere does not change by that.
    fn by_host(&mut self, slow: Block, pc: usize) {
        let dirty = self.dirty;
        self.go_on(slow);
        self.ask_host(pc);
        self.dirty = dirty;
    }

    fn push(&mut self, list: u32, value: u32, pc: usize) {
        let value = self.get(value);
        let (slow, done) = (self.cold_block(), self.builder.create_block());
        let slot = self.list(list, slow);
        let length = self.word(self.memory.slots, slot, LENGTH);
        let capacity = self.word(self.memory.slots, slot, CAPACITY);
        let full = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, length, capacity);
        self.branch_away(full, slow);
        let start = self.word(self.memory.slots, slot, START);
        let end = self.element(start, length, size_of::<u64>());
        let cell = self.boxed_int(value);
        self.builder.ins().store(self.memory.elements, cell, end, 0);
        let longer = self.builder.ins().iadd_imm_s(length, 1);
        self.builder.ins().store(self.memory.slots, longer, slot, LENGTH as i32);
        self.builder.ins().jump(done, &[]);
        self.by_host(slow, pc);
        self.builder.ins().jump(done, &[]);
        self.go_on(done);
    }

    /// The length of a list; 0 for what decodes to a handle of another arena.
    fn list_length(&mut self, list: Value, pc: usize) -> Value {
        let arena = self.builder.ins().ushr_imm_u(list, 44);
        let arena = self.builder.ins().band_imm_u(arena, 0xf);
        let is_list = self.builder.ins().icmp_imm_s(IntCC::Equal, arena, LISTS.cast_signed());
        let (found, done) = (self.builder.create_block(), self.builder.create_block());
        let length = self.builder.append_block_param(done, types::I64);
        let zero = self.int_constant(0);
        self.builder.ins().brif(is_list, found, &[], done, &[BlockArg::Value(zero)]);
        self.go_on(found);
        let exit = self.exit(pc);
        let slot = self.existing_list(list, exit);
        let there = self.word(self.memory.slots, slot, LENGTH);
        self.builder.ins().jump(done, &[BlockArg::Value(there)]);
        self.go_on(done);
        length
    }

    /// Where the element of a list is; leaves at `pc` if there is none.
    fn list_element(&mut self, list: u32, index: u32, pc: usize) -> Value {
        let index = self.get(index);
        let exit = self.exit(pc);
        let slot = self.list(list, exit);
        let length = self.word(self.memory.slots, slot, LENGTH);
        let outside = self.builder.ins().icmp(IntCC::UnsignedGreaterThanOrEqual, index, length);
        self.branch_away(outside, exit);
        let start = self.word(self.memory.slots, slot, START);
        self.element(start, index, size_of::<u64>())
    }

    /// The cell of an int: its low 48 bits.
    pub(super) fn boxed_int(&mut self, int: Value) -> Value {
        let shifted = self.builder.ins().ishl_imm_u(int, 16);
        let tagged = self.builder.ins().bor_imm_u(shifted, TAG_INT.cast_signed());
        self.builder.ins().rotr_imm_u(tagged, 16)
    }

    fn unboxed_int(&mut self, cell: Value) -> Value {
        let shifted = self.builder.ins().ishl_imm_u(cell, 16);
        self.builder.ins().sshr_imm_u(shifted, 16)
    }

    /// The cell of a float: every NaN becomes the same one.
    pub(super) fn boxed_float(&mut self, float: Value) -> Value {
        let bits = self.builder.ins().bitcast(types::I64, MemFlagsData::new(), float);
        let is_nan = self.builder.ins().fcmp(FloatCC::Unordered, float, float);
        let nan = self.int_constant(NAN);
        self.builder.ins().select(is_nan, nan, bits)
    }
}
