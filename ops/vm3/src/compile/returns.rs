//! What a function can return, and where a result lands.

use crate::code::{Code, Inst, Landing};
use crate::frames::FrameLayout;
use crate::outcome::Returned;
use crate::program::{Bank, Cell};
use crate::stencils::ops::Context;
use stencil_runtime::Given;

/// A kind of return op.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    I64 = 1,
    F64 = 2,
    Constant = 4,
    Cell = 8,
}

impl Kind {
    const ALL: [Self; 4] = [Self::I64, Self::F64, Self::Constant, Self::Cell];

    /// The number that compiled code tells it by.
    pub(super) const fn number(self) -> u32 {
        self as u32
    }

    const fn of(inst: Inst) -> Option<Self> {
        match inst {
            Inst::ReturnI64 { .. } | Inst::Host { result: Bank::I64 } => Some(Self::I64),
            Inst::ReturnF64 { .. } | Inst::Host { result: Bank::F64 } => Some(Self::F64),
            Inst::ReturnConst { .. } => Some(Self::Constant),
            Inst::ReturnCell { .. } | Inst::Host { result: Bank::Cell } => Some(Self::Cell),
            _ => None,
        }
    }

    /// The kind of return op that gave a value.
    pub(super) const fn of_value(returned: Returned) -> Self {
        match returned {
            Returned::I64(_) => Self::I64,
            Returned::F64(_) => Self::F64,
            Returned::Constant(_) => Self::Constant,
            Returned::Cell(_) => Self::Cell,
        }
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    const INT: Self = Self(Kind::I64 as u8);

    pub(super) fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.0 & *kind as u8 != 0)
    }

    const fn several(self) -> bool {
        self.0.count_ones() > 1
    }

    /// What an entered function that can return these returned.
    // Inlined, as all that leads here: a value handed on through memory takes longer than a short run.
    #[inline(always)]
    pub(crate) fn returned(self, context: &Context, given: Given) -> Returned {
        // What most functions return.
        if self == Self::INT {
            return Returned::I64(given.int.cast_signed());
        }
        // Where there is one kind only, nobody says which it is.
        let kind = if self.several() { context.returned.get() as u8 } else { self.0 };
        match kind {
            FLOAT => Returned::F64(given.float),
            CONSTANT => Returned::Constant(given.int.cast_signed()),
            CELL => Returned::Cell(Cell::from_bits(given.int)),
            _ => Returned::I64(given.int.cast_signed()),
        }
    }
}

/// What the functions of a program return.
#[derive(Debug)]
pub(super) struct Returns {
    kinds: Vec<Kinds>,
    marks: Vec<bool>,
}

impl Returns {
    /// Analyses a program.
    pub(super) fn of(codes: &[Code]) -> Self {
        let edges: Vec<Vec<usize>> = codes.iter().map(tail_callees).collect();
        let own = |code: &Code| {
            let kinds = code.insts.iter().filter_map(|inst| Kind::of(*inst));
            Kinds(kinds.fold(0, |set, kind| set | kind as u8))
        };
        let mut kinds: Vec<Kinds> = codes.iter().map(own).collect();
        let mut callers = vec![Vec::new(); codes.len()];
        for (caller, callees) in edges.iter().enumerate() {
            for callee in callees {
                callers[*callee].push(caller);
            }
        }
        // What a function returns, those that end with a tail call of it return too.
        let mut changed: Vec<usize> = (0..codes.len()).collect();
        while let Some(callee) = changed.pop() {
            for caller in &callers[callee] {
                let joined = Kinds(kinds[*caller].0 | kinds[callee].0);
                if joined != kinds[*caller] {
                    kinds[*caller] = joined;
                    changed.push(*caller);
                }
            }
        }
        // A return that ends one of several ways says which it is, and so do those it can be reached from by tail calls.
        let mut marks: Vec<bool> = kinds.iter().map(|kinds| kinds.several()).collect();
        let mut changed: Vec<usize> = (0..codes.len()).filter(|index| marks[*index]).collect();
        while let Some(caller) = changed.pop() {
            for callee in &edges[caller] {
                if !std::mem::replace(&mut marks[*callee], true) {
                    changed.push(*callee);
                }
            }
        }
        Self { kinds, marks }
    }

    /// The kinds of return that can end a frame of `function`.
    pub(super) fn kinds(&self, function: usize) -> Kinds {
        self.kinds[function]
    }

    /// Whether the returns of `function` say of which kind they are.
    pub(super) fn marks(&self, function: usize) -> bool {
        self.marks[function]
    }
}

const FLOAT: u8 = Kind::F64 as u8;
const CONSTANT: u8 = Kind::Constant as u8;
const CELL: u8 = Kind::Cell as u8;

fn tail_callees(code: &Code) -> Vec<usize> {
    let callees = code.insts.iter().filter_map(|inst| match inst {
        Inst::TailCallI64 { callee, .. } | Inst::TailCallMixed { callee, .. } => Some(usize::from(*callee)),
        _ => None,
    });
    let mut callees: Vec<usize> = callees.collect();
    callees.sort_unstable();
    callees.dedup();
    callees
}

/// Where a result lands, and what becomes of it on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Landed {
    /// An int, as it is.
    Int(u32),
    /// An int, converted.
    IntToFloat(u32),
    /// A float, as it is.
    Float(u32),
    /// A float, converted.
    FloatToInt(u32),
    /// A cell, as it is.
    Cell(u32),
    /// An int, boxed.
    IntToCell(u32),
    /// A float, boxed.
    FloatToCell(u32),
}

impl Landed {
    /// The slot.
    pub(super) const fn slot(self) -> u32 {
        match self {
            Self::Int(slot)
            | Self::IntToFloat(slot)
            | Self::Float(slot)
            | Self::FloatToInt(slot)
            | Self::Cell(slot)
            | Self::IntToCell(slot)
            | Self::FloatToCell(slot) => slot,
        }
    }
}

/// Where the result of a return of this kind lands, as [`Returned::landing`] says for values.
pub(super) fn landed(kind: Kind, landing: Landing, layout: FrameLayout) -> Landed {
    let slot = |bank| layout.slot(bank, landing.register);
    match (kind, landing.bank) {
        (Kind::I64, Bank::F64) => Landed::IntToFloat(slot(Bank::F64)),
        (Kind::I64, Bank::Cell) => Landed::IntToCell(slot(Bank::Cell)),
        (Kind::F64, Bank::I64) => Landed::FloatToInt(slot(Bank::I64)),
        (Kind::F64, Bank::F64) => Landed::Float(slot(Bank::F64)),
        (Kind::F64, Bank::Cell) => Landed::FloatToCell(slot(Bank::Cell)),
        (Kind::I64, Bank::I64) | (Kind::Constant, _) => Landed::Int(slot(Bank::I64)),
        (Kind::Cell, _) => Landed::Cell(slot(Bank::Cell)),
    }
}

/// Where every result of these kinds lands, if that is the same for all.
pub(super) fn landed_always(kinds: Kinds, landing: Landing, layout: FrameLayout) -> Option<Landed> {
    let mut all = kinds.iter().map(|kind| landed(kind, landing, layout));
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}
