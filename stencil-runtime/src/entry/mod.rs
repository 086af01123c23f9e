//! The way from Rust into stitched code, and back.
//!
//! Stitched code is no Rust function: what a Rust compiler keeps in registers across a call is
//! nothing to it, and it can leave from any depth at once. So it is entered through a trampoline,
//! which
//!
//! 1. saves what Rust expects to find again,
//! 2. puts the machine's registers where the code expects them,
//! 3. stores in the machine's [`Anchor`](crate::prelude::Anchor) the place to come back to, and calls the code,
//! 4. gets control back by the code's return or by its leaving, and restores both the anchor and
//!    what it saved.
//!
//! Because the old anchor is restored, and the scratch of code that waits outside (`nested`), a host
//! function that stitched code calls may enter again, with the same anchor.
//!
//! Stitched code that is entered runs on the caller's stack, below the trampoline's frame, which is
//! an ordinary link in the chain of frame pointers and has unwind information. MXCSR, the x87 state
//! and their like are neither read nor set.
//!
//! # Leaving
//!
//! To leave is to return to the innermost trampoline of the anchor, dropping all stitched frames.
//! The first fixed part of the machine is the address of a struct whose first field is the anchor.
//!
//! | architecture | the anchor's stack pointer | leave |
//! |---|---|---|
//! | x86-64 | the address of the word with the return address | `mov rsp, [ctx]; ret` |
//! | aarch64 | `sp` at the call; the word there is the return address | `ldr x16, [x0]; mov sp, x16; ldr x30, [x16]; ret` |
//! | riscv64 | `sp` at the call; the word there is the return address | `ld t0, 0(a0); mv sp, t0; ld ra, 0(t0); ret` |
//!
//! # What a function starts with
//!
//! A stencil is compiled as a function and expects the stack that a function finds. On x86-64 that is a return address on
//! top and `rsp` 8 off a multiple of 16; since it stands behind a prologue that pushes 8 bytes, a stitched function is
//! entered with `rsp` a *multiple* of 16. Elsewhere `sp` is always a multiple of 16.
//!
//! | architecture | prologue | return |
//! |---|---|---|
//! | x86-64 | `push rbp; mov rbp, rsp` | `pop rbp; ret` |
//! | aarch64 | `stp x29, x30, [sp, #-16]!; mov x29, sp` | `ldp x29, x30, [sp], #16; ret` |
//! | riscv64 | `addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16` | `ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret` |
//!
//! To port, write a module with `trampolines` and name it below.

use std::{error, fmt};

use nested::Kept;
use stencil_table::Convention;

mod nested;

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "riscv64")]
mod riscv64;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod unsupported;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(target_arch = "aarch64")]
use aarch64 as host;
#[cfg(target_arch = "riscv64")]
use riscv64 as host;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
use unsupported as host;
#[cfg(target_arch = "x86_64")]
use x86_64 as host;

/// All registers of a machine, in the argument order of the convention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Registers {
    /// The integer arguments. Those beyond what the convention has are neither read nor written.
    pub ints: [u64; 12],
    /// The float arguments, by their bits; an f32 is in the low half.
    pub floats: [u64; 8],
}

/// What two of the machine's registers hold when code that [`enter`] ran returns: the first ones that are no fixed
/// parts, of machines whose banks begin with one of ints and which have two fixed parts, or any number in the wide
/// convention. Nothing to rely on when the code has left.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C)]
pub struct Given {
    /// Integer argument 2 of the portable convention, or 0 of the wide one.
    pub int: u64,
    /// The first float argument.
    pub float: f64,
}

/// The ways in of a convention; the functions have the architecture's own calling convention.
#[derive(Debug)]
struct Trampolines<Enter, EnterWith> {
    /// Runs code with these fixed parts.
    enter: Enter,
    /// The same where no code waits outside, so that the anchor may be 0 afterwards, of functions that leave the first fixed
    /// part as it was.
    enter_outermost: Enter,
    /// Runs code with all registers set from memory, and stores in it what they hold then.
    enter_with: EnterWith,
}

/// There is no entry code for a convention on this architecture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnsupportedHost {
    /// The convention that was asked for.
    pub convention: Convention,
}

impl fmt::Display for UnsupportedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let arch = std::env::consts::ARCH;
        let convention = self.convention;
        write!(f, "{arch} has no entry code for the {convention} convention; ")?;
        f.write_str("use a table of another convention, or run interpreted")
    }
}

impl error::Error for UnsupportedHost {}

