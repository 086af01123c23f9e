//! The way into code that Cranelift made, and what that code has the host do for functions that are not compiled.

use super::entry::{Entry, Left, Marker};
use super::helper::on_machine;
use super::program::Native;
use super::tiering::Tiering;
use crate::compile::{CraneliftError, Passed, Upper};
use crate::machine::Machine;
use crate::stencils::ops::{Context, Fixed, RunHostHelper};
use stencil_runtime::{Given, host_fn};

/// The function that stubs call.
pub(crate) const RUN_BELOW: RunHostHelper = run_below;

/// What [`Upper::way_in`] is.
#[cfg(target_arch = "x86_64")]
type WayIn = unsafe extern "sysv64" fn(*mut Context, *mut u64, *const u8, *const Passed) -> u64;
/// What [`Upper::way_in`] is.
#[cfg(not(target_arch = "x86_64"))]
type WayIn = unsafe extern "C" fn(*mut Context, *mut u64, *const u8, *const Passed) -> u64;

impl Native {
    /// Compiles every function by Cranelift.
    ///
    /// # Errors
    /// When it cannot, or there is no memory for the code.
    pub(crate) fn upper(&self) -> Result<Upper, CraneliftError> {
        Upper::compile(self.unit())
    }
}

/// Runs the frame at word `base`, whose header, region and registers are set, from the start of `function`, wherever its
/// calls lead. `None` when there is no room for it.
pub(super) fn enter<'m>(
    machine: &mut Machine<'m>,
    tiering: &'m Tiering,
    upper: &Upper,
    function: usize,
    base: usize,
) -> Option<Left> {
    let here = Marker::new();
    let entry = Entry::new(machine, tiering, base, &here)?;
    let layout = machine.codes[function].layout;
    let passed = upper.passed(function, layout, &machine.words.all()[base..][..layout.words()]);
    // SAFETY: the code was made with this signature in this convention.
    let way_in = unsafe { std::mem::transmute::<*const u8, WayIn>(upper.way_in()) };
    let Fixed { ctx, frame } = entry.fixed;
    // SAFETY: what holds for stitched code holds for this, see the entry: it was compiled for the same program, works on the
    // same frames, of which it takes no more than are counted, for its frame pointer and return address are `NATIVE_CALL`
    // bytes; and it ends. The way in passes all arguments that a function can take, in registers.
    unsafe { way_in(ctx, frame, upper.code(function), &raw const passed) };
    let context = machine.context.get();
    let given = Given { int: context.int.get().cast_unsigned(), float: context.float.get() };
    Some(entry.left(machine, given))
}

host_fn! {
    /// Runs the function with index `function` in the frame at `frame`, whose registers that callers set are set. Gives 0
    /// when it returned, or the status with which the code has to leave.
    ///
    /// # Safety
    /// - `context` is that of the innermost entry, which made its `host` from the borrow of the machine that it holds and
    ///   does not use until the code comes back.
    /// - `frame` is a frame of that function within the machine's words.
    unsafe fn run_below(context: *mut Context, frame: *mut u64, function: u64) -> u64 {
        let run = |machine: &mut Machine<'_>, context: &Context| {
            let base = machine.base_of(frame);
            machine.run_below(context, function as usize, base)
        };
        // SAFETY: the caller's contract.
        unsafe { on_machine(context, run) }
    }
}

impl Machine<'_> {
    fn run_below(&mut self, context: &Context, function: usize, base: usize) -> u64 {
        let tiering = self.tiering.expect("compiled code belongs to a tiering");
        let layout = self.codes[function].layout;
        // Compiled code has made sure that the largest frame fits.
        let frame = &mut self.words.all()[base..][..layout.words()];
        tiering.native().unit().facts.zero_unset(function, layout, frame);
        self.run_set(context, function, base)
    }
}
