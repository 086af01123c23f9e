//! What compiled code has the host do: run functions that are interpreted.

use super::entry::native_room;
use crate::fault::FaultKind;
use crate::frames::{Place, place_of};
use crate::interp::push_call;
use crate::machine::{Ended, Machine, Trap};
use crate::stencils::ops::{CallHostHelper, Context, RESUME, STOPPED};
use stencil_runtime::host_fn;

/// The function that the op `call_host` calls.
pub(crate) const HELPER: CallHostHelper = call;

/// Bytes of native stack that must be left to run a function within compiled code. With less, the caller is gone on with
/// by the interpreter, which takes no native stack for calls.
const RESERVE: usize = 128 << 10;

host_fn! {
    /// Runs the call op at `place` in the frame at `frame` and stores its result there. Gives 0, or the status with which
    /// the code has to leave.
    ///
    /// # Safety
    /// - `context` is that of the innermost entry, which made its `host` from the borrow of the machine that it holds and
    ///   does not use until the code comes back.
    /// - `frame` is a frame within the machine's words, and `place` a call op of the function it belongs to.
    unsafe fn call(context: *mut Context, frame: *mut u64, place: u64) -> u64 {
        // SAFETY: the entry that waits for this code holds the context and does not use it meanwhile.
        let context = unsafe { &mut *context };
        // SAFETY: the entry made the pointer from its borrow of the machine, which it does not use meanwhile. The
        // lifetimes of what the machine borrows contain the entry's, and nothing borrowed here outlives this call.
        let machine = unsafe { &mut *context.host.cast::<Machine<'_>>() };
        let (function, pc) = place_of(place);
        let base = (frame.addr() - machine.words.address().addr().get()) / size_of::<u64>();
        context.status = match machine.call(Place { function, pc, base }) {
            Called::Landed => 0,
            Called::NoRoom => {
                (context.place, context.frame) = (place, frame);
                RESUME
            }
            Called::Stopped(stopped) => {
                machine.stopped = Some(stopped);
                STOPPED
            }
        };
        context.status
    }
}

/// What became of a call.
enum Called {
    /// It returned, and its result has landed in its caller's frame.
    Landed,
    /// There is too little native stack for it.
    NoRoom,
    /// It ended the run.
    Stopped(Result<Ended, Trap>),
}

impl Machine<'_> {
    /// Executes the call op at `from`.
    fn call(&mut self, from: Place) -> Called {
        if native_room(self.tiering) < RESERVE {
            return Called::NoRoom;
        }
        let caller = &self.codes[from.function];
        let limit = self.words.len() * size_of::<u64>();
        let words = self.words.all();
        let Some((callee, base)) = push_call(words, self.codes, from) else {
            return Called::Stopped(Err(Trap { kind: FaultKind::StackOverflow { limit }, place: from }));
        };
        match self.run_frame(callee, base) {
            Ok(Ended::Returned(returned)) => {
                let frame = &mut self.words.all()[from.base..][..caller.layout.words()];
                caller.land(frame, from.pc, returned);
                Called::Landed
            }
            stopped => Called::Stopped(stopped),
        }
    }
}
