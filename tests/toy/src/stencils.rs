//! The ops that programs are compiled to. The interpreter calls the same functions.

/// The op set.
#[stencil_macros::stencils(table = "brainfuck", operand(reg))]
pub mod ops {
    /// What stays in machine registers from one op to the next.
    #[machine]
    pub struct Machine {
        /// What is rarely needed.
        ctx: *mut Context,
        /// The first of `CELLS` cells.
        tape: *mut u8,
        /// Which cell the head is at, always below `CELLS`.
        #[bank]
        heads: [usize; 1],
    }

    /// What the machine's first part points to.
    #[derive(Debug)]
    #[repr(C)]
    pub struct Context {
        /// The toolkit's own.
        pub anchor: Anchor,
        /// How often loops may still go round.
        pub fuel: u64,
        /// The number of the fault that stopped the program; no fault has the number it starts with.
        pub fault: usize,
        /// What `read` and `write` hand to the host.
        pub host: *mut (),
    }

    /// How many cells the tape has.
    pub const CELLS: usize = 30_000;

    /// The cell at the head.
    ///
    /// # Safety
    /// The fixed parts are those of a run, and the head is on the tape.
    #[inline(always)]
    unsafe fn cell(fixed: &mut Fixed, head: usize) -> &mut u8 {
        // SAFETY: the head is on the tape, which nothing but the op that runs uses.
        unsafe { &mut *fixed.tape.wrapping_add(head) }
    }

    /// What is rarely needed.
    ///
    /// # Safety
    /// The fixed parts are those of a run.
    #[inline(always)]
    unsafe fn context(fixed: &mut Fixed) -> &mut Context {
        // SAFETY: the context is valid for the whole run, and nothing but the op that runs uses it.
        unsafe { &mut *fixed.ctx }
    }

    /// Adds `n` to the cell, modulo 256.
    ///
    /// # Safety
    /// The fixed parts are those of a run, and the head is on the tape.
    #[stencil]
    unsafe fn add(fixed: &mut Fixed, head: usize, #[hole] n: u8) {
        // SAFETY: the caller's contract.
        let cell = unsafe { cell(fixed, head) };
        *cell = cell.wrapping_add(n);
    }

    /// Moves the head `by` cells to the right, unless it would leave the tape.
    #[stencil]
    fn step(head: usize, #[hole] by: i32, overrun: Exit) -> usize {
        let head = head.wrapping_add_signed(by as isize);
        if head >= CELLS {
            exit!(overrun)
        }
        head
    }

    /// Begins a loop: goes on at `end` when the cell is 0.
    ///
    /// # Safety
    /// The fixed parts are those of a run, and the head is on the tape.
    #[stencil]
    unsafe fn open(fixed: &mut Fixed, head: usize, end: Label) {
        // SAFETY: the caller's contract.
        if *unsafe { cell(fixed, head) } == 0 {
            jump!(end)
        }
    }

    /// Ends a loop: goes on at `start` when the cell is not 0, as long as there is fuel.
    ///
    /// # Safety
    /// The fixed parts are those of a run, and the head is on the tape.
    #[stencil]
    unsafe fn close(fixed: &mut Fixed, head: usize, start: Label, spent: Exit) {
        // SAFETY: the caller's contract.
        if *unsafe { cell(fixed, head) } != 0 {
            // SAFETY: as above.
            let context = unsafe { context(fixed) };
            let Some(rest) = context.fuel.checked_sub(1) else { exit!(spent) };
            context.fuel = rest;
            jump!(start)
        }
    }

    /// `add`, then `close`.
    #[fuse(add(head, n), close(head, start, spent))]
    fn add_close();

    /// Hands the cell to the host.
    ///
    /// # Safety
    /// The fixed parts are those of a run, the head is on the tape, and `put` takes the `host` of the context.
    #[stencil]
    unsafe fn write(fixed: &mut Fixed, head: usize, #[hole] put: HostFn<fn(*mut (), u8)>) {
        // SAFETY: the caller's contract.
        let host = unsafe { context(fixed) }.host;
        // SAFETY: as above.
        let cell = unsafe { cell(fixed, head) };
        // SAFETY: as above.
        unsafe { put(host, *cell) }
    }

    /// Replaces the cell by what the host makes of it.
    ///
    /// # Safety
    /// The fixed parts are those of a run, the head is on the tape, and `get` takes the `host` of the context.
    #[stencil]
    unsafe fn read(fixed: &mut Fixed, head: usize, #[hole] get: HostFn<fn(*mut (), u8) -> u8>) {
        // SAFETY: the caller's contract.
        let host = unsafe { context(fixed) }.host;
        // SAFETY: as above.
        let cell = unsafe { cell(fixed, head) };
        // SAFETY: as above.
        *cell = unsafe { get(host, *cell) };
    }

    /// Stops the program with a fault.
    ///
    /// # Safety
    /// The fixed parts are those of a run.
    #[stencil]
    unsafe fn stop(fixed: &mut Fixed, #[hole] fault: usize) -> ! {
        // SAFETY: the caller's contract.
        unsafe { context(fixed) }.fault = fault;
        leave!()
    }
}
