//! A function: its entry, its ops in turn, its exits.

use super::super::compiler::Unit;
use super::super::usage::Usages;
use super::analysis::Analysis;
use super::memory::{Memory, kind};
use super::signature::{Arguments, host};
use super::variables::{Set, Variables};
use super::views::Views;
use crate::code::Code;
use crate::frames::header;
use crate::program::Bank;
use crate::stencils::ops::{Context, RESUME};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, FuncRef, InstBuilder, Type, Value, types};
use cranelift_frontend::{FunctionBuilder, Variable};
use cranelift_jit::JITModule;
use cranelift_module::{FuncId, Module};
use std::collections::HashMap;
use std::mem::offset_of;

/// A function being compiled.
pub(super) struct Function<'f> {
    pub(super) unit: Unit<'f>,
    pub(super) index: usize,
    pub(super) code: &'f Code,
    pub(super) analysis: &'f Analysis,
    pub(super) variables: &'f Variables,
    pub(super) builder: FunctionBuilder<'f>,
    usages: &'f Usages,
    module: &'f mut JITModule,
    /// Every function of the program in the module.
    ids: &'f [FuncId],
    /// Those that this one calls.
    callees: HashMap<usize, FuncRef>,
    /// The variables, by index.
    pub(super) values: Vec<Variable>,
    pub(super) views: Views,
    pub(super) memory: Memory,
    pub(super) context: Value,
    pub(super) frame: Value,
    /// Where the ops start that something jumps to.
    blocks: HashMap<usize, Block>,
    exits: Vec<Exit>,
    /// Where a status that a callee gave is handed on.
    hand_on: Option<Block>,
    /// What may not be the same at home now.
    pub(super) dirty: Set,
}

/// What was found out about a function before it is built.
#[derive(Clone, Copy)]
pub(super) struct Found<'f> {
    pub(super) usages: &'f Usages,
    pub(super) variables: &'f Variables,
    pub(super) analysis: &'f Analysis,
}

/// A way out to the interpreter.
struct Exit {
    pc: usize,
    /// What has to be brought home.
    stores: Set,
    block: Block,
}

impl<'f> Function<'f> {
    pub(super) fn new(
        unit: Unit<'f>,
        index: usize,
        found: Found<'f>,
        mut builder: FunctionBuilder<'f>,
        module: &'f mut JITModule,
        ids: &'f [FuncId],
    ) -> Self {
        let Found { usages, variables, analysis } = found;
        let code = &unit.codes[index];
        let start = builder.create_block();
        builder.append_block_params_for_function_params(start);
        builder.switch_to_block(start);
        builder.seal_block(start);
        let (context, frame) = (builder.block_params(start)[0], builder.block_params(start)[1]);
        let values = variables.iter(variables.all).map(|(_, slot)| builder.declare_var(kind(code, slot))).collect();
        let views = Views::of(variables, usages, &mut builder);
        let memory = Memory::of(builder.func);
        let (callees, blocks, exits, dirty) = (HashMap::new(), HashMap::new(), Vec::new(), analysis.dirty(0));
        Self {
            unit,
            index,
            code,
            analysis,
            variables,
            builder,
            usages,
            module,
            ids,
            callees,
            values,
            views,
            memory,
            context,
            frame,
            blocks,
            exits,
            hand_on: None,
            dirty,
        }
    }

    /// What is not at home when a function starts: registers that come as arguments, and those that no caller sets.
    pub(super) fn dirty_at_start(unit: Unit<'_>, index: usize, variables: &Variables) -> Set {
        let (arguments, passed) = (Arguments::of(unit, index), unit.facts.passed(index));
        let not_at_home = |slot: u32| !passed.has(slot) || arguments.position(slot).is_some();
        variables.iter(variables.all).filter(|(_, slot)| not_at_home(*slot)).fold(0, |set, (at, _)| set | 1 << at)
    }

    /// Compiles the whole function.
    pub(super) fn compile(mut self) {
        self.entry();
        let shapes = self.unit.facts.shapes(self.index);
        let restarts = self.code.insts.iter().any(|inst| self.calls_itself_last(*inst));
        let mut open = true;
        for pc in (0..self.code.insts.len()).filter(|pc| self.analysis.reaches(*pc)) {
            if shapes.is_target(pc) || pc == 0 && restarts {
                let block = self.block(pc);
                if open {
                    self.builder.ins().jump(block, &[]);
                }
                self.builder.switch_to_block(block);
            }
            self.dirty = self.analysis.dirty(pc);
            #[cfg(test)]
            self.ask_to_leave(pc);
            open = self.op(pc);
        }
        // All jumps are known now, so that looking for the value of a variable goes no further than it must.
        for block in self.blocks.values() {
            self.builder.seal_block(*block);
        }
        self.exits();
        self.builder.seal_all_blocks();
        self.builder.finalize(self.module.target_config());
    }

