//! Compiled code in the words of its program, for debuggers and profilers.

use crate::compile::{Guest, Holds, Homes, Part, Set};
use crate::frames::FrameLayout;
use crate::program::{Bank, Op, Opcode, Program, Verified, text};
use crate::stencils::TABLES;
use crate::stencils::ops::Machine;
use std::ops::Range;
use std::path::PathBuf;
use stencil_debug::{Description, Kind, Line, Symbol, Variable, VariablePlace, register};
use stencil_runtime::{Argument, Convention, LoadError, OpSet, PublishedCode};

/// Describes compiled functions: their names, the lines of their ops, each op by itself, and the virtual machine's
/// registers as variables, `r0`, `d0`, `c0` and so on. A register can be seen at ops that call nothing; elsewhere it may be
/// on its way.
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
    fn describe(&self, code: &PublishedCode<'_>) -> Option<Description> {
        let guest = code.origin.and_then(|origin| Some((origin.unit.downcast_ref::<Guest>()?, origin.function)));
        let Some((Guest { program, homes }, function)) = guest else {
            return Some(Description { name: "vm3_bridge".into(), ..Description::default() });
        };
        let function = function as usize;
        let name = program.program().functions[function].name.clone();
        let Some(homes) = homes else {
            return Some(Description { name: format!("{name}_from_host"), ..Description::default() });
        };
        let parts = parts(code);
        let variables = Self::variables(*self, code, program, function, homes, &parts);
        let program = program.program();
        Some(Description {
            name,
            file: program.source.file.as_ref().map(PathBuf::from),
            lines: lines(program, function, &parts),
            symbols: symbols(program, function, &parts),
            variables,
        })
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
    let name = |(part, range): &(Part, Range<u32>)| {
        let name = match part {
            Part::Op(pc) => format!("{}:{pc} {}", function.name, text::op(program, function, function.code[*pc])),
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

/// Whether an op leaves machine registers to something else before it ends: a call, or the host.
fn gives_registers_away(op: Op) -> bool {
    use Opcode::{CallF64, CallI64, CallMixed, TailCallI64, TailCallMixed};
    matches!(op.opcode(), Some(CallI64 | CallF64 | CallMixed | TailCallI64 | TailCallMixed))
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
        let ranges: Vec<Range<u32>> = parts
            .iter()
            .filter(|(part, _)| matches!(part, Part::Op(pc) if !gives_registers_away(known.code[*pc])))
            .map(|(_, range)| range.clone())
            .collect();
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
                variables.push(Variable { name, kind, place, ranges: ranges.clone() });
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
