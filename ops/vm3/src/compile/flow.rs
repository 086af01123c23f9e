//! The shapes of all ops of a function, its jumps and its loops.

use super::opcodes::TRAITS;
use super::shape::{DECODED, JUMPS, OWN, Shape, TARGET, TURN};
use crate::code::{Code, Inst, Move};
use crate::program::{Bank, Op};
use std::cmp::Reverse;
use std::ops::Range;
use std::sync::Arc;

/// The shapes of the ops of one function. Like its decoded form they depend on the program alone, and are made with it.
#[derive(Debug)]
pub(super) struct Shapes {
    /// By position, then that of an op behind the last one.
    shapes: Box<[Shape]>,
    /// The ops that may jump, and those whose decoded form tells more than their fields, in ascending order.
    jumps: Box<[u32]>,
    /// The ops that loops start at, in ascending order.
    pub(super) loops: Arc<[u32]>,
}

impl Shapes {
    /// Those of a function; `ops` are what `code` was decoded from, unless it is a function of the host. `jumps` is room to
    /// work in.
    pub(super) fn of(code: &Code, ops: &[Op], jumps: &mut Vec<u32>) -> Self {
        let [ints, floats, cells] = Bank::ALL.map(|bank| code.layout.start(bank));
        let starts = [0, ints, floats, cells];
        let none = Shape::reading([0; 3]);
        let mut shapes: Box<[Shape]> = if let [inst @ Inst::Host { .. }] = &code.insts[..] {
            // There is no op to look at: it is left to the interpreter.
            [Shape::of(*inst).with(OWN), none].into()
        } else {
            let shape = |op: &Op| Shape::of_op(op, &TRAITS[usize::from(op.code)], &starts);
            ops.iter().map(shape).chain([none]).collect()
        };
        if jumps.len() < shapes.len() {
            jumps.resize(shapes.len(), 0);
        }
        let mut found = 0;
        for (pc, shape) in shapes.iter().enumerate() {
            // The next one takes the place of one that does neither.
            jumps[found] = pc as u32;
            found += usize::from(shape.has(JUMPS | DECODED));
        }
        let jumps: Box<[u32]> = jumps[..found].into();
        let mut turns = Vec::new();
        for pc in jumps.iter().map(|pc| *pc as usize) {
            if shapes[pc].has(DECODED) {
                shapes[pc] = Shape::of(code.insts[pc]).with(OWN);
            }
        }
        for pc in jumps.iter().map(|pc| *pc as usize) {
            let Some(target) = shapes[pc].target() else { continue };
            shapes[target].flags |= TARGET;
            if target <= pc {
                turns.push(target as u32..pc as u32 + 1);
                match turned(code, pc) {
                    Some((head, _)) => shapes[head + 1].flags |= TARGET | TURN,
                    None => shapes[target].flags |= TURN,
                }
            }
        }
        let loops = nest(&mut shapes, turns);
        Self { shapes, jumps, loops }
    }

    /// Whether compiled code jumps to the op at `pc`.
    #[inline]
    pub(super) fn is_target(&self, pc: usize) -> bool {
        self.shapes[pc].has(TARGET)
    }

    /// Whether a loop goes round to the op at `pc`: to its head, or behind that where the turn compares itself.
    pub(super) fn turns_to(&self, pc: usize) -> bool {
        self.shapes[pc].has(TURN)
    }

    /// The ops that jump, in ascending order, and where they jump to.
    pub(super) fn jumps(&self) -> impl Iterator<Item = (usize, usize)> {
        self.jumps.iter().filter_map(|pc| Some((*pc as usize, self.shapes[*pc as usize].target()?)))
    }

    /// All, by position.
    pub(super) fn all(&self) -> &[Shape] {
        self.shapes.split_last().map_or(&[], |(_, shapes)| shapes)
    }

    /// That of the op at `pc`.
    #[inline]
    pub(super) fn at(&self, pc: usize) -> &Shape {
        &self.shapes[pc]
    }
}

/// Notes in how many loops each op is, of which each jump back is a turn; gives the loops' heads, in ascending order.
fn nest(shapes: &mut [Shape], mut turns: Vec<Range<u32>>) -> Arc<[u32]> {
    turns.sort_unstable_by_key(|turn| (turn.start, Reverse(turn.end)));
    // Of the turns of one loop the longest counts.
    turns.dedup_by_key(|turn| turn.start);
    let changes = turns.iter().flat_map(|turn| [(turn.start, 1), (turn.end, -1)]);
    let mut changes: Vec<(u32, i32)> = changes.collect();
    changes.sort_unstable();
    let mut depth = 0;
    for pair in changes.windows(2) {
        depth += pair[0].1;
        let depth = u8::try_from(depth).unwrap_or(u8::MAX);
        shapes[pair[0].0 as usize..pair[1].0 as usize].iter_mut().for_each(|shape| shape.depth = depth);
    }
    turns.into_iter().map(|turn| turn.start).collect()
}

/// The arguments that an op passes.
#[derive(Debug)]
pub(super) struct Arguments<'c> {
    /// Those that are taken from one run of slots.
    pub(super) run: Range<u32>,
    /// The others.
    pub(super) moves: &'c [Move],
}

/// Those of `inst` of `code`.
pub(super) fn arguments(code: &Code, inst: Inst) -> Arguments<'_> {
    match inst {
        // Where nothing is passed, the first register may be anywhere.
        Inst::Call { count: 0, .. } | Inst::TailCallI64 { count: 0, .. } => Arguments { run: 0..0, moves: &[] },
        Inst::Call { count, first, .. } | Inst::TailCallI64 { count, first, .. } => {
            Arguments { run: first..first + u32::from(count), moves: &[] }
        }
        Inst::CallMixed { moves, .. } | Inst::TailCallMixed { moves, .. } => {
            Arguments { run: 0..0, moves: code.moves(moves) }
        }
        _ => Arguments { run: 0..0, moves: &[] },
    }
}

