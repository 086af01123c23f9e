//! One test per gate: code that trips it, and what it says.

use super::{INCREMENT, JUMP, References, jump, taken};
use crate::Architecture;
use crate::aarch64::Aarch64;
use crate::machine::tests::{self as shared, constant, symbol};
use crate::object::Reference;
use expect_test::{Expect, expect};
use object::elf::{R_AARCH64_ABS64, R_AARCH64_CALL26, R_AARCH64_LDST64_ABS_LO12_NC, R_AARCH64_MOVW_UABS_G0_NC};

/// Code that would be fine if it were not for what stands before its way out.
fn refused(words: &[u32], expected: &Expect) {
    let at = 4 * words.len();
    let text = taken(&[words, &[JUMP]].concat(), &[jump(at, "stencil_next")]).faults();
    expected.assert_eq(&text);
}

fn refused_for(words: &[u32], references: References<'_>, expected: &Expect) {
    expected.assert_eq(&taken(words, references).faults());
}

#[test]
fn only_jumps_leave() {
    // ret
    refused_for(
        &[0xD65F_03C0],
        &[],
        &expect!["returns instead of going on; every path must end in a result or a way out"],
    );
    // br x8
    refused_for(&[0xD61F_0100], &[], &expect!["jumps to a computed address; compare and branch instead"]);
    // b .+8, which is no instruction of the function
    refused_for(&[0x1400_0002], &[], &expect!["jumps to a computed address; compare and branch instead"]);
    // brk #1; svc #0
    for trap in [0xD420_0020, 0xD400_0001] {
        refused_for(
            &[trap],
            &[],
            &expect![
                "stops the program on some path, or has one that the compiler took for impossible; leave through an `Exit` instead"
            ],
        );
    }
    // nop
    refused_for(&[0xD503_201F], &[], &expect!["runs past its end; let every path end in a result or a way out"]);
}

#[test]
fn bytes_that_are_no_instruction_are_refused() {
    refused(&[0xFFFF_FFFF], &expect!["contains bytes at 0x0 that are no instruction; keep data out of `asm!`"]);
}

#[test]
fn own_code_is_only_branched_to() {
    // adr x8, .; ldr x8, .; bl .
    for word in [0x1000_0008, 0x5800_0008, 0x9400_0000] {
        refused(
            &[word],
            &expect!["calls a part of itself or takes the address of its own code; keep labels in `asm!` to branches"],
        );
    }
}

#[test]
fn ways_out_are_not_called() {
    let references = [(0, R_AARCH64_CALL26, symbol("stencil_next")), jump(4, "stencil_next")];
    refused_for(
        &[0x9400_0000, JUMP],
        &references,
        &expect![
            "calls the next op instead of jumping to it, since something of the op lives on; drop values with destructors before, and give no function the address of a local value"
        ],
    );
    let memcpy = (0, R_AARCH64_CALL26, Reference::Undefined("memcpy".to_owned()));
    refused_for(
        &[0x9400_0000, JUMP],
        &[memcpy, jump(4, "stencil_next")],
        &expect![
            "calls the library function `memcpy`; keep arrays that are copied, filled or compared below 128 bytes, or take the function through a `#[hole]` of type `HostFn<fn(…)>`"
        ],
    );
}

#[test]
fn a_call_of_stitched_code_comes_last() {
    // cbz x2, .+8; b callee; add x2, x2, #1; b next
    let references = [jump(4, "stencil_call_0"), jump(12, "stencil_next")];
    refused_for(
        &[0xB400_0042, JUMP, INCREMENT, JUMP],
        &references,
        &expect![
            "has a `call!` that is not the last thing it does; split it, so that one op branches and another calls"
        ],
    );
}

#[test]
fn holes_stand_where_their_values_fit() {
    // ldr x8, [x1] with the first part of a wide hole, or with the address of a hole
    let references = |kind, name| [(0, kind, symbol(name)), jump(4, "stencil_next")];
    refused_for(
        &[0xF940_0028, JUMP],
        &references(R_AARCH64_MOVW_UABS_G0_NC, "stencil_wide_0"),
        &expect!["`a` ends up beside the operands of an instruction; keep data out of `asm!`"],
    );
    refused_for(
        &[0xF940_0028, JUMP],
        &references(R_AARCH64_LDST64_ABS_LO12_NC, "stencil_wide_0"),
        &expect![
            "`a` ends up in a field of another size or sense (R_AARCH64_LDST64_ABS_LO12_NC); use it as a whole value"
        ],
    );
    let data = [(0, R_AARCH64_ABS64, constant(0)), jump(4, "stencil_next")];
    refused_for(
        &[0xF940_0028, JUMP],
        &data,
        &expect!["refers to constant data by its address; take the table through a `#[hole]` pointer"],
    );
}

#[test]
fn the_stack_is_left_as_it_was() {
    // sub sp, sp, #16; add sp, sp, #16
    refused(
        &[0xD100_43FF],
        &expect!["leaves the stack pointer changed by 16 bytes; keep `push` and `pop` in `asm!` balanced"],
    );
    refused(
        &[0x9100_43FF],
        &expect!["leaves the stack pointer changed by -16 bytes; keep `push` and `pop` in `asm!` balanced"],
    );
    // and sp, x2, #-16; mov sp, x29
    for word in [0x927C_EC5F, 0x9100_03BF] {
        refused(
            &[word],
            &expect![
                "changes the stack pointer in a way that cannot be followed; keep local values below 16-byte alignment and of fixed size"
            ],
        );
    }
    // sub sp, sp, #512; add sp, sp, #512
    refused(
        &[0xD108_03FF, 0x9108_03FF],
        &expect!["needs 512 bytes of stack, 64 are allowed; keep fewer local values or raise `frame_limit`"],
    );
}

#[test]
fn only_the_own_frame_is_touched() {
    // ldr x8, [sp]
    refused(
        &[0xF940_03E8],
        &expect![
            "reads or writes above its stack frame; the machine has more registers than the calling convention passes, pin fewer"
        ],
    );
    // stur x8, [sp, #-16]
    refused(&[0xF81F_03E8], &expect!["uses memory below the stack pointer; keep the red zone out of `asm!`"]);
}

#[test]
fn the_frame_pointer_is_the_machines() {
    // mov x29, #1; mov x8, x29 where it is no frame's; str x29, [sp, #-16]!; mov x29, #1; ldr x29, [sp], #16
    for words in [&[0xD280_003D][..], &[0xAA1D_03E8], &[0xF81F_0FFD, 0xD280_003D, 0xF841_07FD]] {
        refused(words, &expect!["overwrites the frame pointer; pin fewer registers or keep fewer values at once"]);
    }
    // stp x20, x29, [sp, #-16]!; ldp x20, x29, [sp], #16: saved and restored
    let words = [0xA9BF_77F4, 0xA8C1_77F4, JUMP];
    assert!(taken(&words, &[jump(8, "stencil_next")]).stencil.is_ok());
}

#[test]
fn the_systems_register_is_not_used() {
    // add x18, x18, #1
    refused(
        &[0x9100_0652],
        &expect!["uses the register `x18`, which some systems keep for themselves; keep it out of `asm!`"],
    );
}

#[test]
fn calls_through_pointers_need_a_hole() {
    let words = [0xD63F_0100, JUMP];
    let take = |calls| shared::taken::<Aarch64>(Architecture::Aarch64, &words, &[jump(4, "stencil_next")], calls);
    assert!(take(true).stencil.is_ok());
    expect!["calls through a pointer; take the function through a `#[hole]` of type `HostFn<fn(…)>`"]
        .assert_eq(&take(false).faults());
}
