//! The expected words were made by an assembler.

use crate::patch::{Misfit, constant, distance, distance_in, mask, value};
use stencil_table::{HoleKind, HoleSort};

/// What patching `value` into an instruction without its immediate gives.
fn patched(kind: HoleKind, instruction: u32, bits: i64) -> Result<u32, Misfit> {
    let mut bytes = instruction.to_le_bytes();
    value(kind, &mut bytes, bits as u64).map(|()| u32::from_le_bytes(bytes))
}

/// What `lui` and `addi` (or, for a word, `addiw`) make of their immediates.
fn pair(high: u32, low: u32, word: bool) -> i64 {
    let sum = i64::from((high & 0xFFFF_F000) as i32) + i64::from((low as i32) >> 20);
    if word { i64::from(sum as i32) } else { sum }
}

#[test]
fn upper_halves_make_up_for_the_sign_of_the_lower() {
    // lui a3, 0x12346; addi a3, a3, -2048: 0x12345800
    assert_eq!(patched(HoleKind::Hi20, 0x0000_06B7, 0x1234_5800), Ok(0x1234_66B7));
    assert_eq!(patched(HoleKind::Lo12I, 0x0006_8693, 0x1234_5800), Ok(0x8006_8693));
    // lui a3, 0xfffff; addi a3, a3, 2047
    assert_eq!(patched(HoleKind::Hi20, 0x0000_06B7, -4096 + 2047), Ok(0xFFFF_F6B7));
    assert_eq!(patched(HoleKind::Lo12I, 0x0006_8693, -4096 + 2047), Ok(0x7FF6_8693));
    // addiw a3, a3, -1
    assert_eq!(patched(HoleKind::Lo12I, 0x0006_869B, -1), Ok(0xFFF6_869B));
}

#[test]
fn every_value_of_a_pair_is_what_the_pair_makes() {
    let i32s = [0, 1, -1, 0x7FF, 0x800, -0x800, -0x801, 0x7FFF_F7FF, -0x8000_0000, -0x8000_0800];
    for number in i32s {
        let high = patched(HoleKind::Hi20, 0x0000_06B7, number).unwrap();
        let low = patched(HoleKind::Lo12I, 0x0006_8693, number).unwrap();
        assert_eq!(pair(high, low, false), number, "{number:#x}");
    }
    for number in [0, 1, 0x7FF, 0x800, 0x7FFF_F800, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_F7FF, 0xFFFF_F800, 0xFFFF_FFFF] {
        let high = patched(HoleKind::Hi20Word, 0x0000_06B7, number).unwrap();
        let low = patched(HoleKind::Lo12I, 0x0006_869B, number).unwrap();
        assert_eq!(pair(high, low, true) as u32, number as u32, "{number:#x}");
    }
    for number in [0x7FFF_F800, -0x8000_0801, 0x8000_0000, i64::MAX, i64::MIN] {
        assert_eq!(patched(HoleKind::Hi20, 0, number), Err(Misfit), "{number:#x}");
    }
    for number in [-1, 0x1_0000_0000, i64::MIN] {
        assert_eq!(patched(HoleKind::Hi20Word, 0, number), Err(Misfit), "{number:#x}");
    }
}

#[test]
fn offsets_stand_in_two_places() {
    // ld a4, -8(a1); sd a4, -8(a1); sd a4, 2047(a1); sd a4, -2048(a1)
    assert_eq!(patched(HoleKind::Offset12I, 0x0005_B703, -8), Ok(0xFF85_B703));
    assert_eq!(patched(HoleKind::Offset12S, 0x00E5_B023, -8), Ok(0xFEE5_BC23));
    assert_eq!(patched(HoleKind::Offset12S, 0x00E5_B023, 2047), Ok(0x7EE5_BFA3));
    assert_eq!(patched(HoleKind::Offset12S, 0x00E5_B023, -2048), Ok(0x80E5_B023));
    for kind in [HoleKind::Offset12I, HoleKind::Offset12S] {
        for number in [2048, -2049, i64::MAX, i64::MIN] {
            assert_eq!(patched(kind, 0, number), Err(Misfit), "{number}");
        }
    }
    // The other half of a pair takes the low bits of anything.
    assert_eq!(patched(HoleKind::Lo12S, 0x00E5_B023, 0x1234_5FF8), Ok(0xFEE5_BC23));
}

