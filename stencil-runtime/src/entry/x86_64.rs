//! x86-64 trampolines.
//!
//! Where `call` has pushed its return address is what the anchor points to. So `ret` after
//! `mov rsp, [ctx]` continues after the call with the same stack pointer as an ordinary return.
//!
//! Unwind rows count from `rsp` throughout: `rbp` is part of the chain of frame pointers, but after
//! code has left it is some stitched frame's until it is popped.

use std::arch::naked_asm;
use std::mem::offset_of;

use stencil_table::Convention;

use super::{Given, Registers, Trampolines};
use crate::prelude::Anchor;

// The trampolines address these without an offset.
const _: () = assert!(Anchor::STACK_OFFSET == 0 && offset_of!(Registers, ints) == 0);

/// The way in with the fixed parts.
pub(super) type Enter = unsafe extern "sysv64-unwind" fn(u64, u64, u64, *const u8) -> Given;
/// The way in with all registers.
pub(super) type EnterWith = unsafe extern "sysv64-unwind" fn(*mut Registers, *const u8);

/// The trampolines for a convention.
pub(super) const fn trampolines(convention: Convention) -> Option<&'static Trampolines<Enter, EnterWith>> {
    match convention {
        Convention::Portable => {
            Some(&Trampolines { enter: portable, enter_outermost: portable, enter_with: portable_with })
        }
        Convention::Wide => Some(&Trampolines { enter: wide, enter_outermost: wide_outermost, enter_with: wide_with }),
    }
}

/// Pushes all registers that System V callees preserve, and links `rbp` into the chain of frames.
/// 48 bytes with the return address's 8: `rsp` is then 8 more than a multiple of 16.
macro_rules! save {
    () => {
        ".cfi_startproc
         push rbp
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset rbp, 0
         mov rbp, rsp
         push rbx
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset rbx, 0
         push r12
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset r12, 0
         push r13
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset r13, 0
         push r14
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset r14, 0
         push r15
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset r15, 0"
    };
}

/// Undoes `save!` and returns.
macro_rules! restore {
    () => {
        "pop r15
         .cfi_adjust_cfa_offset -8
         .cfi_restore r15
         pop r14
         .cfi_adjust_cfa_offset -8
         .cfi_restore r14
         pop r13
         .cfi_adjust_cfa_offset -8
         .cfi_restore r13
         pop r12
         .cfi_adjust_cfa_offset -8
         .cfi_restore r12
         pop rbx
         .cfi_adjust_cfa_offset -8
         .cfi_restore rbx
         pop rbp
         .cfi_adjust_cfa_offset -8
         .cfi_restore rbp
         ret
         .cfi_endproc"
    };
}

/// Enters `code` with the fixed parts where they are. The float that it gives is where it has to be.
///
/// Only `rbp` is saved: portable code preserves the other registers, whichever way it ends, since
/// every stencil restores what it used before it jumps on.
///
/// # Safety
/// As for [`super::enter`] with [`Convention::Portable`].
#[unsafe(naked)]
pub(super) unsafe extern "sysv64-unwind" fn portable(first: u64, second: u64, third: u64, code: *const u8) -> Given {
    naked_asm!(
        ".cfi_startproc
         push rbp
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset rbp, 0
         mov rbp, rsp",
        // The anchor's address and what it was.
        "push rdi
         .cfi_adjust_cfa_offset 8
         push qword ptr [rdi]
         .cfi_adjust_cfa_offset 8",
        // 8 bytes that leave the stack as a stitched function expects it.
        "push rax
         .cfi_adjust_cfa_offset 8",
        "lea rax, [rsp - 8]
         mov [rdi], rax
         call rcx",
        "pop rax
         .cfi_adjust_cfa_offset -8
         pop rax
         .cfi_adjust_cfa_offset -8
         pop rcx
         .cfi_adjust_cfa_offset -8
         mov [rcx], rax
         mov rax, rdx",
        "pop rbp
         .cfi_adjust_cfa_offset -8
         .cfi_restore rbp
         ret
         .cfi_endproc",
    )
}

/// Calls `code` with the fixed parts in r14, r15 and rdi, the stack being as a stitched function expects it.
macro_rules! call_wide {
    () => {
        "mov r14, rdi
         mov r15, rsi
         mov rdi, rdx
         lea rax, [rsp - 8]
         mov [r14], rax
         call rcx"
    };
}

/// Enters `code` with the fixed parts in r14, r15 and rdi. The float that it gives is where it has to be.
///
/// # Safety
/// As for [`super::enter`] with [`Convention::Wide`].
#[unsafe(naked)]
pub(super) unsafe extern "sysv64-unwind" fn wide(first: u64, second: u64, third: u64, code: *const u8) -> Given {
    naked_asm!(
        save!(),
        // The anchor's address and what it was: the stack is as a stitched function expects it.
        "push rdi
         .cfi_adjust_cfa_offset 8
         push qword ptr [rdi]
         .cfi_adjust_cfa_offset 8",
        call_wide!(),
        "mov rdx, [rsp]
         mov rcx, [rsp + 8]
         mov [rcx], rdx
         mov rax, r12
         add rsp, 16
         .cfi_adjust_cfa_offset -16",
        restore!(),
    )
}

