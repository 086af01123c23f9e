//! What can go wrong with executable memory.

use std::{error, fmt, io};

/// Why an arena could not be made, or code could not be placed or published in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum MemoryError {
    /// This system cannot provide executable memory in the way named by `what`.
    Unsupported {
        /// The mechanism that is missing.
        what: &'static str,
    },
    /// The size asked for an arena is zero or larger than branches can span.
    Reserve {
        /// The size asked for, in bytes.
        requested: usize,
        /// The largest size there is, in bytes.
        max: usize,
    },
    /// The length asked for a draft is zero.
    Length,
    /// The alignment asked for a draft is no power of two or larger than a page.
    Alignment {
        /// The alignment asked for, in bytes.
        requested: usize,
        /// The largest alignment there is, in bytes.
        max: usize,
    },
    /// No contiguous free range of the arena is long enough.
    Full {
        /// The length asked for, in bytes.
        requested: usize,
        /// Bytes that are free in all, perhaps in several shorter ranges.
        free: usize,
        /// The size of the arena, in bytes.
        reserved: usize,
    },
    /// The operating system refused a request.
    System {
        /// What was being done.
        operation: &'static str,
        /// The error it answered with.
        source: io::Error,
    },
}

impl MemoryError {
    /// Wraps the system's answer to `operation`; for `map_err`.
    pub(super) fn system<E: Into<io::Error>>(operation: &'static str) -> impl FnOnce(E) -> Self {
        move |source| Self::System { operation, source: source.into() }
    }
}

impl fmt::Display for MemoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { what } => {
                write!(f, "{what} is not supported on this system; choose another strategy or run interpreted")
            }
            Self::Reserve { requested, max } => {
                write!(f, "an arena of {requested} bytes is not possible; reserve between 1 and {max}")
            }
            Self::Length => write!(f, "a draft of 0 bytes has no address; allocate at least 1"),
            Self::Alignment { requested, max } => {
                write!(f, "an alignment of {requested} is not possible; use a power of two up to {max}")
            }
            Self::Full { requested, free, reserved } => write!(
                f,
                "no {requested} contiguous bytes among the {free} free of {reserved}; drop regions that are no longer \
                 run, or reserve a larger arena"
            ),
            Self::System { operation, source } => {
                write!(f, "could not {operation}: {source}; check the limits and the policy of the system")
            }
        }
    }
}

impl error::Error for MemoryError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::System { source, .. } => Some(source),
            _ => None,
        }
    }
}