/// Whether this architecture has entry code for a convention: whether [`enter`] and [`enter_with`] run anything.
#[must_use]
pub const fn supports(convention: Convention) -> bool {
    host::trampolines(convention).is_some()
}

/// Runs a stitched function until it returns or leaves. Of the machine's registers only the fixed
/// parts are set; the others hold anything. Gives what two of them hold then.
///
/// With a constant `convention` this is one direct call of a dozen instructions.
///
/// # Errors
/// [`UnsupportedHost`], before anything has run, when this architecture has no entry code for
/// `convention`.
///
/// # Safety
/// - `code` is the first instruction of a stitched function made for this architecture and for
///   `convention`, and stays executable and unchanged until this call ends: the caller keeps its
///   [`Region`](crate::memory::Region) alive, and that of all code it can reach.
/// - The function keeps the convention: it returns with the stack pointer as it was, or it leaves
///   through the anchor as the module's documentation says; and where the convention preserves
///   registers, they are preserved in both cases, but for the frame pointer when it leaves.
/// - `fixed[0]` is the address of a struct whose first field is an [`Anchor`](crate::prelude::Anchor), valid for reads and
///   writes until this call ends, aligned, and used by no other thread meanwhile. No reference to
///   the anchor is used meanwhile, other than by what runs inside this call.
/// - Fixed parts beyond those of the machine may be anything; those it has, and the state behind
///   them, are as the function's ops expect them.
/// - There is stack enough for the code. What unwinds through it, the panic of a host function, skips stitched frames
///   only, in which nothing has to be released; an unwinder that does not know the code ends the process instead.
#[inline]
pub unsafe fn enter(convention: Convention, code: *const u8, fixed: [u64; 3]) -> Result<Given, UnsupportedHost> {
    let way = WayIn::of(convention).ok_or(UnsupportedHost { convention })?;
    // SAFETY: the contract is the same.
    Ok(unsafe { way.enter(code, fixed) })
}

/// The way into code of a convention, for whoever goes there often.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WayIn(&'static Trampolines<host::Enter, host::EnterWith>);

impl WayIn {
    /// That of a convention; `None` if this architecture has none.
    pub(crate) fn of(convention: Convention) -> Option<Self> {
        host::trampolines(convention).map(Self)
    }

    /// Runs a stitched function, see [`enter`].
    ///
    /// # Safety
    /// As for [`enter`], of code of this convention.
    #[inline]
    pub(crate) unsafe fn enter(self, code: *const u8, fixed: [u64; 3]) -> Given {
        // SAFETY: by contract, the first one is the address of an anchor that nobody else uses.
        let outer = unsafe { Kept::of(fixed[0]) };
        let [first, second, third] = fixed;
        // SAFETY: the contract is the same.
        let given = unsafe { (self.0.enter)(first, second, third, code) };
        outer.restore();
        given
    }

    /// The same where no code waits outside, whose scratch would have to be kept, and to which the anchor would lead again.
    ///
    /// # Safety
    /// As for [`WayIn::enter`]; no stitched code that uses the same anchor waits for a host function to return; and the
    /// function leaves the first fixed part as it was.
    #[inline]
    pub(crate) unsafe fn enter_outermost(self, code: *const u8, [first, second, third]: [u64; 3]) -> Given {
        // SAFETY: the caller's contract.
        unsafe { (self.0.enter_outermost)(first, second, third, code) }
    }
}

/// Runs a stitched function until it returns or leaves, with all of the machine's registers set
/// from `registers`; stores in it what they hold at that moment.
///
/// # Errors
/// As for [`enter`].
///
/// # Safety
/// As for [`enter`], where the fixed parts are those in `registers`, at the places that
/// `convention` says.
#[inline]
pub unsafe fn enter_with(
    convention: Convention,
    code: *const u8,
    registers: &mut Registers,
) -> Result<(), UnsupportedHost> {
    let Some(trampolines) = host::trampolines(convention) else { return Err(UnsupportedHost { convention }) };
    let anchor = registers.ints[first_fixed(convention)];
    // SAFETY: by contract, the first fixed part is the address of an anchor that nobody else uses.
    let outer = unsafe { Kept::of(anchor) };
    // SAFETY: the contract is the same; the reference is valid for reads and writes.
    unsafe { (trampolines.enter_with)(registers, code) };
    outer.restore();
    Ok(())
}

/// Which integer argument the first fixed part is, on this architecture.
const fn first_fixed(convention: Convention) -> usize {
    match convention {
        Convention::Portable => 0,
        Convention::Wide => 2,
    }
}

#[cfg(all(test, any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")))]
mod tests;