/// The same where the anchor holds nothing that is needed again: it is 0 afterwards. Its address is found where it was.
///
/// # Safety
/// As for [`super::WayIn::enter_outermost`] with [`Convention::Wide`].
#[unsafe(naked)]
pub(super) unsafe extern "sysv64-unwind" fn wide_outermost(
    first: u64,
    second: u64,
    third: u64,
    code: *const u8,
) -> Given {
    naked_asm!(
        // The stack is then as a stitched function expects it.
        save!(),
        call_wide!(),
        "mov qword ptr [r14], 0
         mov rax, r12",
        restore!(),
    )
}

/// Loads the float registers from the [`Registers`] at `rdi`.
macro_rules! load_floats {
    () => {
        "movsd xmm0, qword ptr [rdi + {floats}]
         movsd xmm1, qword ptr [rdi + {floats} + 8]
         movsd xmm2, qword ptr [rdi + {floats} + 16]
         movsd xmm3, qword ptr [rdi + {floats} + 24]
         movsd xmm4, qword ptr [rdi + {floats} + 32]
         movsd xmm5, qword ptr [rdi + {floats} + 40]
         movsd xmm6, qword ptr [rdi + {floats} + 48]
         movsd xmm7, qword ptr [rdi + {floats} + 56]"
    };
}

/// Stores the float registers to the [`Registers`] at `r10`.
macro_rules! store_floats {
    () => {
        "movsd qword ptr [r10 + {floats}], xmm0
         movsd qword ptr [r10 + {floats} + 8], xmm1
         movsd qword ptr [r10 + {floats} + 16], xmm2
         movsd qword ptr [r10 + {floats} + 24], xmm3
         movsd qword ptr [r10 + {floats} + 32], xmm4
         movsd qword ptr [r10 + {floats} + 40], xmm5
         movsd qword ptr [r10 + {floats} + 48], xmm6
         movsd qword ptr [r10 + {floats} + 56], xmm7"
    };
}

/// Enters `code` with all registers of the portable convention, and stores them afterwards.
///
/// # Safety
/// As for [`super::enter_with`] with [`Convention::Portable`]; `registers` is valid for reads and
/// writes.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64-unwind" fn portable_with(registers: *mut Registers, code: *const u8) {
    naked_asm!(
        ".cfi_startproc
         push rbp
         .cfi_adjust_cfa_offset 8
         .cfi_rel_offset rbp, 0
         mov rbp, rsp",
        // The registers, the anchor's address, and what it was: the stack is as a stitched function
        // expects it.
        "mov rax, [rdi]
         push rdi
         .cfi_adjust_cfa_offset 8
         push rax
         .cfi_adjust_cfa_offset 8
         push qword ptr [rax]
         .cfi_adjust_cfa_offset 8",
        "lea r11, [rsp - 8]
         mov [rax], r11
         mov r10, rsi",
        load_floats!(),
        "mov rsi, [rdi + 8]
         mov rdx, [rdi + 16]
         mov rcx, [rdi + 24]
         mov r8, [rdi + 32]
         mov r9, [rdi + 40]
         mov rdi, [rdi]
         call r10",
        "mov r10, [rsp + 16]
         mov [r10], rdi
         mov [r10 + 8], rsi
         mov [r10 + 16], rdx
         mov [r10 + 24], rcx
         mov [r10 + 32], r8
         mov [r10 + 40], r9",
        store_floats!(),
        "mov rax, [rsp]
         mov rcx, [rsp + 8]
         mov [rcx], rax
         add rsp, 24
         .cfi_adjust_cfa_offset -24",
        "pop rbp
         .cfi_adjust_cfa_offset -8
         .cfi_restore rbp
         ret
         .cfi_endproc",
        floats = const offset_of!(Registers, floats),
    )
}

/// Enters `code` with all registers of the wide convention, and stores them afterwards.
///
/// # Safety
/// As for [`super::enter_with`] with [`Convention::Wide`]; `registers` is valid for reads and
/// writes.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64-unwind" fn wide_with(registers: *mut Registers, code: *const u8) {
    naked_asm!(
        save!(),
        // The registers, the anchor's address, what it was, and 8 bytes that leave the stack as a
        // stitched function expects it.
        "mov rax, [rdi + 16]
         push rdi
         .cfi_adjust_cfa_offset 8
         push rax
         .cfi_adjust_cfa_offset 8
         push qword ptr [rax]
         .cfi_adjust_cfa_offset 8
         push rax
         .cfi_adjust_cfa_offset 8",
        "lea r11, [rsp - 8]
         mov [rax], r11
         mov r10, rsi",
        load_floats!(),
        "mov r12, [rdi]
         mov r13, [rdi + 8]
         mov r14, [rdi + 16]
         mov r15, [rdi + 24]
         mov rsi, [rdi + 40]
         mov rdx, [rdi + 48]
         mov rcx, [rdi + 56]
         mov r8, [rdi + 64]
         mov r9, [rdi + 72]
         mov r11, [rdi + 80]
         mov rax, [rdi + 88]
         mov rdi, [rdi + 32]
         call r10",
        "mov r10, [rsp + 24]
         mov [r10], r12
         mov [r10 + 8], r13
         mov [r10 + 16], r14
         mov [r10 + 24], r15
         mov [r10 + 32], rdi
         mov [r10 + 40], rsi
         mov [r10 + 48], rdx
         mov [r10 + 56], rcx
         mov [r10 + 64], r8
         mov [r10 + 72], r9
         mov [r10 + 80], r11
         mov [r10 + 88], rax",
        store_floats!(),
        "mov rax, [rsp + 8]
         mov rcx, [rsp + 16]
         mov [rcx], rax
         add rsp, 32
         .cfi_adjust_cfa_offset -32",
        restore!(),
        floats = const offset_of!(Registers, floats),
    )
}
