//! Instruction caches: making cores run what was written as data.
//!
//! A core fetches instructions through a cache and a pipeline of its own, and what was stored as
//! data need not have arrived there. Between the last store and the first instruction two things
//! must happen, in this order:
//!
//! 1. [`after_write`], once, by the thread that wrote: the data leaves the data cache for the level
//!    where both caches meet, and stale lines leave the instruction caches of all cores.
//! 2. [`before_run`], on every core that will run the code: instructions that it fetched ahead of
//!    time, before step 1, are thrown away. Here it is done for all threads at once by the
//!    publishing thread, so that running code costs nothing.
//!
//! | | `after_write` | `before_run` |
//! |---|---|---|
//! | x86-64 | the hardware does it | the hardware does it |
//! | aarch64, Linux | `dc cvau`, `ic ivau` by line, with barriers | `isb` on all cores, through `membarrier` |
//! | aarch64, macOS | `sys_icache_invalidate` | an interrupt of every thread |
//! | aarch64, Windows | `FlushInstructionCache` | `FlushProcessWriteBuffers`: an interrupt of every core |
//! | riscv64, Linux | a system call does `fence.i` on all harts | included in it |
//!
//! A thread that is not running when code is published fetches anew when it runs again: coming back
//! from the kernel does that on aarch64, and Linux does it for riscv64's harts.
//!
//! The addresses are those at which the code runs: an instruction cache may be indexed by them,
//! while a data cache is cleaned through any address of the same memory.
//!
//! To port, fill in a module with the two functions and `TRAP`, the byte that traps when it is run
//! as an instruction, however often it is repeated and wherever a jump lands.

#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
mod aarch64;
#[cfg(all(target_arch = "aarch64", target_os = "macos"))]
mod apple;
#[cfg(all(target_arch = "riscv64", target_os = "linux"))]
mod riscv64;
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos", windows)),
    all(target_arch = "riscv64", target_os = "linux"),
)))]
mod unsupported;
#[cfg(all(target_arch = "aarch64", windows))]
mod windows;
#[cfg(target_arch = "x86_64")]
mod x86_64;

#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
pub(crate) use aarch64::{TRAP, after_write, before_run};
#[cfg(all(target_arch = "aarch64", target_os = "macos"))]
pub(crate) use apple::{TRAP, after_write, before_run};
#[cfg(all(target_arch = "riscv64", target_os = "linux"))]
pub(crate) use riscv64::{TRAP, after_write, before_run};
#[cfg(not(any(
    target_arch = "x86_64",
    all(target_arch = "aarch64", any(target_os = "linux", target_os = "macos", windows)),
    all(target_arch = "riscv64", target_os = "linux"),
)))]
pub(crate) use unsupported::{TRAP, after_write, before_run};
#[cfg(all(target_arch = "aarch64", windows))]
pub(crate) use windows::{TRAP, after_write, before_run};
#[cfg(target_arch = "x86_64")]
pub(crate) use x86_64::{TRAP, after_write, before_run};
