//! The stitched functions of the tests, for x86-64.

use std::arch::naked_asm;

use stencil_table::Convention;

use super::Subject;
use crate::entry::x86_64::{portable, portable_with, wide, wide_outermost, wide_with};

/// The stack pointer at the first instruction of a function, modulo 16.
pub(super) const STACK_REMAINDER: u64 = 0;

/// The frame pointer with which [`probe`] calls the trampoline.
pub(super) const PROBE_FRAME: u64 = 0x1111_1111;

/// The address of a label.
macro_rules! address_of {
    ($to:literal, $label:literal) => {
        concat!("lea {", $to, "}, [rip + ", $label, "]")
    };
}

macro_rules! prologue {
    () => {
        "push rbp; mov rbp, rsp"
    };
}

macro_rules! rotate_floats {
    () => {
        "movapd xmm8, xmm0; movapd xmm0, xmm1; movapd xmm1, xmm2; movapd xmm2, xmm3
         movapd xmm3, xmm4; movapd xmm4, xmm5; movapd xmm5, xmm6; movapd xmm6, xmm7
         movapd xmm7, xmm8"
    };
}

/// Portable and wide.
pub(super) fn subjects() -> [Subject; 2] {
    [portable_subject(), wide_subject()]
}

fn portable_subject() -> Subject {
    macro_rules! count {
        () => {
            "add rsi, 2; add rdx, 3; add rcx, 4; add r8, 5; add r9, 6"
        };
    }
    macro_rules! clobber {
        () => {
            "mov rax, -1; mov rcx, -1; mov rdx, -1; mov rsi, -1; mov r8, -1; mov r9, -1
             mov r10, -1; mov r11, -1"
        };
    }
    macro_rules! leave {
        () => {
            "mov rsp, [rdi]; ret"
        };
    }
    Subject {
        convention: Convention::Portable,
        first_fixed: 0,
        ints: 6,
        trampolines: [portable as *const (), portable_with as *const ()],
        outermost: portable as *const (),
        mix_and_return: machine_code!(prologue!(), count!(), rotate_floats!(), "add rdi, 1; pop rbp; ret"),
        mix_and_leave: machine_code!(prologue!(), count!(), rotate_floats!(), leave!()),
        descend: machine_code!("4:", prologue!(), "dec rsi; jz 5f; call 4b; ud2", "5:", leave!()),
        call_host: machine_code!(prologue!(), "push rdi; call [rdi + 64]; pop rdi", leave!()),
        clobber_and_leave: machine_code!(prologue!(), clobber!(), "mov rbp, -1", leave!()),
        clobber_and_return: machine_code!(prologue!(), clobber!(), "mov rdi, -1; pop rbp; ret"),
        give: machine_code!(prologue!(), "mov rax, 0x4004000000000000; movq xmm0, rax; mov rdx, 77; pop rbp; ret"),
        traced: traced_portable as *const u8,
        shape: machine_code!("mov rsi, rsp; and rsi, 15", prologue!(), "mov rdx, [rbp]; mov rdx, [rdx]; pop rbp; ret",),
    }
}

fn wide_subject() -> Subject {
    macro_rules! count {
        () => {
            "add r12, 1; add r13, 2; add r15, 4; add rdi, 5; add rsi, 6; add rdx, 7; add rcx, 8
             add r8, 9; add r9, 10; add r11, 11; add rax, 12"
        };
    }
    macro_rules! clobber {
        () => {
            "mov rbx, -1; mov r12, -1; mov r13, -1; mov r15, -1; mov rax, -1; mov rcx, -1
             mov rdx, -1; mov rdi, -1; mov rsi, -1; mov r8, -1; mov r9, -1; mov r10, -1; mov r11, -1"
        };
    }
    macro_rules! leave {
        () => {
            "mov rsp, [r14]; ret"
        };
    }
    Subject {
        convention: Convention::Wide,
        first_fixed: 2,
        ints: 12,
        trampolines: [wide as *const (), wide_with as *const ()],
        outermost: wide_outermost as *const (),
        mix_and_return: machine_code!(prologue!(), count!(), rotate_floats!(), "add r14, 3; pop rbp; ret"),
        mix_and_leave: machine_code!(prologue!(), count!(), rotate_floats!(), leave!()),
        descend: machine_code!("4:", prologue!(), "dec r15; jz 5f; call 4b; ud2", "5:", leave!()),
        call_host: machine_code!(prologue!(), "push rax; mov rdi, r14; call [r14 + 64]", leave!()),
        clobber_and_leave: machine_code!(prologue!(), clobber!(), "mov rbp, -1", leave!()),
        clobber_and_return: machine_code!(prologue!(), clobber!(), "mov r14, -1; pop rbp; ret"),
        give: machine_code!(prologue!(), "mov rax, 0x4004000000000000; movq xmm0, rax; mov r12, 77; pop rbp; ret"),
        traced: traced_wide as *const u8,
        shape: machine_code!("mov r15, rsp; and r15, 15", prologue!(), "mov rdi, [rbp]; mov rdi, [rdi]; pop rbp; ret",),
    }
}

/// Calls the host function behind the anchor, and has unwind rows.
///
/// # Safety
/// Only a trampoline may call it, as it may a stitched function.
#[unsafe(naked)]
unsafe extern "sysv64" fn traced_portable() {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        "push rdi",
        ".cfi_def_cfa_offset 24",
        "call [rdi + 64]",
        "pop rdi",
        ".cfi_def_cfa_offset 16",
        "pop rbp",
        ".cfi_def_cfa_offset 8",
        "ret",
        ".cfi_endproc",
    )
}

/// The same, for the wide convention.
///
/// # Safety
/// As for [`traced_portable`].
#[unsafe(naked)]
unsafe extern "sysv64" fn traced_wide() {
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_def_cfa_offset 16",
        "push rax",
        ".cfi_def_cfa_offset 24",
        "mov rdi, r14",
        "call [r14 + 64]",
        "pop rax",
        ".cfi_def_cfa_offset 16",
        "pop rbp",
        ".cfi_def_cfa_offset 8",
        "ret",
        ".cfi_endproc",
    )
}

/// Calls `trampoline` with four arguments and known values in all registers that a callee
/// preserves. Returns 0 if they are what they were.
///
/// # Safety
/// That of the trampoline.
#[unsafe(naked)]
pub(super) unsafe extern "sysv64" fn probe(trampoline: *const (), a: u64, b: u64, c: u64, d: u64) -> u64 {
    naked_asm!(
        "push rbp; push rbx; push r12; push r13; push r14; push r15; push rax",
        "mov rax, rdi; mov rdi, rsi; mov rsi, rdx; mov rdx, rcx; mov rcx, r8",
        "mov ebp, {frame}; mov ebx, 0x22222222; mov r12d, 0x33333333",
        "mov r13d, 0x44444444; mov r14d, 0x55555555; mov r15d, 0x66666666",
        "call rax",
        "xor rbp, {frame}; xor rbx, 0x22222222; xor r12, 0x33333333",
        "xor r13, 0x44444444; xor r14, 0x55555555; xor r15, 0x66666666",
        "mov rax, rbp; or rax, rbx; or rax, r12; or rax, r13; or rax, r14; or rax, r15",
        "pop rcx; pop r15; pop r14; pop r13; pop r12; pop rbx; pop rbp; ret",
        frame = const PROBE_FRAME,
    )
}
