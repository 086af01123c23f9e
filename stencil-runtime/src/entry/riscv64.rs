//! riscv64 trampolines, for the C convention.
//!
//! The trampoline's frame, from the stack pointer at the call upwards: the address after the call,
//! the old value of the anchor, the anchor's address, the [`Registers`], and the frame pointer and
//! return address of the caller. Leaving loads the first of these into `ra`, and so continues after
//! the call with the same stack pointer as an ordinary return.
//!
//! `s1`–`s11` and `fs0`–`fs11` are not saved: portable code preserves them, whichever way it ends,
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

/// Makes the frame and links `s0` into the chain of frames.
macro_rules! save {
    () => {
        ".cfi_startproc
         addi sp, sp, -48
         .cfi_def_cfa_offset 48
         sd ra, 40(sp)
         .cfi_offset ra, -8
         sd s0, 32(sp)
         .cfi_offset s0, -16
         addi s0, sp, 48"
    };
}

/// Restores the anchor, drops the frame and returns.
macro_rules! restore {
    () => {
        "ld t0, 8(sp)
         ld t1, 16(sp)
         sd t0, 0(t1)
         ld ra, 40(sp)
         .cfi_restore ra
         ld s0, 32(sp)
         .cfi_restore s0
         addi sp, sp, 48
         .cfi_def_cfa_offset 0
         ret
         .cfi_endproc"
    };
}

/// Enters `code` with the fixed parts where they are. The float that it gives is where it has to be.
///
/// # Safety
/// As for [`super::enter`] with [`Convention::Portable`].
#[unsafe(naked)]
pub(super) unsafe extern "C-unwind" fn portable(first: u64, second: u64, third: u64, code: *const u8) -> Given {
    naked_asm!(
        save!(),
        "ld t0, 0(a0)
         lla t1, 2f
         sd t1, 0(sp)
         sd t0, 8(sp)
         sd a0, 16(sp)
         sd sp, 0(a0)
         jalr a3
         2:
         mv a0, a2",
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
        // Assembly outside of functions is not told what the target has.
        ".option push
         .option arch, +d",
        save!(),
        "ld t0, 0(a0)
         ld t1, 0(t0)
         lla t2, 2f
         sd t2, 0(sp)
         sd t1, 8(sp)
         sd t0, 16(sp)
         sd a0, 24(sp)
         sd sp, 0(t0)
         mv t3, a1",
        "fld fa0, {floats}(a0)
         fld fa1, {floats} + 8(a0)
         fld fa2, {floats} + 16(a0)
         fld fa3, {floats} + 24(a0)
         fld fa4, {floats} + 32(a0)
         fld fa5, {floats} + 40(a0)
         fld fa6, {floats} + 48(a0)
         fld fa7, {floats} + 56(a0)
         ld a1, 8(a0)
         ld a2, 16(a0)
         ld a3, 24(a0)
         ld a4, 32(a0)
         ld a5, 40(a0)
         ld a6, 48(a0)
         ld a7, 56(a0)
         ld a0, 0(a0)
         jalr t3
         2:",
        "ld t0, 24(sp)
         fsd fa0, {floats}(t0)
         fsd fa1, {floats} + 8(t0)
         fsd fa2, {floats} + 16(t0)
         fsd fa3, {floats} + 24(t0)
         fsd fa4, {floats} + 32(t0)
         fsd fa5, {floats} + 40(t0)
         fsd fa6, {floats} + 48(t0)
         fsd fa7, {floats} + 56(t0)
         sd a0, 0(t0)
         sd a1, 8(t0)
         sd a2, 16(t0)
         sd a3, 24(t0)
         sd a4, 32(t0)
         sd a5, 40(t0)
         sd a6, 48(t0)
         sd a7, 56(t0)",
        restore!(),
        ".option pop",
        floats = const offset_of!(Registers, floats),
    )
}
