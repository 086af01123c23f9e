//! The stitched functions of the tests, for aarch64.

use std::arch::naked_asm;

use stencil_table::Convention;

use super::Subject;
use crate::entry::aarch64::{portable, portable_with};

/// The stack pointer at the first instruction of a function, modulo 16.
pub(super) const STACK_REMAINDER: u64 = 0;

/// The frame pointer with which [`probe`] calls the trampoline.
pub(super) const PROBE_FRAME: u64 = 0x1111;

/// The address of a label.
macro_rules! address_of {
    ($to:literal, $label:literal) => {
        concat!("adrp {", $to, "}, ", $label, "; add {", $to, "}, {", $to, "}, :lo12:", $label)
    };
}

macro_rules! prologue {
    () => {
        "stp x29, x30, [sp, #-16]!; mov x29, sp"
    };
}

macro_rules! mix {
    () => {
        "add x1, x1, #2; add x2, x2, #3; add x3, x3, #4; add x4, x4, #5; add x5, x5, #6
         add x6, x6, #7; add x7, x7, #8
         fmov d16, d0; fmov d0, d1; fmov d1, d2; fmov d2, d3; fmov d3, d4; fmov d4, d5
         fmov d5, d6; fmov d6, d7; fmov d7, d16"
    };
}

macro_rules! clobber {
    () => {
        "mov x1, #-1; mov x2, #-1; mov x3, #-1; mov x4, #-1; mov x5, #-1; mov x6, #-1
         mov x7, #-1; mov x8, #-1; mov x9, #-1; mov x10, #-1; mov x11, #-1; mov x12, #-1
         mov x13, #-1; mov x14, #-1; mov x15, #-1; mov x16, #-1; mov x17, #-1"
    };
}

macro_rules! go_back {
    () => {
        "ldp x29, x30, [sp], #16; ret"
    };
}

macro_rules! leave {
    () => {
        "ldr x16, [x0]; mov sp, x16; ldr x30, [x16]; ret"
    };
}

/// Portable only.
pub(super) fn subjects() -> [Subject; 1] {
    [Subject {
        convention: Convention::Portable,
        first_fixed: 0,
        ints: 8,
        trampolines: [portable as *const (), portable_with as *const ()],
        outermost: portable as *const (),
        mix_and_return: machine_code!(prologue!(), mix!(), "add x0, x0, #1", go_back!()),
        mix_and_leave: machine_code!(prologue!(), mix!(), leave!()),
        descend: machine_code!("4:", prologue!(), "subs x1, x1, #1; b.eq 5f; bl 4b; udf #0", "5:", leave!()),
        call_host: machine_code!(
            prologue!(),
            "str x0, [sp, #-16]!; ldr x16, [x0, #64]; blr x16; ldr x0, [sp], #16",
            leave!()
        ),
        clobber_and_leave: machine_code!(prologue!(), clobber!(), "mov x29, #-1; mov x30, #-1", leave!()),
        clobber_and_return: machine_code!(prologue!(), clobber!(), "mov x0, #-1", go_back!()),
        give: machine_code!(prologue!(), "mov x2, #77; fmov d0, #2.5", go_back!()),
        traced: traced as *const u8,
        shape: machine_code!("mov x1, sp; and x1, x1, #15", prologue!(), "ldr x2, [x29]; ldr x2, [x2]", go_back!()),
    }]
}

/// Calls the host function behind the anchor, and has unwind rows.
///
/// # Safety
/// Only a trampoline may call it, as it may a stitched function.
#[unsafe(naked)]
unsafe extern "C" fn traced() {
    naked_asm!(
        ".cfi_startproc",
        "stp x29, x30, [sp, #-16]!",
        ".cfi_def_cfa_offset 16",
        ".cfi_offset x29, -16",
        ".cfi_offset x30, -8",
        "ldr x16, [x0, #64]",
        "blr x16",
        "ldp x29, x30, [sp], #16",
        ".cfi_def_cfa_offset 0",
        ".cfi_restore x29",
        ".cfi_restore x30",
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
pub(super) unsafe extern "C" fn probe(trampoline: *const (), a: u64, b: u64, c: u64, d: u64) -> u64 {
    naked_asm!(
        "stp x29, x30, [sp, #-160]!",
        "stp x19, x20, [sp, #16]; stp x21, x22, [sp, #32]; stp x23, x24, [sp, #48]",
        "stp x25, x26, [sp, #64]; stp x27, x28, [sp, #80]",
        "stp d8, d9, [sp, #96]; stp d10, d11, [sp, #112]",
        "stp d12, d13, [sp, #128]; stp d14, d15, [sp, #144]",
        "mov x16, x0; mov x0, x1; mov x1, x2; mov x2, x3; mov x3, x4",
        "mov x29, #{frame}",
        "mov x19, #19; mov x20, #20; mov x21, #21; mov x22, #22; mov x23, #23",
        "mov x24, #24; mov x25, #25; mov x26, #26; mov x27, #27; mov x28, #28",
        "fmov d8, x19; fmov d9, x20; fmov d10, x21; fmov d11, x22",
        "fmov d12, x23; fmov d13, x24; fmov d14, x25; fmov d15, x26",
        "blr x16",
        "mov x1, #{frame}; eor x0, x29, x1",
        "fmov x1, d8; eor x1, x1, x19; orr x0, x0, x1; fmov x1, d9; eor x1, x1, x20",
        "orr x0, x0, x1; fmov x1, d10; eor x1, x1, x21; orr x0, x0, x1",
        "fmov x1, d11; eor x1, x1, x22; orr x0, x0, x1; fmov x1, d12; eor x1, x1, x23",
        "orr x0, x0, x1; fmov x1, d13; eor x1, x1, x24; orr x0, x0, x1",
        "fmov x1, d14; eor x1, x1, x25; orr x0, x0, x1; fmov x1, d15; eor x1, x1, x26",
        "orr x0, x0, x1",
        "mov x1, #19; eor x1, x1, x19; orr x0, x0, x1; mov x1, #20; eor x1, x1, x20",
        "orr x0, x0, x1; mov x1, #21; eor x1, x1, x21; orr x0, x0, x1",
        "mov x1, #22; eor x1, x1, x22; orr x0, x0, x1; mov x1, #23; eor x1, x1, x23",
        "orr x0, x0, x1; mov x1, #24; eor x1, x1, x24; orr x0, x0, x1",
        "mov x1, #25; eor x1, x1, x25; orr x0, x0, x1; mov x1, #26; eor x1, x1, x26",
        "orr x0, x0, x1; mov x1, #27; eor x1, x1, x27; orr x0, x0, x1",
        "mov x1, #28; eor x1, x1, x28; orr x0, x0, x1",
        "ldp d14, d15, [sp, #144]; ldp d12, d13, [sp, #128]",
        "ldp d10, d11, [sp, #112]; ldp d8, d9, [sp, #96]",
        "ldp x27, x28, [sp, #80]; ldp x25, x26, [sp, #64]",
        "ldp x23, x24, [sp, #48]; ldp x21, x22, [sp, #32]; ldp x19, x20, [sp, #16]",
        "ldp x29, x30, [sp], #160; ret",
        frame = const PROBE_FRAME,
    )
}
