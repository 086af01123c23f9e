//! Taking stencils out of objects: what all architectures share. Each has a folder of its own for what it alone knows:
//! its instructions, its relocations, its stack, its branches.
//!
//! | step | module |
//! |---|---|
//! | decode the function | `decoded`, the architecture's `decode` |
//! | gates on what it refers to | `reference`, the architecture's `relocation` |
//! | gates on its ways out | `flow` |
//! | gates on the stack | `stack`, the architecture's `stack` |
//! | shorten the ways out | `rewrite` |
//! | back to bytes, with holes | `program`, the architecture's `branch` |

mod decoded;
mod flow;
mod program;
mod reference;
mod rewrite;
mod stack;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use decoded::{Decoded, Step, To, Way, relocations_until, step_at};
pub(crate) use program::{Extracted, Piece, Program, Target};
pub(crate) use reference::Misplaced;
#[cfg(test)]
pub(crate) use rewrite::rewrite;
pub(crate) use stack::{Frame, Stack};

use crate::arch::Context;
use crate::fault::Fault;
use crate::object::{Function, Relocation};
use crate::pool::Pool;
use std::fmt::Debug;
use stencil_syntax::symbols::{Form, Symbol};
use stencil_table::{Convention, Hole, HoleKind};

/// What is an architecture's own about taking a stencil.
pub(crate) trait Machine: Sized {
    /// A decoded instruction, as far as the architecture's own gates look at it.
    type Instruction;
    /// What a branch depends on.
    type Condition: Copy + Eq + Debug;

    /// Decodes a function.
    fn decode(function: &Function) -> Result<Decoded<'_, Self>, Fault>;

    /// The kind of hole that a symbol of this form becomes in the field of a relocation.
    fn hole(form: Form, relocation: &Relocation, step: &Step<Self>) -> Result<HoleKind, Misplaced>;

    /// The kind of hole that a reference to a constant becomes, and what the field counts from: bytes behind its own
    /// start that the relocation's addend leaves out.
    fn constant(relocation: &Relocation, step: &Step<Self>) -> Result<(HoleKind, i64), Misplaced>;

    /// How many bytes an instruction reads at the place that its operand in memory names; `None` when it only takes the
    /// address, or part of it.
    fn reads(step: &Step<Self>) -> Option<usize>;

    /// The name of a kind of relocation.
    fn name(kind: u32) -> Option<&'static str>;

    /// The stack after an instruction; adds what is wrong with its accesses.
    fn follow(step: &Step<Self>, stack: Stack, faults: &mut Vec<Fault>) -> Result<Stack, Fault>;

    /// Whether an instruction only fills the space before a place that is aligned.
    fn is_padding(step: &Step<Self>) -> bool;

    /// What a conditional branch depends on.
    fn condition(step: &Step<Self>) -> Result<Self::Condition, Fault>;

    /// The condition that holds when this one does not.
    fn inverted(condition: Self::Condition) -> Self::Condition;

    /// The instructions for `ret!`, `leave!` and, with a hole for this value, `call!`.
    fn special(way: Special, convention: Convention) -> (Vec<u8>, Vec<Hole>);

    /// The lengths of a branch inside the stencil in its short and its long form.
    fn lengths(condition: Option<Self::Condition>) -> (usize, usize);

    /// Whether the short form reaches a place at this distance from the branch's start.
    fn reaches(condition: Option<Self::Condition>, distance: i64) -> bool;

    /// A branch of one of those lengths to a place at this distance from its start, which it reaches.
    fn branch(condition: Option<Self::Condition>, length: usize, distance: i64) -> Vec<u8>;

    /// A branch to a label, and its hole.
    fn label(condition: Option<Self::Condition>, value: u8) -> (Vec<u8>, Hole);
}

/// A way out that is an instruction of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// `ret!`
    Return,
    /// `leave!`
    Leave,
    /// `call!` of the op's value with this number.
    Call(u8),
}

impl Special {
    /// The way out behind a symbol.
    fn of(symbol: Symbol) -> Option<Self> {
        match symbol {
            Symbol::Return => Some(Self::Return),
            Symbol::Leave => Some(Self::Leave),
            Symbol::Hole { form: Form::Callee, value } => Some(Self::Call(u8::try_from(value).ok()?)),
            _ => None,
        }
    }
}

/// How many branches of code whose instructions all have 4 bytes lead to its end; `distance` is how far an instruction
/// branches from its start, if it is a branch.
pub(crate) fn branches_to_end(code: &[u8], distance: impl Fn(u32) -> Option<i64>) -> usize {
    let words = code.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    // A hole is zero, which is a branch to itself.
    let leads_there = |(index, word): &(usize, u32)| {
        distance(*word).is_some_and(|distance| *index as i64 * 4 + distance == code.len() as i64)
    };
    words.enumerate().filter(leads_there).count()
}

/// Checks a compiled stencil and makes it ready for the table.
pub(crate) fn take<M: Machine>(
    function: &Function,
    context: &Context<'_>,
    pool: &mut Pool,
) -> Result<Extracted, Vec<Fault>> {
    let one = |fault| vec![fault];
    let decoded = M::decode(function).map_err(one)?.without_padding();
    let mut faults = reference::check(&decoded, context);
    if faults.iter().any(Fault::is_call) {
        faults.retain(Fault::is_call);
    } else {
        faults.extend(flow::check(&decoded, context));
        // The stack can be followed only where the ways are known.
        if faults.is_empty() {
            faults.extend(stack::check(&decoded, context));
        }
    }
    if !faults.is_empty() {
        faults.sort();
        faults.dedup();
        return Err(faults);
    }
    let mut program = Program::<M>::of_function(&decoded, context, pool).map_err(one)?;
    rewrite::rewrite(&mut program, context.key.convention);
    program.assemble().map_err(one)
}
