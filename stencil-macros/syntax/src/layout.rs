//! How the machine's parts are laid into argument registers, per architecture and calling convention.

use crate::ast::{CountKey, Machine};
use syn::Type;

/// The instruction set that stencils are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit Arm.
    Aarch64,
    /// 64-bit RISC-V.
    Riscv64,
}

impl Architecture {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::X86_64, Self::Aarch64, Self::Riscv64];

    /// The name used in attributes and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Aarch64 => "aarch64",
            Self::Riscv64 => "riscv64",
        }
    }
}

/// How the machine's registers are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Convention {
    /// `extern "C"` and sibling calls.
    Portable,
    /// `extern "rust-preserve-none"` and `become`.
    Wide,
}

impl Convention {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Portable, Self::Wide];

    /// The name used in attributes and file names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            Self::Wide => "wide",
        }
    }
}

/// The container of the objects that stencils come in. It says how a symbol may be referred to, and what `extern "C"`
/// means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Format {
    /// Linux and others: every table that is shipped comes from it.
    #[default]
    Elf,
    /// Apple's systems.
    MachO,
    /// Windows.
    Coff,
}

/// What a table is expanded for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    /// The instruction set.
    pub architecture: Architecture,
    /// How registers are passed.
    pub convention: Convention,
}

impl Target {
    /// Every pair.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let pairs = Architecture::ALL.into_iter();
        pairs.flat_map(|architecture| Convention::ALL.map(|convention| Self { architecture, convention })).collect()
    }

    /// The ABI string of a stencil in objects of a format. Tables from all formats pass the same registers.
    #[must_use]
    pub const fn abi(self, format: Format) -> &'static str {
        match (self.convention, self.architecture, format) {
            (Convention::Portable, Architecture::X86_64, Format::Coff) => "sysv64",
            (Convention::Portable, ..) => "C",
            (Convention::Wide, ..) => "rust-preserve-none",
        }
    }

    /// How many arguments of the integer class travel in registers.
    #[must_use]
    pub const fn integer_registers(self) -> usize {
        match (self.architecture, self.convention) {
            (Architecture::X86_64, Convention::Portable) => 6,
            (Architecture::X86_64, Convention::Wide) => 12,
            (Architecture::Aarch64 | Architecture::Riscv64, _) => 8,
        }
    }

    /// How many arguments of the floating-point class travel in registers.
    #[must_use]
    pub const fn float_registers(self) -> usize {
        8
    }

    /// The argument position of the first fixed part. On x86-64 in the wide convention the first two argument
    /// registers are r12 and r13, which cost a byte more when they are the base of an address: registers of banks
    /// take them.
    #[must_use]
    pub const fn fixed_position(self) -> usize {
        match (self.architecture, self.convention) {
            (Architecture::X86_64, Convention::Wide) => 2,
            _ => 0,
        }
    }
}

/// One argument of every stencil of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A fixed part.
    Fixed(usize),
    /// A register: bank and number.
    Register(usize, usize),
    /// Nothing: keeps the fixed parts at their position when there are too few registers before them.
    Padding(usize),
}

/// The class of argument register a type travels in.
#[must_use]
pub fn is_float(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident("f64"))
}

impl Machine {
    /// How many registers of a bank are pinned. The most specific count wins: architecture and convention, then
    /// convention, then architecture, then the array's length.
    #[must_use]
    pub fn registers(&self, bank: usize, target: Target) -> usize {
        let bank = &self.banks[bank];
        let (architecture, convention) = (Some(target.architecture), Some(target.convention));
        let keys = [
            CountKey { architecture, convention },
            CountKey { architecture: None, convention },
            CountKey { architecture, convention: None },
        ];
        let specific = keys.iter().find_map(|key| bank.counts.iter().find(|(given, _)| given == key));
        specific.map_or(bank.count, |(_, count)| *count)
    }

    /// The most registers of a bank on any target.
    #[must_use]
    pub fn most_registers(&self, bank: usize) -> usize {
        Target::all().into_iter().map(|target| self.registers(bank, target)).max().unwrap_or_default()
    }

