//! Panics and backtraces through a thousand frames of stitched code and of the host in turn.

// Elsewhere the process' unwinder is told of nothing.
#![cfg(target_arch = "x86_64")]

use std::any::Any;
use std::backtrace::Backtrace;
use std::ffi::c_void;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use stencil_debug::Unwinding;
use stencil_debug_tests::TABLES;
use stencil_debug_tests::ops::{Context, Emit, Fixed, Machine};
use stencil_runtime::prelude::Anchor;
use stencil_runtime::{Assembler, Code, CodeSpace, Origin, Reg, Table, host_fn};

/// How many frames of each kind there are.
const DEPTH: usize = 1000;

/// What happens at the bottom.
type AtBottom = fn(&State<'_>);

struct State<'a> {
    space: &'a CodeSpace<Machine>,
    codes: &'a [Code<Machine>],
    depth: usize,
    dropped: &'a AtomicUsize,
    at_bottom: AtBottom,
}

/// Something that a frame of the host has to release.
struct Held<'a>(&'a AtomicUsize);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

host_fn! {
    /// Goes one step deeper.
    ///
    /// # Safety
    /// The context's state is a [`State`].
    unsafe fn descend(context: *mut Context) {
        // SAFETY: the context is that of a caller who waits.
        let state = unsafe { (*context).state };
        // SAFETY: by contract.
        step(unsafe { &*state.cast::<State<'_>>() });
    }
}

host_fn! {
    /// The same in the middle of a computation.
    ///
    /// # Safety
    /// As for [`descend`].
    unsafe fn descend_with(context: *mut Context, value: i64) -> i64 {
        // SAFETY: the contract is the same.
        unsafe { descend(context) };
        value
    }
}

#[inline(never)]
fn step(state: &State<'_>) {
    let held = Held(state.dropped);
    if state.depth == state.codes.len() {
        return (state.at_bottom)(state);
    }
    enter(&State { depth: state.depth + 1, ..*state });
    drop(held);
}

fn enter(state: &State<'_>) {
    let mut context = Context { anchor: Anchor::new(), state: (&raw const *state).cast_mut().cast() };
    let before = format!("{:?}", context.anchor);
    let fixed = Fixed { ctx: &raw mut context };
    // SAFETY: the code calls `descend` or `descend_with`, whose state this is.
    let entered = catch_unwind(AssertUnwindSafe(|| unsafe { state.codes[state.depth - 1].enter(0, &fixed) }));
    assert_eq!(format!("{:?}", context.anchor), before, "the anchor is as it was");
    if let Err(panic) = entered {
        resume_unwind(panic);
    }
}

/// Functions that call one another once, then the host, by both ops in turn; each is marked with its number.
fn codes(table: &'static Table<'static>, space: &CodeSpace<Machine>) -> Vec<Code<Machine>> {
    let mut asm = Assembler::new(table);
    let unit: Arc<dyn Any + Send + Sync> = Arc::new(());
    let one = |number: usize| {
        let inner = asm.label();
        asm.mark(0);
        asm.prologue();
        asm.call(inner);
        asm.ret();
        asm.mark(1);
        asm.bind(inner);
        asm.prologue();
        if number.is_multiple_of(2) {
            asm.call_host(descend);
        } else {
            asm.mix(Reg(2), Reg(0), Reg(1), descend_with);
        }
        asm.ret();
        asm.set_origin(Origin { unit: Arc::clone(&unit), function: number as u32 });
        space.publish(&mut asm).unwrap()
    };
    (0..DEPTH).map(one).collect()
}

/// Runs with a stack for two thousand frames.
fn with_tables(test: fn(&'static Table<'static>)) {
    for table in TABLES.all().unwrap() {
        let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(move || test(table)).unwrap();
        thread.join().unwrap_or_else(|panic| resume_unwind(panic));
    }
}

#[test]
fn a_panic_at_the_bottom_releases_every_frame_and_restores_every_register() {
    with_tables(|table| {
        let space = CodeSpace::for_table(table).unwrap();
        space.listen(Arc::new(Unwinding::new().unwrap()));
        let codes = codes(table, &space);
        let (outer, inner) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let at_bottom: AtBottom = |state| {
            // What is passed on is not counted twice: everything is dropped on the way.
            let all = black_box(state.depth) + 1;
            resume_unwind(Box::new(all));
        };
        // Values that the compiler keeps in registers that callees preserve.
        let kept = black_box([3_u64, 5, 7, 11, 13, 17, 19]);
        let [a, b, c, d, e, f, g] = kept;
        for round in 1..=3 {
            let state = State { space: &space, codes: &codes, depth: 0, dropped: &outer, at_bottom };
            let panic = catch_unwind(AssertUnwindSafe(|| step(&state))).unwrap_err();
            assert_eq!([a, b, c, d, e, f, g], black_box(kept));
            assert_eq!(panic.downcast_ref(), Some(&(DEPTH + 1)));
            assert_eq!(outer.load(Ordering::Relaxed), round * (DEPTH + 1));
            // Afterwards everything works as before.
            let state = State { dropped: &inner, at_bottom: |_| (), ..state };
            step(&state);
            assert_eq!(inner.load(Ordering::Relaxed), round * (DEPTH + 1));
        }
    });
}

/// The addresses that the process' unwinder finds, innermost first.
fn addresses() -> Vec<u64> {
    type Trace = extern "C" fn(*mut c_void, *mut c_void) -> i32;
    unsafe extern "C" {
        fn _Unwind_Backtrace(trace: Trace, data: *mut c_void) -> i32;
        fn _Unwind_GetIP(context: *mut c_void) -> usize;
    }
    extern "C" fn note(context: *mut c_void, data: *mut c_void) -> i32 {
        // SAFETY: the unwinder gives its own context.
        let address = unsafe { _Unwind_GetIP(context) };
        // SAFETY: the data is the vector below.
        unsafe { &mut *data.cast::<Vec<u64>>() }.push(address as u64);
        0
    }
    let mut addresses: Vec<u64> = Vec::new();
    // SAFETY: the function takes what it is given as the vector that it is.
    unsafe { _Unwind_Backtrace(note, (&raw mut addresses).cast()) };
    addresses
}

#[test]
fn a_backtrace_from_the_bottom_has_every_frame_in_order() {
    with_tables(|table| {
        let space = CodeSpace::for_table(table).unwrap();
        space.listen(Arc::new(Unwinding::new().unwrap()));
        let (codes, dropped) = (codes(table, &space), AtomicUsize::new(0));
        let at_bottom: AtBottom = |state| {
            let calls = addresses().into_iter().filter_map(|address| address.checked_sub(1));
            let located = calls.filter_map(|address| state.space.locate(address));
            let found: Vec<_> =
                located.map(|found| (found.origin.unwrap().function, found.mark.unwrap().tag)).collect();
            let expected: Vec<_> = (0..DEPTH as u32).rev().flat_map(|number| [(number, 1), (number, 0)]).collect();
            assert_eq!(found, expected);
        };
        step(&State { space: &space, codes: &codes, depth: 0, dropped: &dropped, at_bottom });
        assert_eq!(dropped.load(Ordering::Relaxed), DEPTH + 1);
        let at_bottom: AtBottom = |_| {
            // With its path, where there is no debug information to take the name from.
            let is_step = |line: &str| line.ends_with("step");
            let text = Backtrace::force_capture().to_string();
            let host = text.lines().filter(|line| is_step(line)).count();
            let stitched = text.match_indices("<unknown>").count();
            assert!(host >= 20 && stitched >= 40, "{text}");
            let outside = text.rsplit("<unknown>").next().unwrap();
            assert!(outside.lines().any(is_step) && outside.contains("call_once"), "it goes on to who started: {text}");
        };
        step(&State { space: &space, codes: &codes[..20], depth: 0, dropped: &dropped, at_bottom });
    });
}

#[test]
fn what_is_freed_is_no_longer_registered() {
    with_tables(|table| {
        let space = CodeSpace::for_table(table).unwrap();
        space.listen(Arc::new(Unwinding::new().unwrap()));
        for _ in 0..20 {
            // The same addresses again: an old registration would describe other code.
            let (codes, dropped) = (codes(table, &space), AtomicUsize::new(0));
            let at_bottom: AtBottom = |_| resume_unwind(Box::new(()));
            let state = State { space: &space, codes: &codes[..10], depth: 0, dropped: &dropped, at_bottom };
            catch_unwind(AssertUnwindSafe(|| step(&state))).unwrap_err();
            assert_eq!(dropped.load(Ordering::Relaxed), 11);
        }
    });
}
