//! Tables of other architectures, stitched here and not run. The expected words were made by an assembler.

use super::finished;
use crate::assembler::Assembler;
use crate::checker::{CheckError, Checked, CodeView, check};
use crate::error::StitchError;
use crate::hand_made::{CALL, JUMP_LESS, MOVE, Set, WORD, parsed, table};
use crate::operand::{Placed, Reg, Slot};
use stencil_table::{Architecture, HoleKind, Table};

const R0: Placed = Placed::register(Reg(0));
const R1: Placed = Placed::register(Reg(1));

/// A function that uses every kind of hole, and one that it calls.
fn program(assembler: &mut Assembler<'_, Set>, last_slot: u32) {
    let [head, function, after] = [(); 3].map(|()| assembler.label());
    assembler.prologue();
    assembler.emit_op(MOVE, &[R0, Placed::literal(0x1234_5678)]);
    assembler.emit_op(MOVE, &[R1, Placed::literal(0x8000_0000_0000_0001)]);
    assembler.emit_op(MOVE, &[Placed::slot(Slot(5)), R0]);
    assembler.bind(head);
    assembler.emit_op(MOVE, &[R0, Placed::slot(Slot(last_slot))]);
    assembler.emit_op(WORD, &[R1, Placed::word(0xFFFF_FFFF)]);
    assembler.emit_op(JUMP_LESS, &[R0, R1, Placed::label(head)]);
    assembler.emit_op(CALL, &[Placed::label(function)]);
    assembler.jump(after);
    assembler.begin_cold();
    assembler.bind(function);
    assembler.prologue();
    assembler.epilogue();
    assembler.end_cold();
    assembler.bind(after);
    assembler.epilogue();
}

fn words(code: &[u8]) -> Vec<u32> {
    code.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
}

fn checked(table: &Table<'_>, bytes: &[u8]) -> Result<Checked, CheckError> {
    check(table, CodeView { bytes, address: 0x7000_0000, pool: 0, callees: &[], slots: &[] })
}

#[test]
fn aarch64_code_is_what_an_assembler_makes() {
    let bytes = table(Architecture::Aarch64, 4);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    program(&mut assembler, 4095);
    let code = finished(&mut assembler);
    let expected = [
        0xA9BF_7BFD,
        0x9100_03FD, // stp x29, x30, [sp, #-16]!; mov x29, sp
        0xD2A2_4682,
        0xF28A_CF02, // mov x2, #0x12345678
        0xD280_0023,
        0xF2A0_0003,
        0xF2C0_0003,
        0xF2F0_0003, // mov x3, #0x8000000000000001
        0xAA02_03E9,
        0xF900_1429, // mov x9, x2; str x9, [x1, #40]
        0xF97F_FC22, // head: ldr x2, [x1, #32760]
        0x529F_FFE3,
        0x72BF_FFE3, // mov w3, #0xffffffff
        0xEB03_005F,
        0x54FF_FF8B, // cmp x2, x3; b.lt head
        0x9400_0004, // bl function
        0x1400_0001, // b after
        0xA8C1_7BFD,
        0xD65F_03C0, // after: ldp x29, x30, [sp], #16; ret
        0xA9BF_7BFD,
        0x9100_03FD,
        0xA8C1_7BFD,
        0xD65F_03C0, // function
    ];
    assert_eq!(words(code), expected, "{:x?}", words(code));
    // Eight pieces and the branches, and the cold function's two.
    assert_eq!(checked(&table, code).unwrap().pieces, 12);
}

