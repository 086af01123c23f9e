//! How often each register of a function is used, as the shape of its code tells.

use super::flow::{Container, Shape, Shapes, arguments};
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
    /// Whether it is best in the machine register that results travel in.
    pub(super) result: bool,
    /// Whether an op takes it in few machine registers only.
    pub(super) fused: bool,
}

/// What is counted of one slot.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    /// Reads, each times what its loops make of it.
    reads: u64,
    /// The same of writes, and flags.
    writes: u64,
    /// Uses as a list, and as a map.
    list: u64,
    map: u64,
}

/// Flag of [`Count::writes`]: something writes the slot, perhaps with no weight.
const WRITTEN: u64 = 1 << 63;
/// Flag: the slot is best in the machine register that results travel in.
const RESULT: u64 = 1 << 62;
/// Flag: an op takes the slot in few machine registers only.
const FUSED: u64 = 1 << 61;
const FLAGS: u64 = WRITTEN | RESULT | FUSED;

/// How many counts take turns in standing for none, so that they need not wait for one another.
const NOBODY: usize = 8;

/// The usage of every slot of one function after another.
#[derive(Debug, Default)]
pub(super) struct Usages {
    /// By slot, then [`NOBODY`].
    counts: Vec<Count>,
    /// By how many loops each op is in more than the one before; nothing where there are no loops.
    changes: Vec<i32>,
    /// Where the loop that starts at an op ends.
    ends: Vec<u32>,
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
        self.counts.clear();
        self.counts.resize(code.layout.words() + NOBODY, Count::default());
        (self.reads_all, self.renewals) = (false, 0);
        if shapes.loops.is_empty() {
            self.count_all(code, shapes, |_| 1);
            return;
        }
        self.find_depths(shapes);
        let changes = std::mem::take(&mut self.changes);
        let mut depth = 0_i32;
        self.count_all(code, shapes, |pc| {
            depth += changes[pc];
            1 << (LOOP_SHIFT * depth.unsigned_abs().min(DEEPEST))
        });
        self.changes = changes;
    }

    /// The same with the weight of each op's uses, in ascending order.
    #[inline(always)]
    fn count_all(&mut self, code: &Code, shapes: &Shapes, mut weight_of: impl FnMut(usize) -> u64) {
        let words = code.layout.words();
        for (pc, shape) in shapes.all().iter().enumerate() {
            let weight = weight_of(pc);
            let nobody = words + pc % NOBODY;
            let index = |slot: u32| if slot == 0 { nobody } else { slot as usize };
            for slot in shape.read_slots() {
                self.counts[index(slot)].reads += weight;
            }
            let written = &mut self.counts[index(shape.written_slot())].writes;
            *written = (*written + weight) | WRITTEN;
            if shape.is_uncommon() {
                self.count_uncommon(code, *shape, code.insts[pc], weight);
            }
        }
    }

    /// Counts what only some ops do.
    fn count_uncommon(&mut self, code: &Code, shape: Shape, inst: Inst, weight: u64) {
        match shape.container() {
            Some((slot, Container::List)) => self.counts[slot as usize].list += weight,
            Some((slot, Container::Map)) => self.counts[slot as usize].map += weight,
            None => {}
        }
        if shape.renews(Container::List) || shape.renews(Container::Map) {
            self.renewals += weight;
        }
        if shape.passes() {
            self.count_call(code, inst, weight);
        }
        // Whoever looks at the frame then may read every register.
        self.reads_all |= shape.shows_all();
        if shape.wants() {
            self.count_wish(code, shape, inst);
        }
    }

    /// Counts what a call reads and writes.
    fn count_call(&mut self, code: &Code, inst: Inst, weight: u64) {
        let arguments = arguments(code, inst);
        for step in arguments.moves {
            self.counts[step.from as usize].reads += weight;
        }
        if (arguments.run.len() as u32) < RUN {
            for slot in arguments.run {
                self.counts[slot as usize].reads += weight;
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
                    let writes = &mut self.counts[slot(bank) as usize].writes;
                    *writes = (*writes + weight) | WRITTEN;
                }
            }
        }
    }

    /// Notes which machine registers an op wants.
    fn count_wish(&mut self, code: &Code, shape: Shape, inst: Inst) {
        match inst {
            Inst::ReturnI64 { src } | Inst::ReturnF64 { src } => self.counts[src as usize].writes |= RESULT,
            Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } if landing.bank != Bank::Cell => {
                let slot = code.layout.slot(landing.bank, landing.register);
                if let Some(count) = self.counts.get_mut(slot as usize) {
                    count.writes |= RESULT;
                }
            }
            Inst::FmaF64 { dst, .. } => {
                for slot in shape.reads().chain([dst]) {
                    self.counts[slot as usize].writes |= FUSED;
                }
            }
            _ => {}
        }
    }

    /// Finds out at which ops how many loops begin and end. A loop is what lies between a position and the last op that
    /// jumps back to it.
    fn find_depths(&mut self, shapes: &Shapes) {
        let count = shapes.all().len();
        self.changes.clear();
        self.changes.resize(count + 1, 0);
        self.ends.resize(self.ends.len().max(count), 0);
        for (pc, head) in shapes.jumps().filter(|(pc, target)| target <= pc) {
            self.ends[head] = pc as u32 + 1;
        }
        for head in &shapes.loops {
            self.changes[*head as usize] += 1;
            self.changes[self.ends[*head as usize] as usize] -= 1;
        }
    }

    /// The usage of a slot.
    #[inline]
    pub(super) fn of(&self, slot: u32) -> Usage {
        let Count { reads, writes, list, map } = self.counts[slot as usize];
        Usage {
            weight: reads + (writes & !FLAGS),
            list,
            map,
            read: reads != 0,
            written: writes & WRITTEN != 0,
            result: writes & RESULT != 0,
            fused: writes & FUSED != 0,
        }
    }

    /// The slots that ops name, in ascending order.
    #[cfg(feature = "cranelift")]
    pub(super) fn touched(&self) -> impl Iterator<Item = u32> {
        let counts = &self.counts[..self.counts.len() - NOBODY];
        let named = (0..).zip(counts).filter(|(_, count)| count.reads | count.writes & WRITTEN != 0);
        named.map(|(slot, _)| slot)
    }
}
