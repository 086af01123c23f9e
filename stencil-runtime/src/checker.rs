//! An independent check of stitched code: re-reads the bytes and proves that they are a sequence of stencils of the
//! table, glue between them, and holes whose values are possible.
//!
//! It shares nothing with the assembler but the table's records and the layout of holes, and is slow on purpose: it tries
//! every stencil at every place. Stencils can be ambiguous (one may be a prefix of another), so what is proved is this:
//! there is a way to read the whole code as stencils and glue, one after the other, in which
//!
//! 1. each branch hole points to a *boundary*, a position between two pieces of some such reading,
//! 2. each pool hole points to the pool, and its constant lies in it,
//! 3. each hole of a callee points to a boundary, or to an address that was named as a callee,
//! 4. each call or jump through a data slot names one of the slots that were named.

use crate::glue::{Branch, Glue, Shift, Through};
use crate::patch;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use stencil_table::{HoleKind, HoleRecord, HoleSort, StencilRecord, Table};
use thiserror::Error;

/// Code to check, as it lies in memory.
#[derive(Debug, Clone, Copy)]
pub struct CodeView<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The address of the first one.
    pub address: u64,
    /// The address of the table's constant pool; 0 when it has none.
    pub pool: u64,
    /// The addresses that may be called besides functions in the code itself.
    pub callees: &'a [u64],
    /// The addresses of the data slots that may be called and jumped through.
    pub slots: &'a [u64],
}

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// How many pieces the shortest reading has.
    pub pieces: usize,
    /// How many positions are boundaries.
    pub boundaries: usize,
}

/// Why code is not what the assembler should have made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CheckError {
    /// No reading gets past a position.
    #[error("no stencil of the table continues the code at byte {at}; it was damaged or stitched from another table")]
    NoReading {
        /// The furthest position that a reading reaches.
        at: usize,
    },
    /// A hole has a value that the assembler would have refused.
    #[error("the hole at byte {at} has the value {value:#x}, which does not point to {wanted}")]
    BadHole {
        /// Where the hole is.
        at: usize,
        /// What it points to.
        value: u64,
        /// What it should point to.
        wanted: &'static str,
    },
}

/// One way to read a piece at a position.
struct Piece<'t> {
    code: Cow<'t, [u8]>,
    holes: Vec<HoleRecord>,
}

/// Checks code against the table it was stitched from.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(table: &Table<'_>, code: CodeView<'_>) -> Result<Checked, CheckError> {
    let pieces = pieces(table, code.slots);
    let mut readings = Readings::of(&pieces, code.bytes);
    let mut fault = None;
    loop {
        let boundary = readings.boundaries(&pieces);
        if !boundary[0] {
            return Err(fault.unwrap_or_else(|| CheckError::NoReading { at: readings.furthest(&pieces) }));
        }
        // A piece with a bad hole is part of no reading, and without it there may be fewer boundaries.
        let mut dropped = false;
        for at in 0..code.bytes.len() {
            readings.starting[at].retain(|piece| {
                let mut holes = pieces.all[*piece].holes.iter();
                let checked =
                    holes.try_for_each(|hole| check_hole(table, code, at + usize::from(hole.offset), hole, &boundary));
                if let Err(error) = checked {
                    dropped = true;
                    fault.get_or_insert(error);
                    return false;
                }
                true
            });
        }
        if !dropped {
            let boundaries = boundary.iter().filter(|boundary| **boundary).count();
            return Ok(Checked { pieces: readings.shortest(&pieces), boundaries });
        }
    }
}

/// All ways to read code.
struct Readings {
    /// By position, the pieces that may start there.
    starting: Vec<Vec<usize>>,
}

impl Readings {
    /// Every piece at every position that pieces before it lead to.
    fn of(pieces: &Pieces<'_>, bytes: &[u8]) -> Self {
        let mut starting = vec![Vec::new(); bytes.len()];
        let mut reached = vec![false; bytes.len() + 1];
        reached[0] = true;
        for at in 0..bytes.len() {
            if reached[at] {
                starting[at] = pieces.matching(&bytes[at..]);
                starting[at].iter().for_each(|piece| reached[at + pieces.len(*piece)] = true);
            }
        }
        Self { starting }
    }

