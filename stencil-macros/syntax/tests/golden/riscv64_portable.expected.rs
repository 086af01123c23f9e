#![no_std]
#![allow(
    dead_code,
    unused_imports,
    unused_variables,
    unused_mut,
    unused_parens,
    unused_braces,
    unreachable_code,
    improper_ctypes,
    non_camel_case_types,
    non_upper_case_globals,
    unused_macros,
    unused_unsafe
)]
use super::*;
unsafe extern "C" {
    fn stencil_next(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_return(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_leave(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_0(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_0(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_1(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_1(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_2(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_2(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_3(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_3(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_4(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_4(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_5(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_5(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_6(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_6(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_7(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_7(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_8(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_8(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_9(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_9(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_to_10(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
    fn stencil_call_10(
        ctx: *mut Context,
        frame: *mut u64,
        ints_0: u64,
        ints_1: u64,
        floats_0: f64,
    );
}
unsafe extern "C" {
    static stencil_short_0: u8;
    static stencil_slot_0: u8;
    static stencil_wide_0: u8;
    static stencil_word_0: u8;
    static stencil_short_1: u8;
    static stencil_slot_1: u8;
    static stencil_wide_1: u8;
    static stencil_word_1: u8;
    static stencil_short_2: u8;
    static stencil_slot_2: u8;
    static stencil_wide_2: u8;
    static stencil_word_2: u8;
    static stencil_short_3: u8;
    static stencil_slot_3: u8;
    static stencil_wide_3: u8;
    static stencil_word_3: u8;
    static stencil_short_4: u8;
    static stencil_slot_4: u8;
    static stencil_wide_4: u8;
    static stencil_word_4: u8;
    static stencil_short_5: u8;
    static stencil_slot_5: u8;
    static stencil_wide_5: u8;
    static stencil_word_5: u8;
    static stencil_short_6: u8;
    static stencil_slot_6: u8;
    static stencil_wide_6: u8;
    static stencil_word_6: u8;
    static stencil_short_7: u8;
    static stencil_slot_7: u8;
    static stencil_wide_7: u8;
    static stencil_word_7: u8;
    static stencil_short_8: u8;
    static stencil_slot_8: u8;
    static stencil_wide_8: u8;
    static stencil_word_8: u8;
    static stencil_short_9: u8;
    static stencil_slot_9: u8;
    static stencil_wide_9: u8;
    static stencil_word_9: u8;
    static stencil_short_10: u8;
    static stencil_slot_10: u8;
    static stencil_wide_10: u8;
    static stencil_word_10: u8;
}
macro_rules! wide {
    ($hole:ident) => {
        { let bits : u64; ::core::arch::asm!("auipc {0}, 0", "ld {0}, 12({0})", "j 2f",
        ".8byte {1}", "2:", out(reg) bits, sym $hole, options(pure, nomem, nostack,
        preserves_flags),); bits }
    };
}
macro_rules! word {
    ($hole:ident) => {
        { let bits : u64; ::core::arch::asm!("lui {0}, %hi({1})",
        "addiw {0}, {0}, %lo({1})", out(reg) bits, sym $hole, options(pure, nomem,
        nostack, preserves_flags),); bits as u32 }
    };
}
macro_rules! half {
    ($hole:ident) => {
        word!($hole)
    };
}
macro_rules! short {
    ($hole:ident) => {
        { let bits : u64; ::core::arch::asm!("lui {0}, %hi({1})",
        "addi {0}, {0}, %lo({1})", out(reg) bits, sym $hole, options(pure, nomem,
        nostack, preserves_flags),); bits }
    };
}
macro_rules! load {
    ($frame:expr, $hole:ident) => {
        { let bits : u64; ::core::arch::asm!("ld {0}, %lo({2})({1})", out(reg) bits, in
        (reg) $frame, sym $hole, options(readonly, nostack, preserves_flags),); bits }
    };
}
macro_rules! store {
    ($frame:expr, $hole:ident, $bits:expr) => {
        ::core::arch::asm!("sd {0}, %lo({2})({1})", in (reg) $bits, in (reg) $frame, sym
        $hole, options(nostack, preserves_flags),)
    };
}
/// add: dst = reg 0, lhs = reg 1, rhs = short literal
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_0_8(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::add(
            <i64 as Register>::from_bits(ints_1),
            <i64 as Register>::from_bits(short!(stencil_short_2)),
        );
        let ints_0 = Register::to_bits(__flow);
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// add: dst = reg 1, lhs = reg 1, rhs = literal
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_0_34(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::add(
            <i64 as Register>::from_bits(ints_1),
            <i64 as Register>::from_bits(wide!(stencil_wide_2)),
        );
        let ints_1 = Register::to_bits(__flow);
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// add: dst = slot, lhs = slot, rhs = slot
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_0_62(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::add(
            <i64 as Register>::from_bits(load!(frame, stencil_slot_1)),
            <i64 as Register>::from_bits(load!(frame, stencil_slot_2)),
        );
        store!(frame, stencil_slot_0, Register::to_bits(__flow));
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// double: dst = reg 0, value = reg 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_1_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::double(floats_0);
        let floats_0 = __flow;
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// jump_lt: lhs = reg 0, rhs = reg 1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_2_1(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::jump_lt(
            <i64 as Register>::from_bits(ints_0),
            <i64 as Register>::from_bits(ints_1),
        );
        match __flow {
            super::JumpLt::Taken => {
                return stencil_to_2(ctx, frame, ints_0, ints_1, floats_0);
            }
            super::JumpLt::Next => {
                return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
            }
        }
    }
}
/// div_rem: dst = reg 1, dst1 = slot, lhs = reg 0, rhs = reg 1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_3_126(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::div_rem(
            <i64 as Register>::from_bits(ints_0),
            <i64 as Register>::from_bits(ints_1),
        );
        match __flow {
            super::DivRem::Zero => {
                return stencil_to_4(ctx, frame, ints_0, ints_1, floats_0);
            }
            super::DivRem::Next(__out) => {
                let (__out_0, __out_1) = __out;
                let ints_1 = Register::to_bits(__out_0);
                store!(frame, stencil_slot_1, Register::to_bits(__out_1));
                return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
            }
        }
    }
}
/// call_it:
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_4_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::call_it();
        match __flow {
            super::CallIt::Callee => {
                return stencil_call_0(ctx, frame, ints_0, ints_1, floats_0);
            }
        }
    }
}
/// finish:
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_5_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::finish();
        match __flow {
            super::Finish::Return => {
                return stencil_return(ctx, frame, ints_0, ints_1, floats_0);
            }
        }
    }
}
/// stop: value = reg 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_6_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::stop(<i64 as Register>::from_bits(ints_0));
        match __flow {
            super::Stop::Leave => {
                return stencil_leave(ctx, frame, ints_0, ints_1, floats_0);
            }
            super::Stop::Next => {
                return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
            }
        }
    }
}
/// holes: dst = reg 0, value = reg 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_7_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::holes(
            half!(stencil_word_2) as u8,
            word!(stencil_word_3) as i32,
            half!(stencil_word_4) & 1 != 0,
            f32::from_bits(word!(stencil_word_5)),
            wide!(stencil_wide_6) as u64,
            f64::from_bits(wide!(stencil_wide_7)),
            wide!(stencil_wide_8) as *const i64,
            ::core::mem::transmute::<usize, _>(wide!(stencil_wide_9) as usize),
            ::core::mem::transmute::<usize, _>(wide!(stencil_wide_10) as usize),
            <i64 as Register>::from_bits(ints_0),
        );
        let floats_0 = __flow;
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// enter: words = reg 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_8_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let mut __fixed = super::Fixed { ctx, frame };
        let __flow = super::enter(<i64 as Register>::from_bits(ints_0), &mut __fixed);
        let super::Fixed { ctx, frame } = __fixed;
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// add_jump_lt: sum = reg 0, a = reg 0, b = literal, limit = reg 1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_9_7(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __flow = super::add(
            <i64 as Register>::from_bits(ints_0),
            <i64 as Register>::from_bits(wide!(stencil_wide_2)),
        );
        let ints_0 = Register::to_bits(__flow);
        let __flow = super::jump_lt(
            <i64 as Register>::from_bits(ints_0),
            <i64 as Register>::from_bits(ints_1),
        );
        match __flow {
            super::JumpLt::Taken => {
                return stencil_to_4(ctx, frame, ints_0, ints_1, floats_0);
            }
            super::JumpLt::Next => {
                return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
            }
        }
    }
}
/// move_ints: dst = slot, src = reg 1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_10_11(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __value = <i64 as Register>::from_bits(ints_1);
        store!(frame, stencil_slot_0, Register::to_bits(__value));
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// move_floats: dst = reg 0, src = literal
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_13_2(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __value = <f64 as Register>::from_bits(wide!(stencil_wide_1));
        let floats_0 = __value;
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// stash_floats: src = reg 0
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_14_0(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __scratch = (ctx as *mut u8)
            .wrapping_add(word!(stencil_word_1) as usize)
            .cast::<u64>();
        __scratch.write(Register::to_bits(floats_0));
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
/// unstash_ints: dst = reg 1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn stencil_op_12_1(
    ctx: *mut Context,
    frame: *mut u64,
    ints_0: u64,
    ints_1: u64,
    floats_0: f64,
) {
    unsafe {
        let __scratch = (ctx as *mut u8)
            .wrapping_add(word!(stencil_word_1) as usize)
            .cast::<u64>();
        let __value = <i64 as Register>::from_bits(__scratch.read());
        let ints_1 = Register::to_bits(__value);
        return stencil_next(ctx, frame, ints_0, ints_1, floats_0);
    }
}
