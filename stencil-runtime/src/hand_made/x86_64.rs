//! x86-64: rdi is the context, rsi the frame; rdx and rcx are the registers, rax is between.

use super::{Code, stencil};
use stencil_table::HoleKind;

/// The numbers of the registers in `ModRM`.
const NUMBERS: [u8; 3] = [2, 1, 0];

/// An instruction with a register and a displacement of 4 bytes from a base.
fn memory(opcode: u8, register: usize, base: u8) -> stencil_table::Stencil {
    let modrm = 0x80 | NUMBERS[register] << 3 | base;
    stencil(&[0x48, opcode, modrm, 0, 0, 0, 0], &[(3, HoleKind::Abs32Signed, 0)])
}

pub(super) static CODE: Code = Code {
    copy: |to, from| stencil(&[0x48, 0x89, 0xC0 | NUMBERS[from] << 3 | NUMBERS[to]], &[]),
    load: |to| memory(0x8B, to, 6),
    store: |from| memory(0x89, from, 6),
    stash: |from| memory(0x89, from, 7),
    unstash: |to| memory(0x8B, to, 7),
    short: |to| stencil(&[0x48, 0xC7, 0xC0 | NUMBERS[to], 0, 0, 0, 0], &[(3, HoleKind::Abs32Signed, 0)]),
    wide: |to| stencil(&[0x48, 0xB8 | NUMBERS[to], 0, 0, 0, 0, 0, 0, 0, 0], &[(2, HoleKind::Abs64, 0)]),
    word: |to| stencil(&[0xB8 | NUMBERS[to], 0, 0, 0, 0], &[(1, HoleKind::Abs32Unsigned, 0)]),
    less: |lhs, rhs| {
        let modrm = 0xC0 | NUMBERS[rhs] << 3 | NUMBERS[lhs];
        stencil(&[0x48, 0x39, modrm, 0x0F, 0x8C, 0, 0, 0, 0], &[(5, HoleKind::LabelRel32, -4)])
    },
    call: || stencil(&[0xE8, 0, 0, 0, 0], &[(1, HoleKind::CalleeRel32, -4)]),
    nop: &[0x90],
    short_range: (i32::MIN as i64, i32::MAX as i64),
};
