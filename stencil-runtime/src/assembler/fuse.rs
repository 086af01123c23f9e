//! Fusions: when the op being emitted ends a sequence that has a stencil of its own, what the sequence's earlier ops
//! left is taken back and the fused op is emitted instead. The longest sequence wins, also over a shorter one that it
//! begins with: what was fused is taken back as a whole. Ops of a table that is traced come through here, too.

use super::Assembler;
use crate::operand::Placed;
use stencil_table::{MAX_VALUES, OpRecord, Table, op_flags};

/// How many ops back a sequence may start.
const DEPTH: usize = 4;

/// The last ops that may belong to a sequence, oldest first.
#[derive(Debug)]
pub(super) struct History {
    past: Vec<Emitted>,
}

/// One emitted op.
#[derive(Debug, Clone)]
struct Emitted {
    op: u32,
    values: [Placed; MAX_VALUES + 1],
    /// Where its code starts and how many fixups there were before it.
    start: usize,
    fixups: usize,
    /// Where its code ends: the next op of a sequence starts there.
    end: usize,
    /// Whether its code is in the middle of a fused stencil, so that no sequence can start with it.
    inside: bool,
}

impl History {
    pub(super) fn new(table: &Table<'_>) -> Self {
        Self { past: Vec::with_capacity(if table.fusions().is_empty() { 0 } else { DEPTH }) }
    }

    /// Nothing before this point may be fused with what follows.
    pub(super) fn barrier(&mut self) {
        self.past.clear();
    }

    fn push(&mut self, emitted: Emitted) {
        if self.past.len() == DEPTH {
            self.past.remove(0);
        }
        self.past.push(emitted);
    }

    /// The ops from number `first` on are one stencil now, which ends at `end`.
    fn join(&mut self, first: usize, end: usize) {
        for (index, emitted) in self.past.iter_mut().enumerate().skip(first) {
            emitted.end = end;
            if index != first {
                (emitted.start, emitted.inside) = (end, true);
            }
        }
    }
}

/// The values of an op, to be remembered.
fn kept(values: &[Placed]) -> [Placed; MAX_VALUES + 1] {
    let mut kept = [Placed::word(0); MAX_VALUES + 1];
    kept[..values.len()].copy_from_slice(values);
    kept
}

impl<S> Assembler<'_, S> {
    /// Emits the fusion that this op ends, if there is one. Otherwise the op's own stencil comes next, which is noted if the
    /// table is traced.
    #[inline(never)]
    pub(super) fn fuse(&mut self, op: u32, record: &OpRecord, values: &[Placed]) -> bool {
        const IN_FUSION: u8 = op_flags::CONTINUES_FUSION | op_flags::ENDS_FUSION;
        if record.flags & IN_FUSION != 0 && self.fuse_with_past(op, record, values) {
            return true;
        }
        if record.flags & op_flags::TRACED != 0 {
            let stencil = u64::from(record.variants.start) + super::emit::number(&self.table, record, values);
            self.code.stencils.add(self.code.len, stencil as u32);
        }
        false
    }

    /// Emits the fusion that this op ends, if there is one. Remembers the op if a sequence may go on after it.
    fn fuse_with_past(&mut self, op: u32, record: &OpRecord, values: &[Placed]) -> bool {
        if self.history.past.last().is_some_and(|last| last.end != self.code.len) {
            self.history.barrier();
        }
        let goes_on = record.flags & op_flags::CONTINUES_FUSION != 0;
        if record.flags & op_flags::ENDS_FUSION != 0
            && let Some((fused, fused_values, count)) = self.longest(op, values)
        {
            let first = self.history.past.len() - count;
            let Emitted { start, fixups, .. } = self.history.past[first];
            self.code.len = start;
            self.code.fixups.truncate(fixups);
            self.code.marks.take_back(start);
            self.code.stencils.drop_from(start);
            let fused_count = self.table.ops().get(fused as usize).map_or(0, |op| usize::from(op.value_count));
            let emitted = self.emit_variant(fused, &fused_values[..=fused_count]);
            if goes_on {
                self.history.join(first, self.code.len);
                let end = self.code.len;
                self.history.push(Emitted { op, values: kept(values), start: end, fixups, end, inside: true });
            } else {
                self.history.barrier();
            }
            return emitted;
        }
        if goes_on {
            let (start, fixups) = (self.code.len, self.code.fixups.len());
            let end = start + self.variant_len(record, values);
            self.history.push(Emitted { op, values: kept(values), start, fixups, end, inside: false });
        } else {
            self.history.barrier();
        }
        false
    }

    fn variant_len(&self, record: &OpRecord, values: &[Placed]) -> usize {
        super::emit::find_slice(&self.table, record, values).map_or(0, |stencil| usize::from(stencil.len))
    }

    /// The longest fusion that ends with this op after what is remembered: its op, its values, and how many remembered
    /// ops it takes.
    fn longest(&self, op: u32, values: &[Placed]) -> Option<(u32, [Placed; MAX_VALUES + 1], usize)> {
        let table = self.table;
        let past = &self.history.past;
        // The table lists longer sequences first.
        table.fusions().iter().find_map(|fusion| {
            let sequence = fusion.sequence.get(..fusion.len as usize)?;
            let (last, before) = sequence.split_last()?;
            let count = before.len();
            let recent = past.get(past.len().checked_sub(count)?..)?;
            let same = *last == op && recent.iter().zip(before).all(|(emitted, op)| emitted.op == *op);
            let joined = recent.windows(2).all(|pair| pair[0].end == pair[1].start);
            let whole = recent.first().is_some_and(|first| !first.inside);
            if !same || !joined || !whole {
                return None;
            }
            let steps = recent.iter().map(|emitted| (emitted.op, &emitted.values[..])).chain([(op, values)]);
            let fused = table.ops().get(fusion.op as usize)?;
            let mut fused_values = [Placed::word(0); MAX_VALUES + 1];
            let mut seen = [false; MAX_VALUES];
            let mut map = table.map_of(fusion).iter();
            for (op, values) in steps {
                let count = usize::from(table.ops().get(op as usize)?.value_count);
                for value in values.get(..count)? {
                    let to = usize::from(*map.next()?);
                    if seen[to] && fused_values[to] != *value {
                        return None;
                    }
                    (seen[to], fused_values[to]) = (true, *value);
                }
            }
            let all = fused_values.get(..usize::from(fused.value_count))?;
            super::emit::find_slice(&table, fused, all)?;
            Some((fusion.op, fused_values, count))
        })
    }
}
