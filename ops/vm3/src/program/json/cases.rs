//! Programs with their test cases.

use crate::program::{Arena, Bank, Cell, Program};

/// A program of a file, with its cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TestProgram {
    /// The program's name, unique in its file.
    pub name: String,
    /// What kind of edge the program tests; files of whole programs have none.
    pub group: Option<String>,
    /// The program.
    pub program: Program,
    /// The cases, in the order to run them.
    pub cases: Vec<Case>,
}

/// One run of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The arguments of the entry function.
    pub arguments: Vec<i64>,
    /// Whether to run on the machine of the case before; otherwise on a new one.
    pub reuse: bool,
    /// Whether to collect garbage first.
    pub collect_before: bool,
    /// Whether the case is one to time.
    pub bench: bool,
    /// How the run has to end.
    pub expect: Expectation,
}

/// How a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// With a return.
    Ok,
    /// With an error of the machine.
    Error,
    /// With an error of the machine's runtime.
    Panic,
    /// With a deopt.
    Deopt,
}

impl Status {
    /// The status as files spell it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Deopt => "deopt",
        }
    }
}

/// Where a run stopped without a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The name of the function.
    pub function: String,
    /// The position in its code.
    pub pc: usize,
    /// How many frames there were.
    pub depth: usize,
}

/// What a result names on the heap, or spells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A string's bytes.
    String(Vec<u8>),
    /// A list's elements.
    List(Vec<Cell>),
    /// A map.
    Map {
        /// The length of its table.
        table: usize,
        /// Keys and values, sorted by these; `None` when the file writes entries in a way that is not known.
        entries: Option<Vec<(Cell, Cell)>>,
    },
}

/// How a run has to end. What is `None` is not to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// How it ends.
    pub status: Status,
    /// The result as a cell.
    pub cell: Option<Cell>,
    /// The bank of the last return op.
    pub bank: Option<Bank>,
    /// The returned register.
    pub raw_bits: Option<u64>,
    /// What the result names.
    pub value: Option<Value>,
    /// The text of the error.
    pub error: Option<String>,
    /// Where it stops.
    pub stop: Option<Stop>,
    /// The target of the deopt.
    pub deopt: Option<u16>,
    /// Slots and live slots of each arena, in the order of [`Arena::ALL`].
    pub arenas: [(usize, usize); Arena::ALL.len()],
    /// Ops executed.
    pub ops: Option<u64>,
    /// The most frames at once.
    pub max_depth: Option<usize>,
}
