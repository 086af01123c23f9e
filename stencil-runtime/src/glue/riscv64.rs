//! riscv64. The stack pointer is a multiple of 16 throughout; `s0` is the stack pointer at the function's entry, with the
//! return address and the caller's `s0` below it. All instructions have 4 bytes.

use super::{Branch, Glue};
use stencil_table::HoleKind;

pub(super) static GLUE: Glue = Glue {
    // addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16
    prologue: &[0x13, 0x01, 0x01, 0xFF, 0x23, 0x34, 0x11, 0x00, 0x23, 0x30, 0x81, 0x00, 0x13, 0x04, 0x01, 0x01],
    // ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret
    epilogue: &[0x83, 0x30, 0x81, 0x00, 0x03, 0x34, 0x01, 0x00, 0x13, 0x01, 0x01, 0x01, 0x67, 0x80, 0x00, 0x00],
    // auipc t1, 0; jr t1: `t1` is no argument, and no stencil expects anything in it.
    jump: Branch { code: &[0x17, 0x03, 0, 0, 0x67, 0x00, 0x03, 0x00], hole: 0, kind: HoleKind::LabelPair, addend: 0 },
    // auipc ra, 0; jalr ra
    call: Branch { code: &[0x97, 0, 0, 0, 0xE7, 0x80, 0, 0], hole: 0, kind: HoleKind::CalleePair, addend: 0 },
};