#[test]
fn riscv64_code_is_what_an_assembler_makes() {
    let bytes = table(Architecture::Riscv64, 4);
    let table = parsed(&bytes);
    let mut assembler = Assembler::<Set>::new(&table);
    program(&mut assembler, 255);
    let code = finished(&mut assembler);
    let expected = [
        0xFF01_0113,
        0x0011_3423,
        0x0081_3023,
        0x0101_0413, // addi sp, sp, -16; sd ra, 8(sp); sd s0, 0(sp); addi s0, sp, 16
        0x1234_5637,
        0x6786_0613, // lui a2, 0x12345; addi a2, a2, 0x678
        0x0000_0697,
        0x00C6_B683,
        0x00C0_006F,
        0x0000_0001,
        0x8000_0000, // auipc a3, 0; ld a3, 12(a3); j .+12
        0x0006_0293,
        0x0255_B423, // mv t0, a2; sd t0, 40(a1)
        0x7F85_B603, // head: ld a2, 2040(a1)
        0x0000_06B7,
        0xFFF6_869B, // lui a3, 0; addiw a3, a3, -1
        0x00D6_5463,
        0xFF1F_F06F, // bge a2, a3, .+8; j head
        0x0000_0097,
        0x0200_80E7, // auipc ra, 0; jalr function
        0x0000_0317,
        0x0083_0067, // auipc t1, 0; jr after
        0x0081_3083,
        0x0001_3403,
        0x0101_0113,
        0x0000_8067, // after: ld ra, 8(sp); ld s0, 0(sp); addi sp, sp, 16; ret
        0xFF01_0113,
        0x0011_3423,
        0x0081_3023,
        0x0101_0413, // function
        0x0081_3083,
        0x0001_3403,
        0x0101_0113,
        0x0000_8067,
    ];
    assert_eq!(words(code), expected, "{:x?}", words(code));
    assert_eq!(checked(&table, code).unwrap().pieces, 12);
}

#[test]
fn every_bit_of_a_branch_and_of_an_instruction_is_checked() {
    for (architecture, last_slot) in [(Architecture::Aarch64, 4095), (Architecture::Riscv64, 255)] {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        program(&mut assembler, last_slot);
        let code = finished(&mut assembler).to_vec();
        let mut accepted = 0;
        for bit in 0..code.len() * 8 {
            let mut damaged = code.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            accepted += usize::from(checked(&table, &damaged).is_ok());
        }
        // What is accepted are other values, other registers (one bit apart), and jumps to other boundaries.
        println!("{architecture}: {accepted} of {} flipped bits are other programs", code.len() * 8);
        assert!(accepted * 3 < code.len() * 8, "{architecture}: {accepted} of {}", code.len() * 8);
    }
}

#[test]
fn places_without_a_variant_are_reached_by_moves() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64, Architecture::Riscv64] {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        let label = assembler.label();
        assembler.bind(label);
        assembler.emit_op(JUMP_LESS, &[Placed::slot(Slot(3)), Placed::literal(1 << 40), Placed::label(label)]);
        assembler.emit_op(WORD, &[Placed::slot(Slot(4)), Placed::word(9)]);
        let code = finished(&mut assembler);
        // Stash both, move both, compare, bring both back, jump past the detour, bring both back, jump; then stash, take
        // the word, move it, bring back.
        assert_eq!(checked(&table, code).unwrap().pieces, 2 + 2 + 1 + 2 + 1 + 2 + 1 + 4, "{architecture}");
    }
}

#[test]
fn values_out_of_range_are_named() {
    for (architecture, far, kind) in [
        // 16 MiB: what shifts of the frame's register reach.
        (Architecture::Aarch64, 1 << 21, HoleKind::Offset12Scaled8),
        (Architecture::Riscv64, (1 << 28) - 256, HoleKind::Offset12I),
        (Architecture::X86_64, 1 << 28, HoleKind::Abs32Signed),
    ] {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        for slot in [far, u32::MAX] {
            let mut assembler = Assembler::<Set>::new(&table);
            assembler.emit_op(MOVE, &[R0, Placed::slot(Slot(slot))]);
            let bits = 8 * u64::from(slot);
            let expected = StitchError::OutOfRange { op: "move_ints".to_owned(), value: 1, bits, kind };
            assert_eq!(assembler.finish(), Err(expected));
            assembler.clear();
            assembler.emit_op(MOVE, &[R0, Placed::slot(Slot(far - 1))]);
            assert_eq!(assembler.finish(), Ok(()), "{architecture}");
        }
    }
}

