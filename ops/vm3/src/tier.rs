//! The ways to execute a program.

use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A way to execute a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tier {
    /// The interpreter.
    #[default]
    Interp,
    /// Machine code from the start. It takes at most 512 KiB of the native stack, however deep the program's calls go.
    Stencil,
    /// The interpreter at first, machine code once the program has made some calls.
    Auto,
    /// Machine code by an optimising compiler from the start, which takes long to make. What that cannot compile is
    /// interpreted.
    #[cfg(feature = "cranelift")]
    Cranelift,
}

impl Tier {
    /// Every tier of this build.
    pub const ALL: &[Self] = &[
        Self::Interp,
        Self::Stencil,
        Self::Auto,
        #[cfg(feature = "cranelift")]
        Self::Cranelift,
    ];

    /// The tier's name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interp => "interp",
            Self::Stencil => "stencil",
            Self::Auto => "auto",
            #[cfg(feature = "cranelift")]
            Self::Cranelift => "cranelift",
        }
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that no tier has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no tier `{0}`")]
pub struct UnknownTier(String);

impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(name: &str) -> Result<Self, UnknownTier> {
        let found = Self::ALL.iter().find(|tier| tier.name() == name);
        found.copied().ok_or_else(|| UnknownTier(name.into()))
    }
}
