//! Machine code made by an assembler, as the compiler leaves it and as no compiler should.

mod gates;
mod rewrite;

use super::Riscv64;
use super::branch::Condition;
use crate::Architecture;
use crate::machine::tests::{self as shared, CONSTANTS, Taken, constant, hole, symbol};
use crate::machine::{Piece, Program, Target};
use crate::object::Reference;
use object::elf::{
    R_RISCV_64, R_RISCV_CALL_PLT, R_RISCV_HI20, R_RISCV_LO12_I, R_RISCV_LO12_S, R_RISCV_PCREL_HI20,
    R_RISCV_PCREL_LO12_I, RelocationType,
};
use stencil_table::{Hole, HoleKind};

/// `auipc t1, 0; jr t1`
const TAIL: [u32; 2] = [0x0000_0317, 0x0003_0067];
/// `j`
const JUMP: u32 = 0x0000_006F;
/// `addi a2, a2, 1`
const INCREMENT: u32 = 0x0016_0613;

type References<'a> = &'a [(usize, RelocationType, Reference)];

fn taken(words: &[u32], references: References<'_>) -> Taken {
    shared::taken::<Riscv64>(Architecture::Riscv64, words, references, false)
}

/// A jump to a symbol, at an offset.
fn tail(at: usize, name: &str) -> (usize, RelocationType, Reference) {
    (at, R_RISCV_CALL_PLT, symbol(name))
}

#[test]
fn the_next_stencil_needs_no_jump() {
    assert_eq!(taken(&TAIL, &[tail(0, "stencil_next")]).words(), (vec![], vec![]));
}

#[test]
fn a_branch_jumps_over_a_jump_to_a_label() {
    // bge a2, a3, .+12; tail label; tail next
    let words = [&[0x00D6_5663], &TAIL[..], &TAIL].concat();
    let references = [tail(4, "stencil_to_0"), tail(12, "stencil_next")];
    // bge a2, a3, .+8; j label
    let expected = (vec![0x00D6_5463, JUMP], vec![hole(4, HoleKind::LabelJump20)]);
    assert_eq!(taken(&words, &references).words(), expected);
    // The other way round: blt a2, a3, .+12; tail next; tail label.
    let words = [&[0x00D6_4663], &TAIL[..], &TAIL].concat();
    let references = [tail(4, "stencil_next"), tail(12, "stencil_to_0")];
    assert_eq!(taken(&words, &references).words(), expected);
}

#[test]
fn a_branch_takes_the_long_form_where_it_does_not_reach() {
    // bge a2, a3
    let condition = Some(Condition::of(0x00D6_5063));
    // bge a2, a3, .+4092; blt a2, a3, .+8; j .+4096
    for (filler, expected) in [(4088, vec![0x7ED6_5EE3]), (4092, vec![0x00D6_4463, 0x0000_106F])] {
        let pieces = vec![
            Piece::Branch { condition, to: Target::Piece(2) },
            Piece::bytes(vec![0; filler]),
            Piece::bytes(vec![1]),
        ];
        let code = Program::<Riscv64> { origins: vec![0; 3], pieces }.assemble().unwrap().stencil.code;
        let words: Vec<u8> = expected.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
        assert_eq!(code[..words.len()], words);
        assert_eq!(code.len(), words.len() + filler + 1);
    }
}

#[test]
fn special_ways_are_written_out() {
    let ret = vec![0x0081_3083, 0x0001_3403, 0x0101_0113, 0x0000_8067];
    assert_eq!(taken(&TAIL, &[tail(0, "stencil_return")]).words(), (ret, vec![]));
    let leave = vec![0x0005_3283, 0x0002_8113, 0x0002_B083, 0x0000_8067];
    assert_eq!(taken(&TAIL, &[tail(0, "stencil_leave")]).words(), (leave, vec![]));
    let call = Hole { value: 1, ..hole(0, HoleKind::CalleePair) };
    assert_eq!(taken(&TAIL, &[tail(0, "stencil_call_1")]).words(), (vec![0x0000_0097, 0x0000_80E7], vec![call]));
}

