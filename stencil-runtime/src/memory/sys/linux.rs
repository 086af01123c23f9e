//! The dual mapping: one memory file, seen through a writable and through an executable view.
//!
//! The file is anonymous and sealed: its size is fixed, and once the writable view exists no
//! further writable view can be made, nor can `mprotect` ever make the executable one writable.
//! Publishing is then no system call at all.
//!
//! Emulators and dynamic instrumenters translate code from the executable view and learn that it
//! changed from writes and system calls on *that* view, so writes through the other one go unseen
//! and old code would run. Before a range is reused, [`Backing::refresh`] therefore maps the same
//! pages of the file over themselves. Taking the right to execute away and giving it back would do
//! as well, but would fault threads that run other code in the same pages; a mapping is replaced in
//! one step, and whoever faults meanwhile waits for the end of it.
//!
//! Both processes after a `fork` would write code to the same shared pages, each where it believes them free. So children do
//! not get the views: code that they run faults at once.

use std::ops::Range;
use std::os::fd::OwnedFd;
use std::ptr::{self, NonNull};

use rustix::fs::{self, MemfdFlags, SealFlags};
use rustix::io::Errno;
use rustix::mm::{self, Advice, MapFlags, ProtFlags};

use super::Backing;
use super::unix::{View, executable};
use crate::memory::error::MemoryError;

/// Drafts are kept apart by a cache line, so that writing one does not disturb a core that runs its
/// neighbour.
const GRANULE: usize = 64;

/// Two views of one sealed memory file.
#[derive(Debug)]
pub(in crate::memory) struct Dual {
    writable: View,
    executable: View,
    /// What may be done with the executable view.
    access: ProtFlags,
    file: OwnedFd,
}

/// A new memory file of `len` zero bytes that cannot change its size.
fn memory_file(len: usize) -> Result<OwnedFd, MemoryError> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file = match fs::memfd_create(c"stencil", flags | MemfdFlags::NOEXEC_SEAL) {
        // Kernels before 6.3 do not know the flag, later ones may insist on it. It concerns
        // `execve`, not `mmap`.
        Err(Errno::INVAL) => fs::memfd_create(c"stencil", flags),
        other => other,
    }
    .map_err(MemoryError::system("create a memory file"))?;
    fs::ftruncate(&file, len as u64).map_err(MemoryError::system("size the memory file"))?;
    fs::fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW)
        .map_err(MemoryError::system("seal the size of the memory file"))?;
    Ok(file)
}

/// Maps all of `file`, wherever there is room.
fn map(file: &OwnedFd, len: usize, access: ProtFlags, operation: &'static str) -> Result<View, MemoryError> {
    // SAFETY: a null hint without MAP_FIXED lets the kernel choose unused addresses, so no memory
    // is replaced.
    let start = unsafe { mm::mmap(ptr::null_mut(), len, access, MapFlags::SHARED, file, 0) }
        .map_err(MemoryError::system(operation))?;
    // SAFETY: `mmap` has just returned it, and the address goes nowhere else.
    let view = unsafe { View::adopt(start, len) };
    keep_from_children(&view, &(0..len))?;
    Ok(view)
}

/// Has these pages of a view not be there in processes that this one forks.
fn keep_from_children(view: &View, pages: &Range<usize>) -> Result<(), MemoryError> {
    let (start, len) = view.part(pages);
    // SAFETY: `part` checked that the pages are inside the view; the advice changes nothing in this process.
    unsafe { mm::madvise(start, len, Advice::LinuxDontFork) }
        .map_err(MemoryError::system("keep the memory from child processes"))
}

/// Forbids further writable views of `file`, and further seals.
fn seal_writing(file: &OwnedFd) -> Result<(), MemoryError> {
    match fs::fcntl_add_seals(file, SealFlags::FUTURE_WRITE) {
        // Kernels before 5.1 do not know it; the file is still ours alone.
        Ok(()) | Err(Errno::INVAL) => {}
        Err(error) => {
            return Err(MemoryError::system("seal the memory file against writing")(error));
        }
    }
    fs::fcntl_add_seals(file, SealFlags::SEAL).map_err(MemoryError::system("seal the memory file"))
}

// SAFETY: both views map the same shared file from offset 0, so the same memory; the file cannot
// shrink. One view is only ever mapped readable and writable, the other only readable and
// executable.
unsafe impl Backing for Dual {
    fn reserve(len: usize, landing_pads: bool) -> Result<Self, MemoryError> {
        let file = memory_file(len)?;
        let writable = map(&file, len, ProtFlags::READ | ProtFlags::WRITE, "map the writable view")?;
        seal_writing(&file)?;
        let access = executable(landing_pads);
        let executable = map(&file, len, access, "map the executable view")?;
        Ok(Self { writable, executable, access, file })
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
        true
    }

    unsafe fn open(&self, _range: &Range<usize>) -> Result<(), MemoryError> {
        Ok(())
    }

    unsafe fn publish(&self, _range: &Range<usize>) -> Result<(), MemoryError> {
        Ok(())
    }

    fn refresh(&self, pages: &Range<usize>) -> Result<(), MemoryError> {
        let (start, len) = self.executable.part(pages);
        let flags = MapFlags::SHARED | MapFlags::FIXED;
        // SAFETY: `part` checked that the pages are inside our own executable view. They are
        // replaced by the same pages of the same file with the same access, in one step, so
        // neither readers nor running threads can tell.
        let mapped = unsafe { mm::mmap(start, len, self.access, flags, &self.file, pages.start as u64) };
        mapped.map_err(MemoryError::system("refresh the executable view"))?;
        keep_from_children(&self.executable, pages)
    }
}

#[cfg(test)]
mod tests;
