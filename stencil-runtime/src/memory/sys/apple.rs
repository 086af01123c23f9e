//! macOS on Apple silicon: `MAP_JIT`.
//!
//! Pages that are mapped with this flag can be executed by every thread, or, while a thread asks
//! for it, written by that thread, which then cannot execute any of them. Since a draft may be
//! written by any thread, which may run other code meanwhile, drafts are written in memory of their
//! own; publishing copies them, and only while it copies has its thread the other right. Other
//! threads run on.
//!
//! A program with the hardened runtime needs the entitlement `com.apple.security.cs.allow-jit`.
//! Macs with Intel processors have no such pages, and [`super::Flip`] there.

use std::ops::Range;
use std::ptr::{self, NonNull};

use rustix::mm::{self, MapFlags, ProtFlags};

use super::Backing;
use super::unix::View;
use crate::memory::error::MemoryError;

/// `MAP_JIT` of `sys/mman.h`.
const JIT: MapFlags = MapFlags::from_bits_retain(0x0800);

/// Drafts are kept apart by a cache line, so that writing one does not disturb a core that runs its
/// neighbour.
const GRANULE: usize = 64;

unsafe extern "C" {
    /// Gives the calling thread the right to write pages of `MAP_JIT` (0) or to execute them (1).
    safe fn pthread_jit_write_protect_np(enabled: i32);
}

/// Pages that each thread may either write or execute, and memory of the same length that drafts are
/// written in.
#[derive(Debug)]
pub(in crate::memory) struct PerThread {
    writable: View,
    executable: View,
}

/// Maps `len` bytes, wherever there is room.
fn map(len: usize, access: ProtFlags, flags: MapFlags, operation: &'static str) -> Result<View, MemoryError> {
    // SAFETY: a null hint without MAP_FIXED lets the kernel choose unused addresses, so no memory is
    // replaced.
    let start = unsafe { mm::mmap_anonymous(ptr::null_mut(), len, access, MapFlags::PRIVATE | flags) }
        .map_err(MemoryError::system(operation))?;
    // SAFETY: `mmap` has just returned it, and the address goes nowhere else.
    Ok(unsafe { View::adopt(start, len) })
}

/// Gives this thread the right to execute pages of `MAP_JIT` back when it is dropped.
struct Writing;

impl Writing {
    fn start() -> Self {
        pthread_jit_write_protect_np(0);
        Self
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        pthread_jit_write_protect_np(1);
    }
}

// SAFETY: `publish` copies a range from one view to the other, which is what a draft wrote and what
// then runs. The writable view is never executable; the executable one is written by one thread
// only while that thread cannot execute it.
unsafe impl Backing for PerThread {
    fn reserve(len: usize, _landing_pads: bool) -> Result<Self, MemoryError> {
        let data = ProtFlags::READ | ProtFlags::WRITE;
        let writable = map(len, data, MapFlags::NORESERVE, "map the writable view")?;
        let executable = map(len, data | ProtFlags::EXEC, JIT, "map the executable view")?;
        Ok(Self { writable, executable })
    }

    fn executable(&self) -> NonNull<u8> {
        self.executable.start()
    }

    fn writable(&self) -> NonNull<u8> {
        self.writable.start()
    }

    fn granule(&self) -> usize {
        GRANULE
    }

    fn keeps_writable(&self) -> bool {
        false
    }

    unsafe fn open(&self, _range: &Range<usize>) -> Result<(), MemoryError> {
        Ok(())
    }

    unsafe fn publish(&self, range: &Range<usize>) -> Result<(), MemoryError> {
        let (from, len) = self.writable.part(range);
        let (to, _) = self.executable.part(range);
        let _writing = Writing::start();
        // SAFETY: `part` checked that both ranges are inside our own mappings, which are apart; the
        // caller owns them, this thread may write the second for now, and no code runs in it yet.
        unsafe { ptr::copy_nonoverlapping(from.cast::<u8>(), to.cast::<u8>(), len) };
        Ok(())
    }

    fn refresh(&self, _pages: &Range<usize>) -> Result<(), MemoryError> {
        // What runs is written through the addresses where it runs, which watchers see.
        Ok(())
    }
}
