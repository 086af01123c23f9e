//! A stencil as pieces that can be moved and dropped, and back to bytes.

use super::reference::{Patch, patches};
use super::{Decoded, Machine, Special, Step, To, Way};
use crate::arch::Context;
use crate::fault::Fault;
use crate::pool::Pool;
use std::fmt;
use stencil_table::{Hole, Stencil};

/// A stencil between decoding and the table: one piece per instruction.
pub(crate) struct Program<M: Machine> {
    pub(crate) pieces: Vec<Piece<M::Condition>>,
    /// Where the instruction of each piece stood in the function.
    pub(crate) origins: Vec<usize>,
}

/// A stencil, and where its instructions stood in the function that it was taken from.
#[derive(Debug)]
pub(crate) struct Extracted {
    pub(crate) stencil: Stencil,
    /// Bytes from the start of the stencil and of the function, for every instruction that the function had.
    pub(crate) origins: Vec<(u16, usize)>,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece<C> {
    /// Bytes as they are, with holes at offsets from their start.
    Plain {
        bytes: Vec<u8>,
        holes: Vec<Hole>,
        /// The piece whose place the holes count from, when that is another one.
        base: Option<usize>,
    },
    /// A branch, encoded when everything has its place.
    Branch { condition: Option<C>, to: Target },
}

/// Where a branch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// To the piece with this index; the number of pieces stands for the next stencil.
    Piece(usize),
    /// To a label or exit: the number of the op's value.
    Label(u8),
    /// To what becomes an instruction of its own.
    Special(Special),
}

impl<M: Machine> fmt::Debug for Program<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.pieces).finish()
    }
}

impl<C> Piece<C> {
    /// Bytes that are not patched.
    pub(crate) fn bytes(bytes: Vec<u8>) -> Self {
        Self::Plain { bytes, holes: Vec::new(), base: None }
    }
}

impl<M: Machine> Program<M> {
    /// The program of a checked function; its constants are put into the pool.
    pub(super) fn of_function(decoded: &Decoded<'_, M>, context: &Context<'_>, pool: &mut Pool) -> Result<Self, Fault> {
        let end = decoded.steps.len();
        let piece = |step: &Step<M>| match step.way {
            Way::Branch { conditional, to } => {
                let to = match to {
                    To::Step(step) => Target::Piece(step),
                    To::Relocation(_) | To::Nowhere => outside(decoded, step, end, context)?,
                };
                Ok(Piece::Branch { condition: if conditional { Some(M::condition(step)?) } else { None }, to })
            }
            // Loops are aligned for a place that a copy does not have.
            _ if M::is_padding(step) => Ok(Piece::bytes(Vec::new())),
            _ => plain(decoded, step, context, pool),
        };
        let origins = decoded.steps.iter().map(|step| step.at).collect();
        Ok(Self { pieces: decoded.steps.iter().map(piece).collect::<Result<_, Fault>>()?, origins })
    }

    /// The bytes and holes: internal branches take the short form where it reaches.
    pub(crate) fn assemble(&self) -> Result<Extracted, Fault> {
        let mut lengths: Vec<usize> = self.pieces.iter().map(Self::shortest).collect();
        let mut places = places(&lengths);
        // Lengths only grow, so this ends.
        loop {
            let mut grown = false;
            for (index, piece) in self.pieces.iter().enumerate() {
                if let Piece::Branch { condition, to: Target::Piece(to) } = piece {
                    let (short, long) = M::lengths(*condition);
                    let distance = places[*to] as i64 - places[index] as i64;
                    if lengths[index] == short && short != long && !M::reaches(*condition, distance) {
                        lengths[index] = long;
                        grown = true;
                    }
                }
            }
            places = self::places(&lengths);
            if !grown {
                break;
            }
        }
        let mut stencil = Stencil { code: Vec::new(), holes: Vec::new() };
        let mut origins = Vec::with_capacity(self.pieces.len());
        for (index, (piece, origin)) in self.pieces.iter().zip(&self.origins).enumerate() {
            let at = stencil.code.len();
            origins.push((offset(at)?, *origin));
            let place = |hole: Hole| Ok(Hole { offset: offset(at + usize::from(hole.offset))?, ..hole });
            match piece {
                Piece::Plain { bytes, holes, base } => {
                    stencil.code.extend_from_slice(bytes);
                    let back = base.map_or(0, |base| at as i32 - places[base] as i32);
                    for hole in holes {
                        stencil.holes.push(place(Hole { addend: hole.addend + back, ..*hole })?);
                    }
                }
                Piece::Branch { condition, to: Target::Piece(to) } => {
                    let distance = places[*to] as i64 - at as i64;
                    stencil.code.extend(M::branch(*condition, lengths[index], distance));
                }
                Piece::Branch { condition, to: Target::Label(value) } => {
                    let (bytes, hole) = M::label(*condition, *value);
                    stencil.code.extend(bytes);
                    stencil.holes.push(place(hole)?);
                }
                Piece::Branch { to: Target::Special(_), .. } => return Err(Fault::NotLast),
            }
        }
        offset(stencil.code.len())?;
        Ok(Extracted { stencil, origins })
    }

    fn shortest(piece: &Piece<M::Condition>) -> usize {
        match piece {
            Piece::Plain { bytes, .. } => bytes.len(),
            Piece::Branch { condition, to: Target::Label(value) } => M::label(*condition, *value).0.len(),
            Piece::Branch { condition, .. } => M::lengths(*condition).0,
        }
    }
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

/// The target of a branch out of the function.
fn outside<M: Machine>(
    decoded: &Decoded<'_, M>,
    step: &Step<M>,
    end: usize,
    context: &Context<'_>,
) -> Result<Target, Fault> {
    let Some((_, patch)) = patches(decoded, step, context).next() else { return Err(Fault::ComputedJump) };
    Ok(match patch? {
        Patch::End => Target::Piece(end),
        Patch::Special(way) => Target::Special(way),
        Patch::Label(value) => Target::Label(value),
        Patch::Hole { .. } | Patch::Constant { .. } => return Err(Fault::ComputedJump),
    })
}

/// An instruction that goes on to the next one.
fn plain<M: Machine>(
    decoded: &Decoded<'_, M>,
    step: &Step<M>,
    context: &Context<'_>,
    pool: &mut Pool,
) -> Result<Piece<M::Condition>, Fault> {
    let mut holes = Vec::new();
    for (relocation, patch) in patches(decoded, step, context) {
        let offset = offset(relocation.offset - step.at)?;
        holes.push(match patch? {
            Patch::Hole { kind, value, addend } => Hole { offset, kind, value, addend },
            Patch::Constant { kind, bytes, addend } => {
                let addend = i32::try_from(pool.place(bytes) as i64 + addend).map_err(|_| Fault::TooLong)?;
                Hole { offset, kind, value: 0, addend }
            }
            Patch::End | Patch::Special(_) | Patch::Label(_) => return Err(Fault::ComputedJump),
        });
    }
    Ok(Piece::Plain { bytes: decoded.code[step.at..step.end()].to_vec(), holes, base: step.base })
}
