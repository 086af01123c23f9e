//! Everything that looks like a mistake and is none. The module is private and most of its emission methods are unused:
//! no lint speaks.

use ::other_runtime::{Assembler, Reg, Table};
use ops::{Emit, Machine};

/// Uses one op of the set.
pub fn stitch(table: &Table<'_>) -> usize {
    let mut asm = Assembler::<Machine>::new(table);
    asm.early(Reg(0), Reg(1));
    asm.len()
}

#[::other_macros::stencils(table = "quiet", runtime = ::other_runtime, operand(reg, slot))]
mod ops {
    use self::inner::Pair;
    use ::core::cmp::{Ord, Ordering};
    use ::core::{assert, cfg, matches};

    #[machine]
    pub(super) struct Machine {
        ctx: *mut Context,
        #[frame]
        frame: *mut u64,
        #[bank]
        ints: [(i64); 3],
    }

    #[repr(C)]
    struct Context {
        anchor: Anchor,
    }

    mod inner {
        #[derive(::core::clone::Clone, ::core::marker::Copy)]
        pub(super) struct Pair {
            pub(super) taken: i64,
            pub(super) slow: i64,
        }

        impl Pair {
            #[inline(always)]
            pub(super) fn taken(self) -> i64 {
                self.taken
            }
        }

        #[cfg(not(target_arch = "riscv64"))]
        #[inline(always)]
        pub(super) fn bias() -> i64 {
            1
        }

        #[cfg(target_arch = "riscv64")]
        #[inline(always)]
        pub(super) fn bias() -> i64 {
            1
        }
    }

    /// Fields, methods and loop labels may be called like a label of the op.
    #[stencil]
    fn names(value: i64, mut limit: i64, taken: Label, slow: Exit) -> i64 {
        let pair = Pair { taken: value, slow: 1 };
        let mut rest = pair.taken();
        'taken: loop {
            if matches!(rest.cmp(&pair.taken), Ordering::Less) {
                break 'taken;
            }
            rest = rest.wrapping_sub(pair.slow);
            limit = limit.wrapping_add(inner::bias());
            if rest == limit {
                jump!(taken);
            }
        }
        match rest.cmp(&limit) {
            Ordering::Less => exit!(slow),
            Ordering::Equal => jump! { taken },
            Ordering::Greater => rest,
        }
    }

    /// `return` and `?` belong to the closure or function they stand in.
    #[stencil]
    fn inside(value: i64, other: i64, zero: Exit) -> i64 {
        #[inline(always)]
        fn half(value: i64) -> ::core::option::Option<i64> {
            let even = ::core::option::Option::Some(value).filter(|value| return value % 2 == 0)?;
            return ::core::option::Option::Some(even >> 1);
        }
        const LIMIT: i64 = const { 1 << 40 };
        let clamp = |value: i64| {
            if value > LIMIT {
                return LIMIT;
            }
            value
        };
        if cfg!(target_arch = "x86_64") && other == 0 {
            exit!(zero)
        }
        let ::core::option::Option::Some(half) = half(value) else { exit!(zero) };
        clamp(half)
    }

    /// Without another way on, `return` is the way on.
    #[stencil]
    fn early(value: i64) -> i64 {
        if value < 0 {
            return 0;
        }
        value
    }

    /// What is allowed of an op is allowed of its emission method.
    #[stencil]
    #[allow(non_snake_case)]
    fn Same(value: i64) -> i64 {
        value
    }

    /// Ops may call ops.
    #[stencil]
    fn twice(value: i64) -> i64 {
        early(early(value))
    }

    /// Registers of the first fixed part only.
    #[stencil(result(reg(..2)))]
    fn read(#[operand(reg(..1))] at: i64, fixed: &mut Fixed) -> i64 {
        assert!(cfg!(target_pointer_width = "64") || at == 0);
        fixed.frame as i64 ^ at
    }
}
