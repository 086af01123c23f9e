//! What is known of an opcode before any op is looked at: which of its fields are registers, what it does to control, and
//! which stencil does it. Passes over the code look it up instead of telling ops apart by a branch, which nothing could
//! predict.

use super::shape::{
    BRANCHES, DECODED, FALLS_THROUGH, JUMPS, MOVES, NEW_LIST, NEW_MAP, NOWHERE, ON_LIST, ON_MAP, OWN, SETS, SHOWS_ALL,
    WANTS, WRITES,
};
use crate::program::{Field, Opcode};
use stencil_runtime::{Prepared, Table};

/// How ops are stitched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// In a way of its own.
    Own,
    /// One stencil without exits: the result, and the other registers, or an immediate in place of the last.
    Simple,
    /// One stencil: the first register, the second or immediate, and where it goes.
    Branch,
}

/// What is known of an opcode.
#[derive(Clone, Copy, Debug)]
pub(super) struct Traits {
    /// What the fields A, B and C are counted from: 0 is no register, others are the number of a bank, plus 1.
    pub(super) banks: [u8; 3],
    /// The bits of the fields that are the number of a register: all or none.
    pub(super) registers: [u16; 3],
    /// All bits, that is [`NOWHERE`], unless field C is where the op jumps to.
    pub(super) nowhere: u32,
    /// The bits of the fields B and C that are the immediate of a stencil: all or none.
    pub(super) immediates: [u16; 2],
    /// What the immediate is multiplied by: -1 where a stencil that adds subtracts it.
    pub(super) sign: i8,
    /// Whether the values 1 and 2 of the stencil may be literals.
    pub(super) sources: [bool; 2],
    /// The number of the opcode that branches when this compare of ints does not; its own where there is none.
    pub(super) opposite: u8,
    /// What it does besides, and how it is stitched, as a shape's flags.
    pub(super) flags: u32,
}

impl Traits {
    /// Those of a number that is no opcode.
    const fn unknown(number: u8) -> Self {
        Self {
            banks: [0; 3],
            registers: [0; 3],
            nowhere: NOWHERE,
            immediates: [0; 2],
            sign: 1,
            sources: [false; 2],
            opposite: number,
            flags: OWN,
        }
    }

    const fn of(opcode: Opcode) -> Self {
        use Opcode::*;
        let [a, b, c] = opcode.fields();
        let jumps = matches!(c, Field::Target);
        let has_register = bank(a) != 0;
        let writes = has_register
            && !jumps
            && !matches!(
                opcode,
                ReturnI64 | ReturnF64 | ReturnCell | ListPushI64 | ListSetI64 | ListSetF64 | MapSetI64I64
            );
        let class = match stencil(opcode) {
            None => Class::Own,
            Some(_) if jumps => Class::Branch,
            Some(_) => Class::Simple,
        };
        let goes_on = writes
            || jumps && !matches!(opcode, Jump)
            || matches!(opcode, Nop | ListPushI64 | ListSetI64 | ListSetF64 | MapSetI64I64);
        let mut flags = match opcode {
            NewList => NEW_LIST,
            NewMap => NEW_MAP,
            ListPushI64 | ListGetI64 | ListSetI64 | ListGetF64 | ListSetF64 => ON_LIST,
            MapSetI64I64 | MapGetI64I64 => ON_MAP,
            ReturnI64 | ReturnF64 => WANTS,
            Deopt => SHOWS_ALL,
            CallI64 | CallF64 | CallMixed | TailCallI64 | FmaF64 => DECODED,
            // To itself, it is a jump.
            TailCallMixed => DECODED | JUMPS,
            _ => 0,
        };
        if goes_on {
            flags |= FALLS_THROUGH;
        }
        if jumps {
            flags |= JUMPS;
        }
        if writes {
            flags |= WRITES;
        }
        if matches!(opcode, MovI64 | MovF64) {
            flags |= MOVES;
        }
        let (immediates, value) = match (b, c) {
            (Field::Immediate, _) => ([u16::MAX, 0], 1),
            (Field::Unused, Field::Immediate) => ([0, u16::MAX], 1),
            (_, Field::Immediate) => ([0, u16::MAX], 2),
            _ => ([0; 2], 0),
        };
        let literal = match opcode {
            MovI64 | CmpEqI64Br | CmpNeI64Br | CmpLtI64Br | CmpLeI64Br | CmpGtI64Br | CmpGeI64Br => 1,
            AddI64 | MulI64 => 2,
            _ => value,
        };
        if value == 1 && matches!(class, Class::Simple) {
            flags |= SETS;
        }
        match class {
            Class::Own => flags |= OWN,
            Class::Branch => flags |= BRANCHES,
            Class::Simple => {}
        }
        Self {
            banks: [bank(a), bank(b), bank(c)],
            registers: [register(a), register(b), register(c)],
            nowhere: if jumps { 0 } else { NOWHERE },
            immediates,
            sign: if matches!(opcode, SubI64K) { -1 } else { 1 },
            sources: [literal == 1, literal == 2],
            opposite: opposite(opcode) as u8,
            flags,
        }
    }
}

