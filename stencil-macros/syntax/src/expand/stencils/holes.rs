//! How stencils read holes, and the wrong ways, which exist so that tests can prove that they would be found.

/// How stencils read holes. Everything but [`Holes::Sound`] gives the optimiser something to fold that must not be
/// folded: the proof that a test suite would notice. The wrong ways are written for x86-64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Holes {
    /// As every table that is used reads them.
    #[default]
    Sound,
    /// Short literals are addresses of bytes: never 0, never equal to each other.
    ShortAddresses,
    /// Short literals are addresses of words of 8 bytes: multiples of 8.
    AlignedAddresses,
    /// 64-bit holes are addresses of objects near the code.
    WideAddresses,
    /// 64-bit holes are addresses of objects anywhere, which never overlap.
    FarAddresses,
    /// Slots of ops with a body are elements of an array, so that a slot other than 0 does not overlap slot 0.
    ElementSlots,
}

impl Holes {
    /// The type of the symbol behind a short literal.
    pub(super) fn short_type(self) -> &'static str {
        if self == Self::AlignedAddresses { "u64" } else { "u8" }
    }

    /// The type of the symbol behind a 64-bit hole.
    pub(super) fn wide_type(self) -> &'static str {
        match self {
            // Large enough that the medium code model does not expect it near the code.
            Self::FarAddresses => "[u8; 1 << 20]",
            _ => "u8",
        }
    }

    /// Macros that take the place of the sound ones.
    pub(super) fn overrides(self) -> &'static str {
        match self {
            Self::Sound => "",
            Self::ShortAddresses | Self::AlignedAddresses => SHORT,
            Self::WideAddresses => WIDE,
            Self::FarAddresses => FAR,
            Self::ElementSlots => ELEMENTS,
        }
    }

    /// The macro that reads the address of a function. A call of a symbol's address is a call of the symbol, which would
    /// hide all else.
    pub(super) fn function_macro(self) -> &'static str {
        if self == Self::FarAddresses { "function" } else { "wide" }
    }

    /// The macros that read and write a slot of an op with a body.
    pub(super) fn slot_macros(self) -> (&'static str, &'static str) {
        if self == Self::ElementSlots { ("load_element", "store_element") } else { ("load", "store") }
    }
}

const SHORT: &str = "
macro_rules! short {
    ($hole:ident) => { &raw const $hole as usize as u64 };
}
";

const WIDE: &str = "
macro_rules! wide {
    ($hole:ident) => { &raw const $hole as usize as u64 };
}
";

const FAR: &str = "
macro_rules! wide {
    ($hole:ident) => { &raw const $hole as usize as u64 };
}

macro_rules! function {
    ($hole:ident) => {{
        let bits: u64;
        ::core::arch::asm!(\"movabs {0}, offset {1}\", out(reg) bits, sym $hole, options(pure, nomem, nostack, preserves_flags));
        bits
    }};
}

macro_rules! slot {
    ($frame:expr, $hole:ident) => {{
        let offset: usize;
        ::core::arch::asm!(\"mov {0:r}, offset {1}\", out(reg) offset, sym $hole, options(pure, nomem, nostack, preserves_flags));
        ($frame as *mut u8).wrapping_add(offset).cast::<u64>()
    }};
}

macro_rules! load {
    ($frame:expr, $hole:ident) => { slot!($frame, $hole).read() };
}

macro_rules! store {
    ($frame:expr, $hole:ident, $bits:expr) => { slot!($frame, $hole).write($bits) };
}
";

const ELEMENTS: &str = "
macro_rules! load_element {
    ($frame:expr, $hole:ident) => { ($frame as *const u64).add(&raw const $hole as usize).read() };
}

macro_rules! store_element {
    ($frame:expr, $hole:ident, $bits:expr) => { ($frame as *mut u64).add(&raw const $hole as usize).write($bits) };
}
";
