//! aarch64. The stack pointer is a multiple of 16 throughout; the frame record is what `x29` points to.

use super::{Branch, Glue};
use stencil_table::HoleKind;

pub(super) static GLUE: Glue = Glue {
    // stp x29, x30, [sp, #-16]!; mov x29, sp
    prologue: &[0xFD, 0x7B, 0xBF, 0xA9, 0xFD, 0x03, 0x00, 0x91],
    // ldp x29, x30, [sp], #16; ret
    epilogue: &[0xFD, 0x7B, 0xC1, 0xA8, 0xC0, 0x03, 0x5F, 0xD6],
    // b
    jump: Branch { code: &[0, 0, 0, 0x14], hole: 0, kind: HoleKind::LabelBranch26, addend: 0 },
    // bl
    call: Branch { code: &[0, 0, 0, 0x94], hole: 0, kind: HoleKind::CalleeBranch26, addend: 0 },
};