    /// Starts with what the caller passes as arguments.
    fn entry(&mut self) {
        let start = self.builder.current_block().expect("the entry block is being filled");
        let parameters = self.builder.block_params(start)[2..].to_vec();
        self.start(&parameters);
    }

    /// Puts arguments where the function has them; registers that nobody has set are zero.
    pub(super) fn start(&mut self, parameters: &[Value]) {
        let arguments = Arguments::of(self.unit, self.index);
        let passed = self.unit.facts.passed(self.index);
        for ((slot, _), value) in arguments.iter().zip(parameters) {
            if self.variables.index(slot).is_none() && (self.usages.reads_all || self.usages.of(slot).read) {
                self.store(*value, slot);
            }
        }
        for (index, slot) in self.variables.iter(self.analysis.before(0)) {
            let value = match arguments.position(slot) {
                Some(position) => parameters[position],
                None if passed.has(slot) => self.load(slot),
                None => self.zero(kind(self.code, slot)),
            };
            self.builder.def_var(self.values[index], value);
        }
        self.renew_views(self.analysis.needed(0));
        for (first, count) in self.unset() {
            self.zero_slots(first, count);
        }
    }

    /// The runs of slots that have to be zero before the first op: no variables, set by no caller, and read somewhere or
    /// cells, which the collector reads.
    fn unset(&self) -> Vec<(u32, u32)> {
        let passed = self.unit.facts.passed(self.index);
        let layout = self.code.layout;
        let wanted = |slot: &u32| self.variables.index(*slot).is_none() && !passed.has(*slot);
        let cells = layout.start(Bank::Cell)..layout.views().start;
        let mut slots: Vec<u32> = if self.usages.reads_all {
            (layout.start(Bank::I64)..cells.start).filter(wanted).collect()
        } else {
            let touched = self.usages.touched().filter(|slot| *slot < cells.start);
            touched.filter(|slot| self.usages.of(*slot).read).filter(wanted).collect()
        };
        slots.sort_unstable();
        slots.extend(cells.filter(wanted));
        let runs = slots.chunk_by(|left, right| left + 1 == *right);
        runs.map(|run| (run[0], run.len() as u32)).collect()
    }

    /// Emits what leaves: exits, and what hands a status on.
    fn exits(&mut self) {
        let resume = self.builder.create_block();
        let place = self.builder.append_block_param(resume, types::I64);
        for Exit { pc, stores, block } in std::mem::take(&mut self.exits) {
            self.go_on(block);
            for (index, slot) in self.variables.iter(stores) {
                let value = self.builder.use_var(self.values[index]);
                self.store(value, slot);
            }
            let at = self.int_constant(header(self.index, pc).cast_signed());
            self.builder.ins().jump(resume, &[BlockArg::Value(at)]);
        }
        self.go_on(resume);
        let (zero, status) = (self.int_constant(0), self.int_constant(RESUME.cast_signed()));
        self.set_in_context(offset_of!(Context, place), place);
        self.set_in_context(offset_of!(Context, flush), zero);
        self.set_in_context(offset_of!(Context, frame), self.frame);
        self.set_in_context(offset_of!(Context, status), status);
        self.builder.ins().return_(&[status, zero]);
        if let Some(block) = self.hand_on {
            let status = self.builder.block_params(block)[0];
            self.go_on(block);
            let nothing = self.int_constant(0);
            self.builder.ins().return_(&[status, nothing]);
        }
    }

    /// A way out to the interpreter, which then executes the op at `pc`.
    pub(super) fn exit(&mut self, pc: usize) -> Block {
        let stores = self.analysis.before(pc) & self.dirty;
        if let Some(last) = self.exits.last().filter(|last| last.pc == pc && last.stores == stores) {
            return last.block;
        }
        let block = self.cold_block();
        self.exits.push(Exit { pc, stores, block });
        block
    }

