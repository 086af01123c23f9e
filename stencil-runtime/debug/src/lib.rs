//! Stitched code for those who look at it from outside: unwinders, debuggers, profilers.
//!
//! Everything here is a [`stencil_runtime::Listener`] of a code space: it is told of code that is published, and what it
//! has registered goes when the code is freed. A space without listeners pays nothing.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # fn listen<S: stencil_runtime::OpSet>(space: &stencil_runtime::CodeSpace<S>) -> Result<(), stencil_debug::Unsupported> {
//! // From now on panics of host functions go through this space's code, and `std::backtrace` shows its frames.
//! space.listen(Arc::new(stencil_debug::Unwinding::new()?));
//! # Ok(())
//! # }
//! ```
//!
//! | module | what lives there |
//! |---|---|
//! | [`cfi`] | where the caller's registers are, at every instruction |
//! | `unwind` | this process' unwinder |
//! | `guest` | what an embedder says of its code |
//! | `ops` | the same, but lines of the op set's source |
//! | `elf`, `dwarf` | that as an executable in memory |
//! | `debugger`, `gdb` | debuggers: when code is described, and their interface |
//! | `snapshot` | code for whoever looks at it later |
//! | `perf` | Linux' `perf` |
//! | `sampler` | samples of a thread and its callers |
//! | `crash` | where code was when a fatal signal came |
//! | `signal` | what handlers of signals find |

pub mod cfi;
#[cfg(target_os = "linux")]
mod crash;
#[cfg(target_os = "linux")]
mod debugger;
#[cfg(target_os = "linux")]
mod dwarf;
#[cfg(target_os = "linux")]
mod elf;
#[cfg(target_os = "linux")]
mod gdb;
mod guest;
mod ops;
#[cfg(target_os = "linux")]
mod perf;
#[cfg(target_os = "linux")]
mod sampler;
#[cfg(target_os = "linux")]
mod signal;
#[cfg(target_os = "linux")]
mod snapshot;
#[cfg(unix)]
mod unwind;

#[cfg(target_os = "linux")]
pub use crash::{Describe, report_crashes};
#[cfg(target_os = "linux")]
pub use debugger::Debugger;
pub use guest::{Description, Detail, Guest, Kind, Line, Symbol, Variable, VariablePlace, register};
pub use ops::{OpView, OtherTable};
#[cfg(target_os = "linux")]
pub use perf::{JitDump, PerfMap};
#[cfg(target_os = "linux")]
pub use sampler::{Sample, Sampler, Samples};
#[cfg(unix)]
pub use unwind::{Unsupported, Unwinding};
