//! Gates on the ways out: every one is a jump.

use super::{Decoded, Machine, Step, To, Way};
use crate::arch::Context;
use crate::fault::Fault;

/// What the gates of this module refuse.
pub(super) fn check<M: Machine>(decoded: &Decoded<'_, M>, context: &Context<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for step in &decoded.steps {
        faults.extend(only_jumps_leave(step));
        faults.extend(own_code_is_only_branched_to(step));
        faults.extend(calls_have_a_hole(decoded, step, context));
    }
    faults.extend(ends_in_a_jump(decoded));
    faults
}

/// No return, no computed jump, nothing that stops the program.
fn only_jumps_leave<M: Machine>(step: &Step<M>) -> Option<Fault> {
    match step.way {
        Way::Return => Some(Fault::Returns),
        Way::Computed | Way::Branch { to: To::Nowhere, .. } => Some(Fault::ComputedJump),
        Way::Trap => Some(Fault::Trap),
        Way::Next | Way::Call { .. } | Way::Branch { .. } => None,
    }
}

/// Code moves while it is made shorter, and only branches move with it.
fn own_code_is_only_branched_to<M: Machine>(step: &Step<M>) -> Option<Fault> {
    step.own_code.then_some(Fault::OwnCode)
}

/// Only ops with a hole for a function call one, and only through a register or memory. Calls of known functions are
/// refused by their names elsewhere.
fn calls_have_a_hole<M: Machine>(decoded: &Decoded<'_, M>, step: &Step<M>, context: &Context<'_>) -> Option<Fault> {
    let indirect = step.way == Way::Call { indirect: true };
    let named = step.relocations.clone().any(|index| decoded.symbol(To::Relocation(index)).is_none());
    (indirect && !named && !context.calls_host).then_some(Fault::IndirectCall)
}

/// The last instruction never goes on to what follows.
fn ends_in_a_jump<M: Machine>(decoded: &Decoded<'_, M>) -> Option<Fault> {
    decoded.steps.last().is_none_or(Step::goes_on).then_some(Fault::RunsOff)
}
