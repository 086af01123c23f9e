//! Machine code made by an assembler, as the compiler leaves it and as no compiler should.

mod gates;
mod rewrite;

use super::Aarch64;
use super::branch::Condition;
use crate::Architecture;
use crate::machine::tests::{self as shared, CONSTANTS, Taken, constant, hole, symbol};
use crate::machine::{Piece, Program, Target};
use crate::object::Reference;
use object::elf::{
    R_AARCH64_ADR_PREL_PG_HI21, R_AARCH64_JUMP26, R_AARCH64_LDST64_ABS_LO12_NC, R_AARCH64_MOVW_SABS_G1,
    R_AARCH64_MOVW_UABS_G0, R_AARCH64_MOVW_UABS_G0_NC, R_AARCH64_MOVW_UABS_G1, R_AARCH64_MOVW_UABS_G1_NC,
    R_AARCH64_MOVW_UABS_G2_NC, R_AARCH64_MOVW_UABS_G3, RelocationType,
};
use stencil_table::{Hole, HoleKind};

/// `cmp x2, x3`
const COMPARE: u32 = 0xEB03_005F;
/// `b`
const JUMP: u32 = 0x1400_0000;
/// `add x2, x2, #1`
const INCREMENT: u32 = 0x9100_0442;
const RETURN: [u32; 2] = [0xA8C1_7BFD, 0xD65F_03C0];

type References<'a> = &'a [(usize, RelocationType, Reference)];

fn taken(words: &[u32], references: References<'_>) -> Taken {
    shared::taken::<Aarch64>(Architecture::Aarch64, words, references, false)
}

/// A jump to a symbol, at an offset.
fn jump(at: usize, name: &str) -> (usize, RelocationType, Reference) {
    (at, R_AARCH64_JUMP26, symbol(name))
}

#[test]
fn the_next_stencil_needs_no_jump() {
    assert_eq!(taken(&[JUMP], &[jump(0, "stencil_next")]).words(), (vec![], vec![]));
}

#[test]
fn a_branch_over_a_jump_is_inverted() {
    // cmp x2, x3; b.ge .+8; b label; b next
    let words = [COMPARE, 0x5400_004A, JUMP, JUMP];
    let references = [jump(8, "stencil_to_0"), jump(12, "stencil_next")];
    // cmp x2, x3; b.lt label
    let expected = (vec![COMPARE, 0x5400_000B], vec![hole(4, HoleKind::LabelBranch19)]);
    assert_eq!(taken(&words, &references).words(), expected);
    // cbz x2, .+8; b label; b next
    let words = [0xB400_0042, JUMP, JUMP];
    let references = [jump(4, "stencil_to_0"), jump(8, "stencil_next")];
    // cbnz x2, label
    assert_eq!(taken(&words, &references).words(), (vec![0xB500_0002], vec![hole(0, HoleKind::LabelBranch19)]));
}

#[test]
fn what_tests_a_bit_jumps_over_a_jump_to_a_label() {
    // tbnz w2, #2, .+12; add x2, x2, #1; b next; b label
    let words = [0x3710_0062, INCREMENT, JUMP, JUMP];
    let references = [jump(8, "stencil_next"), jump(12, "stencil_to_0")];
    let (code, holes) = taken(&words, &references).words();
    // tbz w2, #2, .+8; b label; add x2, x2, #1
    assert_eq!(code, [0x3610_0042, JUMP, INCREMENT]);
    assert_eq!(holes, [hole(4, HoleKind::LabelBranch26)]);
}

#[test]
fn what_tests_a_bit_takes_the_long_form_where_it_does_not_reach() {
    // tbnz w2, #2
    let condition = Condition::of(0x3710_0002);
    // tbnz w2, #2, .+32764; tbz w2, #2, .+8; b .+32768
    for (filler, expected) in [(32_760, vec![0x3713_FFE2]), (32_764, vec![0x3610_0042, 0x1400_2000])] {
        let pieces = vec![
            Piece::Branch { condition, to: Target::Piece(2) },
            Piece::bytes(vec![0; filler]),
            Piece::bytes(vec![1]),
        ];
        let code = Program::<Aarch64> { origins: vec![0; 3], pieces }.assemble().unwrap().stencil.code;
        let words: Vec<u8> = expected.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
        assert_eq!(code[..words.len()], words);
        assert_eq!(code.len(), words.len() + filler + 1);
    }
}

#[test]
fn special_ways_are_written_out() {
    assert_eq!(taken(&[JUMP], &[jump(0, "stencil_return")]).words(), (RETURN.to_vec(), vec![]));
    let leave = vec![0xF940_0010, 0x9100_021F, 0xF940_021E, 0xD65F_03C0];
    assert_eq!(taken(&[JUMP], &[jump(0, "stencil_leave")]).words(), (leave, vec![]));
    let call = Hole { value: 1, ..hole(0, HoleKind::CalleeBranch26) };
    assert_eq!(taken(&[JUMP], &[jump(0, "stencil_call_1")]).words(), (vec![0x9400_0000], vec![call]));
    // cbz x2, .+8; b return; b next: cbz x2, .+12; ldp x29, x30, [sp], #16; ret
    let words = [0xB400_0042, JUMP, JUMP];
    let (code, _) = taken(&words, &[jump(4, "stencil_return"), jump(8, "stencil_next")]).words();
    assert_eq!(code, [0xB400_0062, RETURN[0], RETURN[1]]);
}

