//! The op sets that are tried, and what their ops are tried with. A new op needs a line in the file of its set.

mod matrix;
mod toy;
mod vm3;
