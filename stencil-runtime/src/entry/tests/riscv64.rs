//! The stitched functions of the tests, for riscv64.

use std::arch::naked_asm;

use stencil_table::Convention;

use super::Subject;
use crate::entry::riscv64::{portable, portable_with};

/// The stack pointer at the first instruction of a function, modulo 16.
pub(super) const STACK_REMAINDER: u64 = 0;

/// The frame pointer with which [`probe`] calls the trampoline.
pub(super) const PROBE_FRAME: u64 = 0x1111;

/// The address of a label.
macro_rules! address_of {
    ($to:literal, $label:literal) => {
        concat!("lla {", $to, "}, ", $label)
    };
}

macro_rules! prologue {
    () => {
        "addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16"
    };
}

macro_rules! mix {
    () => {
        "addi a1, a1, 2; addi a2, a2, 3; addi a3, a3, 4; addi a4, a4, 5; addi a5, a5, 6
         addi a6, a6, 7; addi a7, a7, 8
         fmv.d ft0, fa0; fmv.d fa0, fa1; fmv.d fa1, fa2; fmv.d fa2, fa3; fmv.d fa3, fa4
         fmv.d fa4, fa5; fmv.d fa5, fa6; fmv.d fa6, fa7; fmv.d fa7, ft0"
    };
}

macro_rules! clobber {
    () => {
        "li a1, -1; li a2, -1; li a3, -1; li a4, -1; li a5, -1; li a6, -1; li a7, -1
         li t0, -1; li t1, -1; li t2, -1; li t3, -1; li t4, -1; li t5, -1; li t6, -1"
    };
}

macro_rules! go_back {
    () => {
        "ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret"
    };
}

