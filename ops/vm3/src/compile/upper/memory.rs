//! What the code reads and writes.

use super::super::usage::RUN;
use super::function::Function;
use crate::code::Code;
use crate::program::Bank;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{self, AliasRegionData, BlockArg, InstBuilder, MemFlagsData, Type, Value, types};

/// Every address that the code uses is valid and aligned.
pub(super) const TRUSTED: MemFlagsData = MemFlagsData::trusted();

/// How the code reads and writes sorts of memory that never overlap: a store to one leaves what was loaded from the others
/// valid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    /// Frames.
    pub(super) frame: MemFlagsData,
    /// The context.
    pub(super) context: MemFlagsData,
    /// Slots of the heap's arenas.
    pub(super) slots: MemFlagsData,
    /// What is in lists.
    pub(super) elements: MemFlagsData,
}

impl Memory {
    /// For a function.
    pub(super) fn of(function: &mut ir::Function) -> Self {
        let mut flags = |user_id, description: &'static str| {
            let region = AliasRegionData { user_id, description: description.into() };
            TRUSTED.with_alias_region(Some(function.dfg.alias_regions.insert(region)))
        };
        Self {
            frame: flags(0, "frames"),
            context: flags(1, "context"),
            slots: flags(2, "slots"),
            elements: flags(3, "elements"),
        }
    }
}

impl Function<'_> {
    /// The value of a slot's register.
    pub(super) fn get(&mut self, slot: u32) -> Value {
        match self.variables.index(slot) {
            Some(index) => self.builder.use_var(self.values[index]),
            None => self.load(slot),
        }
    }

    /// Sets a slot's register.
    pub(super) fn set(&mut self, slot: u32, value: Value) {
        match self.variables.index(slot) {
            Some(index) => {
                self.builder.def_var(self.values[index], value);
                self.renew_view(index, value);
            }
            None => self.store(value, slot),
        }
    }

    /// What is at a slot.
    pub(super) fn load(&mut self, slot: u32) -> Value {
        self.builder.ins().load(kind(self.code, slot), self.memory.frame, self.frame, offset(slot))
    }

    /// Stores to a slot, which may be one of a frame above.
    pub(super) fn store(&mut self, value: Value, slot: u32) {
        self.builder.ins().store(self.memory.frame, value, self.frame, offset(slot));
    }

    pub(super) fn set_in_context(&mut self, field: usize, value: Value) {
        self.builder.ins().store(self.memory.context, value, self.context, field as i32);
    }

    /// Sets `count` slots from `first` on to zero.
    pub(super) fn zero_slots(&mut self, first: u32, count: u32) {
        let (zero, flags) = (self.int_constant(0), self.memory.frame);
        if count < RUN {
            (first..first + count).for_each(|slot| self.store(zero, slot));
        } else {
            self.slots_in_turn(count, |function, at| {
                function.builder.ins().store(flags, zero, at, offset(first));
            });
        }
    }

    /// Copies `count` slots from `from` on to those from `to` on, the first one first.
    pub(super) fn copy_slots(&mut self, from: u32, to: u32, count: u32) {
        let flags = self.memory.frame;
        self.slots_in_turn(count, |function, at| {
            let word = function.builder.ins().load(types::I64, flags, at, offset(from));
            function.builder.ins().store(flags, word, at, offset(to));
        });
    }

    /// A loop over addresses, 8 bytes apart, from the frame's on.
    fn slots_in_turn(&mut self, count: u32, step: impl FnOnce(&mut Self, Value)) {
        let (head, next) = (self.builder.create_block(), self.builder.create_block());
        let at = self.builder.append_block_param(head, types::I64);
        let end = self.builder.ins().iadd_imm_s(self.frame, i64::from(count) * 8);
        self.builder.ins().jump(head, &[BlockArg::Value(self.frame)]);
        self.builder.switch_to_block(head);
        step(self, at);
        let following = self.builder.ins().iadd_imm_s(at, 8);
        let more = self.builder.ins().icmp(IntCC::NotEqual, following, end);
        self.builder.ins().brif(more, head, &[BlockArg::Value(following)], next, &[]);
        self.builder.seal_block(head);
        self.go_on(next);
    }

    /// The word at a distance from an address.
    pub(super) fn word(&mut self, flags: MemFlagsData, at: Value, distance: usize) -> Value {
        self.builder.ins().load(types::I64, flags, at, distance as i32)
    }
}

/// The type of a slot's register: cells are words like ints.
pub(super) fn kind(code: &Code, slot: u32) -> Type {
    let floats = code.layout.start(Bank::F64)..code.layout.start(Bank::Cell);
    if floats.contains(&slot) { types::F64 } else { types::I64 }
}

/// The distance of a slot from its frame's start, in bytes: at most that of two largest frames, so it fits.
const fn offset(slot: u32) -> i32 {
    (slot * 8) as i32
}
