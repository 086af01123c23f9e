//! Compiled code for people: which bytes stand for which op, which stencils they are, and where their holes are.

use std::ops::Range;
use stencil_runtime::{HoleKind, StencilRecord, Table};

/// A function's code, taken apart.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The index of the function.
    pub function: usize,
    /// The address of the first byte, of code that may be gone by now.
    pub address: u64,
    /// The code.
    pub bytes: Vec<u8>,
    /// What it consists of, in the order of the code.
    pub pieces: Vec<Piece>,
}

/// The code of one part of a function.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Which part of it this is.
    pub part: Part,
    /// Its bytes.
    pub range: Range<usize>,
    /// The stencils in it, in order.
    pub stencils: Vec<Stencil>,
}

/// A part of a compiled function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The way in for calls.
    Entry,
    /// The op at this position.
    Op(usize),
    /// The way out to the interpreter at this position.
    Exit(usize),
    /// The way in for the host to the loop that starts at this position.
    Loop(usize),
    /// The way to the host, and back, of the op at this position.
    Slow(usize),
    /// The way to the host, and back, of a return that ends a region.
    Release,
}

/// The bits of a tag that are the position.
const PC_BITS: u32 = 16;

impl Part {
    /// The position of the op that the code belongs to, if it belongs to one.
    #[must_use]
    pub const fn pc(self) -> Option<usize> {
        match self {
            Self::Entry => Some(0),
            Self::Op(pc) | Self::Exit(pc) | Self::Loop(pc) | Self::Slow(pc) => Some(pc),
            Self::Release => None,
        }
    }

    /// The tag that marks the part in compiled code. Positions have 16 bits, as the verifier has checked.
    pub(crate) const fn tag(self) -> u32 {
        let (sort, pc) = match self {
            Self::Op(pc) => (0, pc),
            Self::Exit(pc) => (1, pc),
            Self::Loop(pc) => (2, pc),
            Self::Slow(pc) => (3, pc),
            Self::Entry => (4, 0),
            Self::Release => (5, 0),
        };
        sort << PC_BITS | pc as u32
    }

    /// The part that [`Part::tag`] was called for.
    pub(crate) const fn of_tag(tag: u32) -> Self {
        let pc = (tag & ((1 << PC_BITS) - 1)) as usize;
        match tag >> PC_BITS {
            0 => Self::Op(pc),
            1 => Self::Exit(pc),
            2 => Self::Loop(pc),
            3 => Self::Slow(pc),
            4 => Self::Entry,
            _ => Self::Release,
        }
    }
}

/// One stencil, or a jump or prologue of the assembler's own.
#[derive(Clone, Debug)]
pub struct Stencil {
    /// The name of the op in the op set; `jump` and `prologue` for the assembler's own.
    pub op: &'static str,
    /// Its bytes.
    pub range: Range<usize>,
    /// The bytes that were patched. Not known for an op that was reached by moves.
    pub holes: Vec<Range<usize>>,
}

/// What a piece of code is.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Part(Part),
    Stencil(&'static str),
}

/// What starts at a position of a section.
#[derive(Clone, Copy, Debug)]
struct Note {
    cold: bool,
    at: usize,
    what: What,
}

/// What was told while a function was emitted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    /// Bytes of cold code before the piece that is being written, if one is.
    cold: usize,
    /// All bytes when that piece was begun.
    cold_from: Option<usize>,
}

impl Notes {
    /// Adds one, at a time when there are `length` bytes.
    pub(super) fn add(&mut self, length: usize, what: What) {
        let (cold, at) = match self.cold_from {
            Some(from) => (true, self.cold + length - from),
            None => (false, length - self.cold),
        };
        self.notes.push(Note { cold, at, what });
    }

    /// What comes now is cold.
    pub(super) fn begin_cold(&mut self, length: usize) {
        self.cold_from = Some(length);
    }

    /// What comes now is hot again.
    pub(super) fn end_cold(&mut self, length: usize) {
        if let Some(from) = self.cold_from.take() {
            self.cold += length - from;
        }
    }
}

impl Listing {
    /// Takes a function's code apart by the notes that were made while it was emitted.
    pub(super) fn new(function: usize, notes: &Notes, table: &Table<'_>, address: u64, bytes: &[u8]) -> Self {
        let hot = bytes.len() - notes.cold;
        let start = |note: &Note| if note.cold { hot + note.at } else { note.at };
        let mut notes: Vec<(usize, What)> = notes.notes.iter().map(|note| (start(note), note.what)).collect();
        // Stable: what starts at the same position was told from the outside in.
        notes.sort_by_key(|(start, _)| *start);
        let ends = notes.iter().skip(1).map(|(start, _)| *start).chain([bytes.len()]);
        let mut pieces: Vec<Piece> = Vec::new();
        for ((start, what), end) in notes.iter().zip(ends) {
            match *what {
                What::Part(part) => pieces.push(Piece { part, range: *start..end, stencils: Vec::new() }),
                What::Stencil(op) => {
                    let Some(piece) = pieces.last_mut() else { continue };
                    piece.range.end = end;
                    let holes = holes(table, op, *start, &bytes[*start..end]);
                    piece.stencils.push(Stencil { op, range: *start..end, holes });
                }
            }
        }
        Self { function, address, bytes: bytes.to_vec(), pieces }
    }
}

/// The holes of the stencil of `op` that these bytes are, which start at `start`.
fn holes(table: &Table<'_>, op: &str, start: usize, bytes: &[u8]) -> Vec<Range<usize>> {
    let Some(record) = table.ops().iter().find(|record| table.text(record.name) == op) else { return Vec::new() };
    let variants = table.variants_of(record).iter().filter(|stencil| usize::from(stencil.len) == bytes.len());
    let ranges = |stencil: &StencilRecord| -> Vec<Range<usize>> {
        let holes = table.holes_of(stencil).iter().filter_map(|hole| {
            let from = usize::from(hole.offset);
            Some(from..from + HoleKind::from_byte(hole.kind).ok()?.width())
        });
        holes.collect()
    };
    let found = variants.into_iter().find_map(|stencil| {
        let ranges = ranges(stencil);
        let code = table.code_of(stencil).iter().zip(bytes).enumerate();
        let same = code
            .into_iter()
            .all(|(at, (expected, found))| expected == found || ranges.iter().any(|range| range.contains(&at)));
        same.then_some(ranges)
    });
    let ranges = found.unwrap_or_default().into_iter();
    ranges.map(|range| start + range.start..start + range.end).collect()
}