macro_rules! leave {
    () => {
        "ld t0, 0(a0); mv sp, t0; ld ra, 0(t0); ret"
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
        mix_and_return: machine_code!(prologue!(), mix!(), "addi a0, a0, 1", go_back!()),
        mix_and_leave: machine_code!(prologue!(), mix!(), leave!()),
        descend: machine_code!("4:", prologue!(), "addi a1, a1, -1; beqz a1, 5f; jal 4b; unimp", "5:", leave!()),
        call_host: machine_code!(
            prologue!(),
            "addi sp, sp, -16; sd a0, 0(sp); ld t0, 64(a0); jalr t0; ld a0, 0(sp); addi sp, sp, 16",
            leave!()
        ),
        clobber_and_leave: machine_code!(prologue!(), clobber!(), "li s0, -1; li ra, -1", leave!()),
        clobber_and_return: machine_code!(prologue!(), clobber!(), "li a0, -1", go_back!()),
        give: machine_code!(
            prologue!(),
            "li a2, 77; li t0, 5; fcvt.d.l fa0, t0; li t0, 2; fcvt.d.l fa1, t0; fdiv.d fa0, fa0, fa1",
            go_back!()
        ),
        traced: traced as *const u8,
        shape: machine_code!("andi a1, sp, 15", prologue!(), "ld a2, -16(s0); ld a2, -16(a2)", go_back!()),
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
        "addi sp, sp, -16",
        ".cfi_def_cfa_offset 16",
        "sd ra, 8(sp)",
        ".cfi_offset ra, -8",
        "ld t0, 64(a0)",
        "jalr t0",
        "ld ra, 8(sp)",
        ".cfi_restore ra",
        "addi sp, sp, 16",
        ".cfi_def_cfa_offset 0",
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
        // Assembly outside of functions is not told what the target has.
        ".option push",
        ".option arch, +d",
        "addi sp, sp, -208",
        "sd ra, 200(sp); sd s0, 192(sp); sd s1, 184(sp); sd s2, 176(sp); sd s3, 168(sp)",
        "sd s4, 160(sp); sd s5, 152(sp); sd s6, 144(sp); sd s7, 136(sp); sd s8, 128(sp)",
        "sd s9, 120(sp); sd s10, 112(sp); sd s11, 104(sp)",
        "fsd fs0, 96(sp); fsd fs1, 88(sp); fsd fs2, 80(sp); fsd fs3, 72(sp); fsd fs4, 64(sp)",
        "fsd fs5, 56(sp); fsd fs6, 48(sp); fsd fs7, 40(sp); fsd fs8, 32(sp); fsd fs9, 24(sp)",
        "fsd fs10, 16(sp); fsd fs11, 8(sp)",
        "mv t0, a0; mv a0, a1; mv a1, a2; mv a2, a3; mv a3, a4",
        "li s0, {frame}",
        "li s1, 1; li s2, 2; li s3, 3; li s4, 4; li s5, 5; li s6, 6; li s7, 7; li s8, 8",
        "li s9, 9; li s10, 10; li s11, 11",
        "fmv.d.x fs0, s0; fmv.d.x fs1, s1; fmv.d.x fs2, s2; fmv.d.x fs3, s3",
        "fmv.d.x fs4, s4; fmv.d.x fs5, s5; fmv.d.x fs6, s6; fmv.d.x fs7, s7",
        "fmv.d.x fs8, s8; fmv.d.x fs9, s9; fmv.d.x fs10, s10; fmv.d.x fs11, s11",
        "jalr t0",
        "fmv.x.d a0, fs0; xor a0, a0, s0",
        "fmv.x.d t0, fs1; xor t0, t0, s1; or a0, a0, t0; fmv.x.d t0, fs2; xor t0, t0, s2; or a0, a0, t0",
        "fmv.x.d t0, fs3; xor t0, t0, s3; or a0, a0, t0; fmv.x.d t0, fs4; xor t0, t0, s4; or a0, a0, t0",
        "fmv.x.d t0, fs5; xor t0, t0, s5; or a0, a0, t0; fmv.x.d t0, fs6; xor t0, t0, s6; or a0, a0, t0",
        "fmv.x.d t0, fs7; xor t0, t0, s7; or a0, a0, t0; fmv.x.d t0, fs8; xor t0, t0, s8; or a0, a0, t0",
        "fmv.x.d t0, fs9; xor t0, t0, s9; or a0, a0, t0; fmv.x.d t0, fs10; xor t0, t0, s10; or a0, a0, t0",
        "fmv.x.d t0, fs11; xor t0, t0, s11; or a0, a0, t0",
        "li t0, {frame}; xor t0, t0, s0; or a0, a0, t0",
        "xori t0, s1, 1; or a0, a0, t0; xori t0, s2, 2; or a0, a0, t0; xori t0, s3, 3; or a0, a0, t0",
        "xori t0, s4, 4; or a0, a0, t0; xori t0, s5, 5; or a0, a0, t0; xori t0, s6, 6; or a0, a0, t0",
        "xori t0, s7, 7; or a0, a0, t0; xori t0, s8, 8; or a0, a0, t0; xori t0, s9, 9; or a0, a0, t0",
        "xori t0, s10, 10; or a0, a0, t0; xori t0, s11, 11; or a0, a0, t0",
        "fld fs11, 8(sp); fld fs10, 16(sp); fld fs9, 24(sp); fld fs8, 32(sp); fld fs7, 40(sp)",
        "fld fs6, 48(sp); fld fs5, 56(sp); fld fs4, 64(sp); fld fs3, 72(sp); fld fs2, 80(sp)",
        "fld fs1, 88(sp); fld fs0, 96(sp)",
        "ld s11, 104(sp); ld s10, 112(sp); ld s9, 120(sp); ld s8, 128(sp); ld s7, 136(sp)",
        "ld s6, 144(sp); ld s5, 152(sp); ld s4, 160(sp); ld s3, 168(sp); ld s2, 176(sp)",
        "ld s1, 184(sp); ld s0, 192(sp); ld ra, 200(sp)",
        "addi sp, sp, 208",
        "ret",
        ".option pop",
        frame = const PROBE_FRAME,
    )
}