    /// Which positions lie between two pieces, or at an end, of a reading of the whole code. When there is none, the
    /// start is no such position.
    fn boundaries(&self, pieces: &Pieces<'_>) -> Vec<bool> {
        let end = self.starting.len();
        let mut leads_to_end = vec![false; end + 1];
        leads_to_end[end] = true;
        for at in (0..end).rev() {
            leads_to_end[at] = self.starting[at].iter().any(|piece| leads_to_end[at + pieces.len(*piece)]);
        }
        let mut boundary = vec![false; end + 1];
        boundary[0] = leads_to_end[0];
        for at in 0..end {
            if boundary[at] {
                let ends = self.starting[at].iter().map(|piece| at + pieces.len(*piece));
                ends.filter(|end| leads_to_end[*end]).for_each(|end| boundary[end] = true);
            }
        }
        boundary
    }

    /// How many pieces the shortest reading of the whole code has; there must be one.
    fn shortest(&self, pieces: &Pieces<'_>) -> usize {
        let mut counts: Vec<Option<usize>> = vec![None; self.starting.len() + 1];
        counts[0] = Some(0);
        for (at, starting) in self.starting.iter().enumerate() {
            let Some(count) = counts[at] else { continue };
            for piece in starting {
                let to = &mut counts[at + pieces.len(*piece)];
                *to = Some(to.map_or(count + 1, |other| other.min(count + 1)));
            }
        }
        counts.last().copied().flatten().unwrap_or_default()
    }

    /// The furthest position that pieces lead to.
    fn furthest(&self, pieces: &Pieces<'_>) -> usize {
        let starting = self.starting.iter().enumerate();
        let ends = starting.flat_map(|(at, starting)| starting.iter().map(move |piece| at + pieces.len(*piece)));
        ends.max().unwrap_or_default()
    }
}

/// All pieces.
struct Pieces<'t> {
    all: Vec<Piece<'t>>,
    /// Which pieces start with which byte.
    by_first: HashMap<u8, Vec<usize>>,
    /// Those that have a hole in their first byte.
    open: Vec<usize>,
}

fn pieces<'t>(table: &Table<'t>, slots: &[u64]) -> Pieces<'t> {
    let glue = Glue::of(table.info().architecture);
    let plain = |code: &'static [u8]| Piece { code: Cow::Borrowed(code), holes: Vec::new() };
    let branch = |branch: &'static Branch| Piece { holes: vec![branch.record()], ..plain(branch.code) };
    let mut all: Vec<_> = [glue.prologue, glue.epilogue, glue.rejoin].map(plain).into();
    all.extend(glue.landing_pad.map(plain));
    all.extend([&glue.jump, &glue.call, &glue.over].map(branch));
    all.extend(glue.veneers.iter().map(|veneer| branch(&veneer.jump)));
    let shift = |shift: &'static Shift| Piece { holes: vec![shift.record()], ..plain(shift.code) };
    all.extend(glue.far.iter().flat_map(|far| far.forward.iter().chain(&far.back)).map(shift));
    all.extend(glue.nops.iter().map(|nop| plain(nop)));
    all.extend(slots.iter().map(|slot| Piece { code: through(&glue.jump_through, *slot).into(), holes: Vec::new() }));
    let mut seen = HashSet::new();
    for stencil in table.stencils().iter().filter(|stencil| stencil.len != StencilRecord::PRUNED && stencil.len != 0) {
        // The bytes, not where they lie: plain stencils have theirs in their record.
        let code = table.code_of(stencil);
        if seen.insert((code, stencil.holes)) {
            let holes = table.holes_of(stencil).to_vec();
            all.extend(slots.iter().filter_map(|slot| called_through(code, &holes, glue, *slot)));
            all.push(Piece { code: Cow::Borrowed(code), holes });
        }
    }
    let mut pieces = Pieces { all, by_first: HashMap::new(), open: Vec::new() };
    for (index, piece) in pieces.all.iter().enumerate() {
        match piece.patched(0) {
            0 => pieces.by_first.entry(piece.code[0]).or_default().push(index),
            _ => pieces.open.push(index),
        }
    }
    pieces
}

/// The bytes that lead through a slot.
fn through(through: &Through, slot: u64) -> Vec<u8> {
    let mut code = through.code.to_vec();
    for (offset, kind) in through.holes {
        let fits = patch::value(*kind, &mut code[usize::from(*offset)..], slot);
        debug_assert!(fits.is_ok());
    }
    code
}

