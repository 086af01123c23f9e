//! The way into compiled code and out of it.

use super::Tiering;
use super::context::OwnContext;
use crate::compile::{Holds, Set};
use crate::frames::{Place, place_of};
use crate::machine::Machine;
use crate::outcome::Returned;
use crate::stencils::ops::{self, Fixed, RESUME};
use std::sync::atomic::Ordering;
use stencil_runtime::Given;

/// How compiled code was left. What else belongs to it is found where the code has put it: handing values through memory
/// twice takes longer than a short run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Left {
    /// The function that was entered returned: see [`returned`].
    Returned(Given),
    /// The interpreter goes on: see [`resumed`]. The frames from the entered one on are of functions that wait at calls.
    Resume,
    /// A function that the host ran for the code ended the run: see [`Machine::stopped`].
    Stopped,
}

/// What the function that was entered returned.
#[inline(always)]
pub(crate) fn returned(machine: &Machine<'_>, tiering: &Tiering, function: usize, given: Given) -> Returned {
    tiering.native().returned(function, machine.context.get(), given)
}

/// Where the interpreter goes on, once pinned registers are where it looks for them.
pub(crate) fn resumed(machine: &mut Machine<'_>, tiering: &Tiering) -> Place {
    let context = machine.context.get();
    let (function, pc) = place_of(context.place.get());
    tiering.note_exit(function);
    let bytes = context.frame.get().addr() - machine.words.address().addr().get();
    let base = bytes / size_of::<u64>();
    let frame = &mut machine.words.all()[base..][..machine.codes[function].layout.words()];
    tiering.native().bring_home(function, context, frame);
    Place { function, pc, base }
}

/// Bytes of native stack that compiled code may use, with everything it calls.
pub(super) const NATIVE_STACK: usize = 512 << 10;

/// Bytes of native stack that one call from compiled code to compiled code takes.
pub(super) const NATIVE_CALL: usize = 16;

/// Something in the native frame of whoever has it as a local: what that calls is below its address.
#[derive(Debug)]
pub(super) struct Marker(u8);

impl Marker {
    pub(super) const fn new() -> Self {
        Self(0)
    }

    #[inline]
    pub(super) fn address(&self) -> usize {
        (&raw const self.0).addr()
    }
}

/// The lowest address that the native stack may reach when compiled code was gone into from outside at `origin`.
const fn floor(origin: usize) -> usize {
    origin.saturating_sub(NATIVE_STACK)
}

/// How much native stack is left for what runs within compiled code, in bytes.
pub(super) fn native_room(context: &OwnContext) -> usize {
    let here = Marker::new();
    context.origin().map_or(NATIVE_STACK, |origin| here.address().saturating_sub(floor(origin)))
}

/// Compiled code that is about to run, and what ran outside of it.
pub(super) struct Entry {
    pub(super) fixed: Fixed,
    /// What the context held for the code that waits outside, if any does.
    outer: Option<(usize, *mut ())>,
}

impl Entry {
    /// Prepares to run the frame at word `base`, by code that is entered from the native frame that has `here`. `None`
    /// when the frame stack has no room for it as compiled code takes it.
    #[inline]
    pub(super) fn new<'m>(machine: &mut Machine<'m>, tiering: &Tiering, base: usize, here: &Marker) -> Option<Self> {
        // One check at each call covers both stacks: the native one, and the frames', of which a call takes at most the
        // largest.
        let calls = tiering.frames_above(machine.words.len(), base).checked_sub(1)?;
        let here = here.address();
        let outside = machine.context.origin();
        if outside.is_none() {
            machine.context.go_in(here);
        }
        let origin = outside.unwrap_or(here);
        // SAFETY: there is room above, so the frame at `base` lies within the words.
        let frame = unsafe { machine.words.address().add(base) };
        let (own, context) = (machine.context, machine.context.get());
        let outer = outside.map(|_| (context.stack_limit.load(Ordering::Relaxed), context.host.get()));
        own.set_limit(floor(origin).max(here.saturating_sub(calls * NATIVE_CALL)));
        let host: *mut Machine<'m> = machine;
        context.host.set(host.cast());
        if tiering.native().has_cells() {
            context.arenas.set(machine.heap.arenas());
        }
        let fixed = Fixed { ctx: own.address(), frame: frame.as_ptr() };
        Some(Self { fixed, outer })
    }

    /// How the code was left; `given` is what the function gave if it returned.
    #[inline]
    pub(super) fn left(self, machine: &Machine<'_>, given: Given) -> Left {
        let context = machine.context.get();
        match self.outer {
            Some((limit, host)) => {
                context.host.set(host);
                machine.context.set_limit(limit);
            }
            None => machine.context.go_out(),
        }
        match context.status.get() {
            0 => Left::Returned(given),
            // Code that is entered finds 0 there.
            left => {
                context.status.set(0);
                machine.context.has_left();
                if left == RESUME { Left::Resume } else { Left::Stopped }
            }
        }
    }
}

