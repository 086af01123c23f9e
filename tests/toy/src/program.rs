//! From text to a list of instructions.

use crate::error::{Position, SyntaxError};

/// A program whose brackets match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub(crate) instructions: Vec<Instruction>,
}

/// An instruction and where it is in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instruction {
    pub(crate) kind: Kind,
    pub(crate) at: Position,
}

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A run of `+` and `-`.
    Add(u8),
    /// A run of `>`, or one of `<`.
    Step(i32),
    /// `.`
    Write,
    /// `,`
    Read,
    /// `[`, with the index of its `]`.
    Open(usize),
    /// `]`, with the index of its `[`.
    Close(usize),
}

impl Program {
    /// Reads a program; all characters but the eight are comments.
    ///
    /// # Errors
    /// A bracket without its counterpart: the first `]`, or the innermost `[`.
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        let mut instructions: Vec<Instruction> = Vec::new();
        let mut open = Vec::new();
        for (line, text) in (1..).zip(source.lines()) {
            for (column, character) in (1..).zip(text.chars()) {
                let at = Position { line, column };
                let index = instructions.len();
                let kind = match character {
                    '+' => Kind::Add(1),
                    '-' => Kind::Add(u8::MAX),
                    '>' => Kind::Step(1),
                    '<' => Kind::Step(-1),
                    '.' => Kind::Write,
                    ',' => Kind::Read,
                    '[' => {
                        open.push(index);
                        Kind::Open(index)
                    }
                    ']' => {
                        let start = open.pop().ok_or(SyntaxError::Unopened { at })?;
                        instructions[start].kind = Kind::Open(index);
                        Kind::Close(start)
                    }
                    _ => continue,
                };
                let last = instructions.last_mut();
                match last.and_then(|last| Some((merged(last.kind, kind)?, last))) {
                    Some((both, last)) => last.kind = both,
                    None => instructions.push(Instruction { kind, at }),
                }
            }
        }
        match open.pop() {
            Some(start) => Err(SyntaxError::Unclosed { at: instructions[start].at }),
            None => Ok(Self { instructions }),
        }
    }
}

/// One instruction that does what two do. Steps to and fro are kept apart: the head may leave the tape between them.
fn merged(first: Kind, second: Kind) -> Option<Kind> {
    match (first, second) {
        (Kind::Add(n), Kind::Add(m)) => Some(Kind::Add(n.wrapping_add(m))),
        (Kind::Step(by), Kind::Step(more)) if by.signum() == more.signum() => by.checked_add(more).map(Kind::Step),
        _ => None,
    }
}
