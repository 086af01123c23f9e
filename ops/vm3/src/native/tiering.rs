//! Which functions of a machine's program are compiled, and when.

use super::outside::WayIn;
use super::program::Native;
use crate::compile::CompileError;
#[cfg(feature = "cranelift")]
use crate::compile::{CraneliftError, Upper};
use crate::vm::FunctionStats;
use std::cell::{Cell, OnceCell};
use std::sync::Arc;
use std::time::Instant;

/// The compiled functions of a program, as one machine uses them.
#[derive(Debug)]
pub(crate) struct Tiering {
    native: Arc<Native>,
    /// How often each function has still to be called, or to go around in a loop, before it is compiled.
    countdowns: Box<[Cell<u32>]>,
    threshold: u32,
    /// How calls from outside go into each function.
    ways: Box<[OnceCell<Box<WayIn>>]>,
    /// What is worth knowing of each function.
    tallies: Box<[Tally]>,
    /// The last answer of [`Tiering::frames_above`], with its question.
    frames: Cell<[usize; 3]>,
    /// What code is told that asks whether to leave.
    #[cfg(test)]
    pub(crate) stops: super::stops::Stops,
    /// What Cranelift has compiled, which is used instead of stitched code.
    #[cfg(feature = "cranelift")]
    pub(super) upper: Option<Upper>,
}

/// How often code of a function was gone into and left in an uncommon way.
#[derive(Debug, Default)]
struct Tally {
    loop_entries: Cell<u64>,
    exits: Cell<u64>,
}

/// The most turns of loops that nobody looks at: it must not take long to find out that the machine was asked to stop.
pub(crate) const MAX_PATIENCE: u32 = 256;

/// The countdown of a function for whose code there was no room.
const LATER: u32 = 1_000;

/// A countdown that never ends.
const NEVER: u32 = u32::MAX;

impl Tiering {
    /// Functions are compiled when they have been called, or gone around in loops, `threshold` times.
    pub(crate) fn new(native: Arc<Native>, functions: usize, threshold: u32) -> Self {
        let countdown = |function| if native.is_host(function) { NEVER } else { threshold.min(NEVER - 1) };
        let countdowns = (0..functions).map(|function| Cell::new(countdown(function))).collect();
        let ways = (0..functions).map(|_| OnceCell::new()).collect();
        let tallies = (0..functions).map(|_| Tally::default()).collect();
        Self {
            native,
            countdowns,
            threshold,
            ways,
            tallies,
            frames: Cell::new([0; 3]),
            #[cfg(test)]
            stops: super::stops::Stops::default(),
            #[cfg(feature = "cranelift")]
            upper: None,
        }
    }

    /// All functions are compiled by Cranelift, now; those that are too large for it are interpreted.
    ///
    /// # Errors
    /// When it cannot compile one, or there is no memory for the code.
    #[cfg(feature = "cranelift")]
    pub(crate) fn optimised(native: Arc<Native>, functions: usize) -> Result<Self, CraneliftError> {
        let upper = Some(native.upper()?);
        Ok(Self { upper, ..Self::new(native, functions, NEVER) })
    }

    /// The compiled functions.
    pub(crate) fn native(&self) -> &Native {
        &self.native
    }

    /// How calls from outside go into the stitched code of `function`, once that was found.
    #[inline]
    pub(super) fn way_in(&self, function: usize) -> Option<&WayIn> {
        self.ways[function].get().map(|way| &**way)
    }

    /// Finds how calls from outside go into the stitched code of `function`, on a stack of `words`, unless it takes anything
    /// but ints or is not compiled.
    pub(crate) fn find_way_in(&self, function: usize, words: usize) {
        #[cfg(feature = "cranelift")]
        if self.upper.is_some() {
            return;
        }
        if self.ways[function].get().is_none()
            && self.native.has(function)
            && let Some(way) = WayIn::of(self, function, words)
        {
            self.ways[function].get_or_init(|| Box::new(way));
        }
    }

    /// How many frames of any function certainly fit a stack of `words` from word `base` on.
    #[inline]
    pub(super) fn frames_above(&self, words: usize, base: usize) -> usize {
        let [known_words, known_base, frames] = self.frames.get();
        // A division takes longer than all else that it takes to enter code.
        if (known_words, known_base) == (words, base) {
            return frames;
        }
        let frames = words.saturating_sub(base) / self.native.largest_frame();
        self.frames.set([words, base, frames]);
        frames
    }

    /// The code of `function` was gone into at a loop.
    pub(super) fn note_loop_entry(&self, function: usize) {
        let count = &self.tallies[function].loop_entries;
        count.set(count.get() + 1);
    }

    /// The code of `function` left an op to the interpreter.
    pub(super) fn note_exit(&self, function: usize) {
        let count = &self.tallies[function].exits;
        count.set(count.get() + 1);
    }

    /// What became of a function so far.
    pub(crate) fn stats(&self, function: usize) -> FunctionStats {
        let Tally { loop_entries, exits } = &self.tallies[function];
        FunctionStats {
            compiled: self.native.stats(function),
            counted: match self.countdowns[function].get() {
                NEVER => 0,
                left => self.threshold.min(NEVER - 1).saturating_sub(left),
            },
            loop_entries: loop_entries.get(),
            exits: exits.get(),
        }
    }

    /// Compiles every function.
    ///
    /// # Errors
    /// When there is no room for the code.
    pub(crate) fn compile_all(&self) -> Result<(), CompileError> {
        let mut compiled = (0..self.countdowns.len()).filter(|function| !self.native.is_host(*function));
        // What one function ends with the next one starts with.
        let compile = |now, function| self.native.compile_since(now, function, false);
        compiled.try_fold(Instant::now(), compile).map(drop)
    }

    /// Whether a function is compiled.
    #[inline]
    pub(crate) fn has(&self, function: usize) -> bool {
        #[cfg(feature = "cranelift")]
        if let Some(upper) = &self.upper {
            return upper.has(function);
        }
        self.native.has(function)
    }

    /// Whether a function that starts, or has gone around in loops `times` times, is compiled by now.
    #[inline]
    pub(crate) fn compiled(&self, function: usize, times: u32) -> bool {
        // Cranelift compiles everything at once, and never counts.
        self.has(function) || self.count(function, times)
    }

    /// How often a function may go around in loops before [`Tiering::compiled`] wants to be asked.
    pub(crate) fn patience(&self, function: usize) -> u32 {
        if self.native.has(function) { 1 } else { self.countdowns[function].get().clamp(1, MAX_PATIENCE) }
    }

    #[inline]
    fn count(&self, function: usize, times: u32) -> bool {
        let countdown = &self.countdowns[function];
        match countdown.get() {
            NEVER => false,
            left if left < times => self.heat(function),
            left => {
                countdown.set(left - times);
                false
            }
        }
    }

    /// Compiles a function. What cannot be compiled is not tried again, unless it was for want of room.
    #[cold]
    fn heat(&self, function: usize) -> bool {
        let compiled = self.native.compile(function, true);
        match &compiled {
            // Once it is evicted, it has to be called as often again.
            Ok(()) => self.countdowns[function].set(self.threshold.min(NEVER - 1)),
            // There may be room later.
            Err(CompileError::Budget { .. }) => self.countdowns[function].set(LATER),
            Err(_) => self.countdowns[function].set(NEVER),
        }
        compiled.is_ok()
    }
}
