//! A host of the op set's machine, for tests that write their own code.

use crate::ops::{Context, Fixed, Machine};
use stencil_runtime::Code;

/// Context and frame.
#[derive(Debug)]
pub struct Host {
    context: Box<Context>,
    frame: Vec<u64>,
}

impl Host {
    /// A frame of `slots` slots, all 0.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        Self { context: Box::default(), frame: vec![0; slots] }
    }

    /// Runs code with the first slots of the frame set, see [`Host::run`].
    ///
    /// # Panics
    /// When there are more `slots` than the frame has.
    ///
    /// # Safety
    /// As for [`Host::run`].
    pub unsafe fn run_with(&mut self, code: &Code<Machine>, offset: u32, slots: &[u64]) -> &mut [u64] {
        self.frame[..slots.len()].copy_from_slice(slots);
        // SAFETY: the contract is the same.
        unsafe { self.run(code, offset) }
    }

    /// Runs code from an offset and gives the frame.
    ///
    /// # Safety
    /// As for [`Code::enter`], with the frame that this host was made with.
    pub unsafe fn run(&mut self, code: &Code<Machine>, offset: u32) -> &mut [u64] {
        let fixed = Fixed { ctx: &raw mut *self.context, frame: self.frame.as_mut_ptr() };
        // SAFETY: the caller vouches for the code; context and frame are valid and nobody else's.
        unsafe { code.enter(offset, &fixed) };
        &mut self.frame
    }
}
