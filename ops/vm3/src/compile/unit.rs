//! A program, from decoded functions to published code.

use super::emitter::Emitter;
use super::function::Function;
use super::listing::Listing;
use super::passing::Passed;
use super::pins::{Pins, Registers};
use super::returns::Returns;
use super::space::{self, CompileError};
use super::usage::Usages;
use crate::code::Code;
use crate::host;
use crate::outcome::Returned;
use crate::program::{MAX_MIXED, Program, Verified};
use crate::stencils::ops::{Context, Machine};
use stencil_runtime::{Assembler, Code as Published, Convention, Label, StitchError};

/// The compiled functions of a program.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// Nothing when no function is compiled.
    code: Option<Published<Machine>>,
    /// Where the host enters each function; [`ABSENT`] for those that are not compiled.
    offsets: Box<[u32]>,
    returns: Returns,
    largest_frame: usize,
    /// The code looks into the program's tables.
    _program: Verified,
}

/// The offset of a function that is not compiled. No code is as long as this.
const ABSENT: u32 = u32::MAX;

impl Compiled {
    /// Whether `function` is compiled.
    #[inline]
    pub(crate) fn has(&self, function: usize) -> bool {
        self.offsets.get(function).is_some_and(|offset| *offset != ABSENT)
    }

    /// The code of `function` and where the host enters it.
    #[inline]
    pub(crate) fn entry(&self, function: usize) -> Option<(&Published<Machine>, u32)> {
        let offset = self.offsets.get(function).copied().filter(|offset| *offset != ABSENT)?;
        Some((self.code.as_ref()?, offset))
    }

    /// The most words of the frame stack that one frame needs, with what stands above it for a moment.
    pub(crate) const fn largest_frame(&self) -> usize {
        self.largest_frame
    }

    /// What the entry that `context` belongs to returned.
    pub(crate) fn returned(&self, function: usize, context: &Context) -> Returned {
        self.returns.returned(function, context)
    }
}

/// What is known of a program while its functions are compiled.
#[derive(Debug)]
pub(super) struct Unit<'p> {
    pub(super) program: &'p Program,
    pub(super) codes: &'p [Code],
    /// The labels of each compiled function.
    labels: Vec<Option<Labels>>,
    pub(super) returns: Returns,
    passed: Vec<Passed>,
    /// Whether the processor fuses multiply and add.
    pub(super) fuses: bool,
}

/// Where a compiled function is gone into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Labels {
    /// By a call.
    pub(super) call: Label,
    /// By a tail call, with the frame of the call.
    pub(super) body: Label,
    /// By the host.
    pub(super) host: Label,
}

impl<'p> Unit<'p> {
    fn new(program: &'p Program, codes: &'p [Code], emitter: &mut Emitter<'_>) -> Self {
        let compiled = |index: usize| !codes[index].keeps_region;
        let labels = (0..codes.len()).map(|index| compiled(index).then(|| emitter.labels())).collect();
        let returns = Returns::of(codes, compiled);
        let passed = program.functions.iter().map(Passed::of).collect();
        Self { program, codes, labels, returns, passed, fuses: host::has_fma() }
    }

    /// The labels of a function, if it is compiled.
    pub(super) fn labels(&self, function: usize) -> Option<Labels> {
        self.labels[function]
    }

    /// Which registers the callers of a function set.
    pub(super) fn passed(&self, function: usize) -> &Passed {
        &self.passed[function]
    }
}

/// Compiles a program with the stencils of `convention`, or the best that there are.
///
/// # Errors
/// When there are no stencils, or there is no room for the code.
pub(crate) fn compile(
    program: &Verified,
    codes: &[Code],
    convention: Option<Convention>,
) -> Result<Compiled, CompileError> {
    let (table, space) = space::open(convention)?;
    let mut emitter = Emitter::new(table, false);
    let unit = emit(program.program(), codes, &mut emitter)?;
    let code = if emitter.asm.is_empty() { None } else { Some(space.publish(&mut emitter.asm)?) };
    let mut exported = 0..;
    let mut offset_of = |labels: &Option<Labels>| match labels {
        Some(_) => exported.next().and_then(|index| code.as_ref()?.entry_offset(index)).unwrap_or(ABSENT),
        None => ABSENT,
    };
    let offsets = unit.labels.iter().map(&mut offset_of).collect();
    let compiled = codes.iter().filter(|code| !code.keeps_region);
    let largest = compiled.map(|code| code.layout.words()).max().unwrap_or_default();
    // A mixed tail call lays its arguments above both frames for a moment.
    let largest_frame = largest + MAX_MIXED;
    Ok(Compiled { code, offsets, returns: unit.returns, largest_frame, _program: program.clone() })
}

/// The code that [`compile`] would make, taken apart.
///
/// # Errors
/// As for [`compile`].
pub(crate) fn list(
    program: &Verified,
    codes: &[Code],
    convention: Option<Convention>,
) -> Result<Listing, CompileError> {
    let (table, space) = space::open(convention)?;
    let mut emitter = Emitter::new(table, true);
    emit(program.program(), codes, &mut emitter)?;
    let (notes, hot) = emitter.notes();
    if emitter.asm.is_empty() {
        return Ok(Listing::new(&notes, hot, table, 0, &[]));
    }
    let code = space.publish(&mut emitter.asm)?;
    Ok(Listing::new(&notes, hot, table, code.address(), code.bytes()))
}

fn emit<'p>(program: &'p Program, codes: &'p [Code], emitter: &mut Emitter<'_>) -> Result<Unit<'p>, StitchError> {
    let unit = Unit::new(program, codes, emitter);
    let registers = Registers::of(&emitter.asm);
    let (mut usages, mut pins) = (Usages::default(), Pins::default());
    for (index, code) in codes.iter().enumerate() {
        let Some(labels) = unit.labels[index] else { continue };
        usages.count(code);
        pins.choose(code, &usages, registers);
        Function::new(&unit, index, labels, emitter, &pins, &usages).compile();
        // There is no point in going on once something does not fit.
        if let Some(error) = emitter.asm.error() {
            return Err(error.clone());
        }
    }
    Ok(unit)
}

impl Registers {
    /// Those of the table that an assembler works with.
    fn of(asm: &Assembler<'_, Machine>) -> Self {
        // The order of the machine's banks. A set of pinned registers has room for 16 of each.
        let count = |bank| asm.registers(bank).min(16) as usize;
        Self { ints: count(0), floats: count(1) }
    }
}
