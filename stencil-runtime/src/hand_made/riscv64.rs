//! riscv64: a0 is the context, a1 the frame; a2 and a3 are the registers, t0 is between.

use super::{Code, words};
use stencil_table::HoleKind;

const NUMBERS: [u32; 3] = [12, 13, 5];

pub(super) static CODE: Code = Code {
    // mv
    copy: |to, from| words(&[0x0000_0013 | NUMBERS[from] << 15 | NUMBERS[to] << 7], &[]),
    // ld, sd
    load: |to| words(&[0x0005_B003 | NUMBERS[to] << 7], &[(0, HoleKind::Offset12I)]),
    store: |from| words(&[0x0005_B023 | NUMBERS[from] << 20], &[(0, HoleKind::Offset12S)]),
    stash: |from| words(&[0x0005_3023 | NUMBERS[from] << 20], &[(0, HoleKind::Offset12S)]),
    unstash: |to| words(&[0x0005_3003 | NUMBERS[to] << 7], &[(0, HoleKind::Offset12I)]),
    // lui; addi
    short: |to| {
        let to = NUMBERS[to];
        words(&[0x0000_0037 | to << 7, 0x0000_0013 | to << 15 | to << 7], &[(0, HoleKind::Hi20), (4, HoleKind::Lo12I)])
    },
    // auipc; ld; j past the 8 bytes
    wide: |to| {
        let to = NUMBERS[to];
        words(&[0x0000_0017 | to << 7, 0x00C0_3003 | to << 15 | to << 7, 0x00C0_006F, 0, 0], &[(12, HoleKind::Abs64)])
    },
    // lui; addiw
    word: |to| {
        let to = NUMBERS[to];
        let holes = [(0, HoleKind::Hi20Word), (4, HoleKind::Lo12I)];
        words(&[0x0000_0037 | to << 7, 0x0000_001B | to << 15 | to << 7], &holes)
    },
    // bge past the jump; j
    less: |lhs, rhs| {
        let compare = 0x0000_5463 | NUMBERS[rhs] << 20 | NUMBERS[lhs] << 15;
        words(&[compare, 0x0000_006F], &[(4, HoleKind::LabelJump20)])
    },
    call: || words(&[0x0000_0097, 0x0000_80E7], &[(0, HoleKind::CalleePair)]),
    nop: &[0x13, 0, 0, 0],
    short_range: (i32::MIN as i64, i32::MAX as i64 - 0x800),
};
