//! Architectures and systems for which nothing is written: every attempt to publish code is
//! refused.

use std::io;

/// Freed code is never run here, so any byte will do.
pub(crate) const TRAP: u8 = 0;

/// Refuses.
pub(crate) fn after_write(_code: &[u8]) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}

/// Refuses.
pub(crate) fn before_run() -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
