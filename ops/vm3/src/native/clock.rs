//! Which code goes when there is no room for more.
//!
//! Nothing in compiled code says that it is used. What was compiled longest ago is put *on probation* instead: calls of it
//! lead to the interpreter, and the code is kept. A function that is called often enough to be compiled gets its code back
//! and starts anew; one that is not is evicted when its turn comes. An eighth of the room is on probation all the time once
//! there is none left.
//!
//! Code that is evicted is freed when no machine is inside any more that was when the last way to it was gone.

use super::barrier;
use super::cache::CodeCache;
use super::context::Visit;
use super::program::Native;
use crate::compile::FunctionCode;
use std::collections::VecDeque;
use std::sync::{Arc, Weak};

/// The code of a cache in the order in which it was made.
#[derive(Debug, Default)]
pub(super) struct Clock {
    active: VecDeque<Piece>,
    probation: VecDeque<Piece>,
    /// Bytes on probation.
    on_probation: usize,
    evicted: Vec<Evicted>,
}

/// The code of a function.
#[derive(Debug)]
struct Piece {
    native: Weak<Native>,
    function: usize,
    bytes: usize,
}

/// Code that nothing leads to any more.
#[derive(Debug)]
struct Evicted {
    code: Arc<FunctionCode>,
    /// The visits that may still be inside.
    visits: Vec<Visit>,
}

impl Evicted {
    fn bytes(&self) -> usize {
        self.code.code().bytes().len()
    }
}

/// What part of the budget is on probation.
const PROBATION: usize = 8;

impl Clock {
    /// Takes up what was compiled.
    pub(super) fn add(&mut self, native: Weak<Native>, function: usize, bytes: usize) {
        // Code of programs that are gone is taken out in constant time per piece.
        if self.active.len() == self.active.capacity() {
            self.active.retain(|piece| piece.native.strong_count() > 0);
            self.active.reserve(self.active.len() + 1);
        }
        self.active.push_back(Piece { native, function, bytes });
    }

    /// Evicts until `bytes` fit `cache`, if they can, but no code of `spared`. When machines are inside what was evicted,
    /// they are asked to leave.
    pub(super) fn make_room(&mut self, cache: &CodeCache, bytes: usize, spared: Option<&Native>) {
        self.free(cache);
        let fits = || cache.used() + bytes <= cache.budget();
        // What waits for machines to leave makes room, too, only later: who asks may itself be one of them. So if that is
        // not enough, other code goes, too.
        let waiting = self.evicted.iter().map(Evicted::bytes).sum();
        for found in [waiting, 0] {
            if !fits() {
                let missing = (cache.used() + bytes).saturating_sub(cache.budget() + found);
                self.evict(cache, missing, spared);
            }
        }
        if !fits() {
            self.evicted.iter().flat_map(|evicted| &evicted.visits).for_each(Visit::end_soon);
        }
    }

    /// Evicts at least `missing` bytes, if there are as many.
    fn evict(&mut self, cache: &CodeCache, missing: usize, spared: Option<&Native>) {
        let mut found = 0;
        let mut taken: Vec<(Arc<Native>, Arc<FunctionCode>)> = Vec::new();
        let mut met_gone = true;
        // What is on probation may be code of programs that are gone, whose room was theirs to give back: then once more.
        while found < missing && met_gone {
            self.fill_probation(missing - found + cache.budget() / PROBATION, spared);
            met_gone = false;
            for _ in 0..self.probation.len() {
                if found >= missing {
                    break;
                }
                let Some(piece) = self.probation.pop_front() else { break };
                self.on_probation -= piece.bytes;
                let Some(native) = piece.native.upgrade() else {
                    met_gone = true;
                    continue;
                };
                let is_spared = spared.is_some_and(|spared| std::ptr::eq(spared, &*native));
                match if is_spared { None } else { native.evict(piece.function) } {
                    None => self.active.push_back(piece),
                    Some(code) => {
                        found += piece.bytes;
                        cache.note_eviction();
                        taken.push((native, code));
                    }
                }
            }
        }
        if !taken.is_empty() {
            barrier::heavy();
            self.evicted.extend(taken.into_iter().map(|(native, code)| Evicted { code, visits: native.visits() }));
            self.free(cache);
        }
    }

    /// Puts on probation what is oldest, until there are `bytes`.
    fn fill_probation(&mut self, bytes: usize, spared: Option<&Native>) {
        for _ in 0..self.active.len() {
            if self.on_probation >= bytes {
                break;
            }
            let Some(piece) = self.active.pop_front() else { break };
            let Some(native) = piece.native.upgrade() else { continue };
            if spared.is_some_and(|spared| std::ptr::eq(spared, &*native)) {
                self.active.push_back(piece);
                continue;
            }
            native.put_on_probation(piece.function);
            self.on_probation += piece.bytes;
            self.probation.push_back(piece);
        }
    }

    /// Frees what no machine is inside any more.
    pub(super) fn free(&mut self, cache: &CodeCache) {
        self.evicted.retain_mut(|evicted| {
            evicted.visits.retain(Visit::goes_on);
            if evicted.visits.is_empty() {
                cache.release(evicted.bytes());
            }
            !evicted.visits.is_empty()
        });
    }
}
