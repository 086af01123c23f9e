//! The way into compiled code and out of it.

use super::Tiering;
use crate::compile::Compiled;
use crate::frames::{Place, place_of};
use crate::machine::{Ended, Machine, Trap};
use crate::outcome::Returned;
use crate::stencils::ops::{Context, Fixed, RESUME};

/// How compiled code was left.
#[derive(Debug)]
pub(crate) enum Left {
    /// The function that was entered returned.
    Returned(Returned),
    /// The interpreter goes on here. The frames from the entered one on are compiled functions that wait at calls.
    Resume(Place),
    /// A function that the host ran for the code ended the run.
    Stopped(Result<Ended, Trap>),
}

/// Bytes of native stack that compiled code may use, with everything it calls.
const NATIVE_STACK: usize = 512 << 10;

/// Bytes of native stack that one call from compiled code to compiled code takes.
const NATIVE_CALL: usize = 16;

/// Keeps the limit of the native stack while compiled code runs.
struct Floor<'t> {
    tiering: Option<&'t Tiering>,
    outermost: bool,
    /// The lowest address that the native stack may reach.
    address: usize,
}

impl<'t> Floor<'t> {
    fn new(tiering: Option<&'t Tiering>, here: usize) -> Self {
        let set = tiering.and_then(|tiering| tiering.floor.get());
        let address = set.unwrap_or(here.saturating_sub(NATIVE_STACK));
        if let Some(tiering) = tiering {
            tiering.floor.set(Some(address));
        }
        Self { tiering, outermost: set.is_none(), address }
    }
}

impl Drop for Floor<'_> {
    fn drop(&mut self) {
        if self.outermost
            && let Some(tiering) = self.tiering
        {
            tiering.floor.set(None);
        }
    }
}

/// The address of something on the native stack.
fn stack_address() -> usize {
    let marker = 0_u8;
    (&raw const marker).addr()
}

/// How much native stack is left for what runs within compiled code, in bytes.
pub(super) fn native_room(tiering: Option<&Tiering>) -> usize {
    let floor = tiering.and_then(|tiering| tiering.floor.get());
    floor.map_or(NATIVE_STACK, |floor| stack_address().saturating_sub(floor))
}

/// Runs the frame at word `base`, whose header and registers are set, from the start of `function`, which `compiled` has.
///
/// # Panics
/// When it has not.
pub(crate) fn enter<'m>(machine: &mut Machine<'m>, compiled: &'m Compiled, function: usize, base: usize) -> Left {
    let (code, offset) = compiled.entry(function).expect("only compiled functions are entered");
    // One check at each call covers both stacks: the native one, and the frames', of which a call takes at most the
    // largest.
    let frames = machine.words.len().saturating_sub(base) / compiled.largest_frame();
    if frames == 0 {
        return Left::Resume(Place { function, pc: 0, base });
    }
    let here = stack_address();
    let floor = Floor::new(machine.tiering, here);
    let stack_limit = floor.address.max(here.saturating_sub((frames - 1) * NATIVE_CALL));
    let words = machine.words.address();
    // SAFETY: the division above has shown that the frame at `base` lies within the words.
    let frame = unsafe { words.add(base) };
    let host: *mut Machine<'m> = machine;
    let mut context = Context::new(stack_limit, host.cast());
    let fixed = Fixed { ctx: &raw mut context, frame: frame.as_ptr() };
    // SAFETY:
    // - The code was stitched from the tables of this program by the compiler, for a verified program:
    //   - Slots that it reads and writes are those of its frame and of a frame above it, and staging space. All fit the
    //     words: each frame is at most the largest, staging space counted in, and no more of them are pushed than
    //     `frames`. For the first call is made at a stack pointer below `here`, every further one at least `NATIVE_CALL`
    //     bytes below that, and none below `stack_limit`.
    //   - Nobody else uses the words meanwhile: `machine` is borrowed, and what its helper does with it ends before the
    //     code goes on.
    //   - Tables that it looks ints up in belong to the program, which `machine` borrows. Its host functions are `HELPER`,
    //     which finds in the context the machine that this function borrows, and one for floats.
    //   - Every path ends: the verifier lets no function fall off its end.
    // - The offset is that of an exported label, which is bound at a prologue.
    // - The context is this function's own and starts with the anchor.
    unsafe { code.enter(offset, &fixed) };
    match context.status {
        0 => Left::Returned(compiled.returned(function, &context)),
        RESUME => {
            let (function, pc) = place_of(context.place);
            let bytes = context.frame.addr() - words.addr().get();
            Left::Resume(Place { function, pc, base: bytes / size_of::<u64>() })
        }
        _ => Left::Stopped(machine.stopped.take().expect("the helper says how it stopped the run")),
    }
}
