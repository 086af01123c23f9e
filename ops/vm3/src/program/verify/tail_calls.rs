//! What a frame can turn into by tail calls: which return ops can end it, and whether it needs a region of the heap.

use crate::program::{Bank, Function, Opcode, Program};

/// The return ops that can end a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Returns {
    /// `ReturnConstK`, which writes the i64 bank of its caller.
    pub(super) constant: bool,
    /// `ReturnCell`, which writes the cell bank of its caller.
    pub(super) cell: bool,
}

/// The facts about every function of a program.
#[derive(Debug)]
pub(super) struct TailCalls {
    returns: Vec<Returns>,
    keeps_region: Vec<bool>,
}

impl TailCalls {
    /// Analyses a program whose function indexes are all in range.
    pub(super) fn of(program: &Program) -> Self {
        let edges: Vec<Vec<usize>> = program.functions.iter().map(tail_callees).collect();
        Self { returns: returns(program, &edges), keeps_region: regions(program, &edges) }
    }

    pub(super) fn returns(&self, function: usize) -> Returns {
        self.returns[function]
    }

    pub(super) fn keeps_region(&self, function: usize) -> bool {
        self.keeps_region[function]
    }
}

/// The functions that `function` can turn into, each once.
fn tail_callees(function: &Function) -> Vec<usize> {
    let mut callees: Vec<usize> = function
        .code
        .iter()
        .filter(|op| matches!(op.opcode(), Some(Opcode::TailCallI64 | Opcode::TailCallMixed)))
        .map(|op| usize::from(op.index()))
        .collect();
    callees.sort_unstable();
    callees.dedup();
    callees
}

/// Carries each function's own return ops backwards over the tail calls.
fn returns(program: &Program, edges: &[Vec<usize>]) -> Vec<Returns> {
    let mut callers = vec![Vec::new(); edges.len()];
    for (caller, callees) in edges.iter().enumerate() {
        for callee in callees {
            callers[*callee].push(caller);
        }
    }
    let has = |function: &Function, wanted: Opcode| function.code.iter().any(|op| op.opcode() == Some(wanted));
    let mut reached: Vec<Returns> = program
        .functions
        .iter()
        .map(|function| Returns {
            constant: has(function, Opcode::ReturnConstK),
            cell: has(function, Opcode::ReturnCell) || function.host && function.result == Bank::Cell,
        })
        .collect();
    let mut pending: Vec<usize> = (0..edges.len()).collect();
    while let Some(function) = pending.pop() {
        let from = reached[function];
        for caller in &callers[function] {
            let into = &mut reached[*caller];
            let joined = Returns { constant: into.constant | from.constant, cell: into.cell | from.cell };
            if joined != *into {
                *into = joined;
                pending.push(*caller);
            }
        }
    }
    reached
}

/// Marks every function that is connected by tail calls, in either direction, with one that has cell registers and with
/// one that can allocate.
fn regions(program: &Program, edges: &[Vec<usize>]) -> Vec<bool> {
    let mut neighbours = vec![Vec::new(); edges.len()];
    for (caller, callees) in edges.iter().enumerate() {
        for callee in callees {
            neighbours[caller].push(*callee);
            neighbours[*callee].push(caller);
        }
    }
    let mut holds: Vec<bool> = program.functions.iter().map(|function| function.registers.cell > 0).collect();
    spread(&mut holds, &neighbours);
    let mut allocates = allocating(program);
    spread(&mut allocates, &neighbours);
    holds.into_iter().zip(allocates).map(|(holds, allocates)| holds && allocates).collect()
}

/// Marks every function in whose frame, or in a frame above it, something can be allocated.
fn allocating(program: &Program) -> Vec<bool> {
    let allocates = |function: &Function| {
        let allocators = [Opcode::ConcatStr, Opcode::NewList, Opcode::NewMap];
        function.host || function.code.iter().any(|op| op.opcode().is_some_and(|opcode| allocators.contains(&opcode)))
    };
    let mut marks: Vec<bool> = program.functions.iter().map(allocates).collect();
    let mut callers = vec![Vec::new(); marks.len()];
    for (caller, function) in program.functions.iter().enumerate() {
        for op in function.code.iter().filter(|op| op.opcode().is_some_and(Opcode::calls)) {
            callers[usize::from(op.index())].push(caller);
        }
    }
    spread(&mut marks, &callers);
    marks
}

/// Marks whatever can be reached over `edges` from what is marked.
fn spread(marks: &mut [bool], edges: &[Vec<usize>]) {
    let mut pending: Vec<usize> = (0..marks.len()).filter(|index| marks[*index]).collect();
    while let Some(function) = pending.pop() {
        for next in &edges[function] {
            if !std::mem::replace(&mut marks[*next], true) {
                pending.push(*next);
            }
        }
    }
}
