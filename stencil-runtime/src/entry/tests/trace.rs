//! Backtraces across trampolines.

use std::backtrace::Backtrace;
use std::cell::RefCell;

use super::*;

thread_local! {
    static TRACE: RefCell<String> = const { RefCell::new(String::new()) };
}

crate::host_fn! {
    /// Host function: remembers who called it.
    ///
    /// # Safety
    /// None needed: the context is not used.
    unsafe fn trace(_context: *mut Context) {
        TRACE.set(Backtrace::force_capture().to_string());
    }
}

#[inline(never)]
fn function_that_enters(subject: &Subject, lean: bool) -> String {
    let mut context = Context::new(subject.convention, 0);
    context.host = trace;
    let address = (&raw mut context).expose_provenance() as u64;
    let mut registers = Registers { ints: [address; 12], ..Registers::default() };
    let done = if lean {
        // SAFETY: the function keeps its convention, and the context is alive.
        unsafe { enter(subject.convention, subject.traced, [address, 0, 0]) }.map(drop)
    } else {
        // SAFETY: as above.
        unsafe { enter_with(subject.convention, subject.traced, &mut registers) }
    };
    done.unwrap();
    TRACE.take()
}

#[test]
fn backtraces_cross_the_trampolines() {
    for subject in host::subjects() {
        for lean in [true, false] {
            let trace = function_that_enters(&subject, lean);
            for caller in ["function_that_enters", "backtraces_cross_the_trampolines"] {
                assert!(trace.contains(caller), "{}, lean: {lean}: {trace}", subject.convention);
            }
        }
    }
}
