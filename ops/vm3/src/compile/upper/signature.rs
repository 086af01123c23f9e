//! How compiled functions are called.

use super::super::compiler::Unit;
use crate::frames::FrameLayout;
use crate::program::Bank;
use cranelift_codegen::ir::{AbiParam, Signature, Type, types};
use cranelift_codegen::isa::CallConv;

/// How many ints are passed as arguments. With the context and the frame they fit the argument registers of every
/// architecture, as the floats do: none is ever passed on the native stack.
pub(super) const INTS: usize = 4;
/// How many floats are.
pub(super) const FLOATS: usize = 8;

/// The registers of a function that are passed as arguments: the first ones of each bank that every caller sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arguments {
    layout: FrameLayout,
    ints: usize,
    floats: usize,
}

impl Arguments {
    /// Those of a function.
    pub(super) fn of(unit: Unit<'_>, function: usize) -> Self {
        let count = |bank, most| unit.facts.in_registers(function, bank, most);
        let layout = unit.codes[function].layout;
        Self { layout, ints: count(Bank::I64, INTS), floats: count(Bank::F64, FLOATS) }
    }

    /// Slot and type of each of them, in the order in which they are passed.
    pub(super) fn iter(self) -> impl Iterator<Item = (u32, Type)> {
        let slots = |bank, count| (self.layout.start(bank)..).take(count);
        let ints = slots(Bank::I64, self.ints).map(|slot| (slot, types::I64));
        ints.chain(slots(Bank::F64, self.floats).map(|slot| (slot, types::F64)))
    }

    /// How many ints and how many floats there are.
    pub(super) const fn counts(self) -> [usize; 2] {
        [self.ints, self.floats]
    }

    /// The position of a slot's register among them, if it is one.
    pub(super) fn position(self, slot: u32) -> Option<usize> {
        self.iter().position(|(argument, _)| argument == slot)
    }

    /// The signature of the function.
    pub(super) fn signature(self) -> Signature {
        signature(self.iter().map(|(_, kind)| kind))
    }
}

/// The signature with which any function can be called: what it does not take it does not look at.
pub(super) fn widest() -> Signature {
    signature([types::I64; INTS].into_iter().chain([types::F64; FLOATS]))
}

/// Takes the context and the frame, then these; gives a status and a result. Tail calls need their own convention.
fn signature(arguments: impl Iterator<Item = Type>) -> Signature {
    let mut signature = Signature::new(CallConv::Tail);
    let fixed = [types::I64; 2].into_iter();
    signature.params = fixed.chain(arguments).map(AbiParam::new).collect();
    signature.returns = [types::I64; 2].map(AbiParam::new).into();
    signature
}

/// The signature of a function of the host, in the convention of [`stencil_runtime::host_fn`].
pub(super) fn host(parameters: &[Type], results: &[Type]) -> Signature {
    let mut signature = Signature::new(CallConv::SystemV);
    signature.params = parameters.iter().copied().map(AbiParam::new).collect();
    signature.returns = results.iter().copied().map(AbiParam::new).collect();
    signature
}
