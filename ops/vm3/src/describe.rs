//! Compiled code in the words of its program, for debuggers and profilers.

mod assigned;

use crate::compile::{Guest, Holds, Homes, Part, Set};
use crate::frames::FrameLayout;
use crate::program::{Bank, Op, Opcode, Program, Verified, text};
use crate::stencils::TABLES;
use crate::stencils::ops::Machine;
use assigned::Assigned;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use stencil_debug::{Description, Detail, Kind, Line, Symbol, Variable, VariablePlace, register};
use stencil_runtime::{Argument, Convention, LoadError, OpSet, PublishedCode};

/// Describes compiled functions: their names, the lines of their ops, each op by itself, and the virtual machine's
/// registers as variables, `r0`, `d0`, `c0` and so on. They can be seen at every op, once the program has given them a value; not in the middle of
/// an op that calls or divides, where they may be on their way, nor in frames that wait for one.
#[derive(Clone, Copy, Debug)]
pub struct Describer {
    convention: Convention,
}

impl Describer {
    /// Describes code in the calling convention that machines use unless they are told otherwise.
    ///
    /// # Errors
    /// When there are no stencils for this machine.
    pub fn best() -> Result<Self, LoadError> {
        Ok(Self::new(TABLES.best()?.info().convention))
    }

    /// Describes code in a calling convention.
    #[must_use]
    pub const fn new(convention: Convention) -> Self {
        Self { convention }
    }
}

impl stencil_debug::Guest for Describer {
    fn describe(&self, code: &PublishedCode<'_>, detail: Detail) -> Option<Description> {
        let guest = code.origin.and_then(|origin| Some((origin.unit.downcast_ref::<Guest>()?, origin.function)));
        let Some((Guest { program, homes }, function)) = guest else {
            return Some(Description { name: "vm3_bridge".into(), ..Description::default() });
        };
        let function = function as usize;
        let name = program.program().functions[function].name.clone();
        let Some(homes) = homes else {
            return Some(Description { name: format!("{name}_from_host"), ..Description::default() });
        };
        let mut description = Description { name, ..Description::default() };
        if detail >= Detail::Lines {
            let (verified, program, parts) = (program, program.program(), parts(code));
            description.file = program.source.file.as_ref().map(PathBuf::from);
            description.lines = lines(program, function, &parts);
            if detail >= Detail::All {
                description.symbols = symbols(program, function, &parts);
                description.variables = self.variables(code, verified, function, homes, &parts);
            }
        }
        Some(description)
    }
}

/// The parts of a function's code, in its order.
fn parts(code: &PublishedCode<'_>) -> Vec<(Part, Range<u32>)> {
    let marks: Vec<_> = code.marks.iter().collect();
    let ends = marks.iter().skip(1).map(|mark| mark.offset).chain([code.bytes.len() as u32]);
    let parts = marks.iter().zip(ends).map(|(mark, end)| (Part::of_tag(mark.tag), mark.offset..end));
    parts.filter(|(_, range)| !range.is_empty()).collect()
}

fn lines(program: &Program, function: usize, parts: &[(Part, Range<u32>)]) -> Vec<Line> {
    let line = |(part, range): &(Part, Range<u32>)| {
        let line = part.pc().and_then(|pc| program.source.line(function, pc)).unwrap_or(0);
        // What stands elsewhere for an op, exits and ways to the host, is not where one stops for it.
        let statement = matches!(part, Part::Op(_) | Part::Entry);
        Line { offset: range.start, line, statement }
    };
    parts.iter().map(line).collect()
}

fn symbols(program: &Program, function: usize, parts: &[(Part, Range<u32>)]) -> Vec<Symbol> {
    let function = &program.functions[function];
    let op = text::ops(program);
    let name = |(part, range): &(Part, Range<u32>)| {
        let name = match part {
            Part::Op(pc) => format!("{}:{pc} {}", function.name, op(function, function.code[*pc])),
            Part::Exit(pc) => format!("{}:{pc} exit", function.name),
            Part::Loop(pc) => format!("{}:{pc} loop", function.name),
            Part::Slow(pc) => format!("{}:{pc} host", function.name),
            Part::Release => format!("{}: release", function.name),
            Part::Entry => return None,
        };
        Some(Symbol { range: range.clone(), name })
    };
    parts.iter().filter_map(name).collect()
}

