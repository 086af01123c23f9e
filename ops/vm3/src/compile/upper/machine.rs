//! What Cranelift makes code for, and what all programs' code shares.

use super::memory::TRUSTED;
use super::module::{CraneliftError, Passed};
use super::signature::{FLOATS, INTS, host, widest};
use crate::stencils::ops::Context;
use cranelift_codegen::ir::{InstBuilder, UserFuncName, types};
use cranelift_codegen::isa::{OwnedTargetIsa, TargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use cranelift_frontend::{FunctionBuilder, FunctionBuilderContext};
use cranelift_jit::{ArenaMemoryProvider, JITBuilder, JITModule};
use cranelift_module::{Module, default_libcall_names};
use std::mem::offset_of;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Address space for the code of a program: its functions reach one another by short calls.
const ADDRESS_SPACE: usize = 64 << 20;

/// This machine.
pub(super) struct Machine {
    isa: OwnedTargetIsa,
    way_in: AtomicPtr<u8>,
}

static MACHINE: OnceLock<Machine> = OnceLock::new();
/// Held while it is found out.
static FINDING: Mutex<()> = Mutex::new(());

impl Machine {
    /// What this process runs on.
    ///
    /// # Errors
    /// When Cranelift makes no code for it, or there is no memory for code.
    pub(super) fn get() -> Result<&'static Self, CraneliftError> {
        if let Some(machine) = MACHINE.get() {
            return Ok(machine);
        }
        let _finding = FINDING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(machine) = MACHINE.get() {
            return Ok(machine);
        }
        let mut machine = Self { isa: isa()?, way_in: AtomicPtr::default() };
        let way_in = machine.make_way_in()?;
        machine.way_in = AtomicPtr::new(way_in.cast_mut());
        Ok(MACHINE.get_or_init(|| machine))
    }

    pub(super) fn isa(&self) -> &dyn TargetIsa {
        &*self.isa
    }

    /// See [`super::Upper::way_in`].
    pub(super) fn way_in(&self) -> *const u8 {
        self.way_in.load(Ordering::Relaxed)
    }

    /// An empty module.
    ///
    /// # Errors
    /// When there is no address space for its code.
    pub(super) fn module(&self) -> Result<JITModule, CraneliftError> {
        let memory = ArenaMemoryProvider::new_with_size(ADDRESS_SPACE);
        let memory = memory.map_err(|error| CraneliftError::Compile(Box::new(error)))?;
        let mut builder = JITBuilder::with_isa(self.isa.clone(), default_libcall_names());
        builder.memory_provider(Box::new(memory));
        Ok(JITModule::new(builder))
    }

    fn make_way_in(&self) -> Result<*const u8, CraneliftError> {
        let mut module = self.module()?;
        let mut compilation = module.make_context();
        let signature = host(&[types::I64; 4], &[types::I64]);
        let id = module.declare_anonymous_function(&signature)?;
        compilation.func.signature = signature;
        compilation.func.name = UserFuncName::user(0, id.as_u32());
        let mut buffers = FunctionBuilderContext::new();
        let mut builder = FunctionBuilder::new(&mut compilation.func, &mut buffers);
        let start = builder.create_block();
        builder.append_block_params_for_function_params(start);
        builder.switch_to_block(start);
        let parameters = builder.block_params(start).to_vec();
        let (context, frame, code, passed) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        let mut arguments = vec![context, frame];
        let ints = (0..INTS).map(|index| (types::I64, offset_of!(Passed, ints) + index * 8));
        let floats = (0..FLOATS).map(|index| (types::F64, offset_of!(Passed, floats) + index * 8));
        for (kind, offset) in ints.chain(floats) {
            arguments.push(builder.ins().load(kind, TRUSTED, passed, offset as i32));
        }
        let widest = builder.import_signature(widest());
        let call = builder.ins().call_indirect(widest, code, &arguments);
        let results = builder.inst_results(call);
        let (status, bits) = (results[0], results[1]);
        // Who reads the result knows of which kind it is.
        builder.ins().store(TRUSTED, bits, context, offset_of!(Context, int) as i32);
        builder.ins().store(TRUSTED, bits, context, offset_of!(Context, float) as i32);
        builder.ins().return_(&[status]);
        builder.seal_all_blocks();
        builder.finalize(module.target_config());
        module.define_function(id, &mut compilation)?;
        module.finalize_definitions()?;
        // The code stays for as long as the process: dropping a module does not free what was finished.
        Ok(module.get_finalized_function(id))
    }
}

/// The code that Cranelift makes for this machine.
fn isa() -> Result<OwnedTargetIsa, CraneliftError> {
    let mut flags = settings::builder();
    let settings = [
        ("opt_level", "speed"),
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        // So every call takes 16 bytes of native stack at least, and who walks the stack finds the callers.
        ("preserve_frame_pointers", "true"),
        ("unwind_info", "false"),
        ("enable_verifier", if cfg!(debug_assertions) { "true" } else { "false" }),
    ];
    let unknown = |error: &dyn std::fmt::Display| CraneliftError::Machine(error.to_string());
    for (name, value) in settings {
        flags.set(name, value).map_err(|error| unknown(&error))?;
    }
    let builder = cranelift_native::builder().map_err(|error| unknown(&error))?;
    builder.finish(settings::Flags::new(flags)).map_err(|error| unknown(&error))
}
