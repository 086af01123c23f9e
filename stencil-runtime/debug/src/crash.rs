//! Saying where stitched code was when a fatal signal came.

use crate::signal::{Handler, Interrupted, install, restore};
use std::fmt::{self, Write as _};
use std::io;
use std::sync::OnceLock;

/// Writes what an address is to a text of limited length: false when it is nothing that the embedder knows. Runs within the
/// handler of a signal, so it must neither wait nor allocate.
pub type Describe = fn(u64, &mut dyn fmt::Write) -> Result<bool, fmt::Error>;

const SIGNALS: [libc::c_int; 4] = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE];

/// What there was before.
static BEFORE: [OnceLock<libc::sigaction>; SIGNALS.len()] = [const { OnceLock::new() }; SIGNALS.len()];
static DESCRIBE: OnceLock<Describe> = OnceLock::new();

/// From now on, when a fatal signal (`SIGSEGV`, `SIGBUS`, `SIGILL`, `SIGFPE`) interrupts code that `describe` knows, a line
/// on standard error says so; then the signal takes its course. Calling it again does nothing.
///
/// # Errors
/// When the system refuses the handler.
pub fn report_crashes(describe: Describe) -> io::Result<()> {
    if DESCRIBE.set(describe).is_err() {
        return Ok(());
    }
    let handler: Handler = on_signal;
    for (signal, before) in SIGNALS.into_iter().zip(&BEFORE) {
        let found = install(signal, handler, libc::SA_ONSTACK)?;
        before.get_or_init(|| found);
    }
    Ok(())
}

extern "C" fn on_signal(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the handler was installed so that it is given a context.
    let at = unsafe { Interrupted::read(context) };
    let mut line = Line { bytes: [0; 512], len: 0 };
    // What does not fit is left out.
    let written = write!(line, "fatal signal {signal} at {:#x} in compiled code: ", at.address);
    let known = written.is_ok() && DESCRIBE.get().is_some_and(|describe| describe(at.address, &mut line) == Ok(true));
    if known {
        let end = line.len.min(line.bytes.len() - 1);
        line.bytes[end] = b'\n';
        // SAFETY: the bytes are valid; standard error may be closed, which is an error that nobody can be told of.
        unsafe { libc::write(libc::STDERR_FILENO, line.bytes.as_ptr().cast(), end + 1) };
    }
    // SAFETY: the handler was installed so that it is given what the signal is.
    let sent = unsafe { (*info).si_code } <= 0;
    let before = SIGNALS.iter().position(|own| *own == signal).and_then(|index| BEFORE[index].get());
    match before {
        // The instruction fails again, which the handler before this one sees. It worked when this one was installed.
        Some(before) if !sent => drop(restore(signal, before)),
        // Somebody has sent it: that happens once.
        _ => {
            // SAFETY: the default action is to end the process.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
            // SAFETY: the signal is blocked until this handler ends, and then ends the process.
            unsafe { libc::raise(signal) };
        }
    }
}

/// A text of limited length.
struct Line {
    bytes: [u8; 512],
    len: usize,
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let to = &mut self.bytes[self.len..];
        let fits = text.len().min(to.len());
        to[..fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.len += fits;
        if fits == text.len() { Ok(()) } else { Err(fmt::Error) }
    }
}
