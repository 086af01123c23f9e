//! Views: where the slots of lists are, kept beside the cells that name the lists.
//!
//! A view is a value of its own, made anew wherever its cell is set and wherever lists may have been added or dropped. The
//! view of a list that does not exist is that of one in which nothing is, and in which there is no room.

use super::super::usage::Usages;
use super::function::Function;
use super::variables::{Set, Variables};
use crate::stencils::ops::{Arenas, Context, Slot, Slots, Vector};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};
use std::mem::offset_of;

type List = Vector<u64>;

/// What stands for the slot of a list that does not exist. Nothing writes it, for that is done within bounds only.
static MISSING: [u64; size_of::<Slot<List>>() / 8] = [0; size_of::<Slot<List>>() / 8];

/// The views of a function's variables.
#[derive(Debug)]
pub(super) struct Views {
    /// By the index of the variable.
    views: Vec<Option<Variable>>,
    /// The variables that have one.
    all: Set,
}

impl Views {
    /// Views of those lists that are used more often than views have to be made.
    pub(super) fn of(variables: &Variables, usages: &Usages, builder: &mut FunctionBuilder<'_>) -> Self {
        let mut all = 0;
        let views = variables.iter(variables.all).map(|(index, slot)| {
            let worth = variables.cells >> index & 1 != 0 && usages.of(slot).list > usages.renewals;
            all |= Set::from(worth) << index;
            worth.then(|| builder.declare_var(types::I64))
        });
        Self { views: views.collect(), all }
    }
}

impl Function<'_> {
    /// Makes the views of variables of a set anew.
    pub(super) fn renew_views(&mut self, set: Set) {
        for (index, _) in self.variables.iter(set & self.views.all) {
            let cell = self.builder.use_var(self.values[index]);
            self.renew_view(index, cell);
        }
    }

    /// Makes the view of a variable anew, which is `cell` now.
    pub(super) fn renew_view(&mut self, index: usize, cell: Value) {
        if let Some(view) = self.views.views[index] {
            let [start, exists] = self.find_list(cell);
            let missing = self.int_constant(MISSING.as_ptr().expose_provenance() as i64);
            let slot = self.builder.ins().select(exists, start, missing);
            self.builder.def_var(view, slot);
        }
    }

    /// The slot of the list that a register names, or what stands for a missing one; or it goes to `otherwise` if there is
    /// none.
    pub(super) fn list(&mut self, register: u32, otherwise: Block) -> Value {
        if let Some(view) = self.variables.index(register).and_then(|index| self.views.views[index]) {
            return self.builder.use_var(view);
        }
        let cell = self.get(register);
        self.existing_list(cell, otherwise)
    }

    /// The slot of the list that a cell names; goes to `otherwise` if there is none.
    pub(super) fn existing_list(&mut self, cell: Value, otherwise: Block) -> Value {
        let [start, exists] = self.find_list(cell);
        let next = self.builder.create_block();
        self.builder.ins().brif(exists, next, &[], otherwise, &[]);
        self.go_on(next);
        start
    }

    /// Where the slot of the list that a cell names is, and whether it exists.
    fn find_list(&mut self, cell: Value) -> [Value; 2] {
        const SLOTS: usize = offset_of!(Context, arenas) + offset_of!(Arenas, lists);
        const { assert!(size_of::<Slot<List>>().is_power_of_two()) };
        let index = self.builder.ins().band_imm_u(cell, i64::from(u32::MAX));
        let count = self.word(self.memory.context, self.context, SLOTS + offset_of!(Slots<List>, length));
        let exists = self.builder.ins().icmp(IntCC::UnsignedLessThan, index, count);
        let first = self.word(self.memory.context, self.context, SLOTS + offset_of!(Slots<List>, start));
        [self.element(first, index, size_of::<Slot<List>>()), exists]
    }
}
