//! aarch64. The stack pointer is a multiple of 16 throughout; the frame record is what `x29` points to.

use super::{Branch, Far, Glue, Shift, Through, Veneer};
use stencil_table::HoleKind;

pub(super) static GLUE: Glue = Glue {
    // bti c: where `blr` leads, and `br` through x16 or x17
    landing_pad: Some(&[0x5F, 0x24, 0x03, 0xD5]),
    // stp x29, x30, [sp, #-16]!; mov x29, sp
    prologue: &[0xFD, 0x7B, 0xBF, 0xA9, 0xFD, 0x03, 0x00, 0x91],
    // ldp x29, x30, [sp], #16; ret
    epilogue: &[0xFD, 0x7B, 0xC1, 0xA8, 0xC0, 0x03, 0x5F, 0xD6],
    // ldp x29, x30, [sp], #16: what is in `x30` now waits in the caller's frame record, too.
    rejoin: &[0xFD, 0x7B, 0xC1, 0xA8],
    jump: JUMP,
    // bl
    call: Branch { code: &[0, 0, 0, 0x94], hole: 0, kind: HoleKind::CalleeBranch26, addend: 0 },
    over: JUMP,
    veneers: &[
        // tests of a bit, which reach 32 KiB, stand over jumps in stencils
        Veneer { reach: 1 << 20, jump: JUMP },
        // movz w17; movk w17; adr x16, #-8; add x16, x16, w17, sxtw; ret x16: no landing pad has to be where `ret` leads
        Veneer {
            reach: 1 << 27,
            jump: Branch {
                code: &[
                    0x11, 0, 0x80, 0x52, 0x11, 0, 0xA0, 0x72, 0xD0, 0xFF, 0xFF, 0x10, 0x10, 0xC2, 0x31, 0x8B, 0, 0x02,
                    0x5F, 0xD6,
                ],
                hole: 0,
                kind: HoleKind::LabelMov32,
                addend: 0,
            },
        },
    ],
    // nop
    nops: &[&[0x1F, 0x20, 0x03, 0xD5]],
    // movz x16; movk x16 three times; ldr x16, [x16]; br x16: x16 is what calls may change on the way.
    jump_through: Through {
        code: &[
            0x10, 0, 0x80, 0xD2, 0x10, 0, 0xA0, 0xF2, 0x10, 0, 0xC0, 0xF2, 0x10, 0, 0xE0, 0xF2, 0x10, 0x02, 0x40, 0xF9,
            0, 0x02, 0x1F, 0xD6,
        ],
        holes: ADDRESS,
    },
    // the same with blr x16
    call_through: Through {
        code: &[
            0x10, 0, 0x80, 0xD2, 0x10, 0, 0xA0, 0xF2, 0x10, 0, 0xC0, 0xF2, 0x10, 0, 0xE0, 0xF2, 0x10, 0x02, 0x40, 0xF9,
            0, 0x02, 0x3F, 0xD6,
        ],
        holes: ADDRESS,
    },
    far: Some(Far {
        reach: 8 * 0xFFF,
        signed: false,
        // add x0, x0, #0, lsl #12, and the same of x1 and x2; then sub
        forward: [
            Shift { code: &[0, 0, 0x40, 0x91], kind: HoleKind::Offset12Scaled8 },
            Shift { code: &[0x21, 0, 0x40, 0x91], kind: HoleKind::Offset12Scaled8 },
            Shift { code: &[0x42, 0, 0x40, 0x91], kind: HoleKind::Offset12Scaled8 },
        ],
        back: [
            Shift { code: &[0, 0, 0x40, 0xD1], kind: HoleKind::Offset12Scaled8 },
            Shift { code: &[0x21, 0, 0x40, 0xD1], kind: HoleKind::Offset12Scaled8 },
            Shift { code: &[0x42, 0, 0x40, 0xD1], kind: HoleKind::Offset12Scaled8 },
        ],
        // The hole counts in units of 8.
        page: 8,
    }),
};

/// b
const JUMP: Branch = Branch { code: &[0, 0, 0, 0x14], hole: 0, kind: HoleKind::LabelBranch26, addend: 0 };

/// An address in a `movz` and three `movk`.
const ADDRESS: &[(u16, HoleKind)] =
    &[(0, HoleKind::MovG0Part), (4, HoleKind::MovG1Part), (8, HoleKind::MovG2Part), (12, HoleKind::MovG3)];
