//! aarch64 on Linux: neither cache nor pipeline follows stores.

use std::arch::asm;
use std::io;
use std::sync::OnceLock;

use rustix::io::Errno;
use rustix::thread::{MembarrierCommand, membarrier};

/// A word of zeros is `udf #0`.
pub(crate) const TRAP: u8 = 0;

/// Cleans the data cache and invalidates the instruction caches of all cores, line by line. Cannot
/// fail.
pub(crate) fn after_write(code: &[u8]) -> io::Result<()> {
    let cache_type: usize;
    // SAFETY: Linux lets programs read CTR_EL0 (or emulates it); reading it has no effect.
    unsafe { asm!("mrs {}, ctr_el0", out(reg) cache_type, options(nomem, nostack, preserves_flags)) };
    // Bits 16..20 and 0..4 are the logarithms of the shortest data and instruction cache lines, in
    // 4-byte words.
    for line in lines(code, 4 << ((cache_type >> 16) & 15)) {
        // SAFETY: the line holds a byte of `code`, so it is mapped and readable; cleaning changes
        // no data.
        unsafe { asm!("dc cvau, {}", in(reg) line, options(nostack, preserves_flags)) };
    }
    // SAFETY: a barrier; all cores see the cleaned lines before the next invalidation.
    unsafe { asm!("dsb ish", options(nostack, preserves_flags)) };
    for line in lines(code, 4 << (cache_type & 15)) {
        // SAFETY: the line holds a byte of `code`, so it is mapped; invalidating drops copies only.
        unsafe { asm!("ic ivau, {}", in(reg) line, options(nostack, preserves_flags)) };
    }
    // SAFETY: barriers; the invalidations are complete on all cores, and this one fetches anew.
    unsafe { asm!("dsb ish", "isb", options(nostack, preserves_flags)) };
    Ok(())
}

/// The addresses of the cache lines under `code`; `line` is a power of two.
fn lines(code: &[u8], line: usize) -> impl Iterator<Item = usize> {
    let range = code.as_ptr_range();
    ((range.start.addr() & !(line - 1))..range.end.addr()).step_by(line)
}

/// Runs an `isb` on every core that runs a thread of this process.
///
/// # Errors
/// When the kernel has no `membarrier` for it (before 4.16), or a policy forbids it.
pub(crate) fn before_run() -> io::Result<()> {
    static REGISTERED: OnceLock<Result<(), Errno>> = OnceLock::new();
    (*REGISTERED.get_or_init(|| membarrier(MembarrierCommand::RegisterPrivateExpeditedSyncCore)))?;
    Ok(membarrier(MembarrierCommand::PrivateExpeditedSyncCore)?)
}
