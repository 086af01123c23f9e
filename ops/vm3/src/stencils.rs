//! The op set: one function per op, each written once. The interpreter calls these functions, and the build script
//! compiles them into stencils.

/// The op bodies, the machine they work on, and the emission of their stencils.
#[stencil_macros::stencils(table = "vm3", operand(reg, slot))]
pub mod ops {
    use core::cell::Cell;
    use core::sync::atomic::AtomicUsize;

    /// What stays in machine registers from one op to the next.
    ///
    /// The fixed parts are *valid* where `ctx` points to a [`Context`] whose arenas are those of the heap as it is, and `frame`
    /// to the frame of the function that runs, in which all slots that an op names lie; nothing else uses these or the heap
    /// meanwhile, but that other threads may raise the stack's limit. They are while compiled code runs. A *view* of a list or
    /// a map is what [`view_list`] or [`view_map`] gave, since when none was added or dropped.
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
        /// The arenas of the heap, as they are while no host function runs.
        pub arenas: Cell<Arenas>,
        /// What a view of a slot that does not exist is of: nothing is in it, and there is no room in it.
        missing: [u64; 5],
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
        /// What a function returned, if an int or a cell.
        pub int: Cell<i64>,
        /// What it returned, if a float.
        pub float: Cell<f64>,
        /// The machine's registers at a moment when the host wants to know.
        pub ints: [Cell<i64>; INTS],
        /// The same.
        pub floats: [Cell<f64>; FLOATS],
        /// The host's own state, for its helpers.
        pub host: Cell<*mut ()>,
        /// How many ops a metered run may still execute.
        pub fuel: Cell<u64>,
    }

    impl Context {
        /// A context that no code uses yet.
        #[must_use]
        pub const fn new() -> Self {
            Self {
                anchor: Anchor::new(),
                stack_limit: AtomicUsize::new(0),
                arenas: Cell::new(Arenas::NONE),
                missing: [0; 5],
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
                fuel: Cell::new(0),
            }
        }
    }

    impl Default for Context {
        fn default() -> Self {
            Self::new()
        }
    }

    /// The arenas of a heap. Whatever allocates or frees slots makes this out of date.
    #[derive(Clone, Copy, Debug)]
    #[repr(C)]
    pub struct Arenas {
        /// Lists of cells.
        pub lists: Slots<Vector<u64>>,
        /// Maps from int to int.
        pub maps: Slots<Table<Vector<Entry>>>,
        /// Byte strings.
        pub strings: Slots<Vector<u8>>,
    }

    impl Arenas {
        /// No arenas: for a context that no code uses.
        pub const NONE: Self = Self { lists: Slots::NONE, maps: Slots::NONE, strings: Slots::NONE };
    }

    /// The slots of an arena. A cell names one by its low 32 bits.
    #[derive(Debug)]
    #[repr(C)]
    pub struct Slots<S> {
        /// The first one.
        pub start: *mut Slot<S>,
        /// How many of them there are.
        pub length: usize,
    }

    impl<S> Clone for Slots<S> {
        fn clone(&self) -> Self {
            *self
        }
    }

    impl<S> Copy for Slots<S> {}

    impl<S> Slots<S> {
        /// No slots.
        const NONE: Self = Self { start: core::ptr::null_mut(), length: 0 };
    }

    /// A slot of an arena. Compiled code looks at nothing but its storage.
    #[derive(Debug, Default)]
    #[repr(C)]
    pub struct Slot<S> {
        /// What the slot stores.
        pub storage: S,
        /// A handle to the slot carries the low 12 bits of the generation it was allocated in.
        pub generation: u16,
        /// Allocated, and not swept since.
        pub alive: bool,
        /// Found reachable by the collection that is running.
        pub marked: bool,
    }

    /// A row of values in memory of its own.
    #[derive(Debug)]
    #[repr(C)]
    pub struct Vector<T> {
        /// The first one.
        pub start: *mut T,
        /// How many there are.
        pub length: usize,
        /// How many there is room for.
        pub capacity: usize,
    }

    /// A map: open addressing with linear probing, nothing is ever removed.
    #[derive(Debug, Default)]
    #[repr(C)]
    pub struct Table<V> {
        /// None, or a power of two of entries, of which at least half are free.
        pub entries: V,
        /// How many of them are not free.
        pub live: usize,
    }

    /// An entry of a map's table.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    #[repr(C)]
    pub struct Entry {
        /// The hash of the key; 0 where there is no entry.
        pub hash: u64,
        /// The key, boxed.
        pub key: u64,
        /// The value, boxed.
        pub value: u64,
    }

    /// The hash of a map's key: the splitmix64 finaliser with the lowest bit set, so never 0.
    #[inline(always)]
    #[must_use]
    pub const fn hash(key: i64) -> u64 {
        let mut bits = key.cast_unsigned();
        bits = (bits ^ bits >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ bits >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (bits ^ bits >> 31) | 1
    }

    /// The top 16 bits of an inline string.
    pub const TAG_STRING: u64 = 0xfff9;
    /// The top 16 bits of a boxed int.
    pub const TAG_INT: u64 = 0xfffa;
    /// The number of the string arena in a handle.
    pub const STRINGS: u64 = 0;
    /// The number of the list arena in a handle.
    pub const LISTS: u64 = 1;

    /// The cell of an int: keeps the low 48 bits.
    #[inline(always)]
    #[must_use]
    pub const fn boxed_int(value: i64) -> u64 {
        (value.cast_unsigned() << 16 | TAG_INT).rotate_right(16)
    }

    /// The same in instructions that are cheap on every processor, and short.
    #[inline(always)]
    fn box_quickly(value: i64) -> u64 {
        in_register(value << 16 | TAG_INT.cast_signed()).cast_unsigned().rotate_right(16)
    }

    /// The int of a cell: the low 48 bits with their sign, whatever the tag says.
    #[inline(always)]
    #[must_use]
    pub const fn unboxed_int(cell: u64) -> i64 {
        (cell << 16).cast_signed() >> 16
    }

    /// The cell of a float: its bits, but every NaN becomes the same one.
    #[inline(always)]
    #[must_use]
    pub const fn boxed_float(value: f64) -> u64 {
        if value.is_nan() { 0x7ff8_0000_0000_0000 } else { value.to_bits() }
    }

    /// The number of an arena, if `cell` is a handle.
    #[inline(always)]
    const fn arena_of(cell: i64) -> u64 {
        cell.cast_unsigned() >> 44 & 0xf
    }

    /// The length of an inline string, and its bytes, the first one lowest; `None` for any other cell.
    #[inline(always)]
    const fn inline_string(cell: i64) -> Option<(u64, u64)> {
        let bits = cell.cast_unsigned();
        if bits >> 48 != TAG_STRING {
            return None;
        }
        let length = inline_length(bits);
        Some((length, bits & 1_u64.wrapping_shl(8 * length as u32).wrapping_sub(1)))
    }

    /// The length of what is an inline string: a field beyond 5 counts as 5.
    #[inline(always)]
    const fn inline_length(bits: u64) -> u64 {
        let length = bits >> 40 & 0xf;
        if length > 5 { 5 } else { length }
    }

    /// The arenas that the code works on.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[inline(always)]
    unsafe fn arenas(fixed: &Fixed) -> &Arenas {
        // SAFETY: the fixed parts are valid.
        let arenas = unsafe { (*fixed.ctx).arenas.as_ptr() };
        // SAFETY: no op writes to them.
        unsafe { &*arenas }
    }

    /// The slot that a cell names, if there is one.
    #[inline(always)]
    fn slot_of<S>(slots: &Slots<S>, cell: i64) -> Option<*mut Slot<S>> {
        let index = cell as u32 as usize;
        if index < slots.length { Some(address(slots.start.wrapping_add(index))) } else { None }
    }

    /// The slot that a view is of.
    #[inline(always)]
    const fn viewed<S>(view: i64) -> *mut Slot<S> {
        core::ptr::with_exposed_provenance_mut(view as usize)
    }

    /// The view of a slot, or of what stands for a missing one.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[inline(always)]
    unsafe fn view_of<S>(fixed: &Fixed, slots: &Slots<S>, cell: i64) -> i64 {
        let index = cell as u32 as usize;
        // SAFETY: the fixed parts are valid.
        let missing = unsafe { &raw const (*fixed.ctx).missing };
        let slot: *const Slot<S> = if index < slots.length { slots.start.wrapping_add(index) } else { missing.cast() };
        slot.expose_provenance() as i64
    }

    /// The same address, computed once: the optimiser does not take it apart for each access.
    #[allow(clippy::pointers_in_nomem_asm_block, reason = "the address is passed on, nothing is read through it")]
    #[inline(always)]
    fn address<T>(pointer: *mut T) -> *mut T {
        let mut pointer: *mut () = pointer.cast();
        // SAFETY: there is no instruction.
        unsafe { core::arch::asm!("/* {0} */", inout(reg) pointer, options(pure, nomem, nostack, preserves_flags)) }
        pointer.cast()
    }

    /// Where element `index` of `list` is, if there are such a list and such an element.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[inline(always)]
    unsafe fn element_of(fixed: &Fixed, list: i64, index: i64) -> Option<*mut u64> {
        // SAFETY: the fixed parts are valid.
        let slot = slot_of(&unsafe { arenas(fixed) }.lists, list)?;
        // SAFETY: the slot is one of the arena.
        unsafe { element_in(slot, index) }
    }

    /// Where element `index` of the list in a slot is, if there is such an element.
    ///
    /// # Safety
    /// `slot` is one of the arena, or what stands for a missing one, and nothing else uses the heap meanwhile.
    #[inline(always)]
    unsafe fn element_in(slot: *mut Slot<Vector<u64>>, index: i64) -> Option<*mut u64> {
        // SAFETY: the slot is one, and nothing writes it meanwhile.
        let elements = unsafe { &(*slot).storage };
        let index = index.cast_unsigned() as usize;
        if index < elements.length { Some(elements.start.wrapping_add(index)) } else { None }
    }

    /// The entry of a map that has `key`, or the free one where it would stand.
    ///
    /// # Safety
    /// The entries are valid, a power of two, and one of them is free.
    #[inline(always)]
    unsafe fn entry_of(entries: &Vector<Entry>, key: i64, hash: u64) -> *mut Entry {
        let mask = entries.length.wrapping_sub(1);
        let mut index = hash as u32 as usize & mask;
        loop {
            let entry = entries.start.wrapping_add(index);
            // SAFETY: the mask keeps the index below the length.
            let Entry { hash: found, key: boxed, .. } = unsafe { *entry };
            if found == 0 || found == hash && unboxed_int(boxed) == key {
                return entry;
            }
            index = index.wrapping_add(1) & mask;
        }
    }

    /// The slots of a frame that hold its region, if it keeps one: those after its header.
    pub const REGION: usize = 1;

    /// A region as it stands in a frame: how long the arenas were when it began.
    #[inline(always)]
    #[must_use]
    pub const fn region_words(strings: u32, lists: u32, maps: u32) -> [u64; 2] {
        [strings as u64 | (lists as u64) << 32, maps as u64]
    }

    /// The region that would begin now.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[inline(always)]
    unsafe fn region_now(fixed: &Fixed) -> [u64; 2] {
        // SAFETY: the fixed parts are valid.
        let Arenas { lists, maps, strings } = unsafe { arenas(fixed) };
        region_words(strings.length as u32, lists.length as u32, maps.length as u32)
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

    /// `dst` = the product's high half, shifted right by `shift`, plus 1 when `lhs` is negative: `lhs` divided by the constant
    /// of which `magic` and `shift` are made.
    #[must_use]
    #[stencil(result(reg))]
    fn div_by(#[operand(reg)] lhs: i64, #[hole] magic: i64, #[hole] shift: u8) -> i64 {
        quotient(lhs, high_half(lhs, magic), shift)
    }

    /// The same for a constant whose factor has 64 bits: that is `magic + 2⁶⁴`.
    #[must_use]
    #[stencil(result(reg))]
    fn div_by_wide(#[operand(reg)] lhs: i64, #[hole] magic: i64, #[hole] shift: u8) -> i64 {
        quotient(lhs, high_half(lhs, magic).wrapping_add(lhs), shift)
    }

    /// `dst = lhs % divisor`, the quotient found as [`div_by`] does.
    #[must_use]
    #[stencil(result(reg))]
    fn mod_by(#[operand(reg)] lhs: i64, #[hole] magic: i64, #[hole] shift: u8, #[hole] divisor: i64) -> i64 {
        lhs.wrapping_sub(quotient(lhs, high_half(lhs, magic), shift).wrapping_mul(divisor))
    }

    /// `dst = lhs % divisor`, the quotient found as [`div_by_wide`] does.
    #[must_use]
    #[stencil(result(reg))]
    fn mod_by_wide(#[operand(reg)] lhs: i64, #[hole] magic: i64, #[hole] shift: u8, #[hole] divisor: i64) -> i64 {
        let high = high_half(lhs, magic).wrapping_add(lhs);
        lhs.wrapping_sub(quotient(lhs, high, shift).wrapping_mul(divisor))
    }

    /// `dst = lhs / 2ˢʰⁱᶠᵗ`, truncating; `mask` is 1 less than that power.
    #[must_use]
    #[stencil(result(reg))]
    fn div_by_power(#[operand(reg)] lhs: i64, #[hole] mask: u32, #[hole] shift: u8) -> i64 {
        lhs.wrapping_add(lhs >> 63 & mask as i64).wrapping_shr(shift as u32)
    }

    /// `dst = lhs % (mask + 1)` with the sign of `lhs`, where that is a power of two.
    #[must_use]
    #[stencil(result(reg))]
    fn mod_by_power(#[operand(reg)] lhs: i64, #[hole] mask: u32) -> i64 {
        let bias = lhs >> 63 & mask as i64;
        (lhs.wrapping_add(bias) & mask as i64).wrapping_sub(bias)
    }

    /// The high half of a product.
    #[inline(always)]
    const fn high_half(lhs: i64, rhs: i64) -> i64 {
        ((lhs as i128 * rhs as i128) >> 64) as i64
    }

    /// The quotient of `lhs` by a constant, of whose product `high` is.
    #[inline(always)]
    const fn quotient(lhs: i64, high: i64, shift: u8) -> i64 {
        high.wrapping_shr(shift as u32).wrapping_add((lhs < 0) as i64)
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
    ///
    /// # Safety
    /// `fma` takes any three floats.
    #[must_use]
    #[stencil(result(reg(..4)))]
    unsafe fn fma_f64(
        #[operand(reg(..3))] lhs: f64,
        #[operand(reg(..3))] rhs: f64,
        #[operand(reg(..3))] addend: f64,
        #[hole] fma: HostFn<fn(f64, f64, f64) -> f64>,
    ) -> f64 {
        // SAFETY: the function takes any three floats.
        unsafe { fma(lhs, rhs, addend) }
    }

    /// The same by an instruction: only for processors that have it, which on x86-64 not all have.
    ///
    /// # Safety
    /// The processor has the instruction.
    #[must_use]
    #[stencil(result(reg(..4)))]
    unsafe fn fuse_f64(
        #[operand(reg(..4))] lhs: f64,
        #[operand(reg(..4))] rhs: f64,
        #[operand(reg(..4))] addend: f64,
    ) -> f64 {
        // SAFETY: the processor has the instruction.
        unsafe { fused(lhs, rhs, addend) }
    }

    /// `lhs * rhs + addend`, rounded once.
    ///
    /// # Safety
    /// The processor has the instruction.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn fused(mut lhs: f64, rhs: f64, addend: f64) -> f64 {
        // SAFETY: the processor has the instruction, which only changes one register.
        unsafe {
            core::arch::asm!(
                "vfmadd213sd {0}, {1}, {2}", inout(xmm_reg) lhs, in(xmm_reg) rhs, in(xmm_reg) addend,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        lhs
    }

    /// `lhs * rhs + addend`, rounded once.
    ///
    /// # Safety
    /// The processor has the instruction.
    #[cfg(target_arch = "aarch64")]
    #[inline(always)]
    unsafe fn fused(lhs: f64, rhs: f64, addend: f64) -> f64 {
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

    /// `lhs * rhs + addend`, rounded once.
    ///
    /// # Safety
    /// The processor has the instruction.
    #[cfg(target_arch = "riscv64")]
    #[inline(always)]
    unsafe fn fused(lhs: f64, rhs: f64, addend: f64) -> f64 {
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
    /// # Safety
    /// `table` points to `length` ints that live and that nobody writes meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn lookup_i64(index: i64, #[hole] table: *const i64, #[hole] length: u64, out_of_range: Exit) -> i64 {
        if index.cast_unsigned() >= length {
            exit!(out_of_range)
        }
        let entry = table.wrapping_add(index.cast_unsigned() as usize);
        // SAFETY: the index is below the length, so the entry lies in the table.
        unsafe { *entry }
    }

    /// Leaves through `stop` when the native stack has no room for another call, or another thread asked the code to stop.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn poll(fixed: &mut Fixed, stop: Exit) {
        // SAFETY: the fixed parts are valid.
        if unsafe { must_stop(fixed.ctx) } {
            exit!(stop)
        }
    }

    /// Whether to stop, or the stack has no room.
    ///
    /// # Safety
    /// `ctx` points to a context.
    #[cfg(target_arch = "x86_64")]
    #[inline(always)]
    unsafe fn must_stop(ctx: *mut Context) -> bool {
        // One instruction reads the limit and compares, which the compiler does not make of an atomic.
        // SAFETY: a word of the context is read as an atomic is, nothing is written.
        unsafe {
            core::arch::asm!(
                "cmp [{ctx} + {limit}], rsp", "ja {stop}",
                ctx = in(reg) ctx, limit = const core::mem::offset_of!(Context, stack_limit),
                stop = label { return true },
                options(nostack, readonly)
            );
        }
        false
    }

    /// Whether to stop, or the stack has no room.
    ///
    /// # Safety
    /// `ctx` points to a context.
    #[cfg(not(target_arch = "x86_64"))]
    #[inline(always)]
    unsafe fn must_stop(ctx: *mut Context) -> bool {
        // SAFETY: there is a context.
        let limit = unsafe { &(*ctx).stack_limit };
        stack_pointer() < limit.load(core::sync::atomic::Ordering::Relaxed)
    }

    /// Takes `count` from the fuel, or leaves through `empty` when there is less.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn charge(fixed: &mut Fixed, #[hole] count: u32, empty: Exit) {
        // SAFETY: the fixed parts are valid.
        let fuel = unsafe { &(*fixed.ctx).fuel };
        let left = fuel.get();
        if left < count as u64 {
            exit!(empty)
        }
        fuel.set(left.wrapping_sub(count as u64));
    }

    /// Gives `count` back to the fuel.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil]
    unsafe fn refund(fixed: &mut Fixed, #[hole] count: u32) {
        // SAFETY: the fixed parts are valid.
        let fuel = unsafe { &(*fixed.ctx).fuel };
        fuel.set(fuel.get().wrapping_add(count as u64));
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

    /// Goes to the frame that starts `bytes` from this one.
    #[stencil]
    fn move_frame(fixed: &mut Fixed, #[operand(reg(..1), literal)] bytes: i64) {
        fixed.frame = fixed.frame.wrapping_byte_offset(bytes as isize);
    }

    /// Says which function a tail call goes to, for the host if that is interpreted.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil]
    unsafe fn set_callee(fixed: &mut Fixed, #[operand(reg(..1), literal)] callee: i64) {
        // SAFETY: the fixed parts are valid.
        unsafe { (*fixed.ctx).callee.set(callee.cast_unsigned()) };
    }

    /// Has the host run a function in this frame. Leaves when that did not return.
    ///
    /// # Safety
    /// The fixed parts are valid; `helper` takes them, whatever else it is given here.
    #[stencil]
    unsafe fn run_on_host(fixed: &mut Fixed, #[hole] helper: HostFn<fn(*mut Context, *mut u64) -> u64>) {
        // SAFETY: the fixed parts are valid, and the function takes these.
        if unsafe { helper(fixed.ctx, fixed.frame) } != 0 {
            leave!()
        }
    }

    /// Shows the host an i64 register; `index` says which.
    ///
    /// # Safety
    /// The fixed parts are valid, and `index` is below [`INTS`].
    #[stencil]
    unsafe fn show_int(fixed: &mut Fixed, #[hole] index: u32, #[operand(reg)] int: i64) {
        // SAFETY: the fixed parts are valid.
        let ints = unsafe { &raw const (*fixed.ctx).ints }.cast::<Cell<i64>>();
        // SAFETY: the index is that of one of them.
        unsafe { (*ints.wrapping_add(index as usize)).set(int) };
    }

    /// Shows the host an f64 register; `index` says which.
    ///
    /// # Safety
    /// The fixed parts are valid, and `index` is below [`FLOATS`].
    #[stencil]
    unsafe fn show_float(fixed: &mut Fixed, #[hole] index: u32, #[operand(reg)] float: f64) {
        // SAFETY: the fixed parts are valid.
        let floats = unsafe { &raw const (*fixed.ctx).floats }.cast::<Cell<f64>>();
        // SAFETY: the index is that of one of them.
        unsafe { (*floats.wrapping_add(index as usize)).set(float) };
    }

    /// `dst` = what the host's helper returned, if an int.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil(result(reg(..1)))]
    unsafe fn take_int(fixed: &mut Fixed) -> i64 {
        // SAFETY: the fixed parts are valid.
        unsafe { (*fixed.ctx).int.get() }
    }

    /// `dst` = what the host's helper returned, if a float.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil(result(reg(..1)))]
    unsafe fn take_float(fixed: &mut Fixed) -> f64 {
        // SAFETY: the fixed parts are valid.
        unsafe { (*fixed.ctx).float.get() }
    }

    /// `dst` = an int, boxed: its low 48 bits.
    #[must_use]
    #[stencil]
    fn box_int(#[operand(reg(..1))] src: i64) -> i64 {
        box_quickly(src).cast_signed()
    }

    /// `dst` = a float, boxed: every NaN becomes the canonical one.
    #[must_use]
    #[stencil]
    fn box_float(#[operand(reg(..1))] src: f64) -> i64 {
        boxed_float(src).cast_signed()
    }

    /// `dst` = the length of a string in bytes; 0 for what decodes to a handle of another arena. A string that does not
    /// exist leaves through `out_of_range`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn len_str(fixed: &mut Fixed, #[operand(reg(..1), slot)] string: i64, out_of_range: Exit) -> i64 {
        let bits = string.cast_unsigned();
        if bits >> 48 == TAG_STRING {
            inline_length(bits).cast_signed()
        } else if arena_of(string) == STRINGS {
            // SAFETY: the fixed parts are valid.
            let Some(slot) = slot_of(&unsafe { arenas(fixed) }.strings, string) else { exit!(out_of_range) };
            // SAFETY: the arena has the slot, and nobody writes it meanwhile.
            unsafe { (*slot).storage.length as i64 }
        } else {
            0
        }
    }

    /// `dst = lhs ++ rhs` when both are inline and their join is, else leaves through `slow`.
    #[must_use]
    #[stencil(result(reg(..1), slot))]
    fn concat_str(#[operand(reg(..2), slot)] lhs: i64, #[operand(reg(..2), slot)] rhs: i64, slow: Exit) -> i64 {
        let Some((length, bytes)) = inline_string(lhs) else { exit!(slow) };
        let Some((more, others)) = inline_string(rhs) else { exit!(slow) };
        let whole = length.wrapping_add(more);
        if whole > 5 {
            exit!(slow)
        }
        let bytes = bytes | others.wrapping_shl(8 * length as u32);
        (TAG_STRING << 48 | whole << 40 | bytes).cast_signed()
    }

    /// `dst` = the length of a list; 0 for what decodes to a handle of another arena. A list that does not exist leaves
    /// through `out_of_range`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn list_len(fixed: &mut Fixed, #[operand(reg(..1), slot)] list: i64, out_of_range: Exit) -> i64 {
        if arena_of(list) == LISTS {
            // SAFETY: the fixed parts are valid.
            let Some(slot) = slot_of(&unsafe { arenas(fixed) }.lists, list) else { exit!(out_of_range) };
            // SAFETY: the arena has the slot, and nobody writes it meanwhile.
            unsafe { (*slot).storage.length as i64 }
        } else {
            0
        }
    }

    /// Appends an int to a list that has room for it, else leaves through `slow`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn list_push(fixed: &mut Fixed, #[operand(reg(..2), slot)] list: i64, value: i64, slow: Exit) {
        // SAFETY: the fixed parts are valid.
        let Some(slot) = slot_of(&unsafe { arenas(fixed) }.lists, list) else { exit!(slow) };
        // SAFETY: the slot is one of the arena, and nothing else uses the heap.
        if !unsafe { push_in(slot, box_quickly(value)) } {
            exit!(slow)
        }
    }

    /// Appends a cell to the list in a slot, or gives false when there is no room for it.
    ///
    /// # Safety
    /// `slot` is one of the arena, or what stands for a missing one, and nothing else uses the heap meanwhile.
    #[inline(always)]
    unsafe fn push_in(slot: *mut Slot<Vector<u64>>, cell: u64) -> bool {
        // SAFETY: the slot is one, and nothing else uses it meanwhile.
        let elements = unsafe { &mut (*slot).storage };
        if elements.length >= elements.capacity {
            return false;
        }
        let end = elements.start.wrapping_add(elements.length);
        // SAFETY: there is room for one more element.
        unsafe { *end = cell };
        elements.length = elements.length.wrapping_add(1);
        true
    }

    /// `dst = list[index]`, as an int. A list or an element that does not exist leaves through `out_of_range`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn list_get_i64(
        fixed: &mut Fixed,
        #[operand(reg(..2), slot)] list: i64,
        index: i64,
        out_of_range: Exit,
    ) -> i64 {
        // SAFETY: the fixed parts are valid.
        let Some(element) = (unsafe { element_of(fixed, list, index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element.
        unboxed_int(unsafe { *element })
    }

    /// `list[index] = value`, an int. A list or an element that does not exist leaves through `out_of_range`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn list_set_i64(
        fixed: &mut Fixed,
        #[operand(reg(..3), slot)] list: i64,
        value: i64,
        index: i64,
        out_of_range: Exit,
    ) {
        // SAFETY: the fixed parts are valid.
        let Some(element) = (unsafe { element_of(fixed, list, index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element, and nobody else uses it meanwhile.
        unsafe { *element = box_quickly(value) };
    }

    /// `dst = list[index]`, the bits of a float. A list or an element that does not exist leaves through `out_of_range`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn list_get_f64(
        fixed: &mut Fixed,
        #[operand(reg(..2), slot)] list: i64,
        index: i64,
        out_of_range: Exit,
    ) -> f64 {
        // SAFETY: the fixed parts are valid.
        let Some(element) = (unsafe { element_of(fixed, list, index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element.
        f64::from_bits(unsafe { *element })
    }

    /// `list[index] = value`, a float that is no NaN. A NaN, and a list or an element that does not exist, leave through
    /// `slow`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn list_set_f64(
        fixed: &mut Fixed,
        #[operand(reg(..2), slot)] list: i64,
        value: f64,
        index: i64,
        slow: Exit,
    ) {
        // SAFETY: the fixed parts are valid.
        let Some(element) = (unsafe { element_of(fixed, list, index) }) else { exit!(slow) };
        if value.is_nan() {
            exit!(slow)
        }
        // SAFETY: the list has the element, and nobody else uses it meanwhile.
        unsafe { *element = value.to_bits() };
    }

    /// `dst = map[key]`, 0 when there is no such key. A map that does not exist leaves through `out_of_range`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil(result(reg(..2), slot))]
    unsafe fn map_get(
        fixed: &mut Fixed,
        #[operand(reg(..2), slot)] map: i64,
        #[operand(reg(..2), slot)] key: i64,
        out_of_range: Exit,
    ) -> i64 {
        // SAFETY: the fixed parts are valid.
        let Some(slot) = slot_of(&unsafe { arenas(fixed) }.maps, map) else { exit!(out_of_range) };
        // SAFETY: the slot is one of the arena, and nothing else uses the heap.
        unsafe { value_in(slot, key) }.unwrap_or(0)
    }

    /// The value of `key` in the map in a slot, 0 when there is no such key; `None` when its table is empty.
    ///
    /// # Safety
    /// `slot` is one of the arena, or what stands for a missing one, and nothing else uses the heap meanwhile.
    #[inline(always)]
    unsafe fn value_in(slot: *mut Slot<Table<Vector<Entry>>>, key: i64) -> Option<i64> {
        // SAFETY: the slot is one, and nothing writes it meanwhile.
        let entries = unsafe { &(*slot).storage.entries };
        if entries.length == 0 {
            return None;
        }
        // SAFETY: a table that is not empty is as the function wants it.
        let entry = unsafe { entry_of(entries, key, hash(key)) };
        // SAFETY: the entry is one of the table's. A free one holds zeros.
        Some(unboxed_int(unsafe { (*entry).value }))
    }

    /// `map[key] = value` when the map's table need not grow, else leaves through `slow`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn map_set(
        fixed: &mut Fixed,
        #[operand(reg(..3), slot)] map: i64,
        #[operand(reg(..3), slot)] key: i64,
        #[operand(reg(..3), slot)] value: i64,
        slow: Exit,
    ) {
        // SAFETY: the fixed parts are valid.
        let Some(slot) = slot_of(&unsafe { arenas(fixed) }.maps, map) else { exit!(slow) };
        // SAFETY: the slot is one of the arena, and nothing else uses the heap.
        if !unsafe { set_in(slot, key, value) } {
            exit!(slow)
        }
    }

    /// Sets `key` in the map in a slot, or gives false when its table has to grow first.
    ///
    /// # Safety
    /// `slot` is one of the arena, or what stands for a missing one, and nothing else uses the heap meanwhile.
    #[inline(always)]
    unsafe fn set_in(slot: *mut Slot<Table<Vector<Entry>>>, key: i64, value: i64) -> bool {
        // SAFETY: the slot is one, and nothing else uses it meanwhile.
        let table = unsafe { &mut (*slot).storage };
        if table.live.wrapping_add(1) << 1 > table.entries.length {
            return false;
        }
        let hash = hash(key);
        // SAFETY: the table is not empty, and at least half of it is free.
        let entry = unsafe { entry_of(&table.entries, key, hash) };
        // SAFETY: the entry is one of the table's, and nobody else uses it meanwhile.
        let entry = unsafe { &mut *entry };
        if entry.hash == 0 {
            entry.hash = hash;
            entry.key = box_quickly(key);
            table.live = table.live.wrapping_add(1);
        }
        entry.value = box_quickly(value);
        true
    }

    /// `dst` = the view of the list that a cell names: what the ops whose names begin with `view` take. It is one of the
    /// heap as it is now: whatever adds or drops lists makes it out of date.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil(result(reg, slot))]
    unsafe fn view_list(fixed: &mut Fixed, #[operand(reg(..1), slot)] list: i64) -> i64 {
        // SAFETY: the fixed parts are valid.
        let arenas = unsafe { arenas(fixed) };
        // SAFETY: as above.
        unsafe { view_of(fixed, &arenas.lists, list) }
    }

    /// `dst` = the view of the map that a cell names, until maps are added or dropped.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil(result(reg))]
    unsafe fn view_map(fixed: &mut Fixed, #[operand(reg(..1), slot)] map: i64) -> i64 {
        // SAFETY: the fixed parts are valid.
        let arenas = unsafe { arenas(fixed) };
        // SAFETY: as above.
        unsafe { view_of(fixed, &arenas.maps, map) }
    }

    /// As [`list_push`].
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_push(#[operand(reg, slot)] list: i64, value: i64, slow: Exit) {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        if !unsafe { push_in(viewed(list), box_quickly(value)) } {
            exit!(slow)
        }
    }

    /// As [`list_push`] of a constant, boxed.
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_push_constant(#[operand(reg, slot)] list: i64, #[hole] cell: u64, slow: Exit) {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        if !unsafe { push_in(viewed(list), cell) } {
            exit!(slow)
        }
    }

    /// As [`list_get_i64`].
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_get_i64(#[operand(reg, slot)] list: i64, index: i64, out_of_range: Exit) -> i64 {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        let Some(element) = (unsafe { element_in(viewed(list), index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element.
        unboxed_int(unsafe { *element })
    }

    /// As [`list_set_i64`].
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_set_i64(#[operand(reg, slot)] list: i64, value: i64, index: i64, out_of_range: Exit) {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        let Some(element) = (unsafe { element_in(viewed(list), index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element, and nobody else uses it meanwhile.
        unsafe { *element = box_quickly(value) };
    }

    /// As [`list_set_i64`] of a constant, boxed.
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_set_constant(#[operand(reg, slot)] list: i64, #[hole] cell: u64, index: i64, out_of_range: Exit) {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        let Some(element) = (unsafe { element_in(viewed(list), index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element, and nobody else uses it meanwhile.
        unsafe { *element = cell };
    }

    /// As [`list_get_f64`].
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_get_f64(#[operand(reg, slot)] list: i64, index: i64, out_of_range: Exit) -> f64 {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        let Some(element) = (unsafe { element_in(viewed(list), index) }) else { exit!(out_of_range) };
        // SAFETY: the list has the element.
        f64::from_bits(unsafe { *element })
    }

    /// As [`list_set_f64`].
    ///
    /// # Safety
    /// `list` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_set_f64(#[operand(reg, slot)] list: i64, value: f64, index: i64, slow: Exit) {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        let Some(element) = (unsafe { element_in(viewed(list), index) }) else { exit!(slow) };
        if value.is_nan() {
            exit!(slow)
        }
        // SAFETY: the list has the element, and nobody else uses it meanwhile.
        unsafe { *element = value.to_bits() };
    }

    /// As [`map_get`], but a map that has no table, as a missing one, leaves through `slow`.
    ///
    /// # Safety
    /// `map` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_map_get(#[operand(reg(..3))] map: i64, key: i64, slow: Exit) -> i64 {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        let Some(value) = (unsafe { value_in(viewed(map), key) }) else { exit!(slow) };
        value
    }

    /// As [`map_set`].
    ///
    /// # Safety
    /// `map` is a view, and nothing else uses the heap meanwhile.
    #[must_use]
    #[stencil]
    unsafe fn view_map_set(#[operand(reg(..3))] map: i64, key: i64, value: i64, slow: Exit) {
        // SAFETY: a view is of a slot of the arena or of what stands for a missing one, and nothing else uses the heap.
        if !unsafe { set_in(viewed(map), key, value) } {
            exit!(slow)
        }
    }

    /// Has the host execute the op at `place` in this frame, where its operands are and its result will be. Leaves
    /// through `failed` when it could not.
    ///
    /// # Safety
    /// The fixed parts are valid; `helper` takes them, whatever else it is given here.
    #[must_use]
    #[stencil]
    unsafe fn run_host(
        fixed: &mut Fixed,
        #[hole] place: u32,
        #[hole] helper: HostFn<fn(*mut Context, *mut u64, u64) -> u64>,
        failed: Exit,
    ) {
        // SAFETY: the fixed parts are valid, and the function takes these.
        if unsafe { helper(fixed.ctx, fixed.frame, place as u64) } != 0 {
            exit!(failed)
        }
    }

    /// `dst` = the string that the host joins of two. Leaves through `failed` when it could not.
    ///
    /// # Safety
    /// The fixed parts are valid; `helper` takes them, whatever else it is given here.
    #[must_use]
    #[stencil(result(reg(..1), slot))]
    unsafe fn join_on_host(
        fixed: &mut Fixed,
        #[operand(reg(..2), slot)] lhs: i64,
        #[operand(reg(..2), slot)] rhs: i64,
        #[hole] helper: HostFn<fn(*mut Context, i64, i64) -> i64>,
        failed: Exit,
    ) -> i64 {
        // SAFETY: the fixed parts are valid, and the function takes these.
        let cell = unsafe { helper(fixed.ctx, lhs, rhs) };
        // No cell of a string is 0.
        if cell == 0 {
            exit!(failed)
        }
        cell
    }

    /// `dst` = the list or map that the host makes with this room. Leaves through `failed` when it could not.
    ///
    /// # Safety
    /// The fixed parts are valid; `helper` takes them, whatever else it is given here.
    #[must_use]
    #[stencil(result(reg(..1), slot))]
    unsafe fn make_on_host(
        fixed: &mut Fixed,
        #[hole] room: u16,
        #[hole] helper: HostFn<fn(*mut Context, u64) -> i64>,
        failed: Exit,
    ) -> i64 {
        // SAFETY: the fixed parts are valid, and the function takes these.
        let cell = unsafe { helper(fixed.ctx, room as u64) };
        // No handle is 0.
        if cell == 0 {
            exit!(failed)
        }
        cell
    }

    /// Begins the region of this frame.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil]
    unsafe fn open_region(fixed: &mut Fixed) {
        // SAFETY: the fixed parts are valid.
        let [low, high] = unsafe { region_now(fixed) };
        let words = fixed.frame.wrapping_add(REGION);
        // SAFETY: the words lie in the frame.
        unsafe { *words = low };
        // SAFETY: as above.
        unsafe { *words.wrapping_add(1) = high };
    }

    /// Goes on when nothing was allocated in the region of this frame, else leaves through `slow`.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn check_region(fixed: &mut Fixed, slow: Exit) {
        // SAFETY: the fixed parts are valid.
        let [low, high] = unsafe { region_now(fixed) };
        let words = fixed.frame.wrapping_add(REGION);
        // SAFETY: the words lie in the frame.
        let before = unsafe { *words };
        // SAFETY: as above.
        let maps_before = unsafe { *words.wrapping_add(1) };
        if low != before || high != maps_before {
            exit!(slow)
        }
    }

    /// Has the host end the region of this frame.
    ///
    /// # Safety
    /// The fixed parts are valid; `helper` takes them, whatever else it is given here.
    #[stencil]
    unsafe fn release(fixed: &mut Fixed, #[hole] helper: HostFn<fn(*mut Context, *mut u64) -> u64>) {
        // SAFETY: the fixed parts are valid, and the function takes these.
        unsafe { helper(fixed.ctx, fixed.frame) };
    }

    /// Has the host end the region of this frame, but for what `cell` names, and gives the cell that names it then.
    ///
    /// # Safety
    /// The fixed parts are valid; `helper` takes them, whatever else it is given here.
    #[must_use]
    #[stencil(result(reg(..1)))]
    unsafe fn release_keeping(
        fixed: &mut Fixed,
        #[operand(reg(..1))] cell: i64,
        #[hole] helper: HostFn<fn(*mut Context, *mut u64, i64) -> i64>,
    ) -> i64 {
        // SAFETY: the fixed parts are valid, and the function takes these.
        unsafe { helper(fixed.ctx, fixed.frame, cell) }
    }

    /// Returns from a function.
    #[stencil]
    fn ret() -> ! {
        ret!()
    }

    /// Says which kind of return op comes.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil]
    unsafe fn set_returned(fixed: &mut Fixed, #[operand(reg(..1), literal)] kind: i64) {
        // SAFETY: the fixed parts are valid.
        unsafe { (*fixed.ctx).returned.set(kind.cast_unsigned()) };
    }

    /// Jumps to `taken` when the function that was just called ended with a return op of this kind.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[must_use]
    #[stencil]
    unsafe fn jump_returned(fixed: &mut Fixed, #[hole] kind: u32, taken: Label) {
        // SAFETY: the fixed parts are valid.
        if unsafe { (*fixed.ctx).returned.get() } == kind as u64 {
            jump!(taken)
        }
    }

    /// Says that the interpreter is to go on at `place` of this frame, after the pinned registers of the set `flush` were
    /// brought home.
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil]
    unsafe fn note_exit(fixed: &mut Fixed, #[hole] place: u32, #[hole] flush: u32) {
        // SAFETY: the fixed parts are valid.
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
    ///
    /// # Safety
    /// The fixed parts are valid.
    #[stencil]
    unsafe fn zero_slots(fixed: &mut Fixed, #[hole] start: u32, #[hole] count: u32) {
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
    ///
    /// # Safety
    /// The fixed parts are valid, and the slots lie in this frame and the one above it.
    #[stencil]
    unsafe fn copy_slots(fixed: &mut Fixed, #[hole] from: u32, #[hole] to: u32, #[hole] count: u32) {
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
