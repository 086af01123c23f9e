//! Runs programs by calling the ops one after the other.

use crate::error::Fault;
use crate::host::{self, Outcome, get, put};
use crate::program::{Instruction, Kind, Program};
use crate::stencils::ops::{self, Close, Fixed, Open, Step};

impl Program {
    /// Runs the program without compiling it. Its loops go round at most `fuel` times.
    pub fn interpret(&self, input: &[u8], fuel: u64) -> Outcome {
        host::run(input, fuel, |fixed| interpret(&self.instructions, fixed))
    }
}

fn interpret(instructions: &[Instruction], fixed: &mut Fixed) -> Option<Fault> {
    let mut head = 0;
    let mut next = 0;
    while let Some(Instruction { kind, at }) = instructions.get(next) {
        next += 1;
        match *kind {
            // SAFETY: the fixed parts are those of a run, and `step` keeps the head on the tape.
            Kind::Add(n) => unsafe { ops::add(fixed, head, n) },
            Kind::Step(by) => match ops::step(head, by) {
                Step::Next(to) => head = to,
                Step::Overrun => return Some(Fault::Overrun { at: *at }),
            },
            // SAFETY: as above, and `put` and `get` are the host's.
            Kind::Write => unsafe { ops::write(fixed, head, put) },
            // SAFETY: as above.
            Kind::Read => unsafe { ops::read(fixed, head, get) },
            // SAFETY: as above.
            Kind::Open(end) => match unsafe { ops::open(fixed, head) } {
                Open::Next => {}
                Open::End => next = end + 1,
            },
            // SAFETY: as above.
            Kind::Close(start) => match unsafe { ops::close(fixed, head) } {
                Close::Next => {}
                Close::Start => next = start + 1,
                Close::Spent => return Some(Fault::OutOfFuel { at: *at }),
            },
        }
    }
    None
}
