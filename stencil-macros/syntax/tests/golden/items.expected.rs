#[allow(unused_imports)]
use super::prelude::*;
/// What ops share.
#[repr(C)]
pub struct Context {
    pub anchor: Anchor,
}
const STEP: i64 = 1;
#[inline(always)]
fn next(value: i64) -> i64 {
    value.wrapping_add(STEP)
}
#[doc(hidden)]
pub type __Bank0 = i64;
#[doc(hidden)]
pub type __Bank1 = f64;
/// The fixed parts of the machine: what every op receives and passes on.
#[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
#[repr(C)]
pub struct Fixed {
    /// The fixed part `ctx`.
    pub ctx: *mut Context,
    /// The frame.
    pub frame: *mut u64,
}
/// `dst = lhs + rhs`, wrapping.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
pub fn add(lhs: i64, mut rhs: i64) -> __Bank0 {
    rhs = next(rhs);
    lhs.wrapping_add(rhs)
}
/// `dst = value * 2`, only in registers.
#[must_use]
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
pub fn double(value: f64) -> __Bank1 {
    value + value
}
/// How [`jump_lt`] goes on.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq
)]
pub enum JumpLt {
    /// To the next op.
    Next,
    /// Jumps to `taken`.
    Taken,
}
/// Jumps to `taken` when `lhs < rhs`.
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_return,
    clippy::let_unit_value,
    clippy::diverging_sub_expression,
    unreachable_code,
    reason = "an op's signature is its operands, and its ways out are returns"
)]
pub fn jump_lt(lhs: i64, rhs: i64) -> JumpLt {
    #[allow(unused_macros, unused_macro_rules)]
    macro_rules! jump {
        (taken) => {
            return self::JumpLt::Taken
        };
    }
    let () = {
        if lhs < rhs {
            jump!(taken)
        }
    };
    self::JumpLt::Next
}
/// How [`div_rem`] goes on.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq
)]
pub enum DivRem {
    /// To the next op, with the results.
    Next((__Bank0, __Bank0)),
    /// Leaves through `zero`.
    Zero,
}
/// Quotient and remainder.
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_return,
    clippy::let_unit_value,
    clippy::diverging_sub_expression,
    unreachable_code,
    reason = "an op's signature is its operands, and its ways out are returns"
)]
pub fn div_rem(lhs: i64, rhs: i64) -> DivRem {
    #[allow(unused_macros, unused_macro_rules)]
    macro_rules! exit {
        (zero) => {
            return self::DivRem::Zero
        };
    }
    self::DivRem::Next({
        if rhs == 0 {
            exit!(zero)
        }
        (lhs.wrapping_div(rhs), lhs.wrapping_rem(rhs))
    })
}
/// How [`call_it`] goes on.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq
)]
pub enum CallIt {
    /// Calls `callee`.
    Callee,
}
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_return,
    clippy::let_unit_value,
    clippy::diverging_sub_expression,
    unreachable_code,
    reason = "an op's signature is its operands, and its ways out are returns"
)]
pub fn call_it() -> CallIt {
    #[allow(unused_macros, unused_macro_rules)]
    macro_rules! call {
        (callee) => {
            return self::CallIt::Callee
        };
    }
    { call!(callee) }
}
/// How [`finish`] goes on.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq
)]
pub enum Finish {
    /// Returns to the caller.
    Return,
}
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_return,
    clippy::let_unit_value,
    clippy::diverging_sub_expression,
    unreachable_code,
    reason = "an op's signature is its operands, and its ways out are returns"
)]
pub fn finish() -> Finish {
    #[allow(unused_macros, unused_macro_rules)]
    macro_rules! ret {
        () => {
            return self::Finish::Return
        };
    }
    { ret!() }
}
/// How [`stop`] goes on.
#[derive(
    ::core::fmt::Debug,
    ::core::clone::Clone,
    ::core::marker::Copy,
    ::core::cmp::PartialEq
)]
pub enum Stop {
    /// To the next op.
    Next,
    /// Leaves to the host.
    Leave,
}
#[inline(always)]
#[allow(
    clippy::too_many_arguments,
    clippy::needless_return,
    clippy::let_unit_value,
    clippy::diverging_sub_expression,
    unreachable_code,
    reason = "an op's signature is its operands, and its ways out are returns"
)]
pub fn stop(value: i64) -> Stop {
    #[allow(unused_macros, unused_macro_rules)]
    macro_rules! leave {
        () => {
            return self::Stop::Leave
        };
    }
    let () = {
        if value < 0 {
            leave!()
        }
    };
    self::Stop::Next
}
/// The host function `host` of [`holes`], in the convention of the architecture.
#[cfg(target_arch = "x86_64")]
pub type HolesHost = unsafe extern "sysv64" fn(i64) -> i64;
/// The host function `host` of [`holes`], in the convention of the architecture.
#[cfg(not(target_arch = "x86_64"))]
pub type HolesHost = unsafe extern "C" fn(i64) -> i64;
/// One hole of each kind.
///
/// # Safety
/// `data` points to an int, and `host` takes any.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
pub unsafe fn holes(
    byte: u8,
    int: i32,
    flag: bool,
    single: f32,
    long: u64,
    double: f64,
    data: *const i64,
    code: extern "sysv64" fn(i64) -> i64,
    host: HolesHost,
    value: i64,
) -> __Bank1 {
    let sum = i64::from(byte) + i64::from(int) + i64::from(flag) + long as i64
        + code(value);
    let more = unsafe { *data + host(value) };
    (sum + more) as f64 + f64::from(single) + double
}
/// Moves the frame.
#[inline(always)]
#[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
pub fn enter(words: i64, fixed: &mut Fixed) {
    fixed.frame = fixed.frame.wrapping_offset(words as isize);
}
