//! How often each register of a function is used, as the shape of its code tells.

use super::flow::{Shapes, arguments};
use super::shape::{Container, Shape};
use crate::code::{Code, Inst};
use crate::program::Bank;
use std::ops::Range;

/// How one slot of a frame is used.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    /// Uses, each times what its loops make of it.
    pub(super) weight: u64,
    /// The same for uses as a list, and as a map.
    pub(super) list: u64,
    pub(super) map: u64,
    pub(super) read: bool,
}

/// The reads and the writes of one slot, each times what its loops make of it, and flags on the writes.
type Count = [u64; 2];
const READS: usize = 0;
const WRITES: usize = 1;

/// Flag: something writes the slot, perhaps with no weight.
const WRITTEN: u64 = 1 << 63;
/// Flag: the slot is best in the machine register that results travel in.
const RESULT: u64 = 1 << 62;
/// Flag: an op takes the slot in few machine registers only.
const FUSED: u64 = 1 << 61;
const FLAGS: u64 = WRITTEN | RESULT | FUSED;

/// The usage of every slot of one function after another.
#[derive(Debug, Default)]
pub(super) struct Usages {
    /// By slot; that of the header, which stands for none, says nothing.
    counts: Vec<Count>,
    /// Uses as a list and as a map, by cell register.
    containers: Vec<[u64; 2]>,
    /// The first slot that is a cell.
    cells: u32,
    /// Ops that make views of lists and maps out of date, each times what its loops make of it.
    pub(super) renewals: u64,
    /// What the loops that the first op is in make of a use.
    entry_weight: u64,
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
        self.counts.resize(code.layout.words(), Count::default());
        self.containers.clear();
        self.containers.resize(code.layout.cells().len(), [0; 2]);
        self.cells = code.layout.start(Bank::Cell);
        (self.reads_all, self.renewals) = (false, 0);
        let weight_of = |shape: &Shape| 1 << (LOOP_SHIFT * u32::from(shape.depth()).min(DEEPEST));
        self.entry_weight = shapes.all().first().map_or(0, weight_of);
        let mut ops = shapes.all().iter().zip(&code.insts);
        loop {
            let counts = &mut self.counts[..code.layout.words()];
            let mut uncommon = None;
            for (shape, inst) in &mut ops {
                let weight = weight_of(shape);
                let [first, second, third] = shape.slots().map(|slot| slot as usize);
                counts[first][usize::from(shape.writes())] += weight;
                counts[second][READS] += weight;
                counts[third][READS] += weight;
                if shape.is_uncommon() {
                    uncommon = Some((shape, *inst, weight));
                    break;
                }
            }
            let Some((shape, inst, weight)) = uncommon else { break };
            self.count_uncommon(code, shape, inst, weight);
        }
    }

    /// Counts what only some ops do.
    #[inline(never)]
    fn count_uncommon(&mut self, code: &Code, shape: &Shape, inst: Inst, weight: u64) {
        if let Some((slot, of)) = shape.container() {
            self.containers[(slot - self.cells) as usize][usize::from(of == Container::Map)] += weight;
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
            self.count_wish(code, shape, inst, weight);
        }
    }

    /// Counts what a call reads and writes.
    fn count_call(&mut self, code: &Code, inst: Inst, weight: u64) {
        let arguments = arguments(code, inst);
        for step in arguments.moves {
            self.counts[step.from as usize][READS] += weight;
        }
        if (arguments.run.len() as u32) < RUN {
            for slot in arguments.run {
                self.counts[slot as usize][READS] += weight;
            }
        } else {
            self.reads_all = true;
        }
        // The callee decides in which bank a result lands.
        if let Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } = inst {
            let slot = |bank| code.layout.slot(bank, landing.register);
            let ends = [code.layout.start(Bank::F64), code.layout.start(Bank::Cell), code.layout.views().start];
            for (bank, end) in Bank::ALL.into_iter().zip(ends) {
                if slot(bank) < end {
                    let weight = if bank == landing.bank { weight } else { 0 };
                    let writes = &mut self.counts[slot(bank) as usize][WRITES];
                    *writes = (*writes + weight) | WRITTEN;
                }
            }
        }
    }

    /// Notes which machine registers an op wants, and what the fused multiply-add adds.
    fn count_wish(&mut self, code: &Code, shape: &Shape, inst: Inst, weight: u64) {
        match inst {
            Inst::ReturnI64 { src } | Inst::ReturnF64 { src } => self.counts[src as usize][WRITES] |= RESULT,
            Inst::Call { landing, .. } | Inst::CallMixed { landing, .. } if landing.bank != Bank::Cell => {
                let slot = code.layout.slot(landing.bank, landing.register);
                if let Some(count) = self.counts.get_mut(slot as usize) {
                    count[WRITES] |= RESULT;
                }
            }
            Inst::FmaF64 { dst, addend, start, .. } => {
                self.counts[(start + u32::from(addend)) as usize][READS] += weight;
                for slot in shape.reads().chain([dst]) {
                    self.counts[slot as usize][WRITES] |= FUSED;
                }
            }
            _ => {}
        }
    }

    /// Whether one op writes a slot, which is one of those that no loop begins or ends before; nothing is written at no
    /// weight.
    pub(super) fn is_written_only_at_entry(&self, slot: u32) -> bool {
        self.counts[slot as usize][WRITES] & !(RESULT | FUSED) == self.entry_weight
    }

    /// Says that a register is as well served in its slot, however often it is read. Something writes it.
    pub(super) fn drop_weight(&mut self, slot: u32) {
        let [reads, writes] = &mut self.counts[slot as usize];
        *reads = (*reads).min(1);
        *writes = *writes & FLAGS | WRITTEN;
    }

    /// The usage of a slot.
    #[inline]
    pub(super) fn of(&self, slot: u32) -> Usage {
        let [reads, writes] = self.counts[slot as usize];
        let cell = slot.checked_sub(self.cells).and_then(|cell| self.containers.get(cell as usize));
        let [list, map] = cell.copied().unwrap_or_default();
        let weight = reads + (writes & !FLAGS);
        Usage { weight, list, map, read: reads != 0 }
    }

    /// Whether a slot is best in the machine register that results travel in, and whether an op takes it in few machine
    /// registers only.
    #[inline]
    pub(super) fn wishes(&self, slot: u32) -> (bool, bool) {
        let writes = self.counts[slot as usize][WRITES];
        (writes & RESULT != 0, writes & FUSED != 0)
    }

    /// Whether an op reads a slot.
    #[inline]
    pub(super) fn is_read(&self, slot: u32) -> bool {
        self.counts[slot as usize][READS] != 0
    }

    /// Whether something writes a slot.
    #[inline]
    pub(super) fn is_written(&self, slot: u32) -> bool {
        self.counts[slot as usize][WRITES] & !(RESULT | FUSED) != 0
    }

    /// The weights of slots that are no cells, in ascending order.
    pub(super) fn weights(&self, slots: Range<u32>) -> impl Iterator<Item = (u32, u64)> {
        let counts = self.counts.get(slots.start as usize..slots.end as usize).unwrap_or_default();
        slots.zip(counts).map(|(slot, count)| (slot, count[READS] + (count[WRITES] & !FLAGS)))
    }

    /// The slots that ops name, in ascending order.
    #[cfg(feature = "cranelift")]
    pub(super) fn touched(&self) -> impl Iterator<Item = u32> {
        let named = (0..)
            .zip(&self.counts)
            .skip(1)
            .filter(|(_, count)| count[READS] != 0 || count[WRITES] & !(RESULT | FUSED) != 0);
        named.map(|(slot, _)| slot)
    }
}
