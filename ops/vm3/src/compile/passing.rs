//! Which registers of a function its callers set. A call of ints passes the int parameters densely, a mixed call passes
//! each parameter at its position; so a register that only one of them passes is set to zero by the others.

use crate::frames::FrameLayout;
use crate::program::{Bank, Function, MAX_MIXED};

/// The slots of a function's frame that every caller sets.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Passed {
    /// The first i64 and f64 slots, and how many registers from there on are parameters of dense calls.
    dense: [(u32, u32); 2],
    /// Further slots, which only mixed calls pass, and how many.
    further: [u32; MAX_MIXED],
    count: usize,
}

impl Passed {
    /// The slots of `function`, whose frames are laid out like this.
    pub(super) fn of(function: &Function, layout: FrameLayout) -> Self {
        let dense = [Bank::I64, Bank::F64].map(|bank| {
            let count = function.parameter_count(bank).min(usize::from(function.registers.of(bank)));
            (layout.start(bank), count as u32)
        });
        let mut passed = Self { dense, further: [0; MAX_MIXED], count: 0 };
        if function.parameters.len() <= MAX_MIXED {
            for (position, bank) in (0_u16..).zip(&function.parameters) {
                let slot = layout.slot(*bank, position);
                if position < function.registers.of(*bank) && !passed.has(slot) {
                    passed.further[passed.count] = slot;
                    passed.count += 1;
                }
            }
        }
        passed
    }

    /// The slots that only mixed calls pass.
    fn further(&self) -> &[u32] {
        &self.further[..self.count]
    }

    /// Whether callers set a slot.
    pub(super) fn has(&self, slot: u32) -> bool {
        self.dense.iter().any(|(start, count)| (*start..start + count).contains(&slot))
            || self.further().contains(&slot)
    }

    /// How many registers of a bank are parameters of dense calls.
    pub(super) const fn dense(&self, bank: Bank) -> usize {
        match bank {
            Bank::I64 => self.dense[0].1 as usize,
            Bank::F64 => self.dense[1].1 as usize,
            Bank::Cell => 0,
        }
    }

    /// Sets all registers of a frame to zero but these.
    pub(super) fn zero_others(&self, layout: FrameLayout, frame: &mut [u64]) {
        // Where there are fewer, the header stands for the others: it stays as it is.
        let kept = self.further.map(|slot| (slot as usize, frame[slot as usize]));
        let mut from = layout.start(Bank::I64) as usize;
        for (start, count) in self.dense {
            frame[from..start as usize].fill(0);
            from = (start + count) as usize;
        }
        frame[from..layout.words()].fill(0);
        for (slot, word) in kept {
            frame[slot] = word;
        }
    }

    /// The slots, as runs: first slot and how many.
    pub(super) fn runs(&self) -> impl Iterator<Item = (u32, u32)> {
        let further = self.further().iter().map(|slot| (*slot, 1));
        self.dense.into_iter().chain(further).filter(|(_, count)| *count > 0)
    }
}
