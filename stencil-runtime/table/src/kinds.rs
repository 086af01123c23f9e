//! The closed sets of the format: architectures, conventions, CPU levels and kinds of hole.

use thiserror::Error;

/// A number in a table that stands for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown {what} {value} in the table; rebuild it with the build helper of this version")]
pub struct Unknown {
    /// What the number should have said.
    pub what: &'static str,
    /// The number.
    pub value: u32,
}

macro_rules! closed {
    ($(#[$doc:meta])* $name:ident, $what:literal { $($(#[$vdoc:meta])* $variant:ident = $value:literal / $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name { $($(#[$vdoc])* $variant = $value,)* }

        impl $name {
            /// Every member, in the order of their numbers.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name used in files, messages and attributes.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// The member a table's byte stands for.
            ///
            /// # Errors
            /// [`Unknown`] when no member has this number.
            pub const fn from_byte(value: u8) -> Result<Self, Unknown> {
                match value {
                    $($value => Ok(Self::$variant),)*
                    _ => Err(Unknown { what: $what, value: value as u32 }),
                }
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

closed! {
    /// The instruction set a table is made for.
    Architecture, "architecture" {
        /// 64-bit x86.
        X86_64 = 1 / "x86_64",
        /// 64-bit Arm.
        Aarch64 = 2 / "aarch64",
        /// 64-bit RISC-V with the G and C extensions.
        Riscv64 = 3 / "riscv64",
    }
}

closed! {
    /// How the machine's registers are passed from stencil to stencil.
    Convention, "calling convention" {
        /// The C convention of the architecture; needs nothing but stable Rust.
        Portable = 1 / "portable",
        /// `rust-preserve-none` with guaranteed tail calls: more registers, an unstable compiler feature.
        Wide = 2 / "wide",
    }
}

closed! {
    /// The CPU features that a table's code takes for granted.
    Level, "CPU level" {
        /// What every CPU of the architecture has.
        Baseline = 1 / "baseline",
        /// x86-64-v3: AVX2, BMI, FMA.
        V3 = 3 / "v3",
    }
}

closed! {
    /// What is written into a hole, and where. *Value* below means the value with the addend added.
    HoleKind, "kind of hole" {
        /// 8 bytes: any value. The one kind that every architecture has.
        Abs64 = 1 / "abs64",
        /// x86-64, 4 bytes that the CPU sign-extends: the value must be an `i32`.
        Abs32Signed = 2 / "abs32s",
        /// x86-64, 4 bytes that the CPU zero-extends or truncates: the value must be a `u32`.
        Abs32Unsigned = 3 / "abs32u",
        /// x86-64, 4 bytes: the distance from the hole to a label of the same code, plus the addend.
        LabelRel32 = 4 / "label-rel32",
        /// x86-64, 4 bytes: the distance from the hole to the callee (a label or published code), plus the addend.
        CalleeRel32 = 5 / "callee-rel32",
        /// x86-64, 4 bytes: the distance from the hole to a constant of the pool; the addend holds the constant's offset.
        PoolRel32 = 6 / "pool-rel32",
        /// aarch64, `movz`: bits 0 to 15 of a value that must have no others.
        MovG0 = 7 / "mov-g0",
        /// aarch64, `movz` or `movk`: bits 0 to 15 of any value.
        MovG0Part = 8 / "mov-g0-part",
        /// aarch64, `movz` or `movk`: bits 16 to 31 of a value that must have none above.
        MovG1 = 9 / "mov-g1",
        /// aarch64, `movz` or `movk`: bits 16 to 31 of any value.
        MovG1Part = 10 / "mov-g1-part",
        /// aarch64, `movz` or `movk`: bits 32 to 47 of a value that must have none above.
        MovG2 = 11 / "mov-g2",
        /// aarch64, `movz` or `movk`: bits 32 to 47 of any value.
        MovG2Part = 12 / "mov-g2-part",
        /// aarch64, `movz` or `movk`: bits 48 to 63 of any value.
        MovG3 = 13 / "mov-g3",
        /// aarch64, `ldr` or `str` of 8 bytes: the value, a multiple of 8 below 32,768, is the offset.
        Offset12Scaled8 = 14 / "offset12-scaled8",
        /// aarch64, `b`: the distance to a label of the same code, within 128 MiB.
        LabelBranch26 = 15 / "label-branch26",
        /// aarch64, `bl`: the distance to the callee, within 128 MiB.
        CalleeBranch26 = 16 / "callee-branch26",
        /// aarch64, `b.cond`, `cbz` or `cbnz`: the distance to a label of the same code, within 1 MiB.
        LabelBranch19 = 17 / "label-branch19",
        /// riscv64, `lui` of a pair whose other half sign-extends 12 bits and adds 64: the value must be what such a pair
        /// can make, an `i32` less 2,048.
        Hi20 = 18 / "hi20",
        /// riscv64, `lui` of a pair of which only the low 32 bits count: the value must be a `u32`.
        Hi20Word = 19 / "hi20-word",
        /// riscv64, `addi`, `addiw` or a load: the low 12 bits of any value, the other half of a pair.
        Lo12I = 20 / "lo12-i",
        /// riscv64, a store: the low 12 bits of any value, the other half of a pair.
        Lo12S = 21 / "lo12-s",
        /// riscv64, `addi` or a load: the value, from -2,048 to 2,047, is the whole offset.
        Offset12I = 22 / "offset12-i",
        /// riscv64, a store: the value, from -2,048 to 2,047, is the whole offset.
        Offset12S = 23 / "offset12-s",
        /// riscv64, `auipc` and `jalr`, 8 bytes: the distance from the first to a label of the same code.
        LabelPair = 24 / "label-pair",
        /// riscv64, `auipc` and `jalr`, 8 bytes: the distance from the first to the callee.
        CalleePair = 25 / "callee-pair",
        /// aarch64, `adrp`: the distance, in pages, from the hole's page to that of a constant of the pool; the addend
        /// holds the constant's offset.
        PoolPage21 = 26 / "pool-page21",
        /// aarch64, `add`, or `ldr` of any size: the place of a constant in its page, in units of what is loaded; the
        /// addend holds the constant's offset.
        PoolOffset12 = 27 / "pool-offset12",
        /// riscv64, `auipc` of a pair: the distance from the hole to a constant of the pool; the addend holds the
        /// constant's offset.
        PoolHi20 = 28 / "pool-hi20",
        /// riscv64, `addi` or a load, the other half of the pair: the same distance, from the `auipc`; the addend holds the
        /// constant's offset and how far behind the `auipc` the hole is.
        PoolLo12I = 29 / "pool-lo12-i",
        /// riscv64, `jal`: the distance to a label of the same code, within 1 MiB.
        LabelJump20 = 30 / "label-jump20",
        /// aarch64, `movz` and `movk` of a register's lower half, 8 bytes: the distance, an `i32`, from the first to a
        /// label of the same code.
        LabelMov32 = 31 / "label-mov32",
        /// aarch64, `movz`, or `movn` for a negative value: bits 16 to 31 of a value of which none above differ from its
        /// sign. The low 16 bits are those of a `movk` behind it.
        MovSignedG1 = 32 / "mov-signed-g1",
    }
}

/// What sort of thing is written into a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HoleSort {
    /// A number that is known when the op is emitted.
    Value,
    /// The distance to a label of the same code.
    Label,
    /// The distance to a callee: a label of the same code, or published code.
    Callee,
    /// The distance to a constant of the pool.
    Pool,
}

impl HoleKind {
    /// How many bytes the hole takes, those of an instruction around it included.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Abs64 | Self::LabelPair | Self::CalleePair | Self::LabelMov32 => 8,
            _ => 4,
        }
    }

    /// The sort of thing that is written.
    #[inline(always)]
    #[must_use]
    pub const fn sort(self) -> HoleSort {
        match self {
            Self::LabelRel32
            | Self::LabelBranch26
            | Self::LabelBranch19
            | Self::LabelPair
            | Self::LabelJump20
            | Self::LabelMov32 => HoleSort::Label,
            Self::CalleeRel32 | Self::CalleeBranch26 | Self::CalleePair => HoleSort::Callee,
            Self::PoolRel32 | Self::PoolPage21 | Self::PoolOffset12 | Self::PoolHi20 | Self::PoolLo12I => {
                HoleSort::Pool
            }
            _ => HoleSort::Value,
        }
    }

    /// Whether the hole takes a value that is known when the op is emitted (not a place in code or pool).
    #[inline(always)]
    #[must_use]
    pub const fn is_value(self) -> bool {
        matches!(self.sort(), HoleSort::Value)
    }

    /// The architecture whose instructions have such holes; `None` when every one does.
    #[must_use]
    pub const fn architecture(self) -> Option<Architecture> {
        match self {
            Self::Abs64 => None,
            Self::Abs32Signed | Self::Abs32Unsigned | Self::LabelRel32 | Self::CalleeRel32 | Self::PoolRel32 => {
                Some(Architecture::X86_64)
            }
            Self::MovG0
            | Self::MovG0Part
            | Self::MovG1
            | Self::MovG1Part
            | Self::MovG2
            | Self::MovG2Part
            | Self::MovG3
            | Self::MovSignedG1
            | Self::Offset12Scaled8
            | Self::LabelBranch26
            | Self::CalleeBranch26
            | Self::LabelBranch19
            | Self::LabelMov32
            | Self::PoolPage21
            | Self::PoolOffset12 => Some(Architecture::Aarch64),
            Self::Hi20
            | Self::Hi20Word
            | Self::Lo12I
            | Self::Lo12S
            | Self::Offset12I
            | Self::Offset12S
            | Self::LabelPair
            | Self::CalleePair
            | Self::PoolHi20
            | Self::PoolLo12I
            | Self::LabelJump20 => Some(Architecture::Riscv64),
        }
    }

    /// How far a branch with such a hole reaches, in bytes either way; `None` for what is no branch, or reaches across 2 GiB.
    #[must_use]
    pub const fn reach(self) -> Option<usize> {
        match self {
            Self::LabelBranch19 | Self::LabelJump20 => Some(1 << 20),
            Self::LabelBranch26 | Self::CalleeBranch26 => Some(1 << 27),
            _ => None,
        }
    }

    /// The values `v`, taken as signed 64-bit integers, for which `v + addend` fits the hole, as an inclusive range.
    /// `None` for a kind that is no value. [`HoleKind::Offset12Scaled8`] takes only every eighth value of its range.
    ///
    /// Kinds whose values are unsigned are given the zero-extended value, so their range is non-negative before the
    /// addend.
    #[must_use]
    pub fn value_range(self, addend: i32) -> Option<(i64, i64)> {
        let (low, high) = match self {
            Self::Abs64
            | Self::MovG0Part
            | Self::MovG1Part
            | Self::MovG2Part
            | Self::MovG3
            | Self::Lo12I
            | Self::Lo12S => return Some((i64::MIN, i64::MAX)),
            Self::Abs32Signed => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Self::Abs32Unsigned | Self::MovG1 | Self::Hi20Word => (0, i64::from(u32::MAX)),
            Self::MovG0 => (0, i64::from(u16::MAX)),
            Self::MovG2 => (0, (1 << 48) - 1),
            Self::MovSignedG1 => (-(1 << 32), (1 << 32) - 1),
            Self::Offset12Scaled8 => (0, 8 * 0xFFF),
            Self::Hi20 => (i64::from(i32::MIN) - 0x800, i64::from(i32::MAX) - 0x800),
            Self::Offset12I | Self::Offset12S => (-0x800, 0x7FF),
            Self::LabelRel32
            | Self::CalleeRel32
            | Self::PoolRel32
            | Self::LabelBranch26
            | Self::CalleeBranch26
            | Self::LabelBranch19
            | Self::LabelPair
            | Self::CalleePair
            | Self::PoolPage21
            | Self::PoolOffset12
            | Self::PoolHi20
            | Self::PoolLo12I
            | Self::LabelJump20
            | Self::LabelMov32 => return None,
        };
        Some((low - i64::from(addend), high - i64::from(addend)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_stands_for_the_member_that_has_it() {
        for byte in 0..=u8::MAX {
            if let Ok(kind) = HoleKind::from_byte(byte) {
                assert_eq!(kind as u8, byte);
            }
            if let Ok(architecture) = Architecture::from_byte(byte) {
                assert_eq!(architecture as u8, byte);
            }
        }
        assert_eq!(HoleKind::ALL.len(), 32);
        assert_eq!(HoleKind::from_byte(0), Err(Unknown { what: "kind of hole", value: 0 }));
    }

    #[test]
    fn the_addend_narrows_the_range() {
        assert_eq!(HoleKind::Abs32Signed.value_range(8), Some((i64::from(i32::MIN) - 8, i64::from(i32::MAX) - 8)));
        assert_eq!(HoleKind::LabelRel32.value_range(0), None);
        for kind in HoleKind::ALL {
            assert_eq!(kind.value_range(0).is_some(), kind.is_value(), "{kind}");
        }
    }
}
