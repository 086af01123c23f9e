//! A stencil as pieces that can be moved and dropped, and back to bytes.

use super::decode::{Decoded, Step, To, Way};
use super::relocation::{Patch, patches};
use crate::arch::Context;
use crate::fault::Fault;
use crate::pool::Pool;
use iced_x86::Mnemonic;
use stencil_syntax::symbols::Symbol;
use stencil_table::{Hole, HoleKind, Stencil};

/// A stencil between decoding and the table: one piece per instruction.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) pieces: Vec<Piece>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// Bytes as they are, with holes at offsets from their start.
    Plain { bytes: Vec<u8>, holes: Vec<Hole> },
    /// A branch, encoded when everything has its place.
    Branch { condition: Option<Condition>, to: Target },
}

/// The condition of a branch: the low nibble of its opcode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Condition(u8);

/// Where a branch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// To the piece with this index; the number of pieces stands for the next stencil.
    Piece(usize),
    /// To a label or exit: the number of the op's value.
    Label(u8),
    /// To what becomes an instruction of its own: `call!`, `ret!`, `leave!`.
    Special(Symbol),
}

impl Condition {
    /// The condition with this number in opcodes, 0 to 15.
    pub(super) fn new(number: u8) -> Self {
        Self(number & 0xF)
    }

    /// Its number in opcodes.
    pub(super) fn number(self) -> u8 {
        self.0
    }

    /// The condition that holds when this one does not.
    pub(super) fn inverted(self) -> Self {
        Self(self.0 ^ 1)
    }
}

impl Program {
    /// The program of a checked function; its constants are put into the pool.
    pub(super) fn of_function(decoded: &Decoded<'_>, context: &Context<'_>, pool: &mut Pool) -> Result<Self, Fault> {
        let end = decoded.steps.len();
        let piece = |step: &Step| match step.way {
            Way::Branch { conditional, to } => {
                let target = match to {
                    To::Step(step) => Target::Piece(step),
                    To::Relocation(_) | To::Nowhere => outside(decoded, step, end, context)?,
                };
                Ok(Piece::Branch { condition: condition(step, conditional)?, to: target })
            }
            // Loops are aligned for a place that a copy does not have.
            _ if step.instruction.mnemonic() == Mnemonic::Nop => {
                Ok(Piece::Plain { bytes: Vec::new(), holes: Vec::new() })
            }
            _ => plain(decoded, step, context, pool),
        };
        Ok(Self { pieces: decoded.steps.iter().map(piece).collect::<Result<_, Fault>>()? })
    }

    /// The bytes and holes: internal branches take the short form where it reaches.
    pub(super) fn assemble(&self) -> Result<Stencil, Fault> {
        let mut lengths: Vec<usize> = self.pieces.iter().map(Piece::shortest).collect();
        let mut places = places(&lengths);
        // Lengths only grow, so this ends.
        loop {
            let mut grown = false;
            for (index, piece) in self.pieces.iter().enumerate() {
                if let Piece::Branch { condition, to: Target::Piece(to) } = piece
                    && lengths[index] == SHORT
                    && i8::try_from(places[*to] as i64 - places[index + 1] as i64).is_err()
                {
                    lengths[index] = near(*condition).len() + 4;
                    grown = true;
                }
            }
            places = self::places(&lengths);
            if !grown {
                break;
            }
        }
        let mut stencil = Stencil { code: Vec::new(), holes: Vec::new() };
        for (index, piece) in self.pieces.iter().enumerate() {
            let at = stencil.code.len();
            match piece {
                Piece::Plain { bytes, holes } => {
                    stencil.code.extend_from_slice(bytes);
                    for hole in holes {
                        stencil.holes.push(Hole { offset: offset(at + usize::from(hole.offset))?, ..*hole });
                    }
                }
                Piece::Branch { condition, to: Target::Piece(to) } => {
                    let distance = places[*to] as i64 - places[index + 1] as i64;
                    if lengths[index] == SHORT {
                        stencil
                            .code
                            .extend([condition.map_or(0xEB, |condition| 0x70 | condition.number()), distance as u8]);
                    } else {
                        stencil.code.extend(near(*condition));
                        stencil.code.extend((distance as i32).to_le_bytes());
                    }
                }
                Piece::Branch { condition, to: Target::Label(value) } => {
                    stencil.code.extend(near(*condition));
                    let offset = offset(stencil.code.len())?;
                    stencil.holes.push(Hole { offset, kind: HoleKind::LabelRel32, value: *value, addend: -4 });
                    stencil.code.extend([0; 4]);
                }
                Piece::Branch { to: Target::Special(_), .. } => return Err(Fault::NotLast),
            }
        }
        offset(stencil.code.len())?;
        Ok(stencil)
    }
}

/// The length of a branch with an 8-bit distance.
const SHORT: usize = 2;

impl Piece {
    fn shortest(&self) -> usize {
        match self {
            Self::Plain { bytes, .. } => bytes.len(),
            Self::Branch { to: Target::Piece(_), .. } => SHORT,
            Self::Branch { condition, .. } => near(*condition).len() + 4,
        }
    }
}

/// The opcode of a branch with a 32-bit distance.
fn near(condition: Option<Condition>) -> Vec<u8> {
    condition.map_or(vec![0xE9], |condition| vec![0x0F, 0x80 | condition.number()])
}

/// Where pieces of these lengths start, and where the last one ends.
fn places(lengths: &[usize]) -> Vec<usize> {
    let mut places = vec![0];
    places.extend(lengths.iter().scan(0, |at, length| {
        *at += length;
        Some(*at)
    }));
    places
}

fn offset(offset: usize) -> Result<u16, Fault> {
    u16::try_from(offset).map_err(|_| Fault::TooLong)
}

fn condition(step: &Step, conditional: bool) -> Result<Option<Condition>, Fault> {
    let instruction = &step.instruction;
    match conditional {
        false => Ok(None),
        // The first of iced's conditions is "none"; the others are in the order of the opcodes.
        true if instruction.is_jcc_short_or_near() => Ok(Some(Condition::new(instruction.condition_code() as u8 - 1))),
        true => Err(Fault::CountingBranch),
    }
}

/// The target of a branch out of the function.
fn outside(decoded: &Decoded<'_>, step: &Step, end: usize, context: &Context<'_>) -> Result<Target, Fault> {
    let Some((_, patch)) = patches(decoded, step, context).next() else { return Err(Fault::ComputedJump) };
    Ok(match patch? {
        Patch::End => Target::Piece(end),
        Patch::Special(symbol) => Target::Special(symbol),
        Patch::Label(value) => Target::Label(value),
        Patch::Hole { .. } | Patch::Constant { .. } => return Err(Fault::ComputedJump),
    })
}

/// An instruction that goes on to the next one.
fn plain(decoded: &Decoded<'_>, step: &Step, context: &Context<'_>, pool: &mut Pool) -> Result<Piece, Fault> {
    let mut holes = Vec::new();
    for (relocation, patch) in patches(decoded, step, context) {
        let offset = offset(relocation.offset - step.at)?;
        holes.push(match patch? {
            Patch::Hole { kind, value, addend } => Hole { offset, kind, value, addend },
            Patch::Constant { bytes, addend } => {
                let addend = i32::try_from(pool.place(bytes) as i64 + addend).map_err(|_| Fault::TooLong)?;
                Hole { offset, kind: HoleKind::PoolRel32, value: 0, addend }
            }
            Patch::End | Patch::Special(_) | Patch::Label(_) => return Err(Fault::ComputedJump),
        });
    }
    Ok(Piece::Plain { bytes: decoded.code[step.at..step.end()].to_vec(), holes })
}
