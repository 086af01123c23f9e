//! One op of bytecode: 8 bytes, as the machine defines them.

use super::{Bank, Opcode};

/// One op: an opcode number, flags, and three 16-bit fields whose meaning [`Opcode::fields`] gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(C)]
pub struct Op {
    /// The opcode number; not every number is an [`Opcode`].
    pub code: u8,
    /// For `CallMixed` the bank of the result in the low two bits; otherwise not looked at.
    pub flags: u8,
    /// The field A.
    pub a: u16,
    /// The field B. Compares with an immediate read it as signed.
    pub b: u16,
    /// The field C. Register numbers, targets and indexes are read as unsigned, immediates as signed.
    pub c: i16,
}

impl Op {
    /// An op without flags.
    #[must_use]
    pub const fn new(opcode: Opcode, a: u16, b: u16, c: i16) -> Self {
        Self { code: opcode as u8, flags: 0, a, b, c }
    }

    /// The opcode, unless the number has none.
    #[must_use]
    pub fn opcode(self) -> Option<Opcode> {
        Opcode::from_code(self.code)
    }

    /// Field C as the unsigned number that registers, targets and indexes use.
    #[must_use]
    pub const fn index(self) -> u16 {
        self.c.cast_unsigned()
    }

    /// The fields A, B and C as unsigned numbers.
    #[must_use]
    pub const fn values(self) -> [u16; 3] {
        [self.a, self.b, self.index()]
    }

    /// The two registers packed in field C, the first from the low byte.
    #[must_use]
    pub const fn register_pair(self) -> [u8; 2] {
        self.c.to_le_bytes()
    }

    /// Where the result of a call goes, from the low two bits of the flags; 3 means the cell bank.
    #[must_use]
    pub const fn result_bank(self) -> Bank {
        match self.flags & 3 {
            0 => Bank::I64,
            1 => Bank::F64,
            _ => Bank::Cell,
        }
    }
}
