//! Times vm3's programs in every tier beside the same algorithms in Rust.
//!
//! ```sh
//! cargo run --release -p vm3-bench            # the table
//! cargo run --release -p vm3-bench -- --save  # the same, and target/vm3-bench.json and .svg
//! cargo run --release -p vm3-bench -- pairs   # which ops follow one another
//! ```
//!
//! # What is timed
//! The cases of the corpus that are marked for it, when its file stands beside the workspace, and the runs that vm3's
//! programs name in their heads (`; bench ARGS`). A run is one call of a machine that is used over and over; the way into
//! it is part of the time. The counterpart of a program in Rust is in [`native`], with its loops and bounds checks.
//!
//! # How
//! Before anything is timed, all engines and the counterpart have to give the same result. Then each of them warms up
//! (128 runs or 300 ms) and finds how many runs take at least a millisecond: that is a sample. Engines and counterpart
//! take turns, 21 each, so that whatever slows the machine down for a while slows all of them; who begins changes from
//! round to round. A turn takes samples for five milliseconds, and one in any case; its time is the fastest of them,
//! because in the first the processor learns the branches anew, and in any of them it may have had other work. The clock
//! is [`std::time::Instant`].
//!
//! The table has, per engine: the median over the turns in nanoseconds per run; the median distance from it, in percent;
//! the ratio to native, which is the median over the rounds of the ratios within a round; and the ratio of the best turns.
//! Compile times are explained in [`compile`].
//!
//! | module | what lives there |
//! |---|---|
//! | [`cases`] | what is run |
//! | [`engine`] | the ways to run it: a new one is a line |
//! | [`native`] | the programs in Rust, a file per family |
//! | [`measure`] | turns, samples and warming up |
//! | [`compile`], [`functions`] | compile times, and the functions for them |
//! | [`figures`], [`stats`] | what was measured, and its means |
//! | [`table`], [`chart`] | figures for people |
//! | [`pairs`] | which ops follow one another |
//! | [`value`] | results, to compare them |

pub mod cases;
pub mod chart;
pub mod compile;
pub mod engine;
pub mod error;
pub mod figures;
pub mod functions;
pub mod measure;
pub mod native;
pub mod pairs;
pub mod stats;
pub mod table;
pub mod value;