#[test]
fn moves_of_holes_keep_their_parts() {
    let moves = [0xD280_0008, 0xF2A0_0008, 0xF2C0_0008, 0xF2E0_0008];
    let kinds =
        [R_AARCH64_MOVW_UABS_G0_NC, R_AARCH64_MOVW_UABS_G1_NC, R_AARCH64_MOVW_UABS_G2_NC, R_AARCH64_MOVW_UABS_G3];
    let mut references: Vec<_> =
        kinds.into_iter().enumerate().map(|(index, kind)| (4 * index, kind, symbol("stencil_wide_0"))).collect();
    references.push(jump(16, "stencil_next"));
    let (code, holes) = taken(&[&moves[..], &[JUMP]].concat(), &references).words();
    let parts = [HoleKind::MovG0Part, HoleKind::MovG1Part, HoleKind::MovG2Part, HoleKind::MovG3];
    assert_eq!(code, moves);
    assert_eq!(holes, [0, 1, 2, 3].map(|part| hole(4 * part, parts[usize::from(part)])));

    // movz w8; movk w8, lsl #16 of a word, and movz x9, lsl #16; movk x9 of a short literal
    let words = [0x5280_0008, 0x72A0_0008, 0xD2A0_0009, 0xF280_0009, JUMP];
    let references = [
        (0, R_AARCH64_MOVW_UABS_G0_NC, symbol("stencil_word_0")),
        (4, R_AARCH64_MOVW_UABS_G1, symbol("stencil_word_0")),
        (8, R_AARCH64_MOVW_SABS_G1, symbol("stencil_short_0")),
        (12, R_AARCH64_MOVW_UABS_G0_NC, symbol("stencil_short_0")),
        jump(16, "stencil_next"),
    ];
    let kinds = [
        hole(0, HoleKind::MovG0Part),
        hole(4, HoleKind::MovG1),
        hole(8, HoleKind::MovSignedG1),
        hole(12, HoleKind::MovG0Part),
    ];
    assert_eq!(taken(&words, &references).words().1, kinds);
    // movz w8 of 16 bits, and only that: movk keeps what was in the register, and half of it may be another one.
    let half =
        |word| taken(&[word, JUMP], &[(0, R_AARCH64_MOVW_UABS_G0, symbol("stencil_word_0")), jump(4, "stencil_next")]);
    assert_eq!(half(0x5280_0008).words().1, [hole(0, HoleKind::MovG0)]);
    for wrong in [0x7280_0008, 0x52A0_0008, 0x1280_0008] {
        assert!(half(wrong).faults().contains("beside the operands"), "{wrong:#x}");
    }
    // Only a move that starts a whole register may be inverted: not one of its lower half, and no movk.
    for wrong in [0x52A0_0009, 0xF2A0_0009, 0xD280_0009] {
        let references = [(0, R_AARCH64_MOVW_SABS_G1, symbol("stencil_short_0")), jump(4, "stencil_next")];
        assert!(taken(&[wrong, JUMP], &references).faults().contains("beside the operands"), "{wrong:#x}");
    }
}

#[test]
fn slots_are_offsets_of_loads_and_stores() {
    // ldr x8, [x1]; str x8, [x1]
    let words = [0xF940_0028, 0xF900_0028, JUMP];
    let references = [
        (0, R_AARCH64_LDST64_ABS_LO12_NC, symbol("stencil_slot_0")),
        (4, R_AARCH64_LDST64_ABS_LO12_NC, symbol("stencil_slot_0")),
        jump(8, "stencil_next"),
    ];
    let kind = HoleKind::Offset12Scaled8;
    assert_eq!(taken(&words, &references).words(), (words[..2].to_vec(), vec![hole(0, kind), hole(4, kind)]));
}

#[test]
fn constants_go_into_the_pool() {
    // adrp x8; ldr d2, [x8]
    let words = [0x9000_0008, 0xFD40_0102, JUMP];
    let references = [
        (0, R_AARCH64_ADR_PREL_PG_HI21, constant(1)),
        (4, R_AARCH64_LDST64_ABS_LO12_NC, constant(1)),
        jump(8, "stencil_next"),
    ];
    let taken = taken(&words, &references);
    assert_eq!(taken.pool.bytes()[..8], CONSTANTS[1].to_le_bytes());
    let holes = vec![hole(0, HoleKind::PoolPage21), hole(4, HoleKind::PoolOffset12)];
    assert_eq!(taken.words(), (words[..2].to_vec(), holes));
}

#[test]
fn a_call_of_the_host_keeps_a_frame_of_its_own() {
    // stp d9, d8, [sp, #-32]!; stp x29, x30, [sp, #16]; add x29, sp, #16; blr x8; and back
    let words = [0x6DBE_23E9, 0xA901_7BFD, 0x9100_43FD, 0xD63F_0100, 0xA941_7BFD, 0x6CC2_23E9, JUMP];
    let take = |calls| shared::taken::<Aarch64>(Architecture::Aarch64, &words, &[jump(24, "stencil_next")], calls);
    assert_eq!(take(true).words(), (words[..6].to_vec(), vec![]));
    assert!(take(false).faults().contains("calls through a pointer"));
}
