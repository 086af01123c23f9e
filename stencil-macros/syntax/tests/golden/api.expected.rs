/// Every construct once.
pub mod ops {
    #[allow(unused_imports, reason = "what op bodies see")]
    use ::stencil_runtime::prelude::*;
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
    #[inline]
    #[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
    pub fn add(lhs: i64, mut rhs: i64) -> __Bank0 {
        rhs = next(rhs);
        lhs.wrapping_add(rhs)
    }
    /// `dst = value * 2`, only in registers.
    #[must_use]
    #[inline]
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
    #[inline]
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
    #[inline]
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
    #[inline]
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
    #[inline]
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
    #[inline]
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
    pub type HolesHost = unsafe extern "sysv64-unwind" fn(i64) -> i64;
    /// The host function `host` of [`holes`], in the convention of the architecture.
    #[cfg(not(target_arch = "x86_64"))]
    pub type HolesHost = unsafe extern "C-unwind" fn(i64) -> i64;
    /// One hole of each kind.
    ///
    /// # Safety
    /// `data` points to an int, and `host` takes any.
    #[inline]
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
    #[inline]
    #[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
    pub fn enter(words: i64, fixed: &mut Fixed) {
        fixed.frame = fixed.frame.wrapping_offset(words as isize);
    }
    /// The machine of the op set `golden`: what the host enters stitched code with, and what it gets back.
    /// What stays in registers.
    #[derive(::core::fmt::Debug, ::core::clone::Clone, ::core::marker::Copy)]
    #[repr(C)]
    pub struct Machine {
        /// The fixed part `ctx`.
        pub ctx: *mut Context,
        /// The frame.
        pub frame: *mut u64,
        /// The registers of the bank `ints`; how many a table pins, the table says.
        pub ints: [i64; 3usize],
        /// The registers of the bank `floats`; how many a table pins, the table says.
        pub floats: [f64; 1usize],
    }
    const _: () = {
        const fn anchor_of(context: &Context) -> &::stencil_runtime::__private::Anchor {
            &context.anchor
        }
        ::core::assert!(
            ::core::mem::offset_of!(Context, anchor) == 0,
            "the struct that the machine's first fixed part points to must be `#[repr(C)]` and start with `anchor: Anchor`",
        );
        let _ = anchor_of;
        impl ::stencil_runtime::__private::OpSet for Machine {
            const NAME: &'static ::core::primitive::str = "golden";
            const HASH: ::core::primitive::u128 = 125654325779185856176492755203357749909u128;
            const FIXED: ::core::primitive::usize = 2usize;
            const FRAME: ::core::option::Option<::core::primitive::usize> = ::core::option::Option::Some(
                1usize,
            );
            type Fixed = Fixed;
            fn fixed_words(
                fixed: &Fixed,
            ) -> [::core::primitive::u64; ::stencil_runtime::__private::MAX_FIXED] {
                let mut words = [0; ::stencil_runtime::__private::MAX_FIXED];
                words[0usize] = <*mut Context as ::stencil_runtime::__private::Register>::to_bits(
                    fixed.ctx,
                );
                words[1usize] = <*mut u64 as ::stencil_runtime::__private::Register>::to_bits(
                    fixed.frame,
                );
                words
            }
            fn fixed_from_words(
                words: [::core::primitive::u64; ::stencil_runtime::__private::MAX_FIXED],
            ) -> Fixed {
                Fixed {
                    ctx: <*mut Context as ::stencil_runtime::__private::Register>::from_bits(
                        words[0usize],
                    ),
                    frame: <*mut u64 as ::stencil_runtime::__private::Register>::from_bits(
                        words[1usize],
                    ),
                }
            }
            fn load(
                &self,
                convention: ::stencil_runtime::__private::Convention,
                registers: &mut ::stencil_runtime::__private::Registers,
            ) {
                for argument in Self::layout(convention) {
                    match *argument {
                        ::stencil_runtime::__private::Argument::Fixed {
                            position,
                            index: 0usize,
                        } => {
                            registers.ints[position] = <*mut Context as ::stencil_runtime::__private::Register>::to_bits(
                                self.ctx,
                            );
                        }
                        ::stencil_runtime::__private::Argument::Fixed {
                            position,
                            index: 1usize,
                        } => {
                            registers.ints[position] = <*mut u64 as ::stencil_runtime::__private::Register>::to_bits(
                                self.frame,
                            );
                        }
                        ::stencil_runtime::__private::Argument::Register {
                            position,
                            float,
                            bank: 0usize,
                            number,
                        } => {
                            let bits = <i64 as ::stencil_runtime::__private::Register>::to_bits(
                                self.ints[number],
                            );
                            if float {
                                registers.floats[position] = bits
                            } else {
                                registers.ints[position] = bits
                            }
                        }
                        ::stencil_runtime::__private::Argument::Register {
                            position,
                            float,
                            bank: 1usize,
                            number,
                        } => {
                            let bits = <f64 as ::stencil_runtime::__private::Register>::to_bits(
                                self.floats[number],
                            );
                            if float {
                                registers.floats[position] = bits
                            } else {
                                registers.ints[position] = bits
                            }
                        }
                        _ => {}
                    }
                }
            }
            fn store(
                &mut self,
                convention: ::stencil_runtime::__private::Convention,
                registers: &::stencil_runtime::__private::Registers,
            ) {
                for argument in Self::layout(convention) {
                    match *argument {
                        ::stencil_runtime::__private::Argument::Fixed {
                            position,
                            index: 0usize,
                        } => {
                            self.ctx = <*mut Context as ::stencil_runtime::__private::Register>::from_bits(
                                registers.ints[position],
                            );
                        }
                        ::stencil_runtime::__private::Argument::Fixed {
                            position,
                            index: 1usize,
                        } => {
                            self.frame = <*mut u64 as ::stencil_runtime::__private::Register>::from_bits(
                                registers.ints[position],
                            );
                        }
                        ::stencil_runtime::__private::Argument::Register {
                            position,
                            float,
                            bank: 0usize,
                            number,
                        } => {
                            let bits = if float {
                                registers.floats[position]
                            } else {
                                registers.ints[position]
                            };
                            self.ints[number] = <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                bits,
                            );
                        }
                        ::stencil_runtime::__private::Argument::Register {
                            position,
                            float,
                            bank: 1usize,
                            number,
                        } => {
                            let bits = if float {
                                registers.floats[position]
                            } else {
                                registers.ints[position]
                            };
                            self.floats[number] = <f64 as ::stencil_runtime::__private::Register>::from_bits(
                                bits,
                            );
                        }
                        _ => {}
                    }
                }
            }
            fn evaluate(
                vouched: ::stencil_runtime::__private::Vouched,
                op: ::core::primitive::u32,
                fixed: &mut Fixed,
                values: &[::core::primitive::u64],
                results: &mut [::core::primitive::u64],
            ) -> ::stencil_runtime::__private::Way {
                let (_, _, _, _) = (vouched, &fixed, &values, &results);
                match op {
                    0u32 => {
                        let out = self::add(
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[1usize],
                            ),
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[2usize],
                            ),
                        );
                        results[0] = ::stencil_runtime::__private::Register::to_bits(
                            out,
                        );
                        ::stencil_runtime::__private::Way::Next
                    }
                    1u32 => {
                        let out = self::double(
                            <f64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[1usize],
                            ),
                        );
                        results[0] = ::stencil_runtime::__private::Register::to_bits(
                            out,
                        );
                        ::stencil_runtime::__private::Way::Next
                    }
                    2u32 => {
                        match self::jump_lt(
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[0usize],
                            ),
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[1usize],
                            ),
                        ) {
                            self::JumpLt::Next => ::stencil_runtime::__private::Way::Next,
                            self::JumpLt::Taken => {
                                ::stencil_runtime::__private::Way::Target(2usize)
                            }
                        }
                    }
                    3u32 => {
                        match self::div_rem(
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[2usize],
                            ),
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[3usize],
                            ),
                        ) {
                            self::DivRem::Next(out) => {
                                results[0usize] = ::stencil_runtime::__private::Register::to_bits(
                                    out.0,
                                );
                                results[1usize] = ::stencil_runtime::__private::Register::to_bits(
                                    out.1,
                                );
                                ::stencil_runtime::__private::Way::Next
                            }
                            self::DivRem::Zero => {
                                ::stencil_runtime::__private::Way::Target(4usize)
                            }
                        }
                    }
                    4u32 => {
                        match self::call_it() {
                            self::CallIt::Callee => {
                                ::stencil_runtime::__private::Way::Target(0usize)
                            }
                        }
                    }
                    5u32 => {
                        match self::finish() {
                            self::Finish::Return => {
                                ::stencil_runtime::__private::Way::Return
                            }
                        }
                    }
                    6u32 => {
                        match self::stop(
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[0usize],
                            ),
                        ) {
                            self::Stop::Next => ::stencil_runtime::__private::Way::Next,
                            self::Stop::Leave => ::stencil_runtime::__private::Way::Leave,
                        }
                    }
                    7u32 => {
                        let out = unsafe {
                            self::holes(
                                values[2usize] as u8,
                                values[3usize] as i32,
                                values[4usize] & 1 != 0,
                                ::core::primitive::f32::from_bits(
                                    values[5usize] as ::core::primitive::u32,
                                ),
                                values[6usize] as u64,
                                ::core::primitive::f64::from_bits(values[7usize]),
                                values[8usize] as ::core::primitive::usize as *const i64,
                                vouched.function(values[9usize]),
                                vouched.function(values[10usize]),
                                <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                    values[1usize],
                                ),
                            )
                        };
                        results[0] = ::stencil_runtime::__private::Register::to_bits(
                            out,
                        );
                        ::stencil_runtime::__private::Way::Next
                    }
                    8u32 => {
                        let out = self::enter(
                            <i64 as ::stencil_runtime::__private::Register>::from_bits(
                                values[0usize],
                            ),
                            fixed,
                        );
                        let () = out;
                        ::stencil_runtime::__private::Way::Next
                    }
                    10u32 => {
                        results[0] = values[1];
                        ::stencil_runtime::__private::Way::Next
                    }
                    13u32 => {
                        results[0] = values[1];
                        ::stencil_runtime::__private::Way::Next
                    }
                    _ => ::stencil_runtime::__private::Way::NoBody,
                }
            }
            fn layout(
                convention: ::stencil_runtime::__private::Convention,
            ) -> &'static [::stencil_runtime::__private::Argument] {
                #[cfg(target_arch = "x86_64")]
                if convention == ::stencil_runtime::__private::Convention::Portable {
                    return &[
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 0usize,
                            index: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 1usize,
                            index: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 2usize,
                            float: false,
                            bank: 0usize,
                            number: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 3usize,
                            float: false,
                            bank: 0usize,
                            number: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: true,
                            bank: 1usize,
                            number: 0usize,
                        },
                    ];
                }
                #[cfg(target_arch = "aarch64")]
                if convention == ::stencil_runtime::__private::Convention::Portable {
                    return &[
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 0usize,
                            index: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 1usize,
                            index: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 2usize,
                            float: false,
                            bank: 0usize,
                            number: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 3usize,
                            float: false,
                            bank: 0usize,
                            number: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: true,
                            bank: 1usize,
                            number: 0usize,
                        },
                    ];
                }
                #[cfg(target_arch = "riscv64")]
                if convention == ::stencil_runtime::__private::Convention::Portable {
                    return &[
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 0usize,
                            index: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 1usize,
                            index: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 2usize,
                            float: false,
                            bank: 0usize,
                            number: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 3usize,
                            float: false,
                            bank: 0usize,
                            number: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: true,
                            bank: 1usize,
                            number: 0usize,
                        },
                    ];
                }
                #[cfg(target_arch = "x86_64")]
                if convention == ::stencil_runtime::__private::Convention::Wide {
                    return &[
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: false,
                            bank: 0usize,
                            number: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 1usize,
                            float: false,
                            bank: 0usize,
                            number: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 2usize,
                            index: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 3usize,
                            index: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 4usize,
                            float: false,
                            bank: 0usize,
                            number: 2usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: true,
                            bank: 1usize,
                            number: 0usize,
                        },
                    ];
                }
                #[cfg(target_arch = "aarch64")]
                if convention == ::stencil_runtime::__private::Convention::Wide {
                    return &[
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 0usize,
                            index: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 1usize,
                            index: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 2usize,
                            float: false,
                            bank: 0usize,
                            number: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 3usize,
                            float: false,
                            bank: 0usize,
                            number: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 4usize,
                            float: false,
                            bank: 0usize,
                            number: 2usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: true,
                            bank: 1usize,
                            number: 0usize,
                        },
                    ];
                }
                #[cfg(target_arch = "riscv64")]
                if convention == ::stencil_runtime::__private::Convention::Wide {
                    return &[
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 0usize,
                            index: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Fixed {
                            position: 1usize,
                            index: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 2usize,
                            float: false,
                            bank: 0usize,
                            number: 0usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 3usize,
                            float: false,
                            bank: 0usize,
                            number: 1usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 4usize,
                            float: false,
                            bank: 0usize,
                            number: 2usize,
                        },
                        ::stencil_runtime::__private::Argument::Register {
                            position: 0usize,
                            float: true,
                            bank: 1usize,
                            number: 0usize,
                        },
                    ];
                }
                &[]
            }
        }
    };
    /// Emission of the ops of `golden`: each method appends one op to the code being stitched.
    ///
    /// The first error is kept by the assembler and returned when the code is finished.
    #[allow(clippy::too_many_arguments, reason = "an op's signature is its operands")]
    pub trait Emit {
        /// `dst = lhs + rhs`, wrapping.
        fn add(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            lhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            rhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        );
        /// `dst = value * 2`, only in registers.
        fn double(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<f64>>,
            value: impl ::core::convert::Into<::stencil_runtime::Operand<f64>>,
        );
        /// Jumps to `taken` when `lhs < rhs`.
        fn jump_lt(
            &mut self,
            lhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            rhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            taken: ::stencil_runtime::Label,
        );
        /// Quotient and remainder.
        fn div_rem(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            dst1: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            lhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            rhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            zero: ::stencil_runtime::Label,
        );
        fn call_it(
            &mut self,
            callee: impl ::core::convert::Into<::stencil_runtime::Callee>,
        );
        fn finish(&mut self);
        fn stop(
            &mut self,
            value: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        );
        /// One hole of each kind.
        ///
        /// # Safety
        /// `data` points to an int, and `host` takes any.
        fn holes(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<f64>>,
            byte: u8,
            int: i32,
            flag: bool,
            single: f32,
            long: u64,
            double: f64,
            data: *const i64,
            code: extern "sysv64" fn(i64) -> i64,
            host: HolesHost,
            value: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        );
        /// Moves the frame.
        fn enter(
            &mut self,
            words: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        );
        /// `sum = a + b; if sum < limit { jump }` as one stencil.
        fn add_jump_lt(
            &mut self,
            sum: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            a: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            b: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            limit: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            taken: ::stencil_runtime::Label,
        );
        /// `dst = src`, for values of the bank `ints`.
        fn move_ints(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            src: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        );
        /// `dst = src`, for values of the bank `floats`.
        fn move_floats(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<f64>>,
            src: impl ::core::convert::Into<::stencil_runtime::Operand<f64>>,
        );
    }
    impl Emit for ::stencil_runtime::Assembler<'_, Machine> {
        #[inline]
        fn add(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            lhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            rhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<i64>,
                >>::from(::core::convert::Into::into(dst)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(lhs)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(rhs)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<3usize, 4usize>(0u32, words);
        }
        #[inline]
        fn double(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<f64>>,
            value: impl ::core::convert::Into<::stencil_runtime::Operand<f64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<f64>,
                >>::from(::core::convert::Into::into(dst)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<f64>,
                >>::from(::core::convert::Into::into(value)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<2usize, 3usize>(1u32, words);
        }
        #[inline]
        fn jump_lt(
            &mut self,
            lhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            rhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            taken: ::stencil_runtime::Label,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(lhs)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(rhs)),
                ::stencil_runtime::Placed::label(taken),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<2usize, 4usize>(2u32, words);
        }
        #[inline]
        fn div_rem(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            dst1: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            lhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            rhs: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            zero: ::stencil_runtime::Label,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<i64>,
                >>::from(::core::convert::Into::into(dst)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<i64>,
                >>::from(::core::convert::Into::into(dst1)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(lhs)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(rhs)),
                ::stencil_runtime::Placed::label(zero),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<4usize, 6usize>(3u32, words);
        }
        #[inline]
        fn call_it(
            &mut self,
            callee: impl ::core::convert::Into<::stencil_runtime::Callee>,
        ) {
            let words = [
                self.callee(::core::convert::Into::into(callee)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<0usize, 2usize>(4u32, words);
        }
        #[inline]
        fn finish(&mut self) {
            let words = [::stencil_runtime::Placed::word(0)];
            self.emit::<0usize, 1usize>(5u32, words);
        }
        #[inline]
        fn stop(
            &mut self,
            value: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(value)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<1usize, 2usize>(6u32, words);
        }
        #[inline]
        fn holes(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<f64>>,
            byte: u8,
            int: i32,
            flag: bool,
            single: f32,
            long: u64,
            double: f64,
            data: *const i64,
            code: extern "sysv64" fn(i64) -> i64,
            host: HolesHost,
            value: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<f64>,
                >>::from(::core::convert::Into::into(dst)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(value)),
                ::stencil_runtime::Placed::word(
                    byte as ::core::primitive::u16 as ::core::primitive::u64,
                ),
                ::stencil_runtime::Placed::word(
                    int as ::core::primitive::u32 as ::core::primitive::u64,
                ),
                ::stencil_runtime::Placed::word(
                    <::core::primitive::u64 as ::core::convert::From<_>>::from(flag),
                ),
                ::stencil_runtime::Placed::word(
                    <::core::primitive::u64 as ::core::convert::From<
                        _,
                    >>::from(single.to_bits()),
                ),
                ::stencil_runtime::Placed::word(long as ::core::primitive::u64),
                ::stencil_runtime::Placed::word(double.to_bits()),
                ::stencil_runtime::Placed::word(
                    data as *const () as ::core::primitive::usize
                        as ::core::primitive::u64,
                ),
                ::stencil_runtime::Placed::word(
                    code as ::core::primitive::usize as ::core::primitive::u64,
                ),
                ::stencil_runtime::Placed::word(
                    host as ::core::primitive::usize as ::core::primitive::u64,
                ),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<2usize, 12usize>(7u32, words);
        }
        #[inline]
        fn enter(
            &mut self,
            words: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(words)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<1usize, 2usize>(8u32, words);
        }
        #[inline]
        fn add_jump_lt(
            &mut self,
            sum: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            a: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            b: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            limit: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
            taken: ::stencil_runtime::Label,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<i64>,
                >>::from(::core::convert::Into::into(sum)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(a)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(b)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(limit)),
                ::stencil_runtime::Placed::label(taken),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<4usize, 6usize>(9u32, words);
        }
        #[inline]
        fn move_ints(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<i64>>,
            src: impl ::core::convert::Into<::stencil_runtime::Operand<i64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<i64>,
                >>::from(::core::convert::Into::into(dst)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<i64>,
                >>::from(::core::convert::Into::into(src)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<2usize, 3usize>(10u32, words);
        }
        #[inline]
        fn move_floats(
            &mut self,
            dst: impl ::core::convert::Into<::stencil_runtime::Place<f64>>,
            src: impl ::core::convert::Into<::stencil_runtime::Operand<f64>>,
        ) {
            let words = [
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Place<f64>,
                >>::from(::core::convert::Into::into(dst)),
                <::stencil_runtime::Placed as ::core::convert::From<
                    ::stencil_runtime::Operand<f64>,
                >>::from(::core::convert::Into::into(src)),
                ::stencil_runtime::Placed::word(0),
            ];
            self.emit::<2usize, 3usize>(13u32, words);
        }
    }
}
