//! An independent check of stitched code: re-reads the bytes and proves that they are a sequence of stencils of the
//! table, glue between them, and holes whose values are possible.
//!
//! It shares nothing with the assembler but the table's records and is slow on purpose: it tries every stencil at every
//! place. Stencils can be ambiguous (one may be a prefix of another), so what is proved is this:
//!
//! 1. There is a way to read the whole code as stencils and glue, one after the other. A *boundary* is a position that
//!    lies between two pieces on some such reading.
//! 2. On every such reading each branch hole points to a boundary, each pool hole into the pool, and each hole of a
//!    published callee to an address that was named as one.

use crate::glue::Glue;
use std::collections::HashMap;
use stencil_table::{HoleKind, HoleRecord, StencilRecord, Table};
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
    len: usize,
    code: &'t [u8],
    holes: Vec<HoleRecord>,
}

/// Checks code against the table it was stitched from.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(table: &Table<'_>, code: CodeView<'_>) -> Result<Checked, CheckError> {
    let pieces = pieces(table);
    let end = code.bytes.len();
    // Forward: how many pieces the shortest reading up to each position has.
    let mut shortest: Vec<Option<usize>> = vec![None; end + 1];
    let mut readings: Vec<Vec<usize>> = vec![Vec::new(); end + 1];
    shortest[0] = Some(0);
    for at in 0..end {
        let Some(count) = shortest[at] else { continue };
        readings[at] = matching(&pieces, &code.bytes[at..]);
        for &piece in &readings[at] {
            let to = &mut shortest[at + pieces.all[piece].len];
            *to = Some(to.map_or(count + 1, |other| other.min(count + 1)));
        }
    }
    let Some(count) = shortest[end] else {
        let at = shortest.iter().rposition(Option::is_some).unwrap_or_default();
        return Err(CheckError::NoReading { at });
    };
    // Backward: which positions lie on a reading that reaches the end.
    let mut boundary = vec![false; end + 1];
    boundary[end] = true;
    for at in (0..end).rev() {
        readings[at].retain(|piece| boundary[at + pieces.all[*piece].len]);
        boundary[at] = !readings[at].is_empty();
    }
    for (at, reading) in readings.iter().enumerate() {
        for piece in reading {
            for hole in &pieces.all[*piece].holes {
                check_hole(table, code, at + usize::from(hole.offset), hole, &boundary)?;
            }
        }
    }
    Ok(Checked { pieces: count, boundaries: boundary.iter().filter(|boundary| **boundary).count() })
}

/// All pieces, and which of them start with which byte.
struct Pieces<'t> {
    all: Vec<Piece<'t>>,
    by_first: HashMap<u8, Vec<usize>>,
}

fn pieces<'t>(table: &Table<'t>) -> Pieces<'t> {
    let glue = Glue::of(table.info().architecture);
    let jump = HoleRecord {
        offset: glue.jump_hole as u16,
        kind: HoleKind::LabelRel32 as u8,
        value: 0,
        addend: glue.jump_addend,
    };
    let mut all = vec![
        Piece { len: glue.prologue.len(), code: glue.prologue, holes: Vec::new() },
        Piece { len: glue.epilogue.len(), code: glue.epilogue, holes: Vec::new() },
        Piece { len: glue.jump.len(), code: glue.jump, holes: vec![jump] },
    ];
    let mut seen = HashMap::new();
    let present = table.stencils().iter().filter(|stencil| stencil.len != StencilRecord::PRUNED && stencil.len != 0);
    for stencil in present {
        if seen.insert((stencil.code, stencil.len, stencil.holes), ()).is_none() {
            let code = table.code_of(stencil);
            all.push(Piece { len: code.len(), code, holes: table.holes_of(stencil).to_vec() });
        }
    }
    let mut by_first: HashMap<u8, Vec<usize>> = HashMap::new();
    for (index, piece) in all.iter().enumerate() {
        by_first.entry(piece.code[0]).or_default().push(index);
    }
    Pieces { all, by_first }
}

/// The pieces whose bytes, outside of their holes, are those at the start of `bytes`.
fn matching(pieces: &Pieces<'_>, bytes: &[u8]) -> Vec<usize> {
    let Some(candidates) = bytes.first().and_then(|first| pieces.by_first.get(first)) else { return Vec::new() };
    let fits = |piece: &Piece<'_>| {
        let Some(bytes) = bytes.get(..piece.len) else { return false };
        let in_hole = |at: usize| {
            piece.holes.iter().any(|hole| {
                let width = HoleKind::from_byte(hole.kind).map_or(0, HoleKind::width);
                (usize::from(hole.offset)..usize::from(hole.offset) + width).contains(&at)
            })
        };
        bytes.iter().zip(piece.code).enumerate().all(|(at, (actual, expected))| actual == expected || in_hole(at))
    };
    candidates.iter().copied().filter(|index| fits(&pieces.all[*index])).collect()
}

fn check_hole(
    table: &Table<'_>,
    code: CodeView<'_>,
    at: usize,
    hole: &HoleRecord,
    boundary: &[bool],
) -> Result<(), CheckError> {
    let Some(bytes) = code.bytes.get(at..at + 4).and_then(|bytes| bytes.first_chunk::<4>()) else {
        return Err(CheckError::BadHole { at, value: 0, wanted: "a place inside the code" });
    };
    let distance = i64::from(i32::from_le_bytes(*bytes));
    let target = code.address.wrapping_add(at as u64).wrapping_add((distance - i64::from(hole.addend)) as u64);
    let inside = target.checked_sub(code.address).and_then(|offset| boundary.get(offset as usize)).copied();
    let bad = |wanted| Err(CheckError::BadHole { at, value: target, wanted });
    match HoleKind::from_byte(hole.kind) {
        Ok(HoleKind::LabelRel32) if inside != Some(true) => bad("the start of a stencil"),
        Ok(HoleKind::CalleeRel32) if inside != Some(true) && !code.callees.contains(&target) => {
            bad("the start of a stencil or a callee that was named")
        }
        Ok(HoleKind::PoolRel32) => {
            // The addend holds the constant's offset, so what was patched is the pool itself.
            let constant = i64::from(hole.addend) + 4;
            let known = (0..table.pool().len() as i64).contains(&constant);
            if target == code.pool && known { Ok(()) } else { bad("the constant pool") }
        }
        // Any value that fits its bytes is possible.
        _ => Ok(()),
    }
}
