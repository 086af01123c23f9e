//! What compiled code has the host do: run functions that are interpreted.

use super::entry::native_room;
use super::outside::with_machine;
use crate::code::Inst;
use crate::compile::Facts;
use crate::frames::{FrameLayout, header, header_place};
use crate::machine::{Ended, Machine};
use crate::stencils::ops::{Context, RESUME, RunOnHostHelper, STOPPED};
use stencil_runtime::host_fn;

/// Runs a function that was called.
pub(crate) const RUN_CALLED: RunOnHostHelper = called;
/// Runs a function that was gone into by a tail call.
pub(crate) const RUN_REPLACED: RunOnHostHelper = replaced;

/// Bytes of native stack that must be left to run a function within compiled code. With less, it is gone on with by the
/// interpreter outside, which takes no native stack for calls.
const RESERVE: usize = 128 << 10;

host_fn! {
    /// Runs the function that the call op named by the header of the frame at `frame` calls, in that frame. Gives 0 when it
    /// returned, or the status with which the code has to leave.
    ///
    /// # Safety
    /// - `context` is that of the innermost entry, which made its `host` from the borrow of the machine that it holds and
    ///   does not use until the code comes back.
    /// - `frame` is a frame within the machine's words.
    unsafe fn called(context: *mut Context, frame: *mut u64) -> u64 {
        let run = |machine: &mut Machine<'_>, context: &Context| {
            let base = machine.base_of(frame);
            let callee = machine.callee_of(base);
            if machine.codes[callee].keeps_region {
                machine.heap.region().note(&mut machine.words.all()[base..]);
            }
            machine.run_within(context, callee, base)
        };
        // SAFETY: the caller's contract.
        unsafe { on_machine(context, run) }
    }
}

host_fn! {
    /// Runs the function that the context names in the frame at `frame`. Gives what [`called`] gives.
    ///
    /// # Safety
    /// As for [`called`].
    unsafe fn replaced(context: *mut Context, frame: *mut u64) -> u64 {
        let run = |machine: &mut Machine<'_>, context: &Context| {
            let base = machine.base_of(frame);
            machine.run_within(context, context.callee.get() as usize, base)
        };
        // SAFETY: the caller's contract.
        unsafe { on_machine(context, run) }
    }
}

/// Does something with the machine that a context belongs to, after which compiled code sees the heap as it is then.
///
/// # Safety
/// `context` is that of the innermost entry, which made its `host` from the borrow that it holds and does not use until
/// the code comes back.
pub(super) unsafe fn on_machine<R>(context: *mut Context, run: impl FnOnce(&mut Machine<'_>, &Context) -> R) -> R {
    // SAFETY: the entry that waits for this code keeps the context.
    let context = unsafe { &*context };
    let run = |machine: &mut Machine<'_>| {
        let result = run(machine, context);
        context.arenas.set(machine.heap.arenas());
        result
    };
    // SAFETY: the caller's contract.
    unsafe { with_machine(context, run) }
}

impl Machine<'_> {
    /// The word that a frame starts at.
    pub(super) fn base_of(&self, frame: *mut u64) -> usize {
        (frame.addr() - self.words.address().addr().get()) / size_of::<u64>()
    }

    /// The function that the call op named by a frame's header calls.
    fn callee_of(&mut self, base: usize) -> usize {
        let place = header_place(self.words.all()[base + FrameLayout::HEADER as usize]);
        let (function, pc) = place.expect("compiled code called the function");
        match self.codes[function].insts[pc] {
            Inst::Call { callee, .. } | Inst::CallMixed { callee, .. } => usize::from(callee),
            other => unreachable!("{other:?} is no call"),
        }
    }

    /// Runs a function in the frame at `base`, whose arguments are where compiled code passes them.
    fn run_within(&mut self, context: &Context, function: usize, base: usize) -> u64 {
        let tiering = self.tiering.expect("compiled code belongs to a tiering");
        let words = self.codes[function].layout.words();
        // Compiled code has made sure that the largest frame fits.
        let frame = &mut self.words.all()[base..base + words];
        tiering.native().lay_out(function, context, frame);
        self.run_set(context, function, base)
    }

    /// Runs a function in the frame at `base`, which is set.
    pub(super) fn run_set(&mut self, context: &Context, function: usize, base: usize) -> u64 {
        let status = if native_room(self.context) < RESERVE {
            context.place.set(header(function, 0));
            context.flush.set(0);
            context.frame.set(self.words.all()[base..].as_mut_ptr());
            RESUME
        } else {
            match self.run_frame(function, base) {
                Ok(Ended::Returned(returned)) => {
                    Facts::show(returned, context);
                    0
                }
                stopped => {
                    self.stopped = Some(stopped);
                    STOPPED
                }
            }
        };
        context.status.set(status);
        status
    }
}
