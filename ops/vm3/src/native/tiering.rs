//! Which functions are compiled, and when.

use crate::code::Code;
use crate::compile::{CompileError, Compiled, compile};
use crate::program::Verified;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use stencil_runtime::Convention;

/// The compiled functions of a program, or the way to them.
#[derive(Debug)]
pub(crate) struct Tiering {
    program: Verified,
    codes: Arc<[Code]>,
    convention: Option<Convention>,
    /// Nothing inside when compiling has failed.
    compiled: OnceCell<Option<Compiled>>,
    /// How many more calls are interpreted before the program is compiled.
    countdown: Cell<u32>,
    /// The lowest address that the native stack may reach, while compiled code runs.
    pub(super) floor: Cell<Option<usize>>,
}

impl Tiering {
    /// A program that is compiled when `calls` calls have been interpreted.
    pub(crate) fn after(calls: u32, program: Verified, codes: Arc<[Code]>, convention: Option<Convention>) -> Self {
        let (compiled, floor) = (OnceCell::new(), Cell::new(None));
        Self { program, codes, convention, compiled, countdown: Cell::new(calls), floor }
    }

    /// Compiles the program now.
    ///
    /// # Errors
    /// When this machine has no stencils, or there is no room for the code.
    pub(crate) fn compile(&self) -> Result<(), CompileError> {
        if self.compiled.get().is_none() {
            let compiled = compile(&self.program, &self.codes, self.convention)?;
            // Nobody compiles in between: this type is not shared between threads.
            let _ = self.compiled.set(Some(compiled));
        }
        Ok(())
    }

    /// The compiled functions, if `function` is one. Counts a call until the program is compiled.
    #[inline]
    pub(crate) fn compiled(&self, function: usize) -> Option<&Compiled> {
        match self.compiled.get() {
            Some(compiled) => compiled.as_ref().filter(|compiled| compiled.has(function)),
            None => self.count(function),
        }
    }

    #[cold]
    fn count(&self, function: usize) -> Option<&Compiled> {
        match self.countdown.get() {
            0 => {
                let compiled = compile(&self.program, &self.codes, self.convention).ok();
                let compiled = self.compiled.get_or_init(|| compiled);
                compiled.as_ref().filter(|compiled| compiled.has(function))
            }
            left => {
                self.countdown.set(left - 1);
                None
            }
        }
    }
}