/// A stencil that ends with a call, with a call through a slot instead.
fn called_through(code: &[u8], holes: &[HoleRecord], glue: &Glue, slot: u64) -> Option<Piece<'static>> {
    let before = code.len().checked_sub(glue.call.code.len())?;
    let of_call = |hole: &HoleRecord| {
        hole.kind == glue.call.kind as u8 && usize::from(hole.offset) == before + usize::from(glue.call.hole)
    };
    let call = holes.iter().position(of_call)?;
    let mut holes = holes.to_vec();
    holes.remove(call);
    let code = [&code[..before], &through(&glue.call_through, slot)].concat();
    Some(Piece { code: code.into(), holes })
}

impl Pieces<'_> {
    /// How long a piece is.
    fn len(&self, piece: usize) -> usize {
        self.all[piece].code.len()
    }

    /// The pieces whose bytes, outside of their holes, are those at the start of `bytes`.
    fn matching(&self, bytes: &[u8]) -> Vec<usize> {
        let candidates = bytes.first().and_then(|first| self.by_first.get(first)).into_iter().flatten();
        let fits = |piece: &Piece<'_>| {
            let Some(bytes) = bytes.get(..piece.code.len()) else { return false };
            let differ = |at: usize| bytes[at] ^ piece.code[at];
            (0..bytes.len()).all(|at| differ(at) == 0 || differ(at) & !piece.patched(at) == 0)
        };
        candidates.chain(&self.open).copied().filter(|index| fits(&self.all[*index])).collect()
    }
}

impl Piece<'_> {
    /// Which bits of a byte belong to holes.
    fn patched(&self, at: usize) -> u8 {
        let of_hole = |hole: &HoleRecord| {
            let kind = HoleKind::from_byte(hole.kind).ok()?;
            let within = at.checked_sub(usize::from(hole.offset)).filter(|within| *within < kind.width())?;
            Some(patch::mask(kind)[within])
        };
        self.holes.iter().filter_map(of_hole).fold(0, |bits, hole| bits | hole)
    }
}

fn check_hole(
    table: &Table<'_>,
    code: CodeView<'_>,
    at: usize,
    hole: &HoleRecord,
    boundary: &[bool],
) -> Result<(), CheckError> {
    let Ok(kind) = HoleKind::from_byte(hole.kind) else { return Ok(()) };
    if kind.is_value() {
        // Any value that fits its bits is possible.
        return Ok(());
    }
    let Some(bytes) = code.bytes.get(at..at + kind.width()) else {
        return Err(CheckError::BadHole { at, value: 0, wanted: "a place inside the code" });
    };
    let from = code.address.wrapping_add(at as u64);
    if kind.sort() == HoleSort::Pool {
        return check_pool_hole(table, code, at, hole, kind);
    }
    let distance = patch::distance_in(kind, bytes).wrapping_sub(i64::from(hole.addend));
    let target = from.wrapping_add(distance as u64);
    let inside = target.checked_sub(code.address).and_then(|offset| boundary.get(offset as usize)) == Some(&true);
    let (good, wanted) = match kind.sort() {
        HoleSort::Value | HoleSort::Pool => (true, "a value"),
        HoleSort::Label => (inside, "the start of a stencil"),
        HoleSort::Callee => {
            (inside || code.callees.contains(&target), "the start of a stencil or a callee that was named")
        }
    };
    if good { Ok(()) } else { Err(CheckError::BadHole { at, value: target, wanted }) }
}

/// A pool hole holds what writing the way to its constant would.
fn check_pool_hole(
    table: &Table<'_>,
    code: CodeView<'_>,
    at: usize,
    hole: &HoleRecord,
    kind: HoleKind,
) -> Result<(), CheckError> {
    let bytes = &code.bytes[at..at + kind.width()];
    let mut expected = bytes.to_vec();
    let (from, addend) = (code.address.wrapping_add(at as u64), i64::from(hole.addend));
    let written = patch::constant(kind, &mut expected, from, code.pool.wrapping_add(addend as u64));
    // The addend holds the constant's offset besides what the field counts from.
    let inside = match kind {
        HoleKind::PoolRel32 => (0..table.pool().len() as i64).contains(&(addend + 4)),
        // Its pair's other half shows it.
        HoleKind::PoolLo12I => true,
        _ => (0..table.pool().len() as i64).contains(&addend),
    };
    if written.is_ok() && inside && *bytes == expected {
        return Ok(());
    }
    let value = u64::from(patch::word(bytes));
    Err(CheckError::BadHole { at, value, wanted: "the constant pool" })
}
