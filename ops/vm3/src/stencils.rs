//! The op set: one function per op, each written once. The interpreter calls these functions, and the build script
//! compiles them into stencils.

/// The op bodies, the machine they work on, and the emission of their stencils.
#[stencil_macros::stencils(table = "vm3", operand(reg, slot))]
pub mod ops {
    use core::cell::Cell;
    use core::sync::atomic::{AtomicUsize, Ordering};

    /// What stays in machine registers from one op to the next.
    #[machine]
    pub struct Machine {
        /// What the code shares with the host.
        ctx: *mut Context,
        /// The frame of the running function.
        #[frame]
        frame: *mut u64,
        /// Pinned i64 registers.
        #[bank(wide = 6, aarch64 = 6, riscv64 = 6)]
        ints: [i64; 4],
        /// Pinned f64 registers.
        #[bank]
        floats: [f64; 8],
    }

    /// How many i64 registers the machine has at most.
    pub const INTS: usize = 6;
    /// How many f64 registers the machine has.
    pub const FLOATS: usize = 8;

    /// What compiled code shares with the host.
    #[derive(Debug)]
    #[repr(C)]
    pub struct Context {
        anchor: Anchor,
        /// The lowest native stack pointer at which a call may be made or a loop go on. Another thread that wants the code
        /// to stop raises it.
        pub stack_limit: AtomicUsize,
        /// Why the code left: 0 when it has returned, else what [`note_exit`] or the host's helper stored.
        pub status: Cell<u64>,
        /// Where the code left to be resumed: the function's index, then 16 bits of position.
        pub place: Cell<u64>,
        /// Which pinned registers the host has to bring home before it resumes.
        pub flush: Cell<u64>,
        /// The frame that the code left.
        pub frame: Cell<*mut u64>,
        /// Which function was gone into by a tail call.
        pub callee: Cell<u64>,
        /// Which kind of return op ended the function, when it has several.
        pub returned: Cell<u64>,
        /// What a function returned, if an int.
        pub int: Cell<i64>,
        /// What it returned, if a float.
        pub float: Cell<f64>,
        /// The machine's registers at a moment when the host wants to know.
        pub ints: [Cell<i64>; INTS],
        /// The same.
        pub floats: [Cell<f64>; FLOATS],
        /// The host's own state, for its helper.
        pub host: Cell<*mut ()>,
    }

