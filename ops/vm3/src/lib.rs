//! A typed register virtual machine.
//!
//! Programs have three banks of registers (64-bit ints, floats, and tagged cells), 72 opcodes of 8 bytes, and a heap of
//! strings, lists and maps. The body of every op is written once, in `stencils.rs`.
//!
//! ```
//! use vm3::{Outcome, Returned, Vm, VmOptions, program::text};
//!
//! let program = text::parse(
//!     "func sum(i64) -> i64 {
//!          regs 3 i64
//!          ConstI64K r1, 0
//!          ConstI64K r2, 0
//!      loop:
//!          CmpGeI64Br r2, r0, done
//!          AddI64 r1, r1, r2
//!          AddI64K r2, r2, 1
//!          Jump loop
//!      done:
//!          ReturnI64 r1
//!      }",
//! )?;
//! let mut vm = Vm::new(program.verify()?, &VmOptions::default())?;
//! assert_eq!(vm.run(&[101])?, Outcome::Returned(Returned::I64(5050)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// What unit tests share with others names the crate as those do.
#[cfg(test)]
extern crate self as vm3;

mod code;
mod compile;
mod describe;
mod fault;
mod frames;
pub mod heap;
mod host;
mod hosts;
mod interp;
mod locate;
mod machine;
mod native;
mod outcome;
pub mod program;
// Open to this project's tests and benchmarks only: ops trust their operands, among them addresses in ints, as the machine code
// does that they become.
#[doc(hidden)]
pub mod stencils;
mod tier;
mod vm;

#[cfg(feature = "cranelift")]
pub use compile::CraneliftError;
pub use compile::{
    CompileError, ListenError, Listing, Part, Piece, Stencil, code_addresses, listen, trace_stencils,
    use_anonymous_memory,
};
pub use describe::Describer;
pub use fault::{Fault, FaultClass, FaultKind};
pub use frames::{FrameLayout, Place};
pub use hosts::{BindError, HostCall, HostError, HostFunctions, HostPanic, Value};
pub use interp::Counts;
pub use locate::GuestPlace;
pub use native::{CodeCache, Interrupt, TimeLimit};
pub use outcome::{Deopt, Outcome, Returned};
pub use stencil_runtime::Convention;
pub use tier::{Tier, UnknownTier};
pub use vm::{CallError, CompiledStats, FunctionStats, NotMetered, Trace, TraceFrame, Vm, VmError, VmOptions, list};