/// What a field that is a register is counted from.
const fn bank(field: Field) -> u8 {
    match field {
        Field::I64 => 1,
        Field::F64 => 2,
        Field::Cell => 3,
        _ => 0,
    }
}

/// The bits of a field that are the number of a register.
const fn register(field: Field) -> u16 {
    if bank(field) == 0 { 0 } else { u16::MAX }
}

/// The compare of ints that branches when this one does not.
const fn opposite(opcode: Opcode) -> Opcode {
    use Opcode::*;
    match opcode {
        CmpEqI64Br => CmpNeI64Br,
        CmpNeI64Br => CmpEqI64Br,
        CmpLtI64Br => CmpGeI64Br,
        CmpLeI64Br => CmpGtI64Br,
        CmpGtI64Br => CmpLeI64Br,
        CmpGeI64Br => CmpLtI64Br,
        CmpEqI64KBr => CmpNeI64KBr,
        CmpNeI64KBr => CmpEqI64KBr,
        CmpLtI64KBr => CmpGeI64KBr,
        CmpLeI64KBr => CmpGtI64KBr,
        CmpGtI64KBr => CmpLeI64KBr,
        CmpGeI64KBr => CmpLtI64KBr,
        other => other,
    }
}

/// The stencil that does an op alone, if one does.
const fn stencil(opcode: Opcode) -> Option<&'static str> {
    use Opcode::*;
    Some(match opcode {
        MovI64 | ConstI64K => "move_ints",
        MovF64 => "move_floats",
        AddI64 | AddI64K | SubI64K => "add_i64",
        SubI64 => "sub_i64",
        MulI64 | MulI64K => "mul_i64",
        NegI64 => "neg_i64",
        AddF64 => "add_f64",
        SubF64 => "sub_f64",
        MulF64 => "mul_f64",
        DivF64 => "div_f64",
        NegF64 => "neg_f64",
        SqrtF64 => "sqrt_f64",
        I64ToF64 => "i64_to_f64",
        F64ToI64 => "f64_to_i64",
        CmpEqI64Br | CmpEqI64KBr => "jump_eq_i64",
        CmpNeI64Br | CmpNeI64KBr => "jump_ne_i64",
        CmpLtI64Br | CmpLtI64KBr => "jump_lt_i64",
        CmpLeI64Br | CmpLeI64KBr => "jump_le_i64",
        CmpGtI64Br | CmpGtI64KBr => "jump_gt_i64",
        CmpGeI64Br | CmpGeI64KBr => "jump_ge_i64",
        CmpEqF64Br => "jump_eq_f64",
        CmpNeF64Br => "jump_ne_f64",
        CmpLtF64Br => "jump_lt_f64",
        CmpLeF64Br => "jump_le_f64",
        CmpGtF64Br => "jump_gt_f64",
        CmpGeF64Br => "jump_ge_f64",
        _ => return None,
    })
}

/// By the number in the op.
pub(super) static TRAITS: [Traits; 256] = {
    let mut traits = [Traits::unknown(0); 256];
    let mut number = 0;
    while number < traits.len() {
        let known = number < Opcode::ALL.len();
        traits[number] = if known { Traits::of(Opcode::ALL[number]) } else { Traits::unknown(number as u8) };
        number += 1;
    }
    traits
};

/// The stencil of every op that has one of its own.
#[derive(Debug)]
pub(super) struct Stencils {
    /// By the numbers in `of_codes`; all others are no op of the table: an error when it is emitted.
    all: Box<[Stencil; MOST]>,
    /// By the number in the op.
    of_codes: [u8; 256],
}

/// How many stencils there are room for.
const MOST: usize = 32;

/// A stencil, found in the table, and its name.
#[derive(Debug)]
pub(super) struct Stencil {
    pub(super) prepared: Prepared,
    pub(super) name: &'static str,
}

impl Stencils {
    /// Those of a table.
    pub(super) fn of(table: &Table<'_>) -> Self {
        let mut all = Box::new(std::array::from_fn(|_| Stencil { prepared: Prepared::of(table, u32::MAX), name: "" }));
        let mut of_codes = [0; 256];
        // The first one is none.
        let mut count = 1;
        for opcode in Opcode::ALL {
            let Some(name) = stencil(opcode) else { continue };
            let known = all[..count].iter().position(|stencil| stencil.name == name);
            let index = known.unwrap_or_else(|| {
                let number = table.ops().iter().position(|op| table.text(op.name) == name);
                let prepared = Prepared::of(table, number.map_or(u32::MAX, |number| number as u32));
                all[count] = Stencil { prepared, name };
                count += 1;
                count - 1
            });
            of_codes[opcode as usize] = index as u8;
        }
        Self { all, of_codes }
    }

    /// That of an op with this opcode number.
    #[inline(always)]
    pub(super) fn of_op(&self, code: u8) -> &Stencil {
        &self.all[usize::from(self.of_codes[usize::from(code)]) % MOST]
    }
}