    impl Context {
        /// A context that no code uses yet.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                anchor: Anchor::new(),
                stack_limit: AtomicUsize::new(0),
                status: Cell::new(0),
                place: Cell::new(0),
                flush: Cell::new(0),
                frame: Cell::new(core::ptr::null_mut()),
                callee: Cell::new(0),
                returned: Cell::new(0),
                int: Cell::new(0),
                float: Cell::new(0.0),
                ints: [const { Cell::new(0) }; INTS],
                floats: [const { Cell::new(0.0) }; FLOATS],
                host: Cell::new(core::ptr::null_mut()),
            }
        }
    }

    impl Default for Context {
        fn default() -> Self {
            Self::new()
        }
    }

    /// The [`Context::status`] of code that left to be resumed by the interpreter.
    pub const RESUME: u64 = 1;
    /// The [`Context::status`] of code that left because the host's helper said so.
    pub const STOPPED: u64 = 2;

    /// `dst = lhs + rhs`, wrapping.
    #[must_use]
    #[stencil]
    fn add_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// `dst = lhs - rhs`, wrapping.
    #[must_use]
    #[stencil]
    fn sub_i64(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_sub(rhs)
    }

    /// `dst = lhs * rhs`, wrapping.
    #[must_use]
    #[stencil]
    fn mul_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64) -> i64 {
        lhs.wrapping_mul(rhs)
    }

    /// `dst = -src`, wrapping.
    #[must_use]
    #[stencil]
    fn neg_i64(src: i64) -> i64 {
        src.wrapping_neg()
    }

    /// `dst = lhs / rhs`, truncating; `MIN / -1` is `MIN`. A zero divisor leaves through `div_zero`.
    #[must_use]
    #[stencil]
    fn div_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, div_zero: Exit) -> i64 {
        let rhs = in_register(rhs);
        if rhs == 0 {
            exit!(div_zero)
        }
        if rhs == -1 { lhs.wrapping_neg() } else { lhs.wrapping_div(rhs) }
    }

    /// `dst = lhs % rhs` with the sign of `lhs`; `MIN % -1` is 0. A zero divisor leaves through `div_zero`.
    #[must_use]
    #[stencil]
    fn mod_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, div_zero: Exit) -> i64 {
        let rhs = in_register(rhs);
        if rhs == 0 {
            exit!(div_zero)
        }
        if rhs == -1 { 0 } else { lhs.wrapping_rem(rhs) }
    }

    /// The same value, of which the optimiser knows only what it finds out from here on: it does not carry over what it
    /// finds out about a literal.
    #[inline(always)]
    fn in_register(mut value: i64) -> i64 {
        // SAFETY: there is no instruction.
        unsafe { core::arch::asm!("/* {0} */", inout(reg) value, options(pure, nomem, nostack, preserves_flags)) }
        value
    }

    /// `dst = lhs + rhs`.
    #[must_use]
    #[stencil]
    fn add_f64(lhs: f64, rhs: f64) -> f64 {
        lhs + rhs
    }

    /// `dst = lhs - rhs`.
    #[must_use]
    #[stencil]
    fn sub_f64(lhs: f64, rhs: f64) -> f64 {
        lhs - rhs
    }

    /// `dst = lhs * rhs`.
    #[must_use]
    #[stencil]
    fn mul_f64(lhs: f64, rhs: f64) -> f64 {
        lhs * rhs
    }

    /// `dst = lhs / rhs`.
    #[must_use]
    #[stencil]
    fn div_f64(lhs: f64, rhs: f64) -> f64 {
        lhs / rhs
    }

    /// `dst` = `src` with its sign bit flipped, also of a NaN.
    #[must_use]
    #[stencil]
    fn neg_f64(src: f64) -> f64 {
        -src
    }

    /// `dst` = the square root of `src`, correctly rounded.
    #[must_use]
    #[stencil]
    fn sqrt_f64(src: f64) -> f64 {
        Float::sqrt(src)
    }

    /// `dst = lhs * rhs + addend`, rounded once, by a function of the host. Three operands and a result that is none of
    /// them can only be reached through as many registers.
    #[must_use]
    #[stencil(result(reg(..4)))]
    fn fma_f64(
        #[operand(reg(..3))] lhs: f64,
        #[operand(reg(..3))] rhs: f64,
        #[operand(reg(..3))] addend: f64,
        #[hole] fma: HostFn<fn(f64, f64, f64) -> f64>,
    ) -> f64 {
        // SAFETY: the host gives a function that takes any three floats.
        unsafe { fma(lhs, rhs, addend) }
    }

    /// The same by an instruction: only for processors that have it, which on x86-64 not all have.
    #[must_use]
    #[stencil(result(reg(..4)))]
    fn fuse_f64(#[operand(reg(..4))] lhs: f64, #[operand(reg(..4))] rhs: f64, #[operand(reg(..4))] addend: f64) -> f64 {
        fused(lhs, rhs, addend)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn fused(mut lhs: f64, rhs: f64, addend: f64) -> f64 {
        // SAFETY: whoever chooses the op knows that the processor has the instruction, which only changes one register.
        unsafe {
            core::arch::asm!(
                "vfmadd213sd {0}, {1}, {2}", inout(xmm_reg) lhs, in(xmm_reg) rhs, in(xmm_reg) addend,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        lhs
    }

    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    fn fused(lhs: f64, rhs: f64, addend: f64) -> f64 {
        let sum;
        // SAFETY: reads three registers and writes one, nothing else.
        unsafe {
            core::arch::asm!(
                "fmadd {0:d}, {1:d}, {2:d}, {3:d}", out(vreg) sum, in(vreg) lhs, in(vreg) rhs, in(vreg) addend,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        sum
    }

    #[cfg(target_arch = "riscv64")]
    #[inline(always)]
    fn fused(lhs: f64, rhs: f64, addend: f64) -> f64 {
        let sum;
        // SAFETY: reads three registers and writes one, nothing else.
        unsafe {
            core::arch::asm!(
                "fmadd.d {0}, {1}, {2}, {3}", out(freg) sum, in(freg) lhs, in(freg) rhs, in(freg) addend,
                options(pure, nomem, nostack)
            );
        }
        sum
    }

    /// `dst` = `src` rounded to the nearest float, ties to even.
    #[must_use]
    #[stencil]
    fn i64_to_f64(src: i64) -> f64 {
        widen(src)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn widen(src: i64) -> f64 {
        let float;
        // The instruction leaves half of its register as it was, and so would wait for whatever wrote that last. The
        // compiler knows nothing of what comes before a stencil.
        // SAFETY: reads one register and writes another, nothing else.
        unsafe {
            core::arch::asm!(
                "xorps {0}, {0}", "cvtsi2sd {0}, {1}", out(xmm_reg) float, in(reg) src,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        float
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[inline(always)]
    fn widen(src: i64) -> f64 {
        src as f64
    }

    /// `dst` = `src` truncated. What an i64 cannot hold (NaN, infinities, 2⁶³ and beyond) gives `i64::MIN`, as x86-64's
    /// conversion does, on every architecture.
    #[must_use]
    #[stencil]
    fn f64_to_i64(src: f64) -> i64 {
        truncate(src)
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn truncate(src: f64) -> i64 {
        let int;
        // SAFETY: reads one register and writes another, nothing else.
        unsafe {
            core::arch::asm!("cvttsd2si {}, {}", out(reg) int, in(xmm_reg) src, options(pure, nomem, nostack, preserves_flags))
        }
        int
    }

    #[cfg(not(target_arch = "x86_64"))]
    #[inline(always)]
    fn truncate(src: f64) -> i64 {
        // `as` saturates: what lies below the range is `MIN` already.
        if src < 9_223_372_036_854_775_808.0 { src as i64 } else { i64::MIN }
    }

    /// Jumps to `taken` when `lhs == rhs`, else falls through.
    #[must_use]
    #[stencil]
    fn jump_eq_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, taken: Label) {
        if lhs == rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs != rhs`, else falls through.
    #[must_use]
    #[stencil]
    fn jump_ne_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, taken: Label) {
        if lhs != rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs < rhs`, else falls through.
    #[must_use]
    #[stencil]
    fn jump_lt_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs <= rhs`, else falls through.
    #[must_use]
    #[stencil]
    fn jump_le_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, taken: Label) {
        if lhs <= rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs > rhs`, else falls through.
    #[must_use]
    #[stencil]
    fn jump_gt_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, taken: Label) {
        if lhs > rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs >= rhs`, else falls through.
    #[must_use]
    #[stencil]
    fn jump_ge_i64(lhs: i64, #[operand(reg, slot, literal)] rhs: i64, taken: Label) {
        if lhs >= rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs == rhs`, else falls through. A NaN on either side falls through.
    #[must_use]
    #[stencil]
    fn jump_eq_f64(lhs: f64, rhs: f64, taken: Label) {
        if lhs == rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs != rhs`, else falls through. A NaN on either side counts as different.
    #[must_use]
    #[stencil]
    fn jump_ne_f64(lhs: f64, rhs: f64, taken: Label) {
        if lhs != rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs < rhs`, else falls through. A NaN on either side falls through.
    #[must_use]
    #[stencil]
    fn jump_lt_f64(lhs: f64, rhs: f64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs <= rhs`, else falls through. A NaN on either side falls through.
    #[must_use]
    #[stencil]
    fn jump_le_f64(lhs: f64, rhs: f64, taken: Label) {
        if lhs <= rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs > rhs`, else falls through. A NaN on either side falls through.
    #[must_use]
    #[stencil]
    fn jump_gt_f64(lhs: f64, rhs: f64, taken: Label) {
        if lhs > rhs {
            jump!(taken)
        }
    }

    /// Jumps to `taken` when `lhs >= rhs`, else falls through. A NaN on either side falls through.
    #[must_use]
    #[stencil]
    fn jump_ge_f64(lhs: f64, rhs: f64, taken: Label) {
        if lhs >= rhs {
            jump!(taken)
        }
    }

    /// `dst = table[index]`. An index outside `0..length` leaves through `out_of_range`.
    ///
    /// `table` points to `length` ints that live and that nobody writes while the op can run.
    #[must_use]
    #[stencil]
    fn lookup_i64(index: i64, #[hole] table: *const i64, #[hole] length: u64, out_of_range: Exit) -> i64 {
        if index.cast_unsigned() >= length {
            exit!(out_of_range)
        }
        let entry = table.wrapping_add(index.cast_unsigned() as usize);
        // SAFETY: the index is below the length, so the entry lies in the table that was vouched for.
        unsafe { *entry }
    }

    /// Leaves through `stop` when the native stack has no room for another call, or another thread asked the code to stop.
    #[must_use]
    #[stencil]
    fn poll(fixed: &mut Fixed, stop: Exit) {
        // SAFETY: the context is valid while compiled code runs.
        let limit = unsafe { &(*fixed.ctx).stack_limit };
        if stack_pointer() < limit.load(Ordering::Relaxed) {
            exit!(stop)
        }
    }

    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    fn stack_pointer() -> usize {
        let pointer;
        // SAFETY: reads one register and writes another, nothing else.
        unsafe { core::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags)) }
        pointer
    }

    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    fn stack_pointer() -> usize {
        let pointer;
        // SAFETY: reads one register and writes another, nothing else.
        unsafe { core::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) }
        pointer
    }

    #[cfg(target_arch = "riscv64")]
    #[inline(always)]
    fn stack_pointer() -> usize {
        let pointer;
        // SAFETY: reads one register and writes another, nothing else.
        unsafe { core::arch::asm!("mv {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) }
        pointer
    }

    /// Calls the function at `callee` with its frame `bytes` above this one. It comes back with that frame.
    #[stencil]
    fn call(fixed: &mut Fixed, #[operand(reg(..1), literal)] bytes: i64, callee: Callee) {
        fixed.frame = fixed.frame.wrapping_byte_offset(bytes as isize);
        call!(callee)
    }

    /// Calls the function at `callee` with this frame as its frame.
    #[stencil]
    fn call_in_place(callee: Callee) {
        call!(callee)
    }

    /// Goes to the frame that starts `bytes` from this one.
    #[stencil]
    fn move_frame(fixed: &mut Fixed, #[operand(reg(..1), literal)] bytes: i64) {
        fixed.frame = fixed.frame.wrapping_byte_offset(bytes as isize);
    }

    /// Says which function a tail call goes to, for the host if that is interpreted.
    #[stencil]
    fn set_callee(fixed: &mut Fixed, #[hole] callee: u32) {
        // SAFETY: the context is valid while compiled code runs.
        unsafe { (*fixed.ctx).callee.set(callee as u64) };
    }

    /// Has the host run a function in this frame. Leaves when that did not return.
    #[stencil]
    fn run_on_host(fixed: &mut Fixed, #[hole] helper: HostFn<fn(*mut Context, *mut u64) -> u64>) {
        // SAFETY: the host gives a function that takes these; context and frame are valid while compiled code runs.
        if unsafe { helper(fixed.ctx, fixed.frame) } != 0 {
            leave!()
        }
    }

    /// Shows the host an i64 register; `index` is below [`INTS`].
    #[stencil]
    fn show_int(fixed: &mut Fixed, #[hole] index: u32, #[operand(reg)] int: i64) {
        // SAFETY: the context is valid while compiled code runs.
        let ints = unsafe { &raw const (*fixed.ctx).ints }.cast::<Cell<i64>>();
        // SAFETY: the index is that of one of them.
        unsafe { (*ints.wrapping_add(index as usize)).set(int) };
    }

    /// Shows the host an f64 register; `index` is below [`FLOATS`].
    #[stencil]
    fn show_float(fixed: &mut Fixed, #[hole] index: u32, #[operand(reg)] float: f64) {
        // SAFETY: the context is valid while compiled code runs.
        let floats = unsafe { &raw const (*fixed.ctx).floats }.cast::<Cell<f64>>();
        // SAFETY: the index is that of one of them.
        unsafe { (*floats.wrapping_add(index as usize)).set(float) };
    }

    /// `dst` = what the host's helper returned, if an int.
    #[stencil(result(reg(..1)))]
    fn take_int(fixed: &mut Fixed) -> i64 {
        // SAFETY: the context is valid while compiled code runs.
        unsafe { (*fixed.ctx).int.get() }
    }

    /// `dst` = what the host's helper returned, if a float.
    #[stencil(result(reg(..1)))]
    fn take_float(fixed: &mut Fixed) -> f64 {
        // SAFETY: the context is valid while compiled code runs.
        unsafe { (*fixed.ctx).float.get() }
    }

    /// Returns from a function.
    #[stencil]
    fn ret() -> ! {
        ret!()
    }

    /// Says which kind of return op comes.
    #[stencil]
    fn set_returned(fixed: &mut Fixed, #[hole] kind: u32) {
        // SAFETY: the context is valid while compiled code runs.
        unsafe { (*fixed.ctx).returned.set(kind as u64) };
    }

    /// Jumps to `taken` when the function that was just called ended with a return op of this kind.
    #[must_use]
    #[stencil]
    fn jump_returned(fixed: &mut Fixed, #[hole] kind: u32, taken: Label) {
        // SAFETY: the context is valid while compiled code runs.
        if unsafe { (*fixed.ctx).returned.get() } == kind as u64 {
            jump!(taken)
        }
    }

    /// Gives the host what an entered function returned.
    #[stencil]
    fn give(fixed: &mut Fixed, #[operand(reg(..1))] int: i64, #[operand(reg(..1))] float: f64) {
        // SAFETY: the context is valid while compiled code runs.
        unsafe { (*fixed.ctx).int.set(int) };
        // SAFETY: as above.
        unsafe { (*fixed.ctx).float.set(float) };
    }

    /// Says that the interpreter is to go on at `place` of this frame, after the pinned registers of the set `flush` were
    /// brought home.
    #[stencil]
    fn note_exit(fixed: &mut Fixed, #[hole] place: u32, #[hole] flush: u32) {
        // SAFETY: the context is valid while compiled code runs.
        unsafe { (*fixed.ctx).status.set(RESUME) };
        // SAFETY: as above.
        unsafe { (*fixed.ctx).place.set(place as u64) };
        // SAFETY: as above.
        unsafe { (*fixed.ctx).flush.set(flush as u64) };
        // SAFETY: as above.
        unsafe { (*fixed.ctx).frame.set(fixed.frame) };
    }

    /// Leaves to the host.
    #[stencil]
    fn leave() -> ! {
        leave!()
    }

    /// Sets the `count` slots from byte `start` of the frame on to zero; there is at least one.
    #[stencil]
    fn zero_slots(fixed: &mut Fixed, #[hole] start: u32, #[hole] count: u32) {
        let first = fixed.frame.wrapping_byte_add(start as usize);
        let end = first.wrapping_add(count as usize);
        let mut slot = first;
        while slot != end {
            // SAFETY: the slots lie in the frame. Volatile, or the loop would become a call of `memset`.
            unsafe { slot.write_volatile(0) };
            slot = slot.wrapping_add(1);
        }
    }

    /// Copies the `count` slots from byte `from` of the frame on to those from byte `to` on, the first one first; there
    /// is at least one.
    #[stencil]
    fn copy_slots(fixed: &mut Fixed, #[hole] from: u32, #[hole] to: u32, #[hole] count: u32) {
        let mut source = fixed.frame.wrapping_byte_add(from as usize);
        let mut target = fixed.frame.wrapping_byte_add(to as usize);
        let end = source.wrapping_add(count as usize);
        while source != end {
            // SAFETY: the slots lie in this frame and the one above it.
            let word = unsafe { source.read() };
            // SAFETY: as above. Volatile, or the loop would become a call of `memmove`.
            unsafe { target.write_volatile(word) };
            source = source.wrapping_add(1);
            target = target.wrapping_add(1);
        }
    }
}

use stencil_runtime::TableSet;

/// The tables of the op set, the best first.
pub static TABLES: TableSet<ops::Machine> = stencil_macros::tables!(ops::Machine, "vm3");

#[cfg(test)]
mod tests;
