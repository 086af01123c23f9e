//! x86-64. A stencil is compiled as a function, so it expects `rsp` to be 8 bytes off a multiple of 16. `call` pushes 8
//! bytes and the prologue 8 more, so the same holds in every function that stitched code calls; the host's trampoline
//! enters with `rsp` a multiple of 16 for the same reason.

use super::{Branch, Glue, Through};
use stencil_table::HoleKind;

pub(super) static GLUE: Glue = Glue {
    // endbr64
    landing_pad: Some(&[0xF3, 0x0F, 0x1E, 0xFA]),
    // push rbp; mov rbp, rsp
    prologue: &[0x55, 0x48, 0x89, 0xE5],
    // pop rbp; ret
    epilogue: &[0x5D, 0xC3],
    // pop rbp; add rsp, 8
    rejoin: &[0x5D, 0x48, 0x83, 0xC4, 0x08],
    jump: JUMP,
    // call rel32
    call: Branch { code: &[0xE8, 0, 0, 0, 0], hole: 1, kind: HoleKind::CalleeRel32, addend: -4 },
    over: JUMP,
    veneers: &[],
    nops: &[
        &[0x90],
        &[0x66, 0x90],
        &[0x0F, 0x1F, 0x00],
        &[0x0F, 0x1F, 0x40, 0],
        &[0x0F, 0x1F, 0x44, 0, 0],
        &[0x66, 0x0F, 0x1F, 0x44, 0, 0],
        &[0x0F, 0x1F, 0x80, 0, 0, 0, 0],
        &[0x0F, 0x1F, 0x84, 0, 0, 0, 0, 0],
    ],
    // mov r10, imm64; jmp [r10]: neither convention passes anything in r10.
    jump_through: Through {
        code: &[0x49, 0xBA, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0xFF, 0x22],
        holes: &[(2, HoleKind::Abs64)],
    },
    // mov r10, imm64; call [r10]
    call_through: Through {
        code: &[0x49, 0xBA, 0, 0, 0, 0, 0, 0, 0, 0, 0x41, 0xFF, 0x12],
        holes: &[(2, HoleKind::Abs64)],
    },
    far: None,
};

/// jmp rel32
const JUMP: Branch = Branch { code: &[0xE9, 0, 0, 0, 0], hole: 1, kind: HoleKind::LabelRel32, addend: -4 };
