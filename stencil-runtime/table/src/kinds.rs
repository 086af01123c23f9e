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
    /// What is written into a hole, and where.
    HoleKind, "kind of hole" {
        /// 8 bytes: the value plus the addend, any value.
        Abs64 = 1 / "abs64",
        /// 4 bytes that the CPU sign-extends: value plus addend must be an `i32`.
        Abs32Signed = 2 / "abs32s",
        /// 4 bytes that the CPU zero-extends or truncates: value plus addend must be a `u32`.
        Abs32Unsigned = 3 / "abs32u",
        /// 4 bytes: the distance from the hole to a label of the same code, plus the addend.
        LabelRel32 = 4 / "label-rel32",
        /// 4 bytes: the distance from the hole to the callee (a label or published code), plus the addend.
        CalleeRel32 = 5 / "callee-rel32",
        /// 4 bytes: the distance from the hole to a constant of the pool; the addend holds the constant's offset.
        PoolRel32 = 6 / "pool-rel32",
    }
}

impl HoleKind {
    /// How many bytes the hole takes.
    #[must_use]
    pub const fn width(self) -> usize {
        match self {
            Self::Abs64 => 8,
            Self::Abs32Signed | Self::Abs32Unsigned | Self::LabelRel32 | Self::CalleeRel32 | Self::PoolRel32 => 4,
        }
    }

    /// Whether the hole takes a value that is known when the op is emitted (not a place in code or pool).
    #[must_use]
    pub const fn is_value(self) -> bool {
        matches!(self, Self::Abs64 | Self::Abs32Signed | Self::Abs32Unsigned)
    }

    /// The values `v`, taken as signed 64-bit integers, for which `v + addend` fits the hole, as an inclusive range.
    /// `None` for a kind that is no value, or when nothing fits.
    ///
    /// [`HoleKind::Abs32Unsigned`] is given the zero-extended value, so its range is non-negative before the addend.
    #[must_use]
    pub fn value_range(self, addend: i32) -> Option<(i64, i64)> {
        let (low, high) = match self {
            Self::Abs64 => return Some((i64::MIN, i64::MAX)),
            Self::Abs32Signed => (i64::from(i32::MIN), i64::from(i32::MAX)),
            Self::Abs32Unsigned => (0, i64::from(u32::MAX)),
            Self::LabelRel32 | Self::CalleeRel32 | Self::PoolRel32 => return None,
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
        assert_eq!(HoleKind::ALL.len(), 6);
        assert_eq!(HoleKind::from_byte(0), Err(Unknown { what: "kind of hole", value: 0 }));
    }

    #[test]
    fn the_addend_narrows_the_range() {
        assert_eq!(HoleKind::Abs32Signed.value_range(8), Some((i64::from(i32::MIN) - 8, i64::from(i32::MAX) - 8)));
        assert_eq!(HoleKind::LabelRel32.value_range(0), None);
    }
}
