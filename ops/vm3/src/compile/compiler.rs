//! One function, from its decoded form to published code.

use super::emitter::Emitter;
use super::facts::Facts;
use super::function::{Found, Function, Pending, Tools, landing};
use super::known::Known;
use super::listing::{Listing, Notes};
use super::liveness::Liveness;
use super::opcodes::Stencils;
use super::pins::{Homes, Pins, Registers};
use super::space::{CompileError, Space, is_heard};
use super::usage::Usages;
use crate::code::Code;
use crate::program::{Program, Verified};
use crate::stencils::ops::Machine;
use std::sync::Arc;
use stencil_runtime::{Code as Published, EntryAddress, EntrySlots, Origin, StitchError};

/// The slot that calls of a function go through.
pub(crate) const fn call_slot(function: usize) -> usize {
    2 * function
}

/// The slot that tail calls of a function go through.
pub(crate) const fn body_slot(function: usize) -> usize {
    2 * function + 1
}

/// What a function is compiled against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unit<'u> {
    pub(crate) program: &'u Program,
    /// The same, for whoever finds the code by its address.
    pub(crate) guest: &'u Arc<Guest>,
    pub(crate) codes: &'u [Code],
    pub(crate) facts: &'u Facts,
    /// Where every function of the program is gone into, see [`call_slot`] and [`body_slot`].
    pub(crate) slots: &'u Arc<EntrySlots>,
    pub(crate) space: &'u Space,
    /// Whether the code takes fuel for the ops that it executes.
    pub(crate) metered: bool,
    /// Where the code asks whether to leave.
    #[cfg(test)]
    pub(crate) asks: crate::native::Asks,
}

/// A compiled function.
#[derive(Debug)]
pub(crate) struct FunctionCode {
    code: Published<Machine>,
    /// Which loop starts at which exported label, in ascending order.
    loops: Arc<[u32]>,
    /// Where the pinned registers live.
    homes: Homes,
}

/// What compiled code is known to come from.
#[derive(Debug)]
pub(crate) struct Guest {
    pub(crate) program: Verified,
    /// Where the pinned registers of the function live, if somebody wants to see them.
    pub(crate) homes: Option<Homes>,
}

impl Unit<'_> {
    /// Where code of a function comes from, which has these pinned registers.
    pub(crate) fn origin(&self, function: usize, homes: Option<&Homes>) -> Origin {
        let known = homes.filter(|_| is_heard());
        let unit = match known {
            Some(homes) => Arc::new(Guest { program: self.guest.program.clone(), homes: Some(*homes) }),
            None => Arc::clone(self.guest),
        };
        Origin { unit, function: function as u32 }
    }
}

impl FunctionCode {
    /// The code.
    pub(crate) fn code(&self) -> &Published<Machine> {
        &self.code
    }

    /// Where calls go.
    pub(crate) fn call(&self) -> EntryAddress {
        self.code.start()
    }

    /// Where tail calls go.
    pub(crate) fn body(&self) -> EntryAddress {
        // The first export.
        self.code.entry(0).unwrap_or_else(|| self.code.start())
    }

    /// The offset at which the host enters a loop that starts at `pc`, with all pinned registers in place.
    pub(crate) fn loop_entry(&self, pc: usize) -> Option<u32> {
        let index = self.loops.binary_search(&(pc as u32)).ok()?;
        self.code.entry_offset(1 + index)
    }

    /// Where the pinned registers live.
    pub(crate) fn homes(&self) -> &Homes {
        &self.homes
    }
}

/// Compiles one function after another, in buffers that it keeps.
#[derive(Debug)]
pub(crate) struct Compiler {
    emitter: Emitter<'static>,
    registers: Registers,
    stencils: Stencils,
    usages: Usages,
    pins: Pins,
    live: Liveness,
    pending: Pending,
    known: Known,
}

impl Compiler {
    /// A compiler that uses the stencils of `space`.
    pub(crate) fn new(space: &Space) -> Self {
        Self {
            emitter: Emitter::new(space.assembler()),
            registers: space.registers(),
            stencils: Stencils::of(space.table()),
            usages: Usages::default(),
            pins: Pins::default(),
            live: Liveness::default(),
            pending: Pending::default(),
            known: Known::default(),
        }
    }

    /// Compiles a function.
    ///
    /// # Errors
    /// When something does not fit, or there is no room for the code.
    pub(crate) fn compile(&mut self, unit: Unit<'_>, function: usize) -> Result<FunctionCode, CompileError> {
        if let Err(error) = self.emit(unit, function) {
            self.emitter.asm.clear();
            return Err(error.into());
        }
        let homes = self.pins.homes();
        self.emitter.asm.set_origin(unit.origin(function, Some(&homes)));
        let code = unit.space.publish(&mut self.emitter.asm)?;
        Ok(FunctionCode { code, loops: Arc::clone(&unit.facts.shapes(function).loops), homes })
    }

    /// The code that [`Compiler::compile`] would make, taken apart.
    ///
    /// # Errors
    /// As there.
    pub(crate) fn list(&mut self, unit: Unit<'_>, function: usize) -> Result<Listing, CompileError> {
        self.emitter.notes = Some(Notes::default());
        let emitted = self.emit(unit, function);
        let notes = self.emitter.notes.take().unwrap_or_default();
        if let Err(error) = emitted {
            self.emitter.asm.clear();
            return Err(error.into());
        }
        let code = unit.space.publish(&mut self.emitter.asm)?;
        Ok(Listing::new(function, &notes, unit.space.table(), code.address(), code.bytes()))
    }

    fn emit(&mut self, unit: Unit<'_>, function: usize) -> Result<(), StitchError> {
        let code = &unit.codes[function];
        let Self { emitter, registers, stencils, usages, pins, live, pending, known } = self;
        let registers = *registers;
        let shapes = unit.facts.shapes(function);
        usages.count(code, shapes);
        known.find(code, shapes, usages);
        let in_registers = |bank, registers| unit.facts.in_registers(function, bank, registers);
        pins.choose(code, usages, registers, in_registers);
        known.begin(code, pins);
        live.find(code, shapes, pins, |pc| landing(unit, code, pins, pc));
        let tools = Tools { registers, stencils, emitter, pending, known };
        Function::new(unit, function, tools, Found { shapes, usages, pins, live }).compile();
        self.emitter.asm.error().map_or(Ok(()), |error| Err(error.clone()))
    }
}
