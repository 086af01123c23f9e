//! x86-64: instruction fetch is coherent with stores of all cores, by physical address, and a core
//! whose pipeline holds bytes that another one overwrites starts again. Only the compiler has to be
//! kept from moving the stores.

use std::io;
use std::sync::atomic::{Ordering, compiler_fence};

/// `int3`.
pub(crate) const TRAP: u8 = 0xcc;

/// Makes `code` visible to instruction fetch. Cannot fail on this architecture.
#[inline]
pub(crate) fn after_write(_code: &[u8]) -> io::Result<()> {
    compiler_fence(Ordering::SeqCst);
    Ok(())
}

/// Makes all threads fetch what [`after_write`] made visible. Cannot fail on this architecture.
#[inline]
pub(crate) fn before_run() -> io::Result<()> {
    Ok(())
}
