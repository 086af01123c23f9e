//! How often each register of a function is used, as the shape of its code tells.

use super::flow::{Container, container, reads, renews, target, written};
use crate::code::{Code, Inst};
use crate::program::Bank;

/// How one slot of a frame is used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// Uses, each times what its loops make of it.
    pub(super) weight: u64,
    /// The same for uses as a list, and as a map.
    pub(super) list: u64,
    pub(super) map: u64,
    pub(super) read: bool,
    pub(super) written: bool,
}

/// The usage of every slot of one function after another.
#[derive(Debug, Default)]
pub(super) struct Usages {
    slots: Vec<Usage>,
    touched: Vec<u32>,
    /// Ops that make views of lists and maps out of date, each times what its loops make of it.
    pub(super) renewals: u64,
    /// Whether something reads slots that are not counted one by one, or all of them.
    pub(super) reads_all: bool,
}

/// From this many arguments on, they are copied as a run.
pub(super) const RUN: u32 = 17;

/// What a loop makes of a use: this power of two. A register in two nested loops is worth 64 outside.
const LOOP_SHIFT: u32 = 3;
/// Deeper loops count as this deep.
const DEEPEST: u32 = 6;

impl Usages {
    /// Counts the uses of every register of a function.
    pub(super) fn count(&mut self, code: &Code) {
        for slot in self.touched.drain(..) {
            self.slots[slot as usize] = Usage::default();
        }
        (self.reads_all, self.renewals) = (false, 0);
        if self.slots.len() < code.layout.words() {
            self.slots.resize(code.layout.words(), Usage::default());
        }
        let depths = loop_depths(code);
        for (inst, depth) in code.insts.iter().zip(depths) {
            let weight = 1 << (LOOP_SHIFT * depth.min(DEEPEST));
            match container(*inst) {
                Some((slot, Container::List)) => self.slots[slot as usize].list += weight,
                Some((slot, Container::Map)) => self.slots[slot as usize].map += weight,
                None => {}
            }
            if renews(*inst).is_some() {
                self.renewals += weight;
            }
            let reads = reads(code, *inst);
            for slot in reads.singles() {
                self.touch(slot, weight).read = true;
            }
            if (reads.run.len() as u32) < RUN {
                for slot in reads.run {
                    self.touch(slot, weight).read = true;
                }
            } else {
                self.reads_all = true;
            }
            match *inst {
                // Whoever looks at the frame after a deopt may read every register.
                Inst::Deopt { .. } => self.reads_all = true,
                // The callee decides in which bank a result lands.
                Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } => {
                    let slot = |bank| code.layout.slot(bank, landing.register);
                    let ends =
                        [code.layout.start(Bank::F64), code.layout.start(Bank::Cell), code.layout.words() as u32];
                    let banks = Bank::ALL.into_iter().zip(ends);
                    for (bank, end) in banks {
                        if slot(bank) < end {
                            let weight = if bank == landing.bank { weight } else { 0 };
                            self.touch(slot(bank), weight).written = true;
                        }
                    }
                }
                inst => {
                    if let Some(slot) = written(inst) {
                        self.touch(slot, weight).written = true;
                    }
                }
            }
        }
    }

    /// The usage of a slot.
    pub(super) fn of(&self, slot: u32) -> Usage {
        self.slots[slot as usize]
    }

    /// The slots that ops name, in no order.
    pub(super) fn touched(&self) -> &[u32] {
        &self.touched
    }

    fn touch(&mut self, slot: u32, weight: u64) -> &mut Usage {
        let usage = &mut self.slots[slot as usize];
        if !usage.read && !usage.written {
            self.touched.push(slot);
        }
        usage.weight += weight;
        usage
    }
}

/// In how many loops each op is. A loop is what lies between a position and the last op that jumps back to it.
fn loop_depths(code: &Code) -> impl Iterator<Item = u32> {
    let length = code.insts.len();
    let mut last = vec![0; length];
    for (pc, inst) in code.insts.iter().enumerate() {
        if let Some(head) = target(*inst).filter(|head| *head <= pc) {
            last[head] = pc + 1;
        }
    }
    let mut changes = vec![0_i32; length + 1];
    for (head, end) in last.into_iter().enumerate().filter(|(_, end)| *end > 0) {
        changes[head] += 1;
        changes[end] -= 1;
    }
    let mut depth = 0_i32;
    changes.into_iter().take(length).map(move |change| {
        depth += change;
        depth.unsigned_abs()
    })
}
