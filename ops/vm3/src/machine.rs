//! What runs a program, whichever tier does: the state that a run works on, and how it ends.

use crate::code::Code;
use crate::fault::FaultKind;
use crate::frames::{Place, Words};
use crate::heap::Heap;
use crate::hosts::Hosts;
use crate::interp::{Meter, NoProbe};
use crate::native::{Left, OwnContext, Tiering, enter, resumed, returned};
use crate::outcome::Returned;
use crate::program::Program;

/// The state of a run.
#[derive(Debug)]
pub(crate) struct Machine<'m> {
    pub(crate) program: &'m Program,
    pub(crate) codes: &'m [Code],
    pub(crate) words: Words<'m>,
    pub(crate) heap: &'m mut Heap,
    /// The functions of the host.
    pub(crate) hosts: &'m mut Hosts,
    /// What compiled code shares with the host, and how others stop the run.
    pub(crate) context: &'m OwnContext,
    /// Whether ops take fuel.
    pub(crate) metered: bool,
    /// The compiled functions, if this tier has some.
    pub(crate) tiering: Option<&'m Tiering>,
    /// How a run that compiled code asked for ended, when that ends the whole run.
    pub(crate) stopped: Option<Result<Ended, Trap>>,
}

/// How the frame that a run started with ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It returned.
    Returned(Returned),
    /// It, or a frame above it, executed a `Deopt` with this target there.
    Deopt(u16, Place),
}

/// A failed op.
#[derive(Debug)]
pub(crate) struct Trap {
    pub(crate) kind: FaultKind,
    pub(crate) place: Place,
}

impl<'m> Machine<'m> {
    /// Runs the frame at word `base`, whose header, region and registers are set, from the start of `function` until it
    /// returns: as compiled code where there is any.
    ///
    /// # Errors
    /// The op that failed.
    pub(crate) fn run_frame(&mut self, function: usize, base: usize) -> Result<Ended, Trap> {
        let entered = self
            .tiering
            .filter(|tiering| tiering.compiled(function, 1))
            .and_then(|tiering| Some((tiering, enter(self, tiering, function, base)?)));
        match entered {
            Some((tiering, Left::Returned(given))) => Ok(Ended::Returned(returned(self, tiering, function, given))),
            Some((_, left)) => self.go_on(left, base),
            None => self.interpret(Place { function, pc: 0, base }, base),
        }
    }

    /// Goes on after compiled code that runs the frame at word `base` was left before that returned.
    ///
    /// # Errors
    /// The op that failed.
    #[cold]
    pub(crate) fn go_on(&mut self, left: Left, base: usize) -> Result<Ended, Trap> {
        match self.tiering {
            Some(tiering) if left == Left::Resume => {
                let place = resumed(self, tiering);
                self.interpret(place, base)
            }
            _ => self.take_stopped(),
        }
    }

    /// Goes on from `start`, whose frame is set, until the frame at word `base` returns.
    ///
    /// # Errors
    /// The op that failed.
    pub(crate) fn interpret(&mut self, start: Place, base: usize) -> Result<Ended, Trap> {
        match self.meter() {
            Some(mut meter) => self.run(start, base, &mut meter),
            None => self.run(start, base, &mut NoProbe),
        }
    }

    /// What takes fuel for ops that are interpreted, if they take some.
    pub(crate) fn meter(&self) -> Option<Meter<'m>> {
        let context = self.context;
        self.metered.then(|| Meter(&context.get().fuel))
    }

    /// How a run ended that compiled code had asked for.
    pub(crate) fn take_stopped(&mut self) -> Result<Ended, Trap> {
        self.stopped.take().expect("the helper says how it stopped the run")
    }
}
