//! 64-bit x86.

mod decode;
mod flow;
mod program;
mod relocation;
mod rewrite;
mod stack;
#[cfg(test)]
mod tests;

use crate::arch::{Backend, Context};
use crate::fault::Fault;
use crate::object::Function;
use crate::pool::Pool;
use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction};
use program::Program;
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
        let decoded = decode::decode(function).map_err(one)?;
        let mut faults = relocation::check(&decoded, context);
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
        let mut program = Program::of_function(&decoded, context, pool).map_err(one)?;
        rewrite::rewrite(&mut program, context.key.convention);
        program.assemble().map_err(one)
    }

    fn jumps_to_end(&self, code: &[u8]) -> usize {
        let leads_there = |instruction: &Instruction| {
            let branch =
                matches!(instruction.flow_control(), FlowControl::ConditionalBranch | FlowControl::UnconditionalBranch);
            // A hole is zero, so a branch to a label at the end looks the same but for its length.
            let short = instruction.len() == 2 || instruction.near_branch_target() != instruction.next_ip();
            branch && short && instruction.near_branch_target() == code.len() as u64
        };
        Decoder::with_ip(64, code, 0, DecoderOptions::NONE).iter().filter(leads_there).count()
    }
}