#[test]
fn pairs_reach_two_gigabytes() {
    let branch = |to: i64| {
        let mut bytes = 0x0003_0067_0000_0317_u64.to_le_bytes();
        distance(HoleKind::LabelPair, &mut bytes, to)?;
        assert_eq!(distance_in(HoleKind::LabelPair, &bytes), to);
        Ok(u64::from_le_bytes(bytes))
    };
    // auipc t1, 0x12345; jr 0x678(t1)
    assert_eq!(branch(0x1234_5678), Ok(0x6783_0067_1234_5317));
    // auipc t1, 0xfffff; jr -4(t1)
    assert_eq!(branch(-4100), Ok(0xFFC3_0067_FFFF_F317));
    assert!(branch(0x7FFF_F7FE).is_ok() && branch(-0x8000_0800).is_ok());
    for to in [0x7FFF_F800, -0x8000_0802, i64::MAX, i64::MIN] {
        assert_eq!(branch(to), Err(Misfit), "{to:#x}");
    }
}

#[test]
fn jumps_reach_a_megabyte() {
    let jump = |to: i64| {
        let mut bytes = 0x0000_006F_u32.to_le_bytes();
        distance(HoleKind::LabelJump20, &mut bytes, to)?;
        assert_eq!(distance_in(HoleKind::LabelJump20, &bytes), to);
        Ok(u32::from_le_bytes(bytes))
    };
    // j .+0xffffe; j .-0x100000; j .+0x12344; j .-4
    assert_eq!(jump(0xF_FFFE), Ok(0x7FFF_F06F));
    assert_eq!(jump(-0x10_0000), Ok(0x8000_006F));
    assert_eq!(jump(0x1_2344), Ok(0x3441_206F));
    assert_eq!(jump(-4), Ok(0xFFDF_F06F));
    for to in [0x10_0000, -0x10_0002, 3, i64::MAX, i64::MIN] {
        assert_eq!(jump(to), Err(Misfit), "{to:#x}");
    }
}

#[test]
fn halves_of_a_constants_distance_make_it_up() {
    for to in [0, 0x7FF, 0x800, -0x800, -0x801, 0x1234_5678, 0x7FFF_F7FF, -0x8000_0800] {
        let half = |kind, instruction: u32| {
            let mut bytes = instruction.to_le_bytes();
            constant(kind, &mut bytes, 0x1_0000_0000, 0x1_0000_0000_u64.wrapping_add_signed(to)).unwrap();
            u32::from_le_bytes(bytes)
        };
        // auipc a3; fld fa5, (a3)
        let (high, low) = (half(HoleKind::PoolHi20, 0x0000_0697), half(HoleKind::PoolLo12I, 0x0006_B787));
        assert_eq!(pair(high, low, false), to, "{to:#x}");
        assert_eq!((high & 0xFFF, low & 0xF_FFFF), (0x697, 0x6_B787));
    }
    assert_eq!(constant(HoleKind::PoolHi20, &mut [0; 4], 0, 0x7FFF_F800), Err(Misfit));
}

#[test]
fn what_is_no_immediate_stays() {
    for kind in HoleKind::ALL.iter().filter(|kind| kind.architecture() == Some(stencil_table::Architecture::Riscv64)) {
        for instructions in [0, u64::MAX, 0x5555_5555_5555_5555] {
            let mut bytes = instructions.to_le_bytes();
            match kind.sort() {
                HoleSort::Value => value(*kind, &mut bytes, 0x7F8).unwrap(),
                HoleSort::Pool => constant(*kind, &mut bytes, 0, 0x7F8).unwrap(),
                HoleSort::Label | HoleSort::Callee => distance(*kind, &mut bytes, 0x7F8).unwrap(),
            }
            let mask = u64::from_le_bytes(mask(*kind));
            assert_eq!((u64::from_le_bytes(bytes) ^ instructions) & !mask, 0, "{kind}");
            assert_ne!(mask, 0, "{kind}");
        }
    }
}
