//! `vm3 run`.

use super::DebugArguments;
use super::{MachineArguments, ProgramArgument, source};
use std::error::Error;
use std::process::ExitCode;
use vm3::heap::{Heap, HeapError};
use vm3::program::{Arena, Cell, CellKind};
use vm3::{Outcome, Returned, Vm};

/// Runs a program's entry function and prints what it returns.
#[derive(Debug, clap::Args)]
pub(super) struct Run {
    #[command(flatten)]
    program: ProgramArgument,
    /// Ints for the entry function's i64 registers, from register 0 on
    #[arg(allow_negative_numbers = true)]
    args: Vec<i64>,
    #[command(flatten)]
    machine: MachineArguments,
    #[command(flatten)]
    debug: DebugArguments,
}

impl Run {
    pub(super) fn execute(&self) -> Result<ExitCode, Box<dyn Error>> {
        let path = &self.program.path;
        let program = source::verified(path, self.program.name.as_deref())?;
        self.debug.listen()?;
        let mut vm = Vm::new(program, &self.machine.options())?;
        match vm.run(&self.args) {
            Ok(Outcome::Returned(returned)) => {
                println!("{}", show(vm.heap(), returned)?);
                Ok(ExitCode::SUCCESS)
            }
            Ok(Outcome::Deopt(deopt)) => {
                let place = deopt.place;
                let name = &vm.program().program().functions[place.function].name;
                println!(
                    "deopt to {} (function {} `{name}`, pc {}, depth {})",
                    deopt.target, place.function, place.pc, deopt.depth
                );
                Ok(ExitCode::SUCCESS)
            }
            Err(fault) => {
                eprintln!("error: {}: {fault}", path.display());
                eprint!("{}", vm.trace());
                Ok(ExitCode::FAILURE)
            }
        }
    }
}

/// A result as people read it.
fn show(heap: &Heap, returned: Returned) -> Result<String, HeapError> {
    match returned {
        Returned::I64(int) | Returned::Constant(int) => Ok(int.to_string()),
        Returned::F64(float) => Ok(format!("{float:?}")),
        Returned::Cell(cell) => show_cell(heap, cell),
    }
}

fn show_cell(heap: &Heap, cell: Cell) -> Result<String, HeapError> {
    Ok(match cell.kind() {
        CellKind::Int => cell.as_int().to_string(),
        CellKind::Float => format!("{:?}", cell.as_float()),
        CellKind::Bool => (cell.bits() & 1 == 1).to_string(),
        CellKind::Null => "null".into(),
        CellKind::InlineString => {
            let inline = cell.as_inline_string();
            let bytes = inline.as_ref().map(|inline| inline.as_bytes());
            format!("\"{}\"", bytes.unwrap_or_default().escape_ascii())
        }
        _ if cell.is_handle_of(Arena::String) => {
            format!("\"{}\"", heap.arena_string(cell)?.escape_ascii())
        }
        // Ops store neither handles nor strings in lists, so one level is all there is.
        _ if cell.is_handle_of(Arena::List) => {
            let elements = heap.list(cell)?.iter().map(|element| match element.kind() {
                CellKind::Int => element.as_int().to_string(),
                CellKind::Float => format!("{:?}", element.as_float()),
                _ => format!("{:#018x}", element.bits()),
            });
            format!("[{}]", elements.collect::<Vec<_>>().join(", "))
        }
        _ if cell.is_handle_of(Arena::Map) => {
            let (_, entries) = heap.map(cell)?;
            let mut entries: Vec<(i64, i64)> =
                entries.map(|entry| (entry.key.as_int(), entry.value.as_int())).collect();
            entries.sort_unstable();
            let entries = entries.iter().map(|(key, value)| format!("{key}: {value}"));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        _ => format!("{:#018x}", cell.bits()),
    })
}
