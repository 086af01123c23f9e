//! Moving several values at once: what is read anywhere is read before it is overwritten.

use stencil_runtime::{Reg, Slot};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Register(Reg),
    Slot(u32),
    Zero,
}

/// One value on its way to a machine register.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) to: Reg,
    pub(super) from: Source,
    /// A slot that nothing is read from.
    pub(super) spare: u32,
}

/// A move that can be made as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    ToRegister(Reg, Source),
    ToSlot(Slot, Reg),
}

/// Values on their way to the machine registers of one bank, no two of them to the same.
#[derive(Debug)]
pub(super) struct Steps {
    steps: [Step; MAX_STEPS],
    len: usize,
}

/// No bank has more machine registers.
const MAX_STEPS: usize = 16;

impl Steps {
    /// No values.
    pub(super) const fn new() -> Self {
        Self { steps: [Step { to: Reg(0), from: Source::Zero, spare: 0 }; MAX_STEPS], len: 0 }
    }

    /// One more value.
    ///
    /// # Panics
    /// When there are more than registers.
    pub(super) fn push(&mut self, step: Step) {
        if step.from != Source::Register(step.to) {
            self.steps[self.len] = step;
            self.len += 1;
        }
    }

    /// Calls `emit` with moves that, one after the other, do all steps at once.
    pub(super) fn shuffle(mut self, mut emit: impl FnMut(Move)) {
        while self.len > 0 {
            let steps = &mut self.steps[..self.len];
            let is_read = |to: Reg, at: usize| {
                steps.iter().enumerate().any(|(other, step)| other != at && step.from == Source::Register(to))
            };
            // Slots and zeros can wait: nobody overwrites them, and until then their registers are free.
            let waits = |step: &Step| !matches!(step.from, Source::Register(_));
            let ready = |at: &usize| !is_read(steps[*at].to, *at);
            let found = (0..steps.len()).filter(|at| !waits(&steps[*at])).find(ready);
            match found.or_else(|| (0..steps.len()).find(ready)) {
                Some(at) => {
                    emit(Move::ToRegister(steps[at].to, steps[at].from));
                    steps[at] = steps[steps.len() - 1];
                    self.len -= 1;
                }
                // All that is left goes around in circles: one of the values waits in memory.
                None => {
                    let Step { to, spare, .. } = steps[0];
                    emit(Move::ToSlot(Slot(spare), to));
                    for step in steps.iter_mut().filter(|step| step.from == Source::Register(to)) {
                        step.from = Source::Slot(spare);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What four registers hold after the moves, by what they held before; 10 and up for slots, 99 for zero.
    fn after(steps: &[(u8, Source)]) -> [u32; 4] {
        let mut registers = [0, 1, 2, 3];
        let mut slots: Vec<u32> = (10..30).collect();
        let mut all = Steps::new();
        for ((to, from), at) in steps.iter().zip(0..) {
            all.push(Step { to: Reg(*to), from: *from, spare: 10 + at });
        }
        all.shuffle(|step| match step {
            Move::ToRegister(to, from) => {
                registers[usize::from(to.0)] = match from {
                    Source::Register(from) => registers[usize::from(from.0)],
                    Source::Slot(slot) => slots[slot as usize],
                    Source::Zero => 99,
                }
            }
            Move::ToSlot(Slot(slot), from) => slots[slot as usize] = registers[usize::from(from.0)],
        });
        registers
    }

    #[test]
    fn every_assignment_of_four_registers_is_made() {
        let sources: Vec<Source> =
            (0..4).map(|r| Source::Register(Reg(r))).chain([Source::Slot(3), Source::Zero]).collect();
        let value = |source| match source {
            Source::Register(register) => u32::from(register.0),
            Source::Slot(slot) => 10 + slot,
            Source::Zero => 99,
        };
        for number in 0..6_usize.pow(4) {
            let chosen: Vec<Source> = (0..4).map(|at| sources[number / 6_usize.pow(at) % 6]).collect();
            let steps: Vec<(u8, Source)> = (0..4).zip(chosen.iter().copied()).collect();
            let expected: Vec<u32> = chosen.iter().map(|source| value(*source)).collect();
            assert_eq!(after(&steps)[..], expected[..], "{chosen:?}");
        }
    }
}
