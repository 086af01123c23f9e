//! One test per gate: code that trips it, and what it says.

use super::{References, TAIL, tail, taken};
use crate::Architecture;
use crate::machine::tests::{self as shared, symbol};
use crate::object::Reference;
use crate::riscv64::Riscv64;
use expect_test::{Expect, expect};
use object::elf::{R_RISCV_64, R_RISCV_CALL_PLT, R_RISCV_HI20, R_RISCV_LO12_I, R_RISCV_PCREL_LO12_I};

/// Code that would be fine if it were not for what stands before its way out.
fn refused(words: &[u32], expected: &Expect) {
    let at = 4 * words.len();
    let text = taken(&[words, &TAIL].concat(), &[tail(at, "stencil_next")]).faults();
    expected.assert_eq(&text);
}

fn refused_for(words: &[u32], references: References<'_>, expected: &Expect) {
    expected.assert_eq(&taken(words, references).faults());
}

#[test]
fn only_jumps_leave() {
    // ret
    refused_for(
        &[0x0000_8067],
        &[],
        &expect!["returns instead of going on; every path must end in a result or a way out"],
    );
    // jr a4; j .+12, which is no instruction of the function
    for word in [0x0007_0067, 0x00C0_006F] {
        refused_for(&[word], &[], &expect!["jumps to a computed address; compare and branch instead"]);
    }
    // unimp; ebreak
    for trap in [0xC000_1073, 0x0010_0073] {
        refused_for(
            &[trap],
            &[],
            &expect![
                "stops the program on some path, or has one that the compiler took for impossible; leave through an `Exit` instead"
            ],
        );
    }
    // nop
    refused_for(&[0x0000_0013], &[], &expect!["runs past its end; let every path end in a result or a way out"]);
}

#[test]
fn bytes_that_are_no_instruction_are_refused() {
    // 8 bytes of zeros; a compressed nop and another
    for word in [0, 0x0001_0001] {
        refused(&[word], &expect!["contains bytes at 0x0 that are no instruction; keep data out of `asm!`"]);
    }
}

#[test]
fn own_code_is_only_branched_to() {
    // auipc a4, 0; jal .+8
    for word in [0x0000_0717, 0x0080_00EF] {
        refused(
            &[word],
            &expect!["calls a part of itself or takes the address of its own code; keep labels in `asm!` to branches"],
        );
    }
}

#[test]
fn ways_out_are_not_called() {
    // call next
    let words = [&[0x0000_0097, 0x0000_80E7], &TAIL[..]].concat();
    let way = (0, R_RISCV_CALL_PLT, symbol("stencil_next"));
    refused_for(
        &words,
        &[way, tail(8, "stencil_next")],
        &expect![
            "calls the next op instead of jumping to it, since something of the op lives on; drop values with destructors before, and give no function the address of a local value"
        ],
    );
    let memcpy = (0, R_RISCV_CALL_PLT, Reference::Undefined("memcpy".to_owned()));
    refused_for(
        &words,
        &[memcpy, tail(8, "stencil_next")],
        &expect![
            "calls the library function `memcpy`; keep arrays that are copied, filled or compared below 128 bytes, or take the function through a `#[hole]` of type `HostFn<fn(…)>`"
        ],
    );
}

#[test]
fn holes_stand_where_their_values_fit() {
    let words = |word: u32| [&[word], &TAIL[..]].concat();
    let references = |kind, name| [(0, kind, symbol(name)), tail(4, "stencil_next")];
    // addi a4, a4 with the upper half
    refused_for(
        &words(0x0007_0713),
        &references(R_RISCV_HI20, "stencil_word_0"),
        &expect!["`a` ends up beside the operands of an instruction; keep data out of `asm!`"],
    );
    // ld a4, (a1) with a literal; a literal that nothing jumps over
    refused_for(
        &words(0x0005_B703),
        &references(R_RISCV_LO12_I, "stencil_wide_0"),
        &expect!["`a` ends up in a field of another size or sense (R_RISCV_LO12_I); use it as a whole value"],
    );
    refused_for(
        &words(0x0000_0013),
        &references(R_RISCV_64, "stencil_wide_0"),
        &expect!["`a` ends up beside the operands of an instruction; keep data out of `asm!`"],
    );
    // The lower half of a constant whose upper half is not there
    let lower = [(0, R_RISCV_PCREL_LO12_I, Reference::Own { offset: 8 }), tail(4, "stencil_next")];
    refused_for(
        &words(0x0007_3787),
        &lower,
        &expect!["calls a part of itself or takes the address of its own code; keep labels in `asm!` to branches"],
    );
}

#[test]
fn the_stack_is_left_as_it_was() {
    // addi sp, sp, -32; addi sp, sp, 32
    refused(
        &[0xFE01_0113],
        &expect!["leaves the stack pointer changed by 32 bytes; keep `push` and `pop` in `asm!` balanced"],
    );
    refused(
        &[0x0201_0113],
        &expect!["leaves the stack pointer changed by -32 bytes; keep `push` and `pop` in `asm!` balanced"],
    );
    // andi sp, a2, -16; sub sp, sp, a2; addi sp, s0, -32
    for word in [0xFF06_7113, 0x40C1_0133, 0xFE04_0113] {
        refused(
            &[word],
            &expect![
                "changes the stack pointer in a way that cannot be followed; keep local values below 16-byte alignment and of fixed size"
            ],
        );
    }
    // addi sp, sp, -512; addi sp, sp, 512
    refused(
        &[0xE001_0113, 0x2001_0113],
        &expect!["needs 512 bytes of stack, 64 are allowed; keep fewer local values or raise `frame_limit`"],
    );
}

#[test]
fn only_the_own_frame_is_touched() {
    // ld a4, (sp)
    refused(
        &[0x0001_3703],
        &expect![
            "reads or writes above its stack frame; the machine has more registers than the calling convention passes, pin fewer"
        ],
    );
    // sd a4, -8(sp)
    refused(&[0xFEE1_3C23], &expect!["uses memory below the stack pointer; keep the red zone out of `asm!`"]);
}

#[test]
fn the_frame_pointer_is_the_machines() {
    // li s0, 1; mv a4, s0 where it is no frame's; fmv.x.d s0, fa0; fsd fa0, -8(s0)
    for word in [0x0010_0413, 0x0004_0713, 0xE205_0453, 0xFEA4_3C27] {
        refused(&[word], &expect!["overwrites the frame pointer; pin fewer registers or keep fewer values at once"]);
    }
    // fmv.d fs0, fa0: another register of that number
    let words = [&[0x22A5_0453], &TAIL[..]].concat();
    assert!(taken(&words, &[tail(4, "stencil_next")]).stencil.is_ok());
}

#[test]
fn the_systems_registers_are_not_used() {
    // mv tp, a2
    refused(
        &[0x0006_0213],
        &expect!["uses the register `tp`, which some systems keep for themselves; keep it out of `asm!`"],
    );
}

#[test]
fn calls_through_pointers_need_a_hole() {
    // jalr a4
    let words = [&[0x0007_00E7], &TAIL[..]].concat();
    let take = |calls| shared::taken::<Riscv64>(Architecture::Riscv64, &words, &[tail(4, "stencil_next")], calls);
    assert!(take(true).stencil.is_ok());
    expect!["calls through a pointer; take the function through a `#[hole]` of type `HostFn<fn(…)>`"]
        .assert_eq(&take(false).faults());
}
