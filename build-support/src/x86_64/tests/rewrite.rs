//! Rewriting and assembling keep the meaning of a program, whatever it looks like.

use crate::machine::{self, Special, Target, rewrite};
use crate::x86_64::X86_64;
use crate::x86_64::branch::Condition;
use arbtest::arbitrary::{Result, Unstructured};
use arbtest::arbtest;
use iced_x86::{Decoder, DecoderOptions, FlowControl, Mnemonic};
use stencil_table::{Convention, HoleKind, Stencil};

type Program = machine::Program<X86_64>;
type Piece = machine::Piece<Condition>;

/// What a run of a program does.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    /// Runs the plain piece with this number.
    Piece(u32),
    Next,
    Label(u8),
    Return,
    Leave,
}

/// More steps than any run without a circle has.
const STEPS: usize = 200;

fn program(u: &mut Unstructured<'_>) -> Result<Program> {
    let len = u.int_in_range(1..=10)?;
    let mut pieces = Vec::new();
    for number in 0..len {
        let condition = if u.arbitrary()? { Some(Condition::new(u.int_in_range(0..=15)?)) } else { None };
        let target = match u.int_in_range(0..=7)? {
            0..=3 => Target::Piece(u.int_in_range(0..=len)?),
            4 | 5 => Target::Label(u.int_in_range(0..=2)?),
            6 => Target::Special(Special::Return),
            _ => Target::Special(Special::Leave),
        };
        pieces.push(match u.int_in_range(0..=2)? {
            // mov eax, number; some of them long, so that short branches do not reach.
            0 => {
                let mut bytes = vec![0xB8];
                bytes.extend((number as u32).to_le_bytes());
                bytes.extend(if u.ratio(1, 4)? { vec![0x90; 100] } else { Vec::new() });
                Piece::bytes(bytes)
            }
            _ => Piece::Branch { condition, to: target },
        });
    }
    // The last piece of a compiled function is a jump.
    pieces.push(Piece::Branch { condition: None, to: Target::Piece(len + 1) });
    Ok(Program { pieces })
}

/// The events of a run, and whether it ended: one that did not goes in a circle.
type Run = (Vec<Event>, bool);

fn run(program: &Program, holds: impl Fn(Condition) -> bool) -> Run {
    let mut events = Vec::new();
    let mut at = 0;
    for _ in 0..STEPS {
        let Some(piece) = program.pieces.get(at) else {
            events.push(Event::Next);
            return (events, true);
        };
        at = match piece {
            Piece::Plain { bytes, .. } => {
                events.push(Event::Piece(u32::from_le_bytes(bytes[1..5].try_into().unwrap())));
                at + 1
            }
            Piece::Branch { condition: Some(condition), .. } if !holds(*condition) => at + 1,
            Piece::Branch { to: Target::Piece(to), .. } => *to,
            Piece::Branch { to, .. } => {
                events.push(match to {
                    Target::Label(value) => Event::Label(*value),
                    Target::Special(Special::Return) => Event::Return,
                    _ => Event::Leave,
                });
                return (events, true);
            }
        };
    }
    (events, false)
}

/// Runs bytes, decoded by somebody else.
fn run_bytes(stencil: &Stencil, holds: impl Fn(Condition) -> bool) -> Run {
    let mut events = Vec::new();
    let mut at = 0;
    // Padding makes some steps of nothing.
    for _ in 0..STEPS * 101 {
        if at == stencil.code.len() {
            events.push(Event::Next);
            return (events, true);
        }
        let instruction = Decoder::with_ip(64, &stencil.code[at..], at as u64, DecoderOptions::NONE).decode();
        let end = at + instruction.len();
        let hole = stencil.holes.iter().find(|hole| (at..end).contains(&usize::from(hole.offset)));
        at = match instruction.flow_control() {
            FlowControl::ConditionalBranch if !holds(Condition::new(instruction.condition_code() as u8 - 1)) => end,
            FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch => match hole {
                Some(hole) => {
                    assert_eq!((hole.kind, hole.addend, usize::from(hole.offset) + 4), (HoleKind::LabelRel32, -4, end));
                    events.push(Event::Label(hole.value));
                    return (events, true);
                }
                None => instruction.near_branch_target() as usize,
            },
            FlowControl::Return => {
                // `leave!` loads the stack pointer before its return, which shows as the piece of no number.
                return (events, true);
            }
            _ => {
                match instruction.mnemonic() {
                    Mnemonic::Pop => events.push(Event::Return),
                    Mnemonic::Mov if instruction.op0_register() == iced_x86::Register::RSP => events.push(Event::Leave),
                    Mnemonic::Mov => events.push(Event::Piece(instruction.immediate32())),
                    _ => {}
                }
                end
            }
        };
    }
    (events, false)
}

#[test]
fn a_rewritten_program_does_the_same() {
    arbtest(|u| {
        let before = program(u)?;
        let mut after = Program { pieces: before.pieces.clone() };
        rewrite(&mut after, Convention::Portable);
        let stencil = after.assemble().unwrap();
        for _ in 0..4 {
            let flags: [bool; 8] = u.arbitrary()?;
            let holds =
                |condition: Condition| flags[usize::from(condition.number() >> 1)] ^ (condition.number() & 1 == 1);
            let (mut expected, mut actual) = (run(&before, holds), run_bytes(&stencil, holds));
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
