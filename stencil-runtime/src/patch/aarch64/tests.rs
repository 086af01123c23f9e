//! The expected words were made by an assembler.

use crate::patch::{Misfit, constant, distance, distance_in, mask, value, word};
use stencil_table::{HoleKind, HoleSort};

/// What patching `value` into an instruction without its immediate gives.
fn patched(kind: HoleKind, instruction: u32, bits: u64) -> Result<u32, Misfit> {
    let mut bytes = instruction.to_le_bytes();
    value(kind, &mut bytes, bits).map(|()| u32::from_le_bytes(bytes))
}

fn branch(kind: HoleKind, instruction: u32, to: i64) -> Result<u32, Misfit> {
    let mut bytes = instruction.to_le_bytes();
    distance(kind, &mut bytes, to)?;
    assert_eq!(distance_in(kind, &bytes), to);
    Ok(u32::from_le_bytes(bytes))
}

#[test]
fn moves_set_their_16_bits() {
    // movz x3, #0xabcd; movz w3, #0xabcd
    assert_eq!(patched(HoleKind::MovG0, 0xD280_0003, 0xABCD), Ok(0xD295_79A3));
    assert_eq!(patched(HoleKind::MovG0, 0x5280_0003, 0xABCD), Ok(0x5295_79A3));
    let whole = 0xFFFF_5678_1234_ABCD;
    // movz x3, #0xabcd; movk x3, #0x1234, lsl #16; movk x3, #0x5678, lsl #32; movk x3, #0xffff, lsl #48
    assert_eq!(patched(HoleKind::MovG0Part, 0xD280_0003, whole), Ok(0xD295_79A3));
    assert_eq!(patched(HoleKind::MovG1Part, 0xF2A0_0003, whole), Ok(0xF2A2_4683));
    assert_eq!(patched(HoleKind::MovG2Part, 0xF2C0_0003, whole), Ok(0xF2CA_CF03));
    assert_eq!(patched(HoleKind::MovG3, 0xF2E0_0003, whole), Ok(0xF2FF_FFE3));
}

#[test]
fn signed_moves_are_inverted_for_negative_values() {
    let signed = |value: i64| patched(HoleKind::MovSignedG1, 0xD2A0_0003, value as u64);
    // movz x3, #0x1234, lsl #16; movn x3, #0, lsl #16; movn x3, #0x1234, lsl #16
    assert_eq!(signed(0x1234_5678), Ok(0xD2A2_4683));
    assert_eq!(signed(-1), Ok(0x92A0_0003));
    assert_eq!(signed(!0x1234_5678), Ok(0x92A2_4683));
    assert_eq!(signed(u32::MAX.into()), Ok(0xD2BF_FFE3));
    assert_eq!(signed(!i64::from(u32::MAX)), Ok(0x92BF_FFE3));
    for value in [1 << 32, -(1 << 32) - 1, i64::MAX, i64::MIN] {
        assert_eq!(signed(value), Err(Misfit), "{value:#x}");
    }
}

#[test]
fn whole_moves_refuse_bits_above_them() {
    for (kind, most) in [(HoleKind::MovG0, 0xFFFF), (HoleKind::MovG1, 0xFFFF_FFFF), (HoleKind::MovG2, 0xFFFF_FFFF_FFFF)]
    {
        assert!(patched(kind, 0xD280_0003, most).is_ok());
        assert_eq!(patched(kind, 0xD280_0003, most + 1), Err(Misfit));
        assert_eq!(patched(kind, 0xD280_0003, u64::MAX), Err(Misfit));
    }
}

#[test]
fn offsets_are_scaled() {
    // ldr x5, [x1, #32760]; str x5, [x1, #8]
    assert_eq!(patched(HoleKind::Offset12Scaled8, 0xF940_0025, 32760), Ok(0xF97F_FC25));
    assert_eq!(patched(HoleKind::Offset12Scaled8, 0xF900_0025, 8), Ok(0xF900_0425));
    for bits in [32768, 4, 12, u64::MAX - 7, 1 << 32] {
        assert_eq!(patched(HoleKind::Offset12Scaled8, 0xF940_0025, bits), Err(Misfit), "{bits:#x}");
    }
}

#[test]
fn branches_count_instructions() {
    // b .+0x7fffffc; b .-0x8000000; bl .+0x123454
    assert_eq!(branch(HoleKind::LabelBranch26, 0x1400_0000, 0x7FF_FFFC), Ok(0x15FF_FFFF));
    assert_eq!(branch(HoleKind::LabelBranch26, 0x1400_0000, -0x800_0000), Ok(0x1600_0000));
    assert_eq!(branch(HoleKind::CalleeBranch26, 0x9400_0000, 0x12_3454), Ok(0x9404_8D15));
    // b.lt .+0xffffc; b.lt .-0x100000; cbz x7, .-4
    assert_eq!(branch(HoleKind::LabelBranch19, 0x5400_000B, 0xF_FFFC), Ok(0x547F_FFEB));
    assert_eq!(branch(HoleKind::LabelBranch19, 0x5400_000B, -0x10_0000), Ok(0x5480_000B));
    assert_eq!(branch(HoleKind::LabelBranch19, 0xB400_0007, -4), Ok(0xB4FF_FFE7));
}