/// The code in which a register can be seen that is `there` before some ops: of ops that call nothing, all of it; of others
/// the start.
fn shown(parts: &[(Part, Range<u32>)], code: &[Op], there: impl Fn(usize) -> bool) -> Arc<[Range<u32>]> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for (part, range) in parts {
        let Part::Op(pc) = part else { continue };
        if !there(*pc) {
            continue;
        }
        // A call's return address is looked up by the last byte of the call, which is not its first.
        let end = if gives_registers_away(code[*pc]) { range.start + 1 } else { range.end };
        match ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = end,
            _ => ranges.push(range.start..end),
        }
    }
    ranges.into()
}

/// Whether an op leaves machine registers to something else before it ends: to a callee, or in the middle of its own code to
/// the host, or to division by constants.
fn gives_registers_away(op: Op) -> bool {
    use Opcode::{CallF64, CallI64, CallMixed, ConcatStr, FmaF64, NewList, NewMap, TailCallI64, TailCallMixed};
    use Opcode::{DivI64, DivI64K, ModI64, ModI64K};
    let calls = matches!(op.opcode(), Some(CallI64 | CallF64 | CallMixed | TailCallI64 | TailCallMixed));
    let divides = matches!(op.opcode(), Some(DivI64 | DivI64K | ModI64 | ModI64K));
    calls || divides || matches!(op.opcode(), Some(ConcatStr | NewList | NewMap | FmaF64))
}

impl Describer {
    fn variables(
        self,
        code: &PublishedCode<'_>,
        verified: &Verified,
        function: usize,
        homes: &Homes,
        parts: &[(Part, Range<u32>)],
    ) -> Vec<Variable> {
        let known = &verified.program().functions[function];
        let layout = FrameLayout::of(known.registers, verified.keeps_region(function));
        let assigned = Assigned::of(known);
        let all = shown(parts, &known.code, |_| true);
        let registers = Machine::layout(self.convention);
        let dwarf = |argument: &Argument| register(code.architecture, self.convention, *argument);
        let Some(frame) = registers.iter().find(|part| is_fixed(part, Machine::FRAME)).and_then(dwarf) else {
            return Vec::new();
        };
        let pins: Vec<_> = homes.iter(Set::MAX).collect();
        let mut variables = Vec::new();
        for bank in Bank::ALL {
            let kind = match bank {
                Bank::I64 => Kind::Int,
                Bank::F64 => Kind::Float,
                Bank::Cell => Kind::Bits,
            };
            for number in 0..known.registers.of(bank) {
                let slot = layout.slot(bank, number);
                let pinned = pins.iter().find(|pin| pin.slot == slot).and_then(|pin| match pin.holds {
                    Holds::Int => Some((0, pin.register)),
                    Holds::Float => Some((1, pin.register)),
                    // The cell itself is at home.
                    Holds::View(_) => None,
                });
                let pinned = pinned.and_then(|(bank, number)| {
                    registers.iter().find(|part| is_register(part, bank, usize::from(number.0))).and_then(dwarf)
                });
                let home = VariablePlace::Memory { base: frame, offset: i64::from(slot) * 8 };
                let place = pinned.map_or(home, VariablePlace::Register);
                let name = format!("{}{number}", bank.letter());
                let ranges = match bank {
                    Bank::Cell => Arc::clone(&all),
                    _ => shown(parts, &known.code, |pc| assigned.has(pc, bank, number)),
                };
                variables.push(Variable { name, kind, place, ranges });
            }
        }
        variables
    }
}

fn is_fixed(part: &Argument, wanted: Option<usize>) -> bool {
    matches!(part, Argument::Fixed { index, .. } if Some(*index) == wanted)
}

fn is_register(part: &Argument, bank: usize, register: usize) -> bool {
    matches!(part, Argument::Register { bank: of, number, .. } if (*of, *number) == (bank, register))
}
