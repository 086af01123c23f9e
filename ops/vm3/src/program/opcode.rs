//! The 72 opcodes: numbers, mnemonics, and what their operand fields mean. A new opcode is one line of the table below.

/// What one of an op's three 16-bit fields means. Verifier, text format and decoder all read this table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// Not looked at.
    Unused,
    /// A register of the i64 bank.
    I64,
    /// A register of the f64 bank.
    F64,
    /// A register of the cell bank.
    Cell,
    /// Two f64 registers, the first in the low byte and the second in the high byte.
    F64Pair,
    /// A signed 16-bit immediate.
    Immediate,
    /// An unsigned 16-bit number.
    Number,
    /// A bytecode position to go to.
    Target,
    /// An index into the function's constants.
    Constant,
    /// An index into the function's i64 tables.
    Table,
    /// An index into the program's functions.
    Function,
    /// The register that takes a result, of the bank in the low two bits of the op's flags.
    Result,
    /// The first argument register, in the i64 bank.
    I64Arguments,
    /// The first argument register, in the f64 bank.
    F64Arguments,
    /// The first argument register, in every bank at once.
    Arguments,
}

macro_rules! opcodes {
    ($($code:literal $name:ident ($a:ident, $b:ident, $c:ident) $doc:literal;)*) => {
        /// An operation of the machine. The discriminant is its number in bytecode. In the descriptions `r`, `d` and
        /// `c` are registers of the i64, f64 and cell bank, and A, B, C the op's fields.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Opcode { $(#[doc = $doc] $name = $code,)* }

        impl Opcode {
            /// Every opcode, in the order of their numbers: `ALL[n]` has number `n`.
            pub const ALL: [Self; 72] = [$(Self::$name),*];

            /// The mnemonic, as program files spell it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }

            /// What the fields A, B and C mean.
            #[must_use]
            pub const fn fields(self) -> [Field; 3] {
                match self { $(Self::$name => [Field::$a, Field::$b, Field::$c],)* }
            }
        }
    };
}

