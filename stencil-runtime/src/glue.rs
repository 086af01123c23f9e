//! The few bytes that are no stencil: where functions start and end, plain jumps and calls. One file per architecture; to
//! port, add one.

mod aarch64;
mod riscv64;
mod x86_64;

use stencil_table::{Architecture, HoleKind, HoleRecord};

/// What the assembler itself appends.
#[derive(Debug)]
pub(crate) struct Glue {
    /// What a guarded indirect branch has to lead to, if the architecture's code can be guarded.
    pub(crate) landing_pad: Option<&'static [u8]>,
    /// Starts a function: links the frame-pointer chain and aligns the stack as a stencil expects it.
    pub(crate) prologue: &'static [u8],
    /// Ends a function that started with the prologue: returns to who called it.
    pub(crate) epilogue: &'static [u8],
    /// Undoes a prologue and the call before it: goes on in the function that called.
    pub(crate) rejoin: &'static [u8],
    /// A jump to a label.
    pub(crate) jump: Branch,
    /// A call of a function.
    pub(crate) call: Branch,
    /// A jump over less than 1 MiB that changes no register.
    pub(crate) over: Branch,
    /// What stands in for branches that reach too little, by ascending reach; nothing where all reach across any code.
    pub(crate) veneers: &'static [Veneer],
    /// Instructions that do nothing, by length: as many bytes as the first one has, twice as many, and so on.
    pub(crate) nops: &'static [&'static [u8]],
    /// A jump to what a data slot holds.
    pub(crate) jump_through: Through,
    /// A call of what a data slot holds.
    pub(crate) call_through: Through,
    /// How slots are reached that are further away than stencils reach; `None` where they reach all.
    pub(crate) far: Option<Far>,
}

/// Far slots: the frame's register is moved towards the slot, a variant for a near one does the rest, and the register is
/// moved back. By the argument register that the frame is in, the first three.
#[derive(Debug)]
pub(crate) struct Far {
    /// The largest offset that every stencil reaches.
    pub(crate) reach: u64,
    /// Whether offsets that stencils reach may be negative, 2,048 bytes as well.
    pub(crate) signed: bool,
    /// Moves the register forward by pages of 4,096 bytes.
    pub(crate) forward: [Shift; 3],
    /// Moves it back.
    pub(crate) back: [Shift; 3],
    /// What the hole takes for a page.
    pub(crate) page: u64,
}

/// Moves a register by what its hole says.
#[derive(Debug)]
pub(crate) struct Shift {
    /// The bytes, the hole at their start zero.
    pub(crate) code: &'static [u8],
    /// What the hole is.
    pub(crate) kind: HoleKind,
}

impl Far {
    /// The pages to a slot's offset, and the offset from there.
    pub(crate) fn split(&self, offset: u64) -> (u64, u64) {
        let low = offset % 4096;
        let before = if self.signed && low >= 2048 { 4096 } else { 0 };
        ((offset - low + before) / 4096, low.wrapping_sub(before))
    }
}

/// A jump that branches to a label lead to which do not reach the label.
#[derive(Debug)]
pub(crate) struct Veneer {
    /// How far the branches reach, as [`HoleKind::reach`] gives it.
    pub(crate) reach: usize,
    /// What reaches further, by registers that no stencil expects anything in.
    pub(crate) jump: Branch,
}

/// A jump or call through a data slot, through registers that no stencil expects anything in.
#[derive(Debug)]
pub(crate) struct Through {
    /// The bytes, the holes zero.
    pub(crate) code: &'static [u8],
    /// Where the slot's address goes. No hole refuses any.
    pub(crate) holes: &'static [(u16, HoleKind)],
}

/// A jump or call, with its hole.
#[derive(Debug)]
pub(crate) struct Branch {
    /// The bytes, the hole's zero.
    pub(crate) code: &'static [u8],
    /// Where the hole is.
    pub(crate) hole: u16,
    /// What the hole is.
    pub(crate) kind: HoleKind,
    /// What is added to the distance.
    pub(crate) addend: i32,
}

impl Glue {
    /// The glue of an architecture.
    pub(crate) fn of(architecture: Architecture) -> &'static Self {
        match architecture {
            Architecture::X86_64 => &x86_64::GLUE,
            Architecture::Aarch64 => &aarch64::GLUE,
            Architecture::Riscv64 => &riscv64::GLUE,
        }
    }
}

impl Shift {
    /// The hole as a table would record it.
    pub(crate) fn record(&self) -> HoleRecord {
        HoleRecord { offset: 0, kind: self.kind as u8, value: 0, addend: 0 }
    }
}

impl Branch {
    /// The hole as a table would record it.
    pub(crate) fn record(&self) -> HoleRecord {
        HoleRecord { offset: self.hole, kind: self.kind as u8, value: 0, addend: self.addend }
    }
}
