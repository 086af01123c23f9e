//! Rewriting and assembling keep the meaning of a program, whatever it looks like and whatever runs it.

use crate::machine::{self, Extracted, Machine, Special, Target, rewrite};
use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use stencil_table::{Convention, HoleSort, Stencil};

type Program<M> = machine::Program<M>;
type Piece<M> = machine::Piece<<M as Machine>::Condition>;

/// An architecture whose code can be run here, as far as programs of these tests go.
pub(crate) trait Judge: Machine {
    /// How many bytes of padding are beyond the reach of some short branch.
    const PADDING: usize;

    /// The condition that one of 8 flags is set, or that it is not.
    fn sample(flag: u8, set: bool) -> Self::Condition;

    /// The flag of a condition, and whether it must be set.
    fn flag(condition: Self::Condition) -> (u8, bool);

    /// An instruction with a number below 100 in it.
    fn number(number: u32) -> Vec<u8>;

    /// An instruction that does nothing; its length divides [`Judge::PADDING`].
    fn nothing() -> Vec<u8>;

    /// The instruction at an offset, read by somebody else than who wrote it, and its length.
    fn read(code: &[u8], at: usize) -> (usize, Read<Self::Condition>);
}

/// What an instruction is.
pub(crate) enum Read<C> {
    /// One with a number.
    Number(u32),
    /// The one that shows that this is a `ret!` or a `leave!`.
    Special(Special),
    /// A return, the end of both.
    Return,
    /// A branch to an offset.
    Branch { condition: Option<C>, to: usize },
    /// Any other.
    Other,
}

/// What a run of a program does.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// Runs the plain piece with this number.
    Piece(u32),
    Next,
    Label(u8),
    Special(Special),
}

/// More steps than any run without a circle has.
const STEPS: usize = 200;

fn program<M: Judge>(u: &mut Unstructured<'_>) -> Result<Program<M>> {
    let len = u.int_in_range(1..=10)?;
    let mut pieces = Vec::new();
    for number in 0..len {
        let condition = if u.arbitrary()? { Some(M::sample(u.int_in_range(0..=7)?, u.arbitrary()?)) } else { None };
        let target = match u.int_in_range(0..=7)? {
            0..=3 => Target::Piece(u.int_in_range(0..=len)?),
            4 | 5 => Target::Label(u.int_in_range(0..=2)?),
            6 => Target::Special(Special::Return),
            _ => Target::Special(Special::Leave),
        };
        pieces.push(match u.int_in_range(0..=2)? {
            // Some of them so long that short branches do not reach.
            0 => {
                let mut bytes = M::number(number as u32);
                if u.ratio(1, 4)? {
                    bytes.extend(M::nothing().repeat(M::PADDING / M::nothing().len()));
                }
                Piece::<M>::bytes(bytes)
            }
            _ => Piece::<M>::Branch { condition, to: target },
        });
    }
    // The last piece of a compiled function is a jump.
    pieces.push(Piece::<M>::Branch { condition: None, to: Target::Piece(len + 1) });
    let origins = (0..pieces.len()).collect();
    Ok(Program { pieces, origins })
}

/// The events of a run, and whether it ended: one that did not goes in a circle.
type Run = (Vec<Event>, bool);

fn run<M: Judge>(program: &Program<M>, holds: impl Fn(M::Condition) -> bool) -> Run {
    let mut events = Vec::new();
    let mut at = 0;
    for _ in 0..STEPS {
        let Some(piece) = program.pieces.get(at) else {
            events.push(Event::Next);
            return (events, true);
        };
        at = match piece {
            Piece::<M>::Plain { bytes, .. } => {
                if let (_, Read::Number(number)) = M::read(bytes, 0) {
                    events.push(Event::Piece(number));
                }
                at + 1
            }
            Piece::<M>::Branch { condition: Some(condition), .. } if !holds(*condition) => at + 1,
            Piece::<M>::Branch { to: Target::Piece(to), .. } => *to,
            Piece::<M>::Branch { to, .. } => {
                events.extend(match *to {
                    Target::Label(value) => Some(Event::Label(value)),
                    Target::Special(way) => Some(Event::Special(way)),
                    Target::Piece(_) => None,
                });
                return (events, true);
            }
        };
    }
    (events, false)
}

/// Runs bytes.
fn run_bytes<M: Judge>(stencil: &Stencil, holds: impl Fn(M::Condition) -> bool) -> Run {
    let mut events = Vec::new();
    let mut at = 0;
    // Padding makes some steps of nothing.
    for _ in 0..STEPS * (M::PADDING + 1) {
        if at == stencil.code.len() {
            events.push(Event::Next);
            return (events, true);
        }
        let (len, read) = M::read(&stencil.code, at);
        let hole = stencil.holes.iter().find(|hole| (at..at + len).contains(&usize::from(hole.offset)));
        at += match read {
            Read::Branch { condition: Some(condition), .. } if !holds(condition) => len,
            Read::Branch { to, .. } => match hole {
                Some(hole) => {
                    assert_eq!(hole.kind.sort(), HoleSort::Label);
                    events.push(Event::Label(hole.value));
                    return (events, true);
                }
                None => {
                    at = to;
                    continue;
                }
            },
            Read::Return => return (events, true),
            Read::Special(way) => {
                events.push(Event::Special(way));
                len
            }
            Read::Number(number) => {
                events.push(Event::Piece(number));
                len
            }
            Read::Other => len,
        };
    }
    (events, false)
}

/// Rewrites and assembles random programs, and runs them before and after.
pub(crate) fn a_rewritten_program_does_the_same<M: Judge>() {
    arbtest(|u| {
        let before = program::<M>(u)?;
        let mut after = Program::<M> { pieces: before.pieces.clone(), origins: before.origins.clone() };
        rewrite(&mut after, Convention::Portable);
        let Extracted { stencil, origins } = after.assemble().unwrap();
        assert!(origins.is_sorted_by_key(|(at, _)| *at));
        for (at, origin) in origins {
            // The bytes of a plain piece say which one it is.
            if let Piece::<M>::Plain { bytes, .. } = &before.pieces[origin] {
                assert!(stencil.code[usize::from(at)..].starts_with(bytes), "piece {origin} at {at}: {before:?}");
            }
        }
        for _ in 0..4 {
            let flags: [bool; 8] = u.arbitrary()?;
            let holds = |condition: M::Condition| {
                let (flag, set) = M::flag(condition);
                flags[usize::from(flag)] == set
            };
            let (mut expected, mut actual) = (run(&before, holds), run_bytes::<M>(&stencil, holds));
            if !expected.1 && !actual.1 {
                // Both go in a circle, with different numbers of steps.
                let common = expected.0.len().min(actual.0.len());
                expected.0.truncate(common);
                actual.0.truncate(common);
            }
            assert_eq!(actual, expected, "{before:?}\n{after:?}\n{stencil:?}");
        }
        Ok(())
    });
}
