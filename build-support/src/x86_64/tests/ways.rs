//! The ways out, the frame and the constants as they come out of the compiler.

use super::{object_of, stencil, take_with};
use stencil_table::{Hole, HoleKind};

const LABEL: Hole = Hole { offset: 0, kind: HoleKind::LabelRel32, value: 0, addend: -4 };

#[test]
fn the_next_stencil_needs_no_jump() {
    let taken = stencil("stencil_next(ctx, a)");
    assert_eq!((taken.code.as_slice(), taken.holes.as_slice()), ([].as_slice(), [].as_slice()));
}

#[test]
fn a_branch_falls_through_to_the_next() {
    // cmp qword [rdi], 7; je label
    let jump = [0x48, 0x83, 0x3F, 7, 0x0F, 0x84, 0, 0, 0, 0];
    let taken = stencil("if *ctx == 7 { stencil_to_0(ctx, a) } else { stencil_next(ctx, a) }");
    assert_eq!(
        (taken.code.as_slice(), taken.holes.as_slice()),
        (jump.as_slice(), [Hole { offset: 6, ..LABEL }].as_slice())
    );
    // Whichever way it is written.
    let taken = stencil("if *ctx != 7 { stencil_next(ctx, a) } else { stencil_to_0(ctx, a) }");
    assert_eq!(taken.code, jump);
}

#[test]
fn special_ways_are_written_out() {
    assert_eq!(stencil("stencil_return(ctx, a)").code, [0x5D, 0xC3]);
    assert_eq!(stencil("stencil_leave(ctx, a)").code, [0x48, 0x8B, 0x27, 0xC3]);
    let call = stencil("stencil_call_0(ctx, a)");
    assert_eq!(call.code, [0xE8, 0, 0, 0, 0]);
    assert_eq!(call.holes, [Hole { offset: 1, kind: HoleKind::CalleeRel32, value: 0, addend: -4 }]);
}

#[test]
fn a_conditional_return_is_jumped_over() {
    // cmp qword [rdi], 5; jge end; pop rbp; ret
    let taken = stencil("if *ctx.cast::<i64>() < 5 { stencil_return(ctx, a) } else { stencil_next(ctx, a) }");
    assert_eq!(taken.code, [0x48, 0x83, 0x3F, 5, 0x7D, 2, 0x5D, 0xC3]);
}

#[test]
fn a_match_needs_no_table_in_memory() {
    let arms = (0..12).map(|arm| format!("{arm} => {}", arm * arm * 7919 % 101)).collect::<Vec<_>>().join(", ");
    let taken = stencil(&format!("stencil_next(ctx, match a {{ {arms}, _ => 5 }})"));
    assert!(taken.holes.is_empty());
}

#[test]
fn constants_go_into_the_pool() {
    let taken = take_with("", "stencil_next(ctx, (f64::from_bits(a) * 2.5).to_bits())", false);
    let stencil = taken.stencil.unwrap();
    let holes: Vec<_> = stencil.holes.iter().filter(|hole| hole.kind == HoleKind::PoolRel32).collect();
    assert_eq!((holes.len(), holes[0].addend), (1, -4));
    assert_eq!(taken.pool.bytes()[..8], 2.5_f64.to_le_bytes());
}

#[test]
fn a_local_frame_is_fine_within_its_limit() {
    let op = "#[inline(always)] fn op(a: u64) -> u64 { \
              let mut line = [a; 4]; line[(a & 3) as usize] = 7; line[(a >> 62) as usize] }";
    assert!(take_with(op, "stencil_next(ctx, op(a))", false).stencil.is_ok());
}

#[test]
fn equal_functions_are_found_under_all_their_names() {
    let twin = "#[unsafe(no_mangle)] pub unsafe extern \"C\" fn stencil_op_0_1(ctx: *mut u64, a: u64) { \
                unsafe { stencil_next(ctx, a.wrapping_mul(7919)) } }";
    let object = object_of(twin, "stencil_next(ctx, a.wrapping_mul(7919))");
    assert_eq!(object.stencils[&(0, 0)].code, object.stencils[&(0, 1)].code);
}

#[test]
fn slots_are_signed_distances() {
    let taken = stencil("stencil_next(ctx, ctx.cast::<u8>().add(slot!()).cast::<u64>().read())");
    assert_eq!(taken.holes, [Hole { offset: 3, kind: HoleKind::Abs32Signed, value: 0, addend: 0 }]);
}
