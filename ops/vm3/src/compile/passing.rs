//! Which registers of a function its callers set. A call of ints passes the int parameters densely, a mixed call passes
//! each parameter at its position; so a register that only one of them passes is set to zero by the others.

use crate::frames::FrameLayout;
use crate::program::{Bank, Function, MAX_MIXED};

/// The slots of a function's frame that every caller sets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passed {
    /// The first i64 and f64 slots, and how many registers from there on are parameters of dense calls.
    dense: [(u32, u32); 2],
    /// Further slots, which only mixed calls pass.
    further: [Option<u32>; MAX_MIXED],
}

impl Passed {
    /// The slots of `function`.
    pub(super) fn of(function: &Function) -> Self {
        let layout = FrameLayout::of(function.registers);
        let dense = [Bank::I64, Bank::F64].map(|bank| {
            let count = function.parameter_count(bank).min(usize::from(function.registers.of(bank)));
            (layout.start(bank), count as u32)
        });
        let mut passed = Self { dense, further: [None; MAX_MIXED] };
        if function.parameters.len() <= MAX_MIXED {
            for (position, bank) in (0_u16..).zip(&function.parameters) {
                let slot = layout.slot(*bank, position);
                if *bank != Bank::Cell && position < function.registers.of(*bank) && !passed.has(slot) {
                    passed.further[usize::from(position)] = Some(slot);
                }
            }
        }
        passed
    }

    /// Whether callers set a slot.
    pub(super) fn has(&self, slot: u32) -> bool {
        self.dense.iter().any(|(start, count)| (*start..start + count).contains(&slot))
            || self.further.contains(&Some(slot))
    }

    /// The slots, as runs: first slot and how many.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u32, u32)> {
        let further = self.further.into_iter().flatten().map(|slot| (slot, 1));
        self.dense.into_iter().chain(further).filter(|(_, count)| *count > 0)
    }
}