    /// Leaves to the interpreter, which executes the op at `pc`, if `condition` is not zero.
    pub(super) fn leave_if(&mut self, condition: Value, pc: usize) {
        let exit = self.exit(pc);
        self.branch_away(condition, exit);
    }

    /// Leaves at the op at `pc` if the host says so, where the code is to ask.
    #[cfg(test)]
    fn ask_to_leave(&mut self, pc: usize) {
        if self.unit.asks.at((self.index, pc)) {
            let place = self.int_constant(header(self.index, pc).cast_signed());
            let arguments = [self.context, self.frame, place];
            let leaves = self.call_host(crate::native::STOP as *const (), &arguments, &[types::I64])[0];
            self.leave_if(leaves, pc);
        }
    }

    /// Jumps to a block if `condition` is not zero, and goes on otherwise.
    pub(super) fn branch_away(&mut self, condition: Value, away: Block) {
        let next = self.builder.create_block();
        self.builder.ins().brif(condition, away, &[], next, &[]);
        self.go_on(next);
    }

    /// Leaves at the op at `pc` when the native stack has no room for another call, or another thread asked the code to
    /// stop.
    pub(super) fn poll(&mut self, pc: usize) {
        let at = self.builder.ins().iadd_imm_s(self.context, offset_of!(Context, stack_limit) as i64);
        // Atomic, or one load could serve all turns of a loop.
        let limit = self.builder.ins().atomic_load(types::I64, self.memory.context, at);
        let pointer = self.builder.ins().get_stack_pointer(types::I64);
        let below = self.builder.ins().icmp(IntCC::UnsignedLessThan, pointer, limit);
        self.leave_if(below, pc);
    }

    /// Hands a callee's status on unless it is 0.
    pub(super) fn hand_on(&mut self, status: Value) {
        let block = match self.hand_on {
            Some(block) => block,
            None => {
                let block = self.cold_block();
                self.builder.append_block_param(block, types::I64);
                *self.hand_on.insert(block)
            }
        };
        let next = self.builder.create_block();
        self.builder.ins().brif(status, block, &[BlockArg::Value(status)], next, &[]);
        self.go_on(next);
    }

    /// Goes on in a block to which nothing else will jump.
    pub(super) fn go_on(&mut self, block: Block) {
        self.builder.switch_to_block(block);
        self.builder.seal_block(block);
    }

    /// A block that is seldom reached.
    pub(super) fn cold_block(&mut self) -> Block {
        let block = self.builder.create_block();
        self.builder.set_cold_block(block);
        block
    }

    /// Where the op at `pc` starts, to jump to.
    pub(super) fn block(&mut self, pc: usize) -> Block {
        *self.blocks.entry(pc).or_insert_with(|| self.builder.create_block())
    }

    /// Another function of the program.
    pub(super) fn callee(&mut self, function: usize) -> FuncRef {
        let Self { callees, module, ids, builder, .. } = self;
        *callees.entry(function).or_insert_with(|| module.declare_func_in_func(ids[function], builder.func))
    }

    /// Calls a function of the host and gives its results.
    pub(super) fn call_host(&mut self, function: *const (), arguments: &[Value], results: &[Type]) -> Vec<Value> {
        let kinds: Vec<Type> = arguments.iter().map(|value| self.builder.func.dfg.value_type(*value)).collect();
        let signature = self.builder.import_signature(host(&kinds, results));
        let address = self.int_constant(function.expose_provenance() as i64);
        let call = self.builder.ins().call_indirect(signature, address, arguments);
        self.builder.inst_results(call).to_vec()
    }

    /// Brings variables home that may not be the same there.
    pub(super) fn save(&mut self, set: Set) {
        for (index, slot) in self.variables.iter(set & self.dirty) {
            let value = self.builder.use_var(self.values[index]);
            self.store(value, slot);
        }
        self.dirty &= !set;
    }

    /// Fetches variables from home, where they are.
    pub(super) fn reload(&mut self, set: Set) {
        for (index, slot) in self.variables.iter(set) {
            let value = self.load(slot);
            self.builder.def_var(self.values[index], value);
        }
        self.renew_views(set);
    }

    pub(super) fn int_constant(&mut self, value: i64) -> Value {
        self.builder.ins().iconst(types::I64, value)
    }

    pub(super) fn zero(&mut self, kind: Type) -> Value {
        if kind == types::F64 { self.builder.ins().f64const(0.0) } else { self.int_constant(0) }
    }
}
