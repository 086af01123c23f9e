//! x86-64: `call` pushes 8 bytes, so a function starts 8 bytes off a multiple of 16, and so must every stencil.

use super::Glue;

pub(super) static GLUE: Glue = Glue {
    // push rbp; mov rbp, rsp; push rax
    prologue: &[0x55, 0x48, 0x89, 0xE5, 0x50],
    // leave; ret
    epilogue: &[0xC9, 0xC3],
    // jmp rel32
    jump: &[0xE9, 0, 0, 0, 0],
    jump_hole: 1,
    jump_addend: -4,
};
