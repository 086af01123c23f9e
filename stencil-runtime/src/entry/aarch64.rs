//! aarch64 trampolines, for the C convention.
//!
//! The trampoline's frame, from the stack pointer at the call upwards: the address after the call,
//! the old value of the anchor, the anchor's address, the [`Registers`], the frame record. `ret`
//! after leaving loads the first of these into `x30`, and so continues after the call with the same
//! stack pointer as an ordinary return.
//!
//! `x19`–`x28` and `d8`–`d15` are not saved: portable code preserves them, whichever way it ends,
//! since every stencil restores what it used before it jumps on.

use std::arch::naked_asm;
use std::mem::offset_of;

use stencil_table::Convention;

use super::{Given, Registers, Trampolines};
use crate::prelude::Anchor;

// The trampolines address these without an offset.
const _: () = assert!(Anchor::STACK_OFFSET == 0 && offset_of!(Registers, ints) == 0);

/// The way in with the fixed parts.
pub(super) type Enter = unsafe extern "C-unwind" fn(u64, u64, u64, *const u8) -> Given;
/// The way in with all registers.
pub(super) type EnterWith = unsafe extern "C-unwind" fn(*mut Registers, *const u8);

/// The trampolines for a convention.
pub(super) const fn trampolines(convention: Convention) -> Option<&'static Trampolines<Enter, EnterWith>> {
    match convention {
        Convention::Portable => {
            Some(&Trampolines { enter: portable, enter_outermost: portable, enter_with: portable_with })
        }
        Convention::Wide => None,
    }
}

/// Makes the frame and links `x29` into the chain of frame records.
macro_rules! save {
    () => {
        ".cfi_startproc
         sub sp, sp, #48
         .cfi_def_cfa_offset 48
         stp x29, x30, [sp, #32]
         .cfi_offset x29, -16
         .cfi_offset x30, -8
         add x29, sp, #32"
    };
}

/// Restores the anchor, drops the frame and returns.
macro_rules! restore {
    () => {
        "ldp x16, x17, [sp, #8]
         str x16, [x17]
         ldp x29, x30, [sp, #32]
         .cfi_restore x29
         .cfi_restore x30
         add sp, sp, #48
         .cfi_def_cfa_offset 0
         ret
         .cfi_endproc"
    };
}

/// Enters `code` with the fixed parts where they are.
///
/// # Safety
/// As for [`super::enter`] with [`Convention::Portable`].
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn portable(first: u64, second: u64, third: u64, code: *const u8) -> Given {
    naked_asm!(
        save!(),
        "ldr x16, [x0]
         adr x17, 2f
         stp x17, x16, [sp]
         str x0, [sp, #16]
         mov x16, sp
         str x16, [x0]
         blr x3
         2:
         mov x0, x2
         fmov x1, d0",
        restore!(),
    )
}

/// Enters `code` with all registers of the convention, and stores them afterwards.
///
/// # Safety
/// As for [`super::enter_with`] with [`Convention::Portable`]; `registers` is valid for reads and
/// writes.
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn portable_with(registers: *mut Registers, code: *const u8) {
    naked_asm!(
        save!(),
        "ldr x9, [x0]
         ldr x10, [x9]
         adr x11, 2f
         stp x11, x10, [sp]
         stp x9, x0, [sp, #16]
         mov x10, sp
         str x10, [x9]
         mov x16, x1",
        "ldp d0, d1, [x0, #{floats}]
         ldp d2, d3, [x0, #{floats} + 16]
         ldp d4, d5, [x0, #{floats} + 32]
         ldp d6, d7, [x0, #{floats} + 48]
         ldp x2, x3, [x0, #16]
         ldp x4, x5, [x0, #32]
         ldp x6, x7, [x0, #48]
         ldp x0, x1, [x0]
         blr x16
         2:",
        "ldr x16, [sp, #24]
         stp d0, d1, [x16, #{floats}]
         stp d2, d3, [x16, #{floats} + 16]
         stp d4, d5, [x16, #{floats} + 32]
         stp d6, d7, [x16, #{floats} + 48]
         stp x0, x1, [x16]
         stp x2, x3, [x16, #16]
         stp x4, x5, [x16, #32]
         stp x6, x7, [x16, #48]",
        restore!(),
        floats = const offset_of!(Registers, floats),
    )
}
