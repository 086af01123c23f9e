//! Frame information for the unwinder of this process.

use crate::cfi;
use std::fmt;
use stencil_runtime::{Attachment, Listener, PublishedCode};
use thiserror::Error;

unsafe extern "C" {
    fn __register_frame(begin: *const u8);
    fn __deregister_frame(begin: *const u8);
}

/// Why this process cannot unwind through stitched code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("there is no stitched code on {architecture}; use the interpreter of the op set")]
pub struct Unsupported {
    /// The architecture of the program.
    pub architecture: &'static str,
}

/// Tells the process' unwinder of the code of every space that it listens to: panics of host functions go through it, and
/// `std::backtrace` shows its frames. Each piece of code is registered by itself and found by a search over all of them
/// in unwinders that know no better (libgcc before version 13).
#[derive(Debug)]
pub struct Unwinding {
    /// Whether the unwinder takes one frame description at a time (LLVM's) instead of a section (libgcc).
    single: bool,
}

impl Unwinding {
    /// A listener for any number of spaces.
    ///
    /// # Errors
    /// When the program is for an architecture that there are no stencils for.
    pub fn new() -> Result<Self, Unsupported> {
        if stencil_runtime::host_architecture().is_none() {
            return Err(Unsupported { architecture: std::env::consts::ARCH });
        }
        Ok(Self { single: takes_single_entries() })
    }
}

/// Whether `__register_frame` is that of LLVM's libunwind.
fn takes_single_entries() -> bool {
    if cfg!(any(target_env = "musl", target_vendor = "apple")) {
        return true;
    }
    // SAFETY: the name is a string that ends with a zero; looking it up changes nothing.
    let own = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__unw_add_dynamic_fde".as_ptr()) };
    !own.is_null()
}

impl Listener for Unwinding {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        let registered = Registered::new(code, self.single)?;
        Some(Box::new(registered))
    }
}

/// A section of frame information that the unwinder knows.
struct Registered {
    // Invariant: the section was registered from byte `from` on, and stays as it is until that is taken back.
    section: Box<[u64]>,
    from: usize,
}

impl Registered {
    /// Registers the frames of a piece of code. `None` when the code cannot be described, which does not happen: lengths
    /// and offsets have 32 bits.
    fn new(code: &PublishedCode<'_>, single: bool) -> Option<Self> {
        let bytes = cfi::eh_frame(code).ok()?;
        // Each entry starts with its length; what all have in common comes first.
        let entry = 4 + u32::from_le_bytes(*bytes.first_chunk()?) as usize;
        // Words, so that its start is aligned; what is behind its end is zero, which ends a section.
        let mut section = vec![0; bytes.len() / 8 + 1].into_boxed_slice();
        for (word, bytes) in section.iter_mut().zip(bytes.chunks(8)) {
            let mut padded = [0; 8];
            padded[..bytes.len()].copy_from_slice(bytes);
            *word = u64::from_ne_bytes(padded);
        }
        let registered = Self { section, from: if single { entry } else { 0 } };
        // SAFETY: the section is well-formed, ends with a zero length, and stays where it is: the box is never given away.
        unsafe { __register_frame(registered.begin()) };
        Some(registered)
    }

    fn begin(&self) -> *const u8 {
        self.section.as_ptr().cast::<u8>().wrapping_add(self.from)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        // SAFETY: by the invariant it was registered from there on. Nobody runs the code any more.
        unsafe { __deregister_frame(self.begin()) };
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").field("begin", &self.begin()).finish_non_exhaustive()
    }
}
