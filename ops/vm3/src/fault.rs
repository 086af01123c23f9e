//! How a run fails.

use crate::heap::HeapError;
use crate::hosts::HostError;
use std::fmt;
use thiserror::Error;

/// A run that failed: why and where. The frames stay as they were, see [`crate::Vm::backtrace`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message} (function {function} `{name}`, pc {pc}, depth {depth})", message = self.message())]
pub struct Fault {
    /// Why.
    pub kind: FaultKind,
    /// The index of the function that failed.
    pub function: usize,
    /// Its name.
    pub name: String,
    /// The position of the op that failed.
    pub pc: usize,
    /// How many frames there were, the failing one included.
    pub depth: usize,
    /// What a function of the host said, if one failed.
    #[source]
    pub cause: Option<HostError>,
}

/// Why a run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// A division or remainder by zero.
    DivisionByZero,
    /// An opcode number that has no effect defined.
    UnknownOpcode {
        /// The number.
        code: u8,
    },
    /// An index beyond a list, a table or an arena, or the ninth parameter of a mixed call.
    IndexOutOfRange {
        /// The index.
        index: i64,
        /// The length it exceeds.
        length: usize,
    },
    /// A list with a negative capacity.
    NegativeCapacity,
    /// The frame stack is full.
    StackOverflow {
        /// The size of the stack in bytes.
        limit: usize,
    },
    /// The heap is full.
    HeapFull {
        /// The limit of the heap in bytes.
        limit: usize,
    },
    /// Another thread asked the machine to stop, see [`crate::Interrupt`].
    Interrupted,
    /// A function of the host failed, see [`Fault::cause`].
    Host,
    /// A function of the host panicked; [`Fault::cause`] has the message.
    HostPanicked,
    /// The run took too long, see [`crate::Interrupt::after`].
    TimedOut,
    /// The run used up its fuel, see [`crate::Vm::set_fuel`].
    OutOfFuel,
    /// A counted run executed as many ops as it may.
    OpLimit {
        /// The limit.
        limit: u64,
    },
}

/// What a failure counts as in program files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultClass {
    /// An error of the machine.
    Error,
    /// An error of the machine's runtime.
    Panic,
    /// A limit of this implementation.
    Limit,
}

impl FaultKind {
    /// What the failure counts as.
    #[must_use]
    pub const fn class(self) -> FaultClass {
        match self {
            Self::DivisionByZero | Self::UnknownOpcode { .. } | Self::Host => FaultClass::Error,
            Self::IndexOutOfRange { .. } | Self::NegativeCapacity | Self::HostPanicked => FaultClass::Panic,
            Self::StackOverflow { .. }
            | Self::HeapFull { .. }
            | Self::Interrupted
            | Self::TimedOut
            | Self::OutOfFuel
            | Self::OpLimit { .. } => FaultClass::Limit,
        }
    }
}

impl From<HeapError> for FaultKind {
    fn from(error: HeapError) -> Self {
        match error {
            HeapError::Index { index, length } => Self::IndexOutOfRange { index, length },
            HeapError::NegativeCapacity => Self::NegativeCapacity,
            HeapError::Full { limit } => Self::HeapFull { limit },
        }
    }
}

impl Fault {
    /// The failure as the machine's definition words it; its place is in the text only where the definition has it.
    #[must_use]
    pub fn message(&self) -> impl fmt::Display + '_ {
        Message(self)
    }
}

struct Message<'f>(&'f Fault);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fault { kind, name, pc, .. } = self.0;
        match kind {
            FaultKind::DivisionByZero => write!(f, "vm3: integer division by zero"),
            FaultKind::UnknownOpcode { code } => {
                write!(f, "vm3: unknown opcode: {code} at PC={pc} in {name}")
            }
            FaultKind::IndexOutOfRange { index, .. } if *index < 0 => {
                write!(f, "runtime error: index out of range [{index}]")
            }
            FaultKind::IndexOutOfRange { index, length } => {
                write!(f, "runtime error: index out of range [{index}] with length {length}")
            }
            FaultKind::NegativeCapacity => write!(f, "runtime error: makeslice: cap out of range"),
            FaultKind::StackOverflow { limit } => {
                write!(f, "stack overflow: the frame stack has {limit} bytes; make it larger")
            }
            FaultKind::HeapFull { limit } => {
                write!(f, "heap full: the heap may hold {limit} bytes; make it larger")
            }
            FaultKind::Interrupted => write!(f, "interrupted: the machine was asked to stop"),
            FaultKind::Host => write!(f, "a function of the host failed"),
            FaultKind::HostPanicked => write!(f, "a function of the host panicked"),
            FaultKind::TimedOut => write!(f, "timed out: the machine was to stop by now"),
            FaultKind::OutOfFuel => write!(f, "out of fuel: give the machine more"),
            FaultKind::OpLimit { limit } => {
                write!(f, "op limit reached: the run may execute {limit}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_those_of_the_definition() {
        let text = |kind| {
            let fault = Fault { kind, function: 2, name: "f".into(), pc: 3, depth: 1, cause: None };
            (fault.message().to_string(), fault.to_string())
        };
        let (message, whole) = text(FaultKind::UnknownOpcode { code: 60 });
        assert_eq!(message, "vm3: unknown opcode: 60 at PC=3 in f");
        assert_eq!(whole, format!("{message} (function 2 `f`, pc 3, depth 1)"));
        let index = |index, length| text(FaultKind::IndexOutOfRange { index, length }).0;
        assert_eq!(index(2, 2), "runtime error: index out of range [2] with length 2");
        assert_eq!(index(-1, 2), "runtime error: index out of range [-1]");
        assert_eq!(text(FaultKind::DivisionByZero).0, "vm3: integer division by zero");
    }
}
