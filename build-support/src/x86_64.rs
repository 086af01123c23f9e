//! 64-bit x86.

mod decode;
mod flow;
mod layout;
mod relocation;
mod stack;

use crate::arch::{Backend, Context};
use crate::fault::Fault;
use crate::object::Function;
use crate::pool::Pool;
use stencil_table::{Level, Stencil};

/// The backend.
pub(crate) struct X86_64;

impl Backend for X86_64 {
    fn flags(&self, level: Level) -> Vec<String> {
        let cpu = match level {
            Level::Baseline => "x86-64",
            Level::V3 => "x86-64-v3",
        };
        // Addresses of holes are absolute 32-bit numbers; nothing may be kept below the stack pointer, since other
        // systems have no red zone.
        [
            format!("target-cpu={cpu}"),
            "relocation-model=static".into(),
            "code-model=small".into(),
            "no-redzone=yes".into(),
        ]
        .map(|flag| format!("-C{flag}"))
        .to_vec()
    }

    fn take(&self, function: &Function, context: &Context<'_>, pool: &mut Pool) -> Result<Stencil, Vec<Fault>> {
        let one = |fault| vec![fault];
        let as_compiled = decode::decode(function).map_err(one)?;
        let swapped = layout::swap_last_jumps(function, &as_compiled);
        let decoded = swapped.as_ref().map(decode::decode).transpose().map_err(one)?.unwrap_or(as_compiled);
        let mut faults = Vec::new();
        faults.extend(relocation::check(&decoded, context));
        faults.extend(flow::check(&decoded, context));
        // The stack can be followed only where the ways are known.
        if faults.is_empty() {
            faults.extend(stack::check(&decoded, context));
        }
        if !faults.is_empty() {
            faults.sort();
            faults.dedup();
            return Err(faults);
        }
        layout::stencil(&decoded, context, pool).map_err(one)
    }
}
