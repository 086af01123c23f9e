//! How often each register of a function is used, as the shape of its code tells.

use super::flow::{Container, Shapes, arguments};
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
    /// By how many loops each op is in more than the one before; nothing where there are no loops.
    changes: Vec<i32>,
    /// Where the loop that starts at an op ends.
    ends: Vec<usize>,
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
    pub(super) fn count(&mut self, code: &Code, shapes: &Shapes) {
        for slot in self.touched.drain(..) {
            self.slots[slot as usize] = Usage::default();
        }
        (self.reads_all, self.renewals) = (false, 0);
        if self.slots.len() < code.layout.words() {
            self.slots.resize(code.layout.words(), Usage::default());
        }
        self.find_depths(shapes);
        let mut depth = 0_i32;
        for (pc, shape) in shapes.all().iter().enumerate() {
            depth += self.changes.get(pc).copied().unwrap_or_default();
            let weight = 1 << (LOOP_SHIFT * depth.unsigned_abs().min(DEEPEST));
            for slot in shape.reads() {
                self.touch(slot, weight).read = true;
            }
            if let Some(slot) = shape.written() {
                self.touch(slot, weight).written = true;
            }
            match shape.container() {
                Some((slot, Container::List)) => self.slots[slot as usize].list += weight,
                Some((slot, Container::Map)) => self.slots[slot as usize].map += weight,
                None => {}
            }
            if shape.renews(Container::List) || shape.renews(Container::Map) {
                self.renewals += weight;
            }
            if shape.passes() {
                self.count_call(code, code.insts[pc], weight);
            }
            // Whoever looks at the frame then may read every register.
            self.reads_all |= shape.shows_all();
        }
    }

    /// Counts what a call reads and writes.
    fn count_call(&mut self, code: &Code, inst: Inst, weight: u64) {
        let arguments = arguments(code, inst);
        for step in arguments.moves {
            self.touch(step.from, weight).read = true;
        }
        if (arguments.run.len() as u32) < RUN {
            for slot in arguments.run {
                self.touch(slot, weight).read = true;
            }
        } else {
            self.reads_all = true;
        }
        // The callee decides in which bank a result lands.
        if let Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } = inst {
            let slot = |bank| code.layout.slot(bank, landing.register);
            let ends = [code.layout.start(Bank::F64), code.layout.start(Bank::Cell), code.layout.words() as u32];
            for (bank, end) in Bank::ALL.into_iter().zip(ends) {
                if slot(bank) < end {
                    let weight = if bank == landing.bank { weight } else { 0 };
                    self.touch(slot(bank), weight).written = true;
                }
            }
        }
    }

    /// Finds out at which ops how many loops begin and end. A loop is what lies between a position and the last op that
    /// jumps back to it.
    fn find_depths(&mut self, shapes: &Shapes) {
        self.changes.clear();
        if shapes.loops.is_empty() {
            return;
        }
        self.changes.resize(shapes.all().len() + 1, 0);
        self.ends.clear();
        self.ends.resize(shapes.all().len(), 0);
        for (pc, shape) in shapes.all().iter().enumerate() {
            if let Some(head) = shape.target().filter(|head| *head <= pc) {
                self.ends[head] = pc + 1;
            }
        }
        for head in &shapes.loops {
            self.changes[*head as usize] += 1;
            self.changes[self.ends[*head as usize]] -= 1;
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
