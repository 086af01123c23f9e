//! A function as instructions, each with the relocations in it and the way control goes on.

use super::Machine;
use crate::object::{Reference, Relocation};
use std::borrow::Cow;
use std::ops::Range;
use stencil_syntax::symbols::Symbol;

/// A decoded function.
pub(crate) struct Decoded<'a, M: Machine> {
    pub(crate) code: &'a [u8],
    pub(crate) relocations: Cow<'a, [Relocation]>,
    pub(crate) steps: Vec<Step<M>>,
}

/// One instruction, or several that are one to us.
pub(crate) struct Step<M: Machine> {
    /// Bytes from the start of the function.
    pub(crate) at: usize,
    /// Bytes.
    pub(crate) len: usize,
    pub(crate) instruction: M::Instruction,
    /// The relocations in it, as a range of the function's.
    pub(crate) relocations: Range<usize>,
    pub(crate) way: Way,
    /// Whether it reads or calls a place in its own code, or takes the address of one.
    pub(crate) own_code: bool,
    /// The step whose address its constant's place is counted from, when that is another one.
    pub(crate) base: Option<usize>,
}

/// How control goes on after an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// To the next instruction.
    Next,
    /// To another one, or also to the next when there is a condition.
    Branch { conditional: bool, to: To },
    /// To a function and back; `indirect` when a register or memory says to which.
    Call { indirect: bool },
    /// To the address that a return takes.
    Return,
    /// To an address that is computed.
    Computed,
    /// Nowhere.
    Trap,
}

/// Where a branch goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum To {
    /// To the instruction with this index.
    Step(usize),
    /// To the target of this relocation.
    Relocation(usize),
    /// Somewhere in the function where no instruction starts, or out of it.
    Nowhere,
}

impl<M: Machine> Step<M> {
    /// Where the next instruction starts.
    pub(crate) fn end(&self) -> usize {
        self.at + self.len
    }

    /// Whether control may go on to the next instruction.
    pub(crate) fn goes_on(&self) -> bool {
        match self.way {
            Way::Next | Way::Call { .. } => true,
            Way::Branch { conditional, .. } => conditional,
            Way::Return | Way::Computed | Way::Trap => false,
        }
    }
}

impl<M: Machine> Decoded<'_, M> {
    /// The function without what fills the space to the next one: formats whose symbols have no sizes count it in.
    pub(crate) fn without_padding(mut self) -> Self {
        let is_last = |step: &Step<M>| !M::is_padding(step);
        if let Some(last) = self.steps.iter().rposition(is_last)
            && !self.steps[last].goes_on()
        {
            self.steps.truncate(last + 1);
        }
        self
    }

    /// The symbol of the expansion that a branch goes to.
    pub(crate) fn symbol(&self, to: To) -> Option<Symbol> {
        match to {
            To::Relocation(index) => match self.relocations[index].target {
                Reference::Symbol(symbol) => Some(symbol),
                _ => None,
            },
            To::Step(_) | To::Nowhere => None,
        }
    }
}

/// The range of relocations, which are sorted, that start before `end`; those before `first` are not looked at.
pub(crate) fn relocations_until(relocations: &[Relocation], first: usize, end: usize) -> Range<usize> {
    let count = relocations[first..].iter().take_while(|relocation| relocation.offset < end).count();
    first..first + count
}

/// The step that a branch to an offset of the function goes to.
pub(crate) fn step_at<M: Machine>(steps: &[Step<M>], offset: Option<usize>) -> To {
    let found = offset.and_then(|offset| steps.binary_search_by_key(&offset, |step| step.at).ok());
    found.map_or(To::Nowhere, To::Step)
}
