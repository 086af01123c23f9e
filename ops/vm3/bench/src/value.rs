//! What runs give, so that a program's result and its counterpart's can be compared.

use thiserror::Error;
use vm3::heap::HeapError;
use vm3::program::{Arena, Cell, CellKind};
use vm3::{Deopt, Outcome, Returned, Vm};

/// A result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// An int.
    Int(i64),
    /// The bits of a float.
    Float(u64),
    /// A list of ints.
    List(Vec<i64>),
    /// A map's keys and values, by key.
    Map(Vec<(i64, i64)>),
    /// A string.
    Text(Vec<u8>),
}

/// A result that no counterpart gives.
#[derive(Debug, Error)]
pub enum ValueError {
    /// The run ended in a deopt.
    #[error("the run left by a deopt to {target}; give it arguments for which it returns", target = .0.target)]
    Deopt(Deopt),
    /// The result is of a kind that programs do not return.
    #[error("the result is {0:?}; a program to time returns an int, a float, a string, a list or a map")]
    Kind(CellKind),
    /// The result names nothing on the heap.
    #[error("the result names nothing on the heap")]
    Heap(#[from] HeapError),
}

impl Value {
    /// What a run on `vm` gave.
    ///
    /// # Errors
    /// When it gave no value.
    pub fn of(outcome: Outcome, vm: &Vm) -> Result<Self, ValueError> {
        match outcome {
            Outcome::Returned(Returned::I64(int) | Returned::Constant(int)) => Ok(Self::Int(int)),
            Outcome::Returned(Returned::F64(float)) => Ok(Self::Float(float.to_bits())),
            Outcome::Returned(Returned::Cell(cell)) => Self::of_cell(cell, vm),
            Outcome::Deopt(deopt) => Err(ValueError::Deopt(deopt)),
        }
    }

    fn of_cell(cell: Cell, vm: &Vm) -> Result<Self, ValueError> {
        let heap = vm.heap();
        if let Some(text) = cell.as_inline_string() {
            return Ok(Self::Text(text.as_bytes().to_vec()));
        }
        if cell.is_handle_of(Arena::String) {
            return Ok(Self::Text(heap.arena_string(cell)?.to_vec()));
        }
        if cell.is_handle_of(Arena::List) {
            return Ok(Self::List(heap.list(cell)?.iter().map(|element| element.as_int()).collect()));
        }
        if cell.is_handle_of(Arena::Map) {
            let (_, entries) = heap.map(cell)?;
            let mut sorted: Vec<_> = entries.map(|entry| (entry.key.as_int(), entry.value.as_int())).collect();
            sorted.sort_unstable();
            return Ok(Self::Map(sorted));
        }
        Err(ValueError::Kind(cell.kind()))
    }
}
