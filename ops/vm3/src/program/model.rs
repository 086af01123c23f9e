//! Programs as data: nothing here has been checked yet, see [`Program::verify`].

use super::{Cell, Op};
use std::fmt;

/// One of the three kinds of register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bank {
    /// 64-bit ints.
    I64,
    /// Floats.
    F64,
    /// Tagged values.
    Cell,
}

impl Bank {
    /// Every bank, in the order of a frame.
    pub const ALL: [Self; 3] = [Self::I64, Self::F64, Self::Cell];

    /// The bank's name in program files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::I64 => "i64",
            Self::F64 => "f64",
            Self::Cell => "cell",
        }
    }

    /// The bank with this name, if there is one.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|bank| bank.name() == name)
    }

    /// The letter that register names of this bank start with.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::I64 => 'r',
            Self::F64 => 'd',
            Self::Cell => 'c',
        }
    }
}

impl fmt::Display for Bank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How many registers a function has in each bank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RegisterCounts {
    /// Registers of the i64 bank.
    pub i64: u16,
    /// Registers of the f64 bank.
    pub f64: u16,
    /// Registers of the cell bank.
    pub cell: u16,
}

impl RegisterCounts {
    /// The registers of `bank`.
    #[must_use]
    pub const fn of(self, bank: Bank) -> u16 {
        match bank {
            Bank::I64 => self.i64,
            Bank::F64 => self.f64,
            Bank::Cell => self.cell,
        }
    }
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// The name, for people: nothing looks a function up by it.
    pub name: String,
    /// Registers per bank.
    pub registers: RegisterCounts,
    /// The bank of each parameter.
    pub parameters: Vec<Bank>,
    /// The bank the function says it returns in; what counts is the return op that is executed.
    pub result: Bank,
    /// Constants, by index.
    pub constants: Vec<Cell>,
    /// Tables of ints, by index.
    pub tables: Vec<Vec<i64>>,
    /// The bytecode.
    pub code: Vec<Op>,
    /// Whether the function is one of the host's, see [`Function::host`].
    pub host: bool,
}

impl Function {
    /// A function without code, which the host provides by name when a machine is made, see [`crate::HostFunctions`]. Its
    /// parameters are in registers of their banks, each with the number of its position, as mixed calls pass them.
    #[must_use]
    pub fn host(name: impl Into<String>, parameters: &[Bank], result: Bank) -> Self {
        let mut registers = RegisterCounts::default();
        for (count, bank) in (1..=u16::MAX).zip(parameters) {
            match bank {
                Bank::I64 => registers.i64 = count,
                Bank::F64 => registers.f64 = count,
                Bank::Cell => registers.cell = count,
            }
        }
        Self {
            name: name.into(),
            registers,
            parameters: parameters.to_vec(),
            result,
            constants: Vec::new(),
            tables: Vec::new(),
            code: Vec::new(),
            host: true,
        }
    }

    /// How many parameters are of `bank`.
    #[must_use]
    pub fn parameter_count(&self, bank: Bank) -> usize {
        self.parameters.iter().filter(|parameter| **parameter == bank).count()
    }
}

/// Where the ops of a program come from, for people. Empty for what is not known.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The path of the file that the lines count in.
    pub file: Option<String>,
    /// For each function the line of each op, from 1; 0 where none is known.
    pub lines: Vec<Vec<u32>>,
}

impl Source {
    /// The line of the op at `pc` of a function, if it is known.
    #[must_use]
    pub fn line(&self, function: usize, pc: usize) -> Option<u32> {
        self.lines.get(function)?.get(pc).copied().filter(|line| *line != 0)
    }
}

/// A program. Two are equal that do the same, whatever their sources are.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The functions, by index.
    pub functions: Vec<Function>,
    /// The index of the function that a run starts with.
    pub entry: usize,
    /// Strings that stand in the string arena of every new machine, from slot 0 on; constants name them by handle.
    pub strings: Vec<Vec<u8>>,
    /// Where all this comes from.
    pub source: Source,
}

impl PartialEq for Program {
    fn eq(&self, other: &Self) -> bool {
        (&self.functions, self.entry, &self.strings) == (&other.functions, other.entry, &other.strings)
    }
}

impl Eq for Program {}

impl Program {
    /// The index of the first function called `name`, if there is one.
    #[must_use]
    pub fn function_named(&self, name: &str) -> Option<usize> {
        self.functions.iter().position(|function| function.name == name)
    }
}
