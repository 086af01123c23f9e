//! Which registers of a function hold what the program gave them: compiled code does not touch the others.

use crate::program::{Bank, Field, Function, Op, Opcode};

/// The i64 and f64 registers that have a value before each op of a function.
#[derive(Debug)]
pub(super) struct Assigned {
    /// For each op, a bit for each i64 register, then for each f64 register.
    before: Vec<Bits>,
    /// Registers that the code may read before it sets them: those are zero from the start.
    zeroed: Bits,
    ints: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Bits(Vec<u64>);

impl Bits {
    fn new(count: usize, set: bool) -> Self {
        Self(vec![if set { u64::MAX } else { 0 }; count.div_ceil(64)])
    }

    fn has(&self, bit: usize) -> bool {
        self.0.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 != 0)
    }

    fn set(&mut self, bit: usize) {
        if let Some(word) = self.0.get_mut(bit / 64) {
            *word |= 1 << (bit % 64);
        }
    }

    /// Keeps what is in `other`, too. Whether that is less than before.
    fn meet(&mut self, other: &Self) -> bool {
        let mut less = false;
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            less |= *word & !other != 0;
            *word &= other;
        }
        less
    }
}

impl Assigned {
    /// Follows all paths through a verified function.
    pub(super) fn of(function: &Function) -> Self {
        let ints = usize::from(function.registers.of(Bank::I64));
        let count = ints + usize::from(function.registers.of(Bank::F64));
        let mut entry = Bits::new(count, false);
        (0..function.parameter_count(Bank::I64)).for_each(|number| entry.set(number));
        (0..function.parameter_count(Bank::F64)).for_each(|number| entry.set(ints + number));
        let mut assigned =
            Self { before: vec![Bits::new(count, true); function.code.len()], zeroed: Bits::new(count, false), ints };
        let mut open = Vec::new();
        assigned.reach(0, &entry, &mut open);
        // What is before an op only shrinks, so this ends.
        while let Some(pc) = open.pop() {
            let op = function.code[pc];
            let mut after = assigned.before[pc].clone();
            if let Some(register) = written(op).and_then(|place| assigned.index(place)) {
                after.set(register);
            }
            if op.opcode().is_some_and(Opcode::falls_through) {
                assigned.reach(pc + 1, &after, &mut open);
            }
            if op.opcode().is_some_and(|opcode| opcode.fields()[2] == Field::Target) {
                assigned.reach(usize::from(op.index()), &after, &mut open);
            }
        }
        for (op, before) in function.code.iter().zip(&assigned.before) {
            let reads = read(*op).into_iter().flatten().filter_map(|place| index_of(ints, place));
            for register in reads.filter(|register| !before.has(*register)) {
                assigned.zeroed.set(register);
            }
        }
        assigned
    }

    /// Whether a register has a value before the op at `pc`. Cells always have one.
    pub(super) fn has(&self, pc: usize, bank: Bank, number: u16) -> bool {
        self.index((bank, number)).is_none_or(|bit| self.zeroed.has(bit) || self.before[pc].has(bit))
    }

    /// Comes to an op with these registers set; if that is news, or they are fewer than before, the op is `open` again.
    fn reach(&mut self, pc: usize, set: &Bits, open: &mut Vec<usize>) {
        if let Some(before) = self.before.get_mut(pc)
            && before.meet(set)
        {
            open.push(pc);
        }
    }

    fn index(&self, place: (Bank, u16)) -> Option<usize> {
        index_of(self.ints, place)
    }
}

/// The bit of a register.
fn index_of(ints: usize, (bank, number): (Bank, u16)) -> Option<usize> {
    match bank {
        Bank::I64 => Some(usize::from(number)),
        Bank::F64 => Some(ints + usize::from(number)),
        Bank::Cell => None,
    }
}

/// The registers in the fields of an op, arguments of calls left aside.
fn fields(op: Op) -> [Option<(Bank, u16)>; 3] {
    let fields = op.opcode().map_or([Field::Unused; 3], Opcode::fields);
    let mut registers = [None; 3];
    for ((place, field), value) in registers.iter_mut().zip(fields).zip(op.values()) {
        *place = match field {
            Field::I64 => Some((Bank::I64, value)),
            Field::F64 => Some((Bank::F64, value)),
            Field::Result => Some((op.result_bank(), value)),
            _ => None,
        };
    }
    registers
}

/// Whether field A of an op is what it writes: it is one more operand of those that write to a list or map, branch, or
/// return.
fn writes(op: Op) -> bool {
    use Opcode::{ListPushI64, ListSetF64, ListSetI64, MapSetI64I64, ReturnCell, ReturnF64, ReturnI64};
    let branches = op.opcode().is_some_and(|opcode| opcode.fields()[2] == Field::Target);
    let others = [ListPushI64, ListSetI64, ListSetF64, MapSetI64I64, ReturnI64, ReturnF64, ReturnCell];
    !branches && !op.opcode().is_some_and(|opcode| others.contains(&opcode))
}

fn written(op: Op) -> Option<(Bank, u16)> {
    fields(op)[0].filter(|_| writes(op))
}

fn read(op: Op) -> [Option<(Bank, u16)>; 5] {
    let [first, second, third] = fields(op);
    let pair = op.opcode().is_some_and(|opcode| opcode.fields()[2] == Field::F64Pair);
    let [low, high] = op.register_pair().map(|number| pair.then_some((Bank::F64, u16::from(number))));
    [first.filter(|_| !writes(op)), second, third, low, high]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::text;

    #[test]
    fn registers_have_values_where_every_path_has_set_them() {
        let source = "func f(i64) -> i64 {
            regs 5 i64, 2 f64
            CmpLtI64KBr r0, 0, less
            ConstI64K r1, 1
            ConstI64K r2, 2
            Jump joined
        less:
            ConstI64K r1, 3
        joined:
            AddF64 d0, d0, d0
            AddI64 r3, r1, r1
        again:
            SubI64K r3, r3, 1
            CmpGtI64KBr r3, 0, again
            ReturnI64 r3
        }";
        let program = text::parse(source).unwrap();
        let assigned = Assigned::of(&program.functions[0]);
        let at = |pc: usize| -> String {
            let banks = [(Bank::I64, 5), (Bank::F64, 2), (Bank::Cell, 1)];
            let all = banks.into_iter().flat_map(|(bank, count)| (0..count).map(move |number| (bank, number)));
            let shown = all.filter(|(bank, number)| assigned.has(pc, *bank, *number));
            shown.map(|(bank, number)| format!("{}{number} ", bank.letter())).collect()
        };
        // d0 is added to before anything is in it, so it starts as zero; nothing is ever in r4 and d1.
        assert_eq!(at(0), "r0 d0 c0 ");
        assert_eq!(at(3), "r0 r1 r2 d0 c0 ");
        assert_eq!(at(4), "r0 d0 c0 ");
        assert_eq!(at(5), "r0 r1 d0 c0 ");
        assert_eq!(at(7), "r0 r1 r3 d0 c0 ");
        assert_eq!(at(9), "r0 r1 r3 d0 c0 ");
    }
}