/// What an assembler makes of the same.
#[test]
fn far_slots_are_reached_by_shifting_the_frame() {
    let stitched = |architecture, values: [Placed; 2]| {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        let mut assembler = Assembler::<Set>::new(&table);
        assembler.emit_op(MOVE, &values);
        assembler.finish().unwrap();
        let code = assembler.finished().to_vec();
        check(&table, CodeView { bytes: &code, address: 0, pool: 0, callees: &[], slots: &[] }).unwrap();
        code.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect::<Vec<_>>()
    };
    let slot = |slot| Placed::slot(Slot(slot));
    // add x1, x1, #8, lsl #12; ldr x2, [x1]; sub x1, x1, #8, lsl #12
    assert_eq!(stitched(Architecture::Aarch64, [R0, slot(4096)]), [0x9140_2021, 0xF940_0022, 0xD140_2021]);
    // the same with mov x9, x2; str x9, [x1, #8]
    let expected = [0x9140_2021, 0xAA02_03E9, 0xF900_0429, 0xD140_2021];
    assert_eq!(stitched(Architecture::Aarch64, [slot(4097), R0]), expected);
    // lui t1, 1; add a1, a1, t1; ld a2, -2048(a1); lui t1, 1; sub a1, a1, t1
    let expected = [0x0000_1337, 0x0065_85B3, 0x8005_B603, 0x0000_1337, 0x4065_85B3];
    assert_eq!(stitched(Architecture::Riscv64, [R0, slot(256)]), expected);
    // Between two slots, a register is borrowed.
    assert!(stitched(Architecture::Riscv64, [slot(256), slot(1)]).len() > 5);
}

#[test]
fn literals_take_the_form_that_holds_them() {
    for architecture in [Architecture::Aarch64, Architecture::Riscv64] {
        let bytes = table(architecture, 4);
        let table = parsed(&bytes);
        for literal in LITERALS {
            let mut assembler = Assembler::<Set>::new(&table);
            assembler.emit_op(MOVE, &[R0, Placed::literal(literal)]);
            let code = words(finished(&mut assembler));
            let made = match architecture {
                Architecture::Aarch64 => moved_by_aarch64(&code),
                _ => moved_by_riscv64(&code),
            };
            assert_eq!(made, literal, "{architecture}: {code:x?}");
            let small = (-(1 << 30)..1 << 30).contains(&literal.cast_signed());
            assert_eq!(code.len() == 2, small, "{architecture}: {code:x?}");
        }
    }
}

/// Those around the bounds of what forms take.
const LITERALS: [u64; 16] = [
    0,
    1,
    0xFFFF,
    0x1_0000,
    0x3FFF_FFFF,
    0x4000_0000,
    0xFFFF_FFFF,
    1 << 32,
    1 << 63,
    !0,
    !0xFFFF,
    !0x1_0000,
    !0x3FFF_FFFF,
    !0x4000_0000,
    !0xFFFF_FFFF,
    !0x1234_5678,
];

/// What `movz`, `movn` and `movk` leave in their register.
fn moved_by_aarch64(code: &[u32]) -> u64 {
    code.iter().fold(0, |value, word| {
        let (opcode, shift, bits) = (word >> 23, 16 * (word >> 21 & 3), u64::from(word >> 5 & 0xFFFF));
        match opcode {
            0b1_1010_0101 => bits << shift,
            0b1_0010_0101 => !(bits << shift),
            0b1_1110_0101 => value & !(0xFFFF << shift) | bits << shift,
            _ => panic!("{word:#x} is no move"),
        }
    })
}

/// What `lui` and `addi`, or a load of the bytes behind, leave in their register.
fn moved_by_riscv64(code: &[u32]) -> u64 {
    match *code {
        [lui, addi] => i64::from(lui as i32 >> 12 << 12).wrapping_add(i64::from(addi as i32 >> 20)) as u64,
        [_, _, _, low, high] => u64::from(high) << 32 | u64::from(low),
        _ => panic!("{code:x?} is no move"),
    }
}
