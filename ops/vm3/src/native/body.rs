//! Bodies of ops on the heap as functions, for code that is not stitched.

use crate::stencils::ops::{self, Context, Fixed};
use stencil_runtime::host_fn;

/// What a body gave.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Gave {
    /// The op's result, if it has one and succeeded.
    value: i64,
    /// 0, or 1 when the host has to execute the op.
    slow: u64,
}

impl Gave {
    const SLOW: Self = Self { value: 0, slow: 1 };

    const fn value(value: i64) -> Self {
        Self { value, slow: 0 }
    }
}

host_fn! {
    /// The body of `len_str`.
    ///
    /// # Safety
    /// `ctx` is a valid context, whose arenas are those of the heap, which nobody else uses meanwhile.
    pub(crate) unsafe fn len_str(ctx: *mut Context, frame: *mut u64, string: i64) -> Gave {
        // SAFETY: the caller gives valid fixed parts.
        match unsafe { ops::len_str(&mut Fixed { ctx, frame }, string) } {
            ops::LenStr::Next(length) => Gave::value(length),
            ops::LenStr::OutOfRange => Gave::SLOW,
        }
    }
}

host_fn! {
    /// The body of `concat_str`.
    ///
    /// # Safety
    /// None is needed.
    pub(crate) unsafe fn concat_str(_ctx: *mut Context, _frame: *mut u64, lhs: i64, rhs: i64) -> Gave {
        match ops::concat_str(lhs, rhs) {
            ops::ConcatStr::Next(joined) => Gave::value(joined),
            ops::ConcatStr::Slow => Gave::SLOW,
        }
    }
}

host_fn! {
    /// The body of `map_get`.
    ///
    /// # Safety
    /// As for [`len_str`].
    pub(crate) unsafe fn map_get(ctx: *mut Context, frame: *mut u64, map: i64, key: i64) -> Gave {
        // SAFETY: the caller gives valid fixed parts.
        match unsafe { ops::map_get(&mut Fixed { ctx, frame }, map, key) } {
            ops::MapGet::Next(value) => Gave::value(value),
            ops::MapGet::OutOfRange => Gave::SLOW,
        }
    }
}

host_fn! {
    /// The body of `map_set`.
    ///
    /// # Safety
    /// As for [`len_str`].
    pub(crate) unsafe fn map_set(ctx: *mut Context, frame: *mut u64, map: i64, key: i64, value: i64) -> Gave {
        // SAFETY: the caller gives valid fixed parts.
        match unsafe { ops::map_set(&mut Fixed { ctx, frame }, map, key, value) } {
            ops::MapSet::Next => Gave::value(0),
            ops::MapSet::Slow => Gave::SLOW,
        }
    }
}
