//! A program's compiled functions.

use super::super::compiler::Unit;
use super::super::usage::Usages;
use super::compiler::Compiler;
use super::machine::Machine;
use super::signature::{Arguments, FLOATS, INTS};
use crate::frames::FrameLayout;
use crate::program::Bank;
use cranelift_jit::JITModule;
use cranelift_module::{FuncId, ModuleError};
use std::error::Error;
use std::fmt;
use std::mem::ManuallyDrop;
use thiserror::Error;

/// Why a program cannot be compiled by Cranelift.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CraneliftError {
    /// Cranelift makes no code for this machine.
    #[error("cranelift makes no code for this machine ({0}); use another tier")]
    Machine(String),
    /// It cannot compile the program, or there is no memory for the code.
    #[error("cranelift cannot compile the program; use another tier")]
    Compile(#[source] Box<dyn Error + Send + Sync>),
}

impl From<ModuleError> for CraneliftError {
    fn from(error: ModuleError) -> Self {
        Self::Compile(Box::new(error))
    }
}

/// The registers that are passed to a function as arguments, for the way in, which sets all that there can be.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub(crate) struct Passed {
    pub(super) ints: [u64; INTS],
    pub(super) floats: [u64; FLOATS],
}

/// The compiled functions of a program.
pub(crate) struct Upper {
    machine: &'static Machine,
    module: ManuallyDrop<JITModule>,
    functions: Box<[Compiled]>,
}

/// One of them.
#[derive(Clone, Copy, Debug)]
struct Compiled {
    id: FuncId,
    arguments: Arguments,
    /// Whether it is run by the host, for which the code is a stub.
    is_stub: bool,
}

impl Upper {
    /// Compiles every function of a program.
    ///
    /// # Errors
    /// When Cranelift cannot, or there is no memory for the code.
    pub(crate) fn compile(unit: Unit<'_>) -> Result<Self, CraneliftError> {
        let machine = Machine::get()?;
        let mut compiler = Compiler::new(machine)?;
        let mut functions = Vec::new();
        for index in 0..unit.codes.len() {
            let arguments = Arguments::of(unit, index);
            let id = compiler.declare(&arguments.signature())?;
            functions.push(Compiled { id, arguments, is_stub: false });
        }
        let ids: Vec<FuncId> = functions.iter().map(|function| function.id).collect();
        let mut usages = Usages::default();
        for (index, function) in functions.iter_mut().enumerate() {
            function.is_stub = !compiler.function(unit, index, &ids, &mut usages)?;
            if function.is_stub {
                compiler.stub(index, function.id, function.arguments)?;
            }
        }
        Ok(Self { machine, module: ManuallyDrop::new(compiler.finish()?), functions: functions.into() })
    }

    /// Whether a function is compiled.
    #[inline]
    pub(crate) fn has(&self, function: usize) -> bool {
        !self.functions[function].is_stub
    }

    /// The way in to functions of this convention: takes the context, the frame, the function's code and what is passed to
    /// it, in the convention of [`stencil_runtime::host_fn`]; gives the status. If that is 0, the context has the result.
    pub(crate) fn way_in(&self) -> *const u8 {
        self.machine.way_in()
    }

    /// Where the code of a function is.
    pub(crate) fn code(&self, function: usize) -> *const u8 {
        self.module.get_finalized_function(self.functions[function].id)
    }

    /// What is passed to a function, from its frame.
    pub(crate) fn passed(&self, function: usize, layout: FrameLayout, frame: &[u64]) -> Passed {
        let [ints, floats] = self.functions[function].arguments.counts();
        let registers = |bank, count| &frame[layout.start(bank) as usize..][..count];
        let mut passed = Passed::default();
        passed.ints[..ints].copy_from_slice(registers(Bank::I64, ints));
        passed.floats[..floats].copy_from_slice(registers(Bank::F64, floats));
        passed
    }
}

impl Drop for Upper {
    fn drop(&mut self) {
        // SAFETY: the module is not used after this.
        let module = unsafe { ManuallyDrop::take(&mut self.module) };
        // SAFETY: who runs the code borrows this for as long, and nobody calls it afterwards.
        unsafe { module.free_memory() };
    }
}

impl fmt::Debug for Upper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upper").field("functions", &self.functions).finish_non_exhaustive()
    }
}
