//! What is known of a program before any of its functions is compiled.

use super::flow::Shapes;
use super::passing::Passed;
use super::returns::{Kind, Kinds, Returns};
use super::shortcut::Shortcut;
use crate::code::Code;
use crate::frames::FrameLayout;
use crate::host;
use crate::outcome::Returned;
use crate::program::{Bank, Function, Program};
use crate::stencils::ops::Context;
use stencil_runtime::Given;

/// How callers and callees of a program deal with one another, whether they are compiled or not.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(super) returns: Returns,
    shapes: Box<[Shapes]>,
    passed: Box<[Passed]>,
    /// What callers ask for each function.
    pub(super) shortcuts: Box<[Option<Shortcut>]>,
    /// The most words of the frame stack that one frame needs, with what stands above it for a moment.
    pub(crate) largest_frame: usize,
    /// Whether the processor fuses multiply and add.
    pub(super) fuses: bool,
    /// Whether code may look at the heap.
    pub(crate) has_cells: bool,
}

impl Facts {
    /// Analyses a program.
    pub(crate) fn of(program: &Program, codes: &[Code]) -> Self {
        let largest = codes.iter().map(|code| code.layout.words()).max().unwrap_or_default();
        let functions = || program.functions.iter().zip(codes);
        let passed: Box<[Passed]> = functions().map(|(function, code)| Passed::of(function, code.layout)).collect();
        let shortcut = |(index, (function, code)): (usize, (&Function, _))| {
            Shortcut::of(index, code, &function.code, &passed[index])
        };
        let mut jumps = Vec::new();
        Self {
            shapes: functions().map(|(function, code)| Shapes::of(code, &function.code, &mut jumps)).collect(),
            returns: Returns::of(codes),
            shortcuts: functions().enumerate().map(shortcut).collect(),
            passed,
            // A tail call lays its arguments above both frames for a moment.
            largest_frame: largest + super::STAGED as usize,
            fuses: host::has_fma(),
            has_cells: codes.iter().any(|code| code.keeps_region || !code.layout.cells().is_empty()),
        }
    }

    /// What the ops of a function read, write and jump to.
    pub(super) fn shapes(&self, function: usize) -> &Shapes {
        &self.shapes[function]
    }

    /// Which registers the callers of a function set.
    pub(super) fn passed(&self, function: usize) -> &Passed {
        &self.passed[function]
    }

    /// How many of the first registers of a bank are passed to a function in machine registers, of which there are
    /// `registers`.
    pub(crate) fn in_registers(&self, function: usize, bank: Bank, registers: usize) -> usize {
        self.passed[function].dense(bank).min(registers)
    }

    /// Sets the registers of a frame that no caller sets to zero.
    pub(crate) fn zero_unset(&self, function: usize, layout: FrameLayout, frame: &mut [u64]) {
        self.passed[function].zero_others(layout, frame);
    }

    /// What a function can return.
    pub(crate) fn kinds(&self, function: usize) -> Kinds {
        self.returns.kinds(function)
    }

    /// What an entered function returned.
    #[inline(always)]
    pub(crate) fn returned(&self, function: usize, context: &Context, given: Given) -> Returned {
        self.returns.kinds(function).returned(context, given)
    }

    /// Tells compiled code what a function that it had interpreted returned: the bits, and a float as such too.
    pub(crate) fn show(returned: Returned, context: &Context) {
        context.returned.set(u64::from(Kind::of_value(returned).number()));
        context.int.set(returned.raw_bits().cast_signed());
        if let Returned::F64(float) = returned {
            context.float.set(float);
        }
    }
}
