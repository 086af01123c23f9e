//! riscv64. The stack pointer is a multiple of 16 throughout; `s0` is the stack pointer at the function's entry, with the
//! return address and the caller's `s0` below it. All instructions have 4 bytes.

use super::{Branch, Far, Glue, Shift, Through, Veneer};
use stencil_table::HoleKind;

pub(super) static GLUE: Glue = Glue {
    // `lpad` would do where `jalr` leads, but far jumps between stencils are such as well.
    landing_pad: None,
    // addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16
    prologue: &[0x13, 0x01, 0x01, 0xFF, 0x23, 0x34, 0x11, 0x00, 0x23, 0x30, 0x81, 0x00, 0x13, 0x04, 0x01, 0x01],
    // ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret
    epilogue: &[0x83, 0x30, 0x81, 0x00, 0x03, 0x34, 0x01, 0x00, 0x13, 0x01, 0x01, 0x01, 0x67, 0x80, 0x00, 0x00],
    // ld s0, 0(sp); addi sp, sp, 16
    rejoin: &[0x03, 0x34, 0x01, 0x00, 0x13, 0x01, 0x01, 0x01],
    jump: JUMP,
    // auipc ra, 0; jalr ra
    call: Branch { code: &[0x97, 0, 0, 0, 0xE7, 0x80, 0, 0], hole: 0, kind: HoleKind::CalleePair, addend: 0 },
    // j
    over: Branch { code: &[0x6F, 0, 0, 0], hole: 0, kind: HoleKind::LabelJump20, addend: 0 },
    // conditional branches, which reach 4 KiB, stand over jumps in stencils
    veneers: &[Veneer { reach: 1 << 20, jump: JUMP }],
    // addi x0, x0, 0
    nops: &[&[0x13, 0, 0, 0]],
    // auipc t1, 0; ld t1, 16(t1); ld t1, 0(t1); jr t1; the slot's address
    jump_through: Through {
        code: &[
            0x17, 0x03, 0, 0, 0x03, 0x33, 0x03, 0x01, 0x03, 0x33, 0x03, 0, 0x67, 0, 0x03, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        ],
        holes: &[(16, HoleKind::Abs64)],
    },
    // auipc t1, 0; ld t1, 20(t1); ld t1, 0(t1); jalr t1; j over; the slot's address
    call_through: Through {
        code: &[
            0x17, 0x03, 0, 0, 0x03, 0x33, 0x43, 0x01, 0x03, 0x33, 0x03, 0, 0xE7, 0, 0x03, 0, 0x6F, 0, 0xC0, 0, 0, 0, 0,
            0, 0, 0, 0, 0,
        ],
        holes: &[(20, HoleKind::Abs64)],
    },
    far: Some(Far {
        reach: 2047,
        signed: true,
        // lui t1, 0; add a0, a0, t1, and the same of a1 and a2; then sub
        forward: [
            Shift { code: &[0x37, 0x03, 0, 0, 0x33, 0x05, 0x65, 0], kind: HoleKind::Hi20 },
            Shift { code: &[0x37, 0x03, 0, 0, 0xB3, 0x85, 0x65, 0], kind: HoleKind::Hi20 },
            Shift { code: &[0x37, 0x03, 0, 0, 0x33, 0x06, 0x66, 0], kind: HoleKind::Hi20 },
        ],
        back: [
            Shift { code: &[0x37, 0x03, 0, 0, 0x33, 0x05, 0x65, 0x40], kind: HoleKind::Hi20 },
            Shift { code: &[0x37, 0x03, 0, 0, 0xB3, 0x85, 0x65, 0x40], kind: HoleKind::Hi20 },
            Shift { code: &[0x37, 0x03, 0, 0, 0x33, 0x06, 0x66, 0x40], kind: HoleKind::Hi20 },
        ],
        page: 4096,
    }),
};

/// auipc t1, 0; jr t1: `t1` is no argument, and no stencil expects anything in it.
const JUMP: Branch =
    Branch { code: &[0x17, 0x03, 0, 0, 0x67, 0x00, 0x03, 0x00], hole: 0, kind: HoleKind::LabelPair, addend: 0 };