    /// The arguments of every stencil, in order: integers (with the fixed parts at their position), then floats.
    #[must_use]
    pub fn arguments(&self, target: Target) -> Vec<Argument> {
        let registers = |float: bool| {
            let banks = self.banks.iter().enumerate().filter(move |(_, bank)| is_float(&bank.ty) == float);
            banks.flat_map(move |(bank, _)| (0..self.registers(bank, target)).map(move |r| Argument::Register(bank, r)))
        };
        let mut arguments: Vec<_> = registers(false).take(target.fixed_position()).collect();
        let padding = target.fixed_position() - arguments.len();
        arguments.extend((0..padding).map(Argument::Padding));
        arguments.extend((0..self.fixed.len()).map(Argument::Fixed));
        arguments.extend(registers(false).skip(target.fixed_position()));
        arguments.extend(registers(true));
        arguments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn machine(fields: syn::FieldsNamed) -> Machine {
        let module = parse_quote! {
            mod ops {
                #[machine]
                struct Machine #fields
                #[stencil]
                fn add(lhs: i64, rhs: i64) -> i64 { lhs.wrapping_add(rhs) }
            }
        };
        crate::op_set(quote::quote!(table = "test"), module).unwrap().machine
    }

    fn target(architecture: Architecture, convention: Convention) -> Target {
        Target { architecture, convention }
    }

    #[test]
    fn the_most_specific_count_wins() {
        let machine = machine(parse_quote!({
            ctx: *mut u8,
            #[bank(wide = 5, aarch64 = 3, aarch64_wide = 6, portable = 2)] ints: [i64; 4],
            #[bank(riscv64 = 7)] floats: [f64; 8],
        }));
        assert_eq!(machine.registers(0, target(Architecture::X86_64, Convention::Portable)), 2);
        assert_eq!(machine.registers(0, target(Architecture::X86_64, Convention::Wide)), 5);
        // A convention is more specific than an architecture.
        assert_eq!(machine.registers(0, target(Architecture::Aarch64, Convention::Portable)), 2);
        assert_eq!(machine.registers(0, target(Architecture::Aarch64, Convention::Wide)), 6);
        assert_eq!(machine.registers(1, target(Architecture::Riscv64, Convention::Wide)), 7);
        assert_eq!(machine.registers(1, target(Architecture::Aarch64, Convention::Wide)), 8);
        assert_eq!((machine.most_registers(0), machine.most_registers(1)), (6, 8));
    }

    #[test]
    fn fixed_parts_stand_at_their_position() {
        use Argument::{Fixed, Padding, Register};
        let machine = machine(parse_quote!({
            ctx: *mut u8,
            #[frame] frame: *mut u64,
            #[bank] floats: [f64; 1],
            #[bank(wide = 3)] ints: [i64; 1],
        }));
        let portable = machine.arguments(target(Architecture::X86_64, Convention::Portable));
        assert_eq!(portable, [Fixed(0), Fixed(1), Register(1, 0), Register(0, 0)]);
        let wide = machine.arguments(target(Architecture::X86_64, Convention::Wide));
        let registers = [Register(1, 0), Register(1, 1)];
        assert_eq!(wide, [&registers[..], &[Fixed(0), Fixed(1), Register(1, 2), Register(0, 0)]].concat());
        let few = self::machine(parse_quote!({ ctx: *mut u8, #[bank] ints: [i64; 1] }));
        let wide = few.arguments(target(Architecture::X86_64, Convention::Wide));
        assert_eq!(wide, [Register(0, 0), Padding(0), Fixed(0)]);
    }

    #[test]
    fn every_machine_that_is_accepted_fits_the_registers() {
        let machine = machine(parse_quote!({
            ctx: *mut u8,
            #[bank(x86_64_portable = 5, x86_64_wide = 11)] ints: [i64; 7],
            #[bank] floats: [f64; 8],
        }));
        for target in Target::all() {
            let arguments = machine.arguments(target);
            let float = |argument: &&Argument| matches!(argument, Argument::Register(1, _));
            assert_eq!(arguments.iter().filter(float).count(), target.float_registers());
            assert_eq!(arguments.iter().filter(|argument| !float(argument)).count(), target.integer_registers());
        }
    }
}