/// The compare of ints at the head of a loop that the jump at `pc` closes, if there is one: the jump becomes the opposite
/// compare, so that there is one branch per turn.
pub(super) fn turned(code: &Code, pc: usize) -> Option<(usize, Inst)> {
    let Inst::Jump { target } = code.insts[pc] else { return None };
    let head = target as usize;
    let inst = code.insts[head];
    let opposite = match inst {
        Inst::JumpEqI64 { lhs, rhs, target } => Inst::JumpNeI64 { lhs, rhs, target },
        Inst::JumpNeI64 { lhs, rhs, target } => Inst::JumpEqI64 { lhs, rhs, target },
        Inst::JumpLtI64 { lhs, rhs, target } => Inst::JumpGeI64 { lhs, rhs, target },
        Inst::JumpLeI64 { lhs, rhs, target } => Inst::JumpGtI64 { lhs, rhs, target },
        Inst::JumpGtI64 { lhs, rhs, target } => Inst::JumpLeI64 { lhs, rhs, target },
        Inst::JumpGeI64 { lhs, rhs, target } => Inst::JumpLtI64 { lhs, rhs, target },
        Inst::JumpEqI64K { lhs, rhs, target } => Inst::JumpNeI64K { lhs, rhs, target },
        Inst::JumpNeI64K { lhs, rhs, target } => Inst::JumpEqI64K { lhs, rhs, target },
        Inst::JumpLtI64K { lhs, rhs, target } => Inst::JumpGeI64K { lhs, rhs, target },
        Inst::JumpLeI64K { lhs, rhs, target } => Inst::JumpGtI64K { lhs, rhs, target },
        Inst::JumpGtI64K { lhs, rhs, target } => Inst::JumpLeI64K { lhs, rhs, target },
        Inst::JumpGeI64K { lhs, rhs, target } => Inst::JumpLtI64K { lhs, rhs, target },
        _ => return None,
    };
    (head <= pc).then_some((head, opposite))
}

#[cfg(test)]
mod tests {
    use super::super::shape::{BRANCHES, MOVES};
    use super::*;
    use crate::code::decode;
    use crate::program::{Cell, Field, Function, Opcode, Program, RegisterCounts};
    use std::collections::BTreeSet;

    /// A program of one function in which every opcode that can stand there by itself is an op, all operands different.
    fn every_opcode() -> Vec<Op> {
        let opcodes = Opcode::ALL.into_iter().filter(|opcode| !opcode.is_undefined());
        let jumps = |opcode: &Opcode| opcode.fields().contains(&Field::Target);
        let mut ops: Vec<Op> = opcodes.clone().map(|opcode| Op::new(opcode, 1, 2, 3)).collect();
        // Back, too; and registers that are operand and result in one.
        ops.extend(opcodes.clone().filter(jumps).map(|opcode| Op::new(opcode, 4, 5, 90)));
        ops.extend(opcodes.map(|opcode| Op::new(opcode, 0, 0, 0)));
        // Of itself: a jump.
        ops.push(Op::new(Opcode::TailCallMixed, 0, 0, 1));
        ops.push(Op::new(Opcode::ReturnI64, 0, 0, 0));
        ops
    }

    #[test]
    fn ops_have_the_shapes_of_their_decoded_forms() {
        let ops = every_opcode();
        let count = |count| RegisterCounts { i64: count, f64: count, cell: count };
        let callee = |name: &str| Function {
            name: name.into(),
            registers: count(8),
            parameters: vec![Bank::I64, Bank::F64],
            result: Bank::I64,
            constants: vec![Cell::float(2.5), Cell::float(1.5), Cell::float(0.5), Cell::float(3.5)],
            tables: vec![vec![1, 2]; 4],
            code: vec![Op::new(Opcode::ReturnI64, 0, 0, 0)],
            host: false,
        };
        let mut functions: Vec<Function> = ["a", "b", "c", "d"].map(callee).into();
        functions[1].code = ops.clone();
        let program = Program { functions, ..Program::default() }.verify().unwrap();
        let code = &decode(&program)[1];
        let shapes = Shapes::of(code, &ops, &mut Vec::new());
        for (pc, (op, inst)) in ops.iter().zip(&code.insts).enumerate() {
            let (found, expected) = (*shapes.at(pc), Shape::of(*inst));
            let reads = |shape: Shape| shape.reads().collect::<BTreeSet<_>>();
            assert_eq!(reads(found), reads(expected), "{op:?}");
            assert_eq!(found.written(), expected.written(), "{op:?}");
            assert_eq!(found.target(), expected.target(), "{op:?}");
            assert_eq!(found.container(), expected.container(), "{op:?}");
            // How the op is stitched only its opcode tells.
            let told = (BRANCHES - 1) & !(MOVES | DECODED);
            assert_eq!(found.flags & told, expected.flags & told, "{op:?}");
        }
    }

    #[test]
    fn compares_of_ints_have_one_opposite() {
        for opcode in Opcode::ALL {
            let opposite = TRAITS[opcode as usize].opposite;
            assert_eq!(TRAITS[usize::from(opposite)].opposite, opcode as u8);
            let turns = opcode.fields()[2] == Field::Target && opcode.fields()[0] == Field::I64;
            assert_eq!(opposite != opcode as u8, turns, "{opcode:?}");
        }
    }
}
