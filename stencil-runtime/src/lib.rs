//! Executable memory and the way into the code that stands in it.

mod icache;
pub mod memory;