#[test]
fn branches_refuse_what_they_do_not_reach() {
    for (kind, reach) in [(HoleKind::LabelBranch26, 0x800_0000), (HoleKind::LabelBranch19, 0x10_0000)] {
        for to in [reach, -reach - 4, 2, -1, i64::MAX, i64::MIN] {
            assert_eq!(branch(kind, 0x1400_0000, to), Err(Misfit), "{to:#x}");
        }
    }
}

#[test]
fn a_pair_of_moves_holds_a_distance() {
    for to in [0, 1, -1, 0x1234_5678, -0x1234_5678, i64::from(i32::MAX), i64::from(i32::MIN)] {
        // movz w17; movk w17, lsl #16
        let mut bytes = [0x11, 0, 0x80, 0x52, 0x11, 0, 0xA0, 0x72];
        assert_eq!(distance(HoleKind::LabelMov32, &mut bytes, to), Ok(()));
        assert_eq!(distance_in(HoleKind::LabelMov32, &bytes), to);
        let bits = to as u32;
        assert_eq!(word(&bytes), 0x5280_0011 | (bits & 0xFFFF) << 5);
        assert_eq!(word(&bytes[4..]), 0x72A0_0011 | (bits >> 16) << 5);
    }
    for to in [i64::from(i32::MAX) + 1, i64::from(i32::MIN) - 1] {
        assert_eq!(distance(HoleKind::LabelMov32, &mut [0; 8], to), Err(Misfit));
    }
}

#[test]
fn constants_are_reached_by_page_and_place() {
    let reach = |kind, instruction: u32, from, to| {
        let mut bytes = instruction.to_le_bytes();
        constant(kind, &mut bytes, from, to).map(|()| u32::from_le_bytes(bytes))
    };
    // adrp x8, 0x12345000; adrp x8, 0x3000
    assert_eq!(reach(HoleKind::PoolPage21, 0x9000_0008, 0x1_0FF8, 0x1234_5670), Ok(0xB009_19A8));
    assert_eq!(reach(HoleKind::PoolPage21, 0x9000_0008, 0x1_0FFC, 0x3FFF), Ok(0xF0FF_FF88));
    assert!(reach(HoleKind::PoolPage21, 0x9000_0008, 0x1000, 0x1_0000_0FFF).is_ok());
    assert_eq!(reach(HoleKind::PoolPage21, 0x9000_0008, 0x0FFF, 0x1_0000_0000), Err(Misfit));
    assert_eq!(reach(HoleKind::PoolPage21, 0x9000_0008, 0x1_0000_1000, 0), Err(Misfit));
    // add x8, x8, #0x670; ldr d3, [x8, #0x670]; ldr q3, [x8, #0x670]; ldr w3, [x8, #0x670]
    let of_page = |instruction, to| reach(HoleKind::PoolOffset12, instruction, 0, to);
    assert_eq!(of_page(0x9100_0108, 0x1234_5670), Ok(0x9119_C108));
    assert_eq!(of_page(0xFD40_0103, 0x1234_5670), Ok(0xFD43_3903));
    assert_eq!(of_page(0x3DC0_0103, 0x1234_5670), Ok(0x3DC1_9D03));
    assert_eq!(of_page(0xB940_0103, 0x1234_5670), Ok(0xB946_7103));
    assert_eq!(of_page(0x3DC0_0103, 0x1234_5678), Err(Misfit));
}

#[test]
fn what_is_no_immediate_stays() {
    for kind in HoleKind::ALL.iter().filter(|kind| kind.architecture() == Some(stencil_table::Architecture::Aarch64)) {
        for instruction in [0, u32::MAX, 0x5555_5555] {
            let before = [instruction.to_le_bytes(); 2].concat();
            let mut bytes = before.clone();
            match kind.sort() {
                HoleSort::Value => value(*kind, &mut bytes, 0x7FF8).unwrap(),
                HoleSort::Pool => constant(*kind, &mut bytes, 0, 0x7FF0).unwrap(),
                HoleSort::Label | HoleSort::Callee => distance(*kind, &mut bytes, 0x7FF8).unwrap(),
            }
            let mask = mask(*kind);
            let kept = bytes.iter().zip(&before).zip(mask).all(|((byte, before), mask)| (byte ^ before) & !mask == 0);
            assert!(kept, "{kind}");
            assert_ne!(mask, [0; 8], "{kind}");
        }
    }
}
