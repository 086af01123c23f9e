//! Every interleaving of a machine that goes into code, out and in again with a thread that evicts and frees the code, with
//! stores that others see late: the protocol of `native/clock.rs` and `native/barrier.rs`, and that it needs each of its
//! parts.

use std::collections::{HashSet, VecDeque};

/// What the protocol does.
#[derive(Clone, Copy)]
struct Protocol {
    /// Who evicts has all threads pass a barrier, not only its own.
    barrier_for_all: bool,
    /// The machine passes one of its own when it goes in.
    barrier_inside: bool,
    /// The slot leads elsewhere before somebody looks who is inside.
    slot_first: bool,
    /// Whoever is inside is waited for.
    waits: bool,
}

const PROTOCOL: Protocol = Protocol { barrier_for_all: true, barrier_inside: false, slot_first: true, waits: true };

/// Words that both threads reach.
const SLOT: usize = 0;
const VISITS: usize = 1;
/// What the slot leads to.
const BRIDGE: u8 = 0;
const CODE: u8 = 1;

const MACHINE: usize = 0;
const EVICTOR: usize = 1;

#[derive(Clone, PartialEq, Eq, Hash)]
struct State {
    memory: [u8; 2],
    /// Stores that only their thread sees, the oldest first.
    buffers: [VecDeque<(usize, u8)>; 2],
    step: [u8; 2],
    /// Where the machine is going to, or is.
    at: u8,
    /// What the evictor saw of the visits.
    seen: u8,
    is_free: bool,
}

impl State {
    fn load(&self, thread: usize, word: usize) -> u8 {
        let own = self.buffers[thread].iter().rev().find(|(stored, _)| *stored == word);
        own.map_or(self.memory[word], |(_, value)| *value)
    }

    fn store(&mut self, thread: usize, word: usize, value: u8) {
        self.buffers[thread].push_back((word, value));
    }

    fn drain(&mut self, thread: usize) {
        while self.drain_one(thread) {}
    }

    fn drain_one(&mut self, thread: usize) -> bool {
        let Some((word, value)) = self.buffers[thread].pop_front() else { return false };
        self.memory[word] = value;
        true
    }

    /// The machine's next step: in, along the slot, out, twice. `None` when there is none, `false` when it ran code that is
    /// freed.
    fn machine(&mut self, protocol: Protocol) -> Option<bool> {
        let (visit, step) = (self.step[MACHINE] / 4, self.step[MACHINE] % 4);
        if visit == 2 {
            return None;
        }
        match step {
            0 => {
                self.store(MACHINE, VISITS, 2 * visit + 1);
                if protocol.barrier_inside {
                    self.drain(MACHINE);
                }
            }
            1 => self.at = self.load(MACHINE, SLOT),
            2 if self.at == CODE && self.is_free => return Some(false),
            2 => {}
            _ => self.store(MACHINE, VISITS, 2 * visit + 2),
        }
        self.step[MACHINE] += 1;
        Some(true)
    }

    /// The evictor's next step: `false` when there is none, or it waits.
    fn evictor(&mut self, protocol: Protocol) -> bool {
        let order = if protocol.slot_first { [0, 1, 2] } else { [1, 2, 0] };
        match self.step[EVICTOR] {
            step @ 0..3 => match order[usize::from(step)] {
                0 => self.store(EVICTOR, SLOT, BRIDGE),
                1 => {
                    self.drain(EVICTOR);
                    if protocol.barrier_for_all {
                        self.drain(MACHINE);
                    }
                }
                _ => self.seen = self.load(EVICTOR, VISITS),
            },
            3 if protocol.waits && self.seen % 2 == 1 && self.load(EVICTOR, VISITS) == self.seen => return false,
            3 => self.is_free = true,
            _ => return false,
        }
        self.step[EVICTOR] += 1;
        true
    }
}

/// Whether no interleaving runs code that is freed, and how many states there are.
fn explore(protocol: Protocol) -> (bool, usize) {
    let start =
        State { memory: [CODE, 0], buffers: Default::default(), step: [0; 2], at: BRIDGE, seen: 0, is_free: false };
    let (mut known, mut open) = (HashSet::from([start.clone()]), vec![start]);
    while let Some(state) = open.pop() {
        let mut next = Vec::new();
        let mut with = |change: &dyn Fn(&mut State) -> bool| {
            let mut state = state.clone();
            if change(&mut state) {
                next.push(state);
            }
        };
        with(&|state| state.drain_one(MACHINE));
        with(&|state| state.drain_one(EVICTOR));
        with(&|state| state.evictor(protocol));
        let mut state = state.clone();
        match state.machine(protocol) {
            Some(false) => return (false, known.len()),
            Some(true) => next.push(state),
            None => {}
        }
        open.extend(next.into_iter().filter(|state| known.insert(state.clone())));
    }
    (true, known.len())
}

#[test]
fn code_is_freed_when_no_machine_is_inside() {
    for barrier_inside in [false, true] {
        for barrier_for_all in [false, true] {
            let (holds, states) = explore(Protocol { barrier_inside, barrier_for_all, ..PROTOCOL });
            // Either the machine passes a barrier whenever it goes in, or who evicts has it do so.
            assert_eq!(holds, barrier_inside || barrier_for_all, "{states} states");
            assert!(!holds || states > 100, "{states} states");
        }
    }
}

#[test]
fn every_part_of_it_is_needed() {
    for protocol in [Protocol { slot_first: false, ..PROTOCOL }, Protocol { waits: false, ..PROTOCOL }] {
        for barrier_inside in [false, true] {
            assert!(!explore(Protocol { barrier_inside, ..protocol }).0);
        }
    }
}
