//! The tutorial's set.

use crate::domain::{Addresses, Domain, Start, Subject};
use crate::toy::{CELLS, Machine, ReadGet, WritePut};
use std::mem::offset_of;
use stencil_runtime::host_fn;

/// The first word of the tape in scratch memory; those before it are the host's.
const TAPE: usize = 2;

host_fn! {
    /// Keeps a byte, and how many there were.
    ///
    /// # Safety
    /// `host` points to two words that nobody else uses.
    unsafe fn put(host: *mut (), byte: u8) {
        let words = host.cast::<[u64; 2]>();
        // SAFETY: the caller's contract.
        let [last, count] = unsafe { &mut *words };
        (*last, *count) = (u64::from(byte), count.wrapping_add(1));
    }
}

host_fn! {
    /// A byte that depends on the one before and on what `put` keeps.
    ///
    /// # Safety
    /// As for [`put`].
    unsafe fn get(host: *mut (), before: u8) -> u8 {
        let words = host.cast::<[u64; 2]>();
        // SAFETY: the caller's contract.
        let [last, count] = unsafe { &mut *words };
        *count = count.wrapping_add(1);
        before.wrapping_mul(5) ^ *last as u8
    }
}

impl Subject for Machine {
    const SCRATCH_WORDS: usize = TAPE + CELLS.div_ceil(8);

    fn domain(op: &str, _at: Addresses) -> Option<Domain> {
        // The head is always on the tape.
        let heads = [0, 1, 7, 8, 255, 256, CELLS - 2, CELLS - 1].map(|head| head as u64);
        let (put, get): (WritePut, ReadGet) = (put, get);
        Some(match op {
            "move_heads" | "stop" => Domain::any(),
            "add" | "open" | "close" | "add_close" => Domain::any().with(0, heads),
            "step" => Domain::any().with(1, heads),
            "write" => Domain::any().with(0, heads).with(1, [put as usize as u64]),
            "read" => Domain::any().with(0, heads).with(1, [get as usize as u64]),
            _ => return None,
        })
    }

    fn prepare(at: Addresses, start: Start<'_>) {
        start.fixed[1] = at.scratch(TAPE, 0);
        start.context[offset_of!(crate::toy::Context, host) / 8] = at.scratch(0, 0);
    }
}
