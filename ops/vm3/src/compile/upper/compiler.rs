//! One function after another, from analysis to machine code.

use super::super::compiler::Unit;
use super::super::usage::Usages;
use super::analysis::Analysis;
use super::function::{Found, Function};
use super::machine::Machine;
use super::memory::TRUSTED;
use super::module::CraneliftError;
use super::signature::{Arguments, host};
use super::variables::Variables;
use crate::code::Inst;
use crate::native::RUN_BELOW;
use crate::stencils::ops::Context;
use cranelift_codegen::ir::{InstBuilder, Signature, UserFuncName, types};
use cranelift_codegen::{CodegenError, Context as Compilation};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::JITModule;
use cranelift_module::{FuncId, Module, ModuleError, ModuleReloc};
use std::mem::offset_of;

/// The most bytes of native stack a function may take: a call looks for room before it is made, and not for how much.
const LARGEST_FRAME: u32 = 16 << 10;
/// The most ops of a function: the optimiser would take seconds for more.
const MOST_OPS: usize = 20_000;

/// Compiles into one module.
pub(super) struct Compiler {
    machine: &'static Machine,
    module: JITModule,
    compilation: Compilation,
    buffers: FunctionBuilderContext,
}

impl Compiler {
    /// A compiler with an empty module.
    ///
    /// # Errors
    /// When there is no memory for code.
    pub(super) fn new(machine: &'static Machine) -> Result<Self, CraneliftError> {
        let module = machine.module()?;
        Ok(Self { machine, compilation: module.make_context(), module, buffers: FunctionBuilderContext::new() })
    }

    /// Declares a function.
    ///
    /// # Errors
    /// When the module has no room for it.
    pub(super) fn declare(&mut self, signature: &Signature) -> Result<FuncId, CraneliftError> {
        Ok(self.module.declare_anonymous_function(signature)?)
    }

    /// Compiles the function with index `index`, unless it is too large or the host's: `false` then.
    ///
    /// # Errors
    /// When Cranelift cannot, or there is no memory for the code.
    pub(super) fn function(
        &mut self,
        unit: Unit<'_>,
        index: usize,
        ids: &[FuncId],
        usages: &mut Usages,
    ) -> Result<bool, CraneliftError> {
        let code = &unit.codes[index];
        // A function of the host is one op, for which there is no code.
        if code.insts.len() > MOST_OPS || matches!(code.insts[0], Inst::Host { .. }) {
            return Ok(false);
        }
        usages.count(code, unit.facts.shapes(index));
        let variables = Variables::choose(code, usages);
        let analysis = Analysis::of(unit, code, &variables, Function::dirty_at_start(unit, index, &variables));
        self.begin(ids[index], Arguments::of(unit, index).signature());
        let builder = FunctionBuilder::new(&mut self.compilation.func, &mut self.buffers);
        let found = Found { usages, variables: &variables, analysis: &analysis };
        Function::new(unit, index, found, builder, &mut self.module, ids).compile();
        self.define(ids[index])
    }

    /// Puts a stub in the place of a function that is not compiled: it lays the arguments into the frame and has the host
    /// run the function there.
    ///
    /// # Errors
    /// As for [`Compiler::function`].
    pub(super) fn stub(&mut self, index: usize, id: FuncId, arguments: Arguments) -> Result<(), CraneliftError> {
        self.begin(id, arguments.signature());
        let mut builder = FunctionBuilder::new(&mut self.compilation.func, &mut self.buffers);
        let start = builder.create_block();
        builder.append_block_params_for_function_params(start);
        builder.switch_to_block(start);
        let parameters = builder.block_params(start).to_vec();
        let (context, frame) = (parameters[0], parameters[1]);
        for ((slot, _), value) in arguments.iter().zip(&parameters[2..]) {
            builder.ins().store(TRUSTED, *value, frame, slot as i32 * 8);
        }
        let helper = builder.import_signature(host(&[types::I64; 3], &[types::I64]));
        let address = builder.ins().iconst(types::I64, (RUN_BELOW as *const ()).expose_provenance() as i64);
        let function = builder.ins().iconst(types::I64, index as i64);
        let call = builder.ins().call_indirect(helper, address, &[context, frame, function]);
        let status = builder.inst_results(call)[0];
        let bits = builder.ins().load(types::I64, TRUSTED, context, offset_of!(Context, int) as i32);
        builder.ins().return_(&[status, bits]);
        builder.seal_all_blocks();
        builder.finalize(self.module.target_config());
        self.define(id).map(drop)
    }

    /// Makes the code callable.
    ///
    /// # Errors
    /// When the system does not let it be executed.
    pub(super) fn finish(mut self) -> Result<JITModule, CraneliftError> {
        self.module.finalize_definitions()?;
        Ok(self.module)
    }

    fn begin(&mut self, id: FuncId, signature: Signature) {
        self.compilation.clear();
        self.compilation.func.signature = signature;
        self.compilation.func.name = UserFuncName::user(0, id.as_u32());
    }

    /// Compiles what was built. `false` when it turns out to be too large.
    fn define(&mut self, id: FuncId) -> Result<bool, CraneliftError> {
        if let Err(failed) = self.compilation.compile(self.machine.isa(), &mut Default::default()) {
            return match failed.inner {
                CodegenError::ImplLimitExceeded | CodegenError::CodeTooLarge => Ok(false),
                error => Err(ModuleError::Compilation(error).into()),
            };
        }
        let compiled = self.compilation.compiled_code().expect("it was compiled just now");
        if compiled.buffer.frame_layout().is_some_and(|frame| frame.frame_to_fp_offset > LARGEST_FRAME) {
            return Ok(false);
        }
        let alignment = u64::from(compiled.buffer.alignment);
        let relocs = compiled.buffer.relocs().iter();
        let relocs: Vec<ModuleReloc> =
            relocs.map(|reloc| ModuleReloc::from_mach_reloc(reloc, &self.compilation.func, id)).collect();
        self.module.define_function_bytes(id, alignment, compiled.code_buffer(), &relocs)?;
        Ok(true)
    }
}
