//! Names chosen to collide with whatever an expansion might call its own.

/// What a glob or an unqualified name in the expansion would pick up by mistake.
#[allow(dead_code, reason = "these types are here to be in the way")]
mod decoys {
    struct Option;
    struct Some;
    struct Into;
    struct From;
    struct Debug;
    struct Clone;
    struct Copy;
    struct Assembler;
    mod core {}
    mod stencil_runtime {}
}

/// An op set.
#[::other_macros::stencils(table = "hygiene", runtime = ::other_runtime)]
pub mod ops {
    //! Its documentation.
    #![allow(clippy::module_name_repetitions, reason = "an inner attribute of the module is kept")]

    /// Parts called like variables of the expansion.
    #[machine]
    pub struct Machine {
        /// What the first fixed part points to.
        fixed: *mut Values,
        #[frame]
        out: *mut u64,
        #[bank]
        value: [i64; 2],
        #[bank]
        flow: [f64; 2],
        #[bank(x86_64_portable = 1)]
        padding: [Cell; 1],
    }

    /// A context called like nothing in particular.
    #[derive(::core::fmt::Debug, ::core::default::Default)]
    #[repr(C)]
    pub struct Values {
        anchor: Anchor,
        /// How often [`words`] ran.
        pub count: i64,
    }

    /// A bank type that is no primitive.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy, ::core::cmp::PartialEq)]
    #[repr(transparent)]
    pub struct Cell(pub u64);

    impl Register for Cell {
        #[inline(always)]
        fn from_bits(bits: u64) -> Self {
            Self(bits)
        }
        #[inline(always)]
        fn to_bits(self) -> u64 {
            self.0
        }
    }

    /// Helpers may be generic, in traits and in nested modules.
    trait Twice {
        fn twice(self) -> Self;
    }

    impl Twice for i64 {
        #[inline(always)]
        fn twice(self) -> Self {
            inner::add(self, self)
        }
    }

    mod inner {
        use super::STEP;

        #[inline(always)]
        pub(super) fn add<T: super::Sum>(lhs: T, rhs: T) -> T {
            lhs.sum(rhs)
        }

        #[inline(always)]
        pub(super) fn step(value: i64) -> i64 {
            value.wrapping_add(STEP)
        }
    }

    trait Sum {
        fn sum(self, other: Self) -> Self;
    }

    impl Sum for i64 {
        #[inline(always)]
        fn sum(self, other: Self) -> Self {
            self.wrapping_add(other)
        }
    }

    const STEP: i64 = 1;

    /// Called like an argument of `evaluate`; `dst = 2 * values + 1`.
    #[stencil]
    #[must_use]
    fn values(mut values: i64) -> i64 {
        values = values.twice();
        inner::step(values)
    }

    /// Called like another one.
    #[stencil]
    fn results(results: i64, r#type: i64) -> i64 {
        results.wrapping_sub(r#type)
    }

    /// Called like a variable of `evaluate`; both at once.
    #[stencil]
    fn out(out: i64, fixed: i64) -> (i64, i64) {
        (fixed, out)
    }

    /// Called like the machine's part; counts.
    #[stencil]
    fn words(words: i64, op: i64, fixed: &Fixed) -> i64 {
        let _ = fixed;
        words ^ op
    }

    /// Parameters called like variables of stencils.
    #[stencil]
    fn flow(value: i64, flow: f64, scratch: f64) -> f64 {
        #[allow(clippy::cast_precision_loss, reason = "attributes in a body are the author's")]
        let value = value as f64;
        value + flow + scratch
    }

    /// A branch whose label is a raw name.
    #[stencil]
    fn argument(registers: i64, convention: i64, r#match: Label, leave: Exit) {
        if registers == convention {
            jump!(r#match)
        }
        let double = |value: i64| -> i64 { return value.twice() };
        if double(registers) == convention {
            exit!(leave)
        }
    }

    /// Every hole, called like what the emission method might call it.
    #[stencil]
    fn words_of(
        #[hole] number: i8,
        #[hole] index: bool,
        #[hole] body: f32,
        #[hole] self_: u64,
        #[hole] this: f64,
        #[hole] asm: *const u8,
        #[hole] private: fn(i64) -> i64,
        #[hole] runtime: HostFn<for<'a> fn(&'a i64) -> i64>,
    ) -> i64 {
        let addresses = (asm as usize) ^ (private as usize) ^ (runtime as usize);
        (addresses as i64)
            .wrapping_add(number as i64)
            .wrapping_add(index as i64)
            .wrapping_add(self_ as i64)
            .wrapping_add((body as f64 + this) as i64)
    }

    /// Goes back.
    #[stencil]
    fn vouched() -> ! {
        ret!()
    }

    /// Two at once.
    #[fuse(values(out: reg, value: reg), results(out, out, bits: reg))]
    fn both();
}