// The contract of entering, for both ways below:
//
// - The code was stitched from the tables of this program by the compiler, for a verified program:
//   - Slots that it reads and writes are those of its frame and of a frame above it, and staging space. All fit the
//     words: each frame is at most the largest, staging space counted in, and no more of them are pushed than `Entry::new`
//     has counted. For the first call is made at a stack pointer below `here`, which is in the native frame of who enters,
//     every further one at least `NATIVE_CALL` bytes below that, and none below the limit.
//   - Nobody else uses the words meanwhile: the machine is borrowed, and what its helper does with it ends before the code
//     goes on.
//   - Tables that it looks ints up in belong to the program, which `Native` keeps. Its host functions are the helpers,
//     which find in the context the machine that is borrowed here, and one for floats.
//   - The arenas are those of the heap, which the machine borrows. Nothing borrows from it while the code runs: what the
//     host functions do with it ends before the code goes on, and they bring the context's arenas up to date.
//   - Every path ends: the verifier lets no function fall off its end. Every slot that it goes through leads to a bridge or
//     to a function of the same program, whose code is kept: whoever evicts it lets the slot lead elsewhere first, looks
//     for machines in code behind a barrier that fits the one in `OwnContext::go_in`, and waits for those to go out.
// - The context is the machine's own and starts with the anchor.

/// Runs the frame at word `base`, whose header and registers are set, from the start of `function`, wherever its calls lead.
/// `None` when there is no room for it.
#[inline]
pub(crate) fn enter<'m>(machine: &mut Machine<'m>, tiering: &'m Tiering, function: usize, base: usize) -> Option<Left> {
    #[cfg(feature = "cranelift")]
    if let Some(upper) = &tiering.upper {
        return super::upper::enter(machine, tiering, upper, function, base);
    }
    let code = tiering.native().host_entry(function)?;
    let here = Marker::new();
    let entry = Entry::new(machine, tiering, base, &here)?;
    // SAFETY: see above; the code of a way in starts with a prologue.
    let given = unsafe { code.enter(0, &entry.fixed) };
    Some(entry.left(machine, given))
}

/// The same from the start of the loop at `place`. `None` when that is not compiled, or has no room.
pub(crate) fn enter_loop<'m>(machine: &mut Machine<'m>, tiering: &'m Tiering, place: Place) -> Option<Left> {
    let code = tiering.native().code(place.function)?;
    let offset = code.loop_entry(place.pc)?;
    let here = Marker::new();
    let entry = Entry::new(machine, tiering, place.base, &here)?;
    tiering.note_loop_entry(place.function);
    let Fixed { ctx, frame } = entry.fixed;
    let mut registers = ops::Machine { ctx, frame, ints: [0; ops::INTS], floats: [0.0; ops::FLOATS] };
    for pin in code.homes().iter(Set::MAX) {
        let word = machine.words.all()[place.base + pin.slot as usize];
        let register = usize::from(pin.register.0);
        match pin.holds {
            Holds::Int => registers.ints[register] = word.cast_signed(),
            Holds::Float => registers.floats[register] = f64::from_bits(word),
            // The code makes these itself.
            Holds::View(_) => {}
        }
    }
    // SAFETY: see above; the offset is that of an exported label, which is bound at a prologue.
    unsafe { code.code().enter_with(offset, &mut registers) };
    let given = Given { int: registers.ints[0].cast_unsigned(), float: registers.floats[0] };
    Some(entry.left(machine, given))
}
