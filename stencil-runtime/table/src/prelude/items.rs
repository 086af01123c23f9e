/// Where stitched code keeps what the runtime needs: the first field of the struct that the machine's first fixed part
/// points to.
///
/// An op set puts it there and never touches it: `#[repr(C)] pub struct Context { anchor: Anchor, … }`. When ops need
/// nothing else, the first fixed part is `anchor: *mut Anchor`.
#[derive(Debug, Clone, Default)]
#[repr(C)]
pub struct Anchor {
    /// The stack pointer at which `leave!` returns to the host; written by the entry trampoline.
    stack: usize,
    /// Where the assembler keeps a register that it borrows to reach a variant that was pruned.
    scratch: [u64; Self::SCRATCH_WORDS],
}

impl Anchor {
    /// The byte offset of the stack pointer, which trampolines and `leave!` use.
    pub const STACK_OFFSET: usize = core::mem::offset_of!(Anchor, stack);
    /// The byte offset of the first scratch word.
    pub const SCRATCH_OFFSET: usize = core::mem::offset_of!(Anchor, scratch);
    /// How many scratch words there are.
    pub const SCRATCH_WORDS: usize = 7;

    /// Whether stitched code that uses the anchor is running, or waits for a host function.
    #[must_use]
    pub const fn is_entered(&self) -> bool {
        self.stack != 0
    }

    /// The scratch words.
    #[must_use]
    pub const fn scratch(&self) -> [u64; Self::SCRATCH_WORDS] {
        self.scratch
    }

    /// Puts the scratch words back.
    pub const fn set_scratch(&mut self, scratch: [u64; Self::SCRATCH_WORDS]) {
        self.scratch = scratch;
    }

    /// An anchor as it stands before the first entry.
    #[must_use]
    pub const fn new() -> Self {
        Self { stack: 0, scratch: [0; 7] }
    }
}

/// The operations on floating-point numbers that `core` does not have.
///
/// Every method gives the bits that the method of the same name in `std` gives, for every argument that is not NaN;
/// where `std` gives a NaN, it gives a NaN.
pub trait Float: Copy {
    /// The square root, correctly rounded; NaN below zero, -0 for -0.
    #[must_use]
    fn sqrt(self) -> Self;
    /// The largest integer not above `self`.
    #[must_use]
    fn floor(self) -> Self;
    /// The smallest integer not below `self`.
    #[must_use]
    fn ceil(self) -> Self;
    /// The integer part of `self`.
    #[must_use]
    fn trunc(self) -> Self;
    /// The magnitude of `self`: the sign bit cleared.
    #[must_use]
    fn abs(self) -> Self;
    /// `self` with the sign bit of `sign`.
    #[must_use]
    fn copysign(self, sign: Self) -> Self;
}

impl Float for f64 {
    #[inline(always)]
    fn sqrt(self) -> Self {
        sqrt_f64(self)
    }

    #[inline(always)]
    fn floor(self) -> Self {
        let truncated = Float::trunc(self);
        if truncated > self { truncated - 1.0 } else { truncated }
    }

    #[inline(always)]
    fn ceil(self) -> Self {
        let truncated = Float::trunc(self);
        if truncated < self { Float::copysign(truncated + 1.0, self) } else { truncated }
    }

    #[inline(always)]
    fn trunc(self) -> Self {
        // From 2^52 on every value is an integer; infinities and NaN take the same way.
        if Float::abs(self) < 4_503_599_627_370_496.0 {
            // SAFETY: the value is finite and its magnitude is below 2^52, so it fits an i64.
            let integer: i64 = unsafe { self.to_int_unchecked() };
            Float::copysign(integer as f64, self)
        } else {
            self
        }
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::from_bits(self.to_bits() & (u64::MAX >> 1))
    }

    #[inline(always)]
    fn copysign(self, sign: Self) -> Self {
        const SIGN: u64 = 1 << 63;
        f64::from_bits(self.to_bits() & !SIGN | sign.to_bits() & SIGN)
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn sqrt_f64(value: f64) -> f64 {
    let root;
    // In one register: the instruction leaves half of its target as it was, and would wait for what wrote that last.
    // SAFETY: changes one register, nothing else.
    unsafe {
        core::arch::asm!("sqrtsd {0}, {0}", inout(xmm_reg) value => root, options(pure, nomem, nostack, preserves_flags))
    }
    root
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn sqrt_f64(value: f64) -> f64 {
    let root;
    // SAFETY: reads one register and writes another, nothing else.
    unsafe {
        core::arch::asm!("fsqrt {0:d}, {1:d}", out(vreg) root, in(vreg) value, options(pure, nomem, nostack, preserves_flags))
    }
    root
}

#[cfg(target_arch = "riscv64")]
#[inline(always)]
fn sqrt_f64(value: f64) -> f64 {
    let root;
    // SAFETY: reads one register and writes another, nothing else.
    unsafe {
        core::arch::asm!("fsqrt.d {0}, {1}", out(freg) root, in(freg) value, options(pure, nomem, nostack, preserves_flags))
    }
    root
}

/// A value that fits a machine register: what the type of a bank must be.
///
/// An op set implements it for its own 64-bit types; `from_bits(to_bits(x))` must be `x`.
pub trait Register: Copy {
    /// The value that these bits stand for.
    fn from_bits(bits: u64) -> Self;
    /// The bits of the value.
    fn to_bits(self) -> u64;
}

macro_rules! integer_register {
    ($($ty:ty)*) => {$(
        impl Register for $ty {
            #[inline(always)]
            fn from_bits(bits: u64) -> Self {
                bits as Self
            }

            #[inline(always)]
            fn to_bits(self) -> u64 {
                self as u64
            }
        }
    )*};
}
integer_register!(i64 u64 isize usize);

impl Register for f64 {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        f64::from_bits(bits)
    }

    #[inline(always)]
    fn to_bits(self) -> u64 {
        f64::to_bits(self)
    }
}

impl<T> Register for *mut T {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        bits as usize as Self
    }

    #[inline(always)]
    fn to_bits(self) -> u64 {
        self as usize as u64
    }
}

impl<T> Register for *const T {
    #[inline(always)]
    fn from_bits(bits: u64) -> Self {
        bits as usize as Self
    }

    #[inline(always)]
    fn to_bits(self) -> u64 {
        self as usize as u64
    }
}
