//! Ops chosen for what could go wrong with them: every type of hole, bodies that an optimiser could fold if it believed
//! that a hole is an address, stores and loads that may overlap, every way out.

/// The op set.
#[stencil_macros::stencils(table = "matrix")]
pub mod ops {
    /// Registers of three types; few, so that all placements can be tried.
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[frame]
        frame: *mut u64,
        #[bank(portable = 2, wide = 3)]
        ints: [i64; 2],
        #[bank(portable = 2, wide = 2)]
        cells: [Cell; 2],
        #[bank]
        floats: [f64; 3],
    }

    /// What the first fixed part points to.
    #[derive(Debug, Default)]
    #[repr(C)]
    pub struct Context {
        anchor: Anchor,
        /// A word that ops may change.
        pub counter: u64,
    }

    /// A bank type of the set's own.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

    /// `dst = lhs + rhs`, wrapping.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// `dst = lhs - rhs + 5`, wrapping: an addend that the optimiser may fold into the hole.
    #[stencil]
    fn sub_plus_five(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_sub(rhs).wrapping_add(5)
    }

    /// `dst = value - 2^31`, wrapping: the largest addend that folds.
    #[stencil]
    fn far_addend(value: i64) -> i64 {
        value.wrapping_add(-0x8000_0000)
    }

    /// `dst = 8 * lhs + rhs`, wrapping: a literal in an address computation.
    #[stencil]
    fn scaled(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_mul(8).wrapping_add(rhs)
    }

    /// Whether an operand is zero: an address never is, a value may be.
    #[stencil]
    fn is_zero(value: i64) -> i64 {
        i64::from(value == 0)
    }

    /// Whether two operands are equal: two addresses never are, two values may be.
    #[stencil]
    fn same(lhs: i64, rhs: i64) -> i64 {
        i64::from(lhs == rhs)
    }

    /// The low bits and the sign of an operand: an address is aligned and positive, a value need not be.
    #[stencil]
    fn bits(value: i64) -> i64 {
        (value & 7) | (value >> 63 & 8) | ((value as u64 >> 31) as i64) << 8
    }

    /// `dst = lhs * rhs` of cells, and their exclusive or.
    #[stencil(result(reg, slot))]
    fn cells(#[operand(reg, slot)] lhs: Cell, #[operand(reg, slot, literal)] rhs: Cell) -> (Cell, i64) {
        (Cell(lhs.0.wrapping_mul(rhs.0)), (lhs.0 ^ rhs.0) as i64)
    }

    /// `dst = -(lhs - 2.5)`: constants and the sign mask come from the pool.
    #[stencil]
    fn pooled(value: f64) -> f64 {
        -(value - 2.5)
    }

    /// `dst = sqrt(lhs) + floor(rhs)`.
    #[stencil(result(reg))]
    fn rounded(#[operand(reg(..2), slot)] lhs: f64, rhs: f64) -> f64 {
        Float::sqrt(lhs) + Float::floor(rhs)
    }

    /// Converts and compares: integer and floating-point banks in one op.
    #[stencil]
    fn compare(lhs: f64, rhs: i64) -> i64 {
        match lhs.partial_cmp(&(rhs as f64)) {
            Some(order) => order as i64,
            None => 99,
        }
    }

    /// Adds holes of every width below 64 bits.
    #[stencil(result(reg))]
    fn words(
        #[operand(reg)] base: i64,
        #[hole] a: u8,
        #[hole] b: i8,
        #[hole] c: u16,
        #[hole] d: i16,
        #[hole] e: u32,
        #[hole] f: i32,
        #[hole] g: bool,
    ) -> i64 {
        let sum = a as i64 + b as i64 * 3 + c as i64 * 5 + d as i64 * 7 + e as i64 * 11 + f as i64 * 13;
        base.wrapping_add(if g { sum } else { -sum })
    }

    /// Compares holes with zero and each other.
    #[stencil(result(reg))]
    fn word_tests(#[hole] a: u32, #[hole] b: u32, #[hole] c: i32) -> i64 {
        (a == 0) as i64
            | ((a == b) as i64) << 1
            | ((c < 0) as i64) << 2
            | ((a < b) as i64) << 3
            | ((a as i32 == c) as i64) << 4
    }

    /// Compares wide holes with zero and each other. Every hole is also used as it is, so that none is lost.
    #[stencil(result(reg))]
    fn wide_tests(#[hole] a: u64, #[hole] b: i64, #[hole] c: usize, #[hole] d: isize) -> i64 {
        (a == 0) as i64
            | ((a == b as u64) as i64) << 1
            | ((b < 0) as i64) << 2
            | ((c as u64 > a) as i64) << 3
            | ((d as i64 == b) as i64) << 4
            | ((a & 7) as i64) << 5
            | ((d as i64) << 8)
    }

    /// Whether two wide holes are equal, beside what they hold.
    #[stencil(result(reg))]
    fn wide_same(#[hole] a: u64, #[hole] b: u64) -> i64 {
        (a == b) as i64 ^ (a.wrapping_mul(3).wrapping_add(b) << 1) as i64
    }

    /// Adds floating-point holes.
    #[stencil(result(reg))]
    fn float_holes(#[operand(reg)] base: f64, #[hole] a: f32, #[hole] b: f64) -> f64 {
        base + a as f64 * b
    }

    /// Stores, stores again, loads: two pointers may be the same, or overlap.
    ///
    /// # Safety
    /// Both pointers may be written through, and nothing else uses what they point to.
    #[stencil]
    unsafe fn store_store_load(value: i64, #[hole] p: *mut i64, #[hole] q: *mut i64) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { p.write_unaligned(value) };
        // SAFETY: as above.
        unsafe { q.write_unaligned(7) };
        // SAFETY: as above.
        unsafe { p.read_unaligned() }
    }

    /// Compares pointers with null, with each other and with an alignment.
    #[stencil(result(reg))]
    fn pointer_tests(#[hole] p: *const u64, #[hole] q: *const u64) -> i64 {
        p.is_null() as i64 | ((p == q) as i64) << 1 | (((p as usize) & 7) as i64) << 2 | (q as i64) << 8
    }

    /// Stores through the frame pointer between the reads of operands and the writes of results.
    ///
    /// # Safety
    /// The frame has a slot 0.
    #[stencil]
    unsafe fn frame_zero(fixed: &mut Fixed, value: i64) -> i64 {
        // SAFETY: the caller's contract.
        let before = unsafe { fixed.frame.read() };
        // SAFETY: as above.
        unsafe { fixed.frame.write(value as u64) };
        before as i64
    }

    /// Counts in the context.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil]
    unsafe fn count(fixed: &mut Fixed, by: i64) {
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(by as u64);
    }

    /// `dst = lhs / rhs`; leaves through `zero` or `overflow`.
    #[stencil]
    fn divide(lhs: i64, rhs: i64, zero: Exit, overflow: Exit) -> i64 {
        if rhs == 0 {
            exit!(zero)
        }
        match lhs.checked_div(rhs) {
            Some(quotient) => quotient,
            None => exit!(overflow),
        }
    }

    /// Jumps when `lhs < rhs`.
    #[stencil]
    fn jump_less(lhs: i64, rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }

    /// Jumps one of three ways.
    #[stencil(result(reg))]
    fn three_ways(#[operand(reg, slot)] value: f64, less: Label, more: Label) -> f64 {
        if value < 0.0 {
            jump!(less)
        }
        if value > 0.0 {
            jump!(more)
        }
        -value
    }

    /// Jumps.
    #[stencil]
    fn jump(to: Label) -> ! {
        jump!(to)
    }

    /// Sums `1..=n`, with a loop, a closure, a helper and a constant.
    #[stencil(result(reg))]
    fn looping(#[operand(reg)] n: i64) -> i64 {
        const LIMIT: i64 = 100;
        let step = |sum: i64, i: i64| sum.wrapping_add(twice(i));
        let mut sum = 0;
        for i in 0..(n & 63).min(LIMIT) {
            sum = step(sum, i);
        }
        sum
    }

    #[inline(always)]
    fn twice(value: i64) -> i64 {
        value.wrapping_mul(2)
    }

    /// Calls the host.
    ///
    /// # Safety
    /// `helper` takes any values.
    #[stencil(result(reg, slot))]
    unsafe fn call_host(value: i64, #[operand(reg)] scale: f64, #[hole] helper: HostFn<fn(i64, f64) -> i64>) -> i64 {
        // SAFETY: the caller's contract.
        unsafe { helper(value, scale) }
    }

    /// Calls other stitched code.
    #[stencil]
    fn call(callee: Callee) {
        call!(callee)
    }

    /// Counts, then calls other stitched code.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil]
    unsafe fn count_and_call(fixed: &mut Fixed, #[operand(reg)] by: i64, callee: Callee) {
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(by as u64);
        call!(callee)
    }

    /// Counts, then calls other stitched code: `dst` stays.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil(result(reg(..1)))]
    unsafe fn call_without_result(fixed: &mut Fixed, #[operand(reg)] by: i64, callee: Callee) -> i64 {
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(by as u64);
        call!(callee)
    }

    /// Returns.
    #[stencil]
    fn ret() -> ! {
        ret!()
    }

    /// Leaves to the host.
    #[stencil]
    fn leave() -> ! {
        leave!()
    }

    /// Results and operands that all have to be moved where there are more than two registers.
    #[stencil(result(reg(..2)))]
    fn narrow(#[operand(reg(..2))] lhs: i64, #[operand(reg(..2))] rhs: i64) -> (i64, i64) {
        (lhs.wrapping_sub(rhs), rhs.wrapping_mul(3))
    }

    /// More operands than there are registers in the portable convention.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil]
    unsafe fn count_three(fixed: &mut Fixed, a: i64, b: i64, c: i64) {
        let value = a.wrapping_mul(3).wrapping_add(b).wrapping_mul(5).wrapping_sub(c);
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(value as u64);
    }

    /// Counts, then returns when `by` is negative.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil(result(reg(..1)))]
    unsafe fn count_or_return(fixed: &mut Fixed, #[operand(reg(..1))] by: i64) -> i64 {
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(by as u64);
        if by < 0 {
            ret!()
        }
        by.wrapping_mul(7)
    }

    /// Counts, then leaves to the host when `by` is negative.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil(result(reg(..1)))]
    unsafe fn count_or_leave(fixed: &mut Fixed, #[operand(reg(..1))] by: i64) -> i64 {
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(by as u64);
        if by < 0 {
            leave!()
        }
        by.wrapping_mul(7)
    }

    /// Counts, then goes one of all ways that do not come back.
    ///
    /// # Safety
    /// The first fixed part points to a context, which nothing else uses.
    #[stencil]
    unsafe fn count_and_go(fixed: &mut Fixed, #[operand(reg(..1))] by: i64, less: Label, more: Exit) -> ! {
        // SAFETY: the caller's contract.
        let context = unsafe { &mut *fixed.ctx };
        context.counter = context.counter.wrapping_add(by as u64);
        if by < -1 {
            jump!(less)
        }
        if by > 1 {
            exit!(more)
        }
        if by == 0 { ret!() } else { leave!() }
    }

    /// `sum = a * 3 + c` in one stencil: `add` and `scaled`.
    #[fuse(add(sum: reg, a: reg, b: reg), scaled(out, sum, c))]
    fn add_scaled();

    /// `add`, `frame_zero` and `add`, which reads a slot again that may be slot 0.
    #[fuse(add(sum: reg, a: (reg, slot), b: reg), frame_zero(before: reg, sum), add(out: reg, a, before))]
    fn reload();

    /// `add`, then `jump_less`.
    #[fuse(add(i: reg, i, step: (reg, literal)), jump_less(i, limit: reg, head))]
    fn count_and_loop();

    /// Two ops that are also in the middle of a longer sequence, behind the end of a shorter one.
    #[fuse(scaled(x: reg, x, y: reg), sub_plus_five(x, x, y))]
    fn scaled_minus();

    /// Four ops, of which the first two are a fusion of their own in other places.
    #[fuse(add(x: reg, x, y: reg), scaled(x, x, y), sub_plus_five(x, x, y), jump_less(x, y, taken))]
    fn four();
}