#[test]
fn literals_stand_among_the_code() {
    // auipc a4, 0; ld a4, 12(a4); j .+12; 8 bytes
    let words = [&[0x0000_0717, 0x00C7_3703, 0x00C0_006F, 0, 0], &TAIL[..]].concat();
    let references = [(12, R_RISCV_64, symbol("stencil_wide_0")), tail(20, "stencil_next")];
    assert_eq!(taken(&words, &references).words(), (words[..5].to_vec(), vec![hole(12, HoleKind::Abs64)]));
}

#[test]
fn pairs_and_offsets_are_holes() {
    // lui a4; addi a4, a4; lui a4; addiw a4, a4; ld a4, (a1); sd a4, (a1)
    let words = [&[0x0000_0737, 0x0007_0713, 0x0000_0737, 0x0007_071B, 0x0005_B703, 0x00E5_B023], &TAIL[..]].concat();
    let references = [
        (0, R_RISCV_HI20, symbol("stencil_short_0")),
        (4, R_RISCV_LO12_I, symbol("stencil_short_0")),
        (8, R_RISCV_HI20, symbol("stencil_word_0")),
        (12, R_RISCV_LO12_I, symbol("stencil_word_0")),
        (16, R_RISCV_LO12_I, symbol("stencil_slot_0")),
        (20, R_RISCV_LO12_S, symbol("stencil_slot_0")),
        tail(24, "stencil_next"),
    ];
    let kinds = [
        HoleKind::Hi20,
        HoleKind::Lo12I,
        HoleKind::Hi20Word,
        HoleKind::Lo12I,
        HoleKind::Offset12I,
        HoleKind::Offset12S,
    ];
    let holes: Vec<_> = kinds.into_iter().zip(0..).map(|(kind, index)| hole(4 * index, kind)).collect();
    assert_eq!(taken(&words, &references).words(), (words[..6].to_vec(), holes));
}

#[test]
fn halves_of_a_constant_count_from_the_first_wherever_it_moves() {
    // nop; auipc a4; nop; fld fa5, (a4)
    let words = [&[0x0000_0013, 0x0000_0717, 0x0000_0013, 0x0007_3787], &TAIL[..]].concat();
    let references = [
        (4, R_RISCV_PCREL_HI20, constant(1)),
        (12, R_RISCV_PCREL_LO12_I, Reference::Own { offset: 4 }),
        tail(16, "stencil_next"),
    ];
    let taken = taken(&words, &references);
    assert_eq!(taken.pool.bytes()[..8], CONSTANTS[1].to_le_bytes());
    let holes = vec![hole(0, HoleKind::PoolHi20), Hole { addend: 4, ..hole(4, HoleKind::PoolLo12I) }];
    assert_eq!(taken.words(), (vec![0x0000_0717, 0x0007_3787], holes));
}

#[test]
fn a_call_of_the_host_keeps_a_frame_of_its_own() {
    // addi sp, sp, -32; sd ra, 24(sp); sd s0, 16(sp); addi s0, sp, 32; jalr a4; and back
    let frame =
        [0xFE01_0113, 0x0011_3C23, 0x0081_3823, 0x0201_0413, 0x0007_00E7, 0x0181_3083, 0x0101_3403, 0x0201_0113];
    let words = [&frame[..], &TAIL].concat();
    let take = |calls| shared::taken::<Riscv64>(Architecture::Riscv64, &words, &[tail(32, "stencil_next")], calls);
    assert_eq!(take(true).words(), (frame.to_vec(), vec![]));
    assert!(take(false).faults().contains("calls through a pointer"));
}

#[test]
fn branches_in_a_loop_stay() {
    // addi a2, a2, 1; bge a2, a3, .-4
    let words = [&[INCREMENT, 0xFED6_5EE3], &TAIL[..]].concat();
    assert_eq!(taken(&words, &[tail(8, "stencil_next")]).words(), (words[..2].to_vec(), vec![]));
}
