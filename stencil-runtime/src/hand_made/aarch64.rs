//! aarch64: x0 is the context, x1 the frame; x2 and x3 are the registers, x9 is between.

use super::{Code, words};
use stencil_table::HoleKind;

const NUMBERS: [u32; 3] = [2, 3, 9];

pub(super) static CODE: Code = Code {
    // mov
    copy: |to, from| words(&[0xAA00_03E0 | NUMBERS[from] << 16 | NUMBERS[to]], &[]),
    // ldr, str
    load: |to| words(&[0xF940_0020 | NUMBERS[to]], &[(0, HoleKind::Offset12Scaled8)]),
    store: |from| words(&[0xF900_0020 | NUMBERS[from]], &[(0, HoleKind::Offset12Scaled8)]),
    stash: |from| words(&[0xF900_0000 | NUMBERS[from]], &[(0, HoleKind::Offset12Scaled8)]),
    unstash: |to| words(&[0xF940_0000 | NUMBERS[to]], &[(0, HoleKind::Offset12Scaled8)]),
    // movz or movn, movk
    short: |to| {
        let to = NUMBERS[to];
        words(&[0xD2A0_0000 | to, 0xF280_0000 | to], &[(0, HoleKind::MovSignedG1), (4, HoleKind::MovG0Part)])
    },
    wide: |to| {
        let to = NUMBERS[to];
        let holes =
            [(0, HoleKind::MovG0Part), (4, HoleKind::MovG1Part), (8, HoleKind::MovG2Part), (12, HoleKind::MovG3)];
        words(&[0xD280_0000 | to, 0xF2A0_0000 | to, 0xF2C0_0000 | to, 0xF2E0_0000 | to], &holes)
    },
    word: |to| {
        let to = NUMBERS[to];
        words(&[0x5280_0000 | to, 0x72A0_0000 | to], &[(0, HoleKind::MovG0Part), (4, HoleKind::MovG1)])
    },
    // cmp; b.lt
    less: |lhs, rhs| {
        let compare = 0xEB00_001F | NUMBERS[rhs] << 16 | NUMBERS[lhs] << 5;
        words(&[compare, 0x5400_000B], &[(4, HoleKind::LabelBranch19)])
    },
    call: || words(&[0x9400_0000], &[(0, HoleKind::CalleeBranch26)]),
    nop: &[0x1F, 0x20, 0x03, 0xD5],
    short_range: (i32::MIN as i64, i32::MAX as i64),
};