opcodes! {
    0 Nop(Unused, Unused, Unused) "nothing";
    1 MovI64(I64, I64, Unused) "`rA = rB`";
    2 MovF64(F64, F64, Unused) "`dA = dB`, bit for bit";
    3 ConstI64K(I64, Unused, Immediate) "`rA = C`";
    4 ConstF64K(F64, Unused, Constant) "`dA` = the raw bits of `consts[C]`";
    5 ConstI64KW(I64, Unused, Constant) "`rA` = the low 48 bits of `consts[C]`, sign-extended";
    6 AddI64(I64, I64, I64) "`rA = rB + rC`, wrapping";
    7 SubI64(I64, I64, I64) "`rA = rB - rC`, wrapping";
    8 MulI64(I64, I64, I64) "`rA = rB * rC`, wrapping";
    9 DivI64(I64, I64, I64) "`rA = rB / rC`, truncating; an error when `rC` is 0; `MIN / -1` is `MIN`";
    10 ModI64(I64, I64, I64) "`rA = rB % rC`, with the sign of `rB`; an error when `rC` is 0; `MIN % -1` is 0";
    11 NegI64(I64, I64, Unused) "`rA = -rB`, wrapping";
    12 AddI64K(I64, I64, Immediate) "`rA = rB + C`, wrapping";
    13 SubI64K(I64, I64, Immediate) "`rA = rB - C`, wrapping";
    14 MulI64K(I64, I64, Immediate) "`rA = rB * C`, wrapping";
    15 DivI64K(I64, I64, Immediate) "`rA = rB / C`; an error when `C` is 0";
    16 ModI64K(I64, I64, Immediate) "`rA = rB % C`; an error when `C` is 0";
    17 AddF64(F64, F64, F64) "`dA = dB + dC`";
    18 SubF64(F64, F64, F64) "`dA = dB - dC`";
    19 MulF64(F64, F64, F64) "`dA = dB * dC`";
    20 DivF64(F64, F64, F64) "`dA = dB / dC`";
    21 NegF64(F64, F64, Unused) "`dA` = `dB` with its sign bit flipped";
    22 CmpEqI64Br(I64, I64, Target) "goes to C when `rA == rB`";
    23 CmpNeI64Br(I64, I64, Target) "goes to C when `rA != rB`";
    24 CmpLtI64Br(I64, I64, Target) "goes to C when `rA < rB`";
    25 CmpLeI64Br(I64, I64, Target) "goes to C when `rA <= rB`";
    26 CmpGtI64Br(I64, I64, Target) "goes to C when `rA > rB`";
    27 CmpGeI64Br(I64, I64, Target) "goes to C when `rA >= rB`";
    28 CmpEqI64KBr(I64, Immediate, Target) "goes to C when `rA == B`";
    29 CmpNeI64KBr(I64, Immediate, Target) "goes to C when `rA != B`";
    30 CmpLtI64KBr(I64, Immediate, Target) "goes to C when `rA < B`";
    31 CmpLeI64KBr(I64, Immediate, Target) "goes to C when `rA <= B`";
    32 CmpGtI64KBr(I64, Immediate, Target) "goes to C when `rA > B`";
    33 CmpGeI64KBr(I64, Immediate, Target) "goes to C when `rA >= B`";
    34 Jump(Unused, Unused, Target) "goes to C";
    35 CallI64(I64, I64Arguments, Function) "`rA = funcs[C](rB, rB+1, ..)`: as many as C has i64 parameters";
    36 CallF64(F64, F64Arguments, Function) "`dA = funcs[C](dB, dB+1, ..)`: as many as C has f64 parameters";
    37 CallCell(Unused, Unused, Unused) "has no effect defined: an unknown opcode when executed";
    38 TailCallI64(Unused, I64Arguments, Function) "replaces the frame by `funcs[C](rB, rB+1, ..)`";
    39 ReturnI64(I64, Unused, Unused) "returns `rA`";
    40 ReturnF64(F64, Unused, Unused) "returns `dA`";
    41 ReturnCell(Cell, Unused, Unused) "returns `cA`";
    42 ReturnConstK(Unused, Unused, Immediate) "returns C";
    43 Deopt(Unused, Unused, Number) "ends the run with the deopt sentinel of bytecode position C";
    44 ConstStrKW(Cell, Unused, Constant) "`cA = consts[C]`";
    45 LenStr(I64, Cell, Unused) "`rA` = the length of string `cB` in bytes";
    46 ConcatStr(Cell, Cell, Cell) "`cA` = string `cB` followed by string `cC`";
    47 CallMixed(Result, Arguments, Function) "calls `funcs[C]`; parameter k of bank b comes from register B+k of bank b";
    48 TailCallMixed(Unused, Arguments, Function) "the same in place of this frame; to itself with B = 0 it only goes to 0";
    49 NewList(Cell, Unused, Immediate) "`cA` = a new list with room for C elements; a fault when C is negative";
    50 ListLenI64(I64, Cell, Unused) "`rA` = the length of list `cB`, 0 when `cB` names another arena";
    51 ListPushI64(Cell, I64, Unused) "appends the low 48 bits of `rB` to list `cA`";
    52 ListGetI64(I64, Cell, I64) "`rA` = the int in `cB[rC]`";
    53 ListSetI64(Cell, I64, I64) "`cA[rC]` = the low 48 bits of `rB`";
    54 NewMap(Cell, Unused, Number) "`cA` = a new map with room for C entries";
    55 MapSetI64I64(Cell, I64, I64) "`cA[rB] = rC`";
    56 MapGetI64I64(I64, Cell, I64) "`rA = cB[rC]`, 0 when there is no such key";
    57 ListGetF64(F64, Cell, I64) "`dA` = the raw bits of `cB[rC]`";
    58 ListSetF64(Cell, F64, I64) "`cA[rC] = dB`, every NaN the canonical one";
    59 ListGetCell(Unused, Unused, Unused) "has no effect defined: an unknown opcode when executed";
    60 ListSetCell(Unused, Unused, Unused) "has no effect defined: an unknown opcode when executed";
    61 CmpEqF64Br(F64, F64, Target) "goes to C when `dA == dB`";
    62 CmpNeF64Br(F64, F64, Target) "goes to C when `dA != dB`, so also when one is NaN";
    63 CmpLtF64Br(F64, F64, Target) "goes to C when `dA < dB`";
    64 CmpLeF64Br(F64, F64, Target) "goes to C when `dA <= dB`";
    65 CmpGtF64Br(F64, F64, Target) "goes to C when `dA > dB`";
    66 CmpGeF64Br(F64, F64, Target) "goes to C when `dA >= dB`";
    67 I64ToF64(F64, I64, Unused) "`dA` = `rB` rounded to the nearest float";
    68 F64ToI64(I64, F64, Unused) "`rA` = `dB` truncated; `MIN` for what an i64 cannot hold";
    69 FmaF64(F64, F64, F64Pair) "`dA = dB * d[C & 255] + d[C >> 8]`, rounded once";
    70 LookupI64KW(I64, I64, Table) "`rA = tables[C][rB]`";
    71 SqrtF64(F64, F64, Unused) "`dA` = the square root of `dB`";
}

impl Opcode {
    /// The opcode with number `code`, if there is one.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// The opcode with this mnemonic, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|opcode| opcode.name() == name)
    }

    /// Whether executing it always fails: the machine knows the number and gives it no effect.
    #[must_use]
    pub const fn is_undefined(self) -> bool {
        matches!(self, Self::CallCell | Self::ListGetCell | Self::ListSetCell)
    }

    /// Whether it names a function, which it calls or turns its frame into.
    #[must_use]
    pub const fn calls(self) -> bool {
        matches!(self, Self::CallI64 | Self::CallF64 | Self::CallMixed | Self::TailCallI64 | Self::TailCallMixed)
    }

    /// Whether control can go on to the next op.
    #[must_use]
    pub const fn falls_through(self) -> bool {
        !self.is_undefined()
            && !matches!(
                self,
                Self::Jump
                    | Self::TailCallI64
                    | Self::TailCallMixed
                    | Self::ReturnI64
                    | Self::ReturnF64
                    | Self::ReturnCell
                    | Self::ReturnConstK
                    | Self::Deopt
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_go_both_ways() {
        for (code, opcode) in (0..).zip(Opcode::ALL) {
            assert_eq!(opcode as u8, code);
            assert_eq!(Opcode::from_code(code), Some(opcode));
            assert_eq!(Opcode::from_name(opcode.name()), Some(opcode));
        }
        assert_eq!(Opcode::from_code(72), None);
        assert_eq!(Opcode::from_name("Op72"), None);
    }

    #[test]
    fn three_numbers_have_no_effect() {
        let undefined: Vec<u8> = Opcode::ALL.into_iter().filter(|o| o.is_undefined()).map(|o| o as u8).collect();
        assert_eq!(undefined, [37, 59, 60]);
    }
}
