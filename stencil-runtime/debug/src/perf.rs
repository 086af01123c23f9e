//! What Linux' `perf` reads: a map of symbols, or a dump of all code with its lines.

use crate::elf;
use crate::guest::{Description, Detail, Guest};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::{fmt, process, ptr};
use stencil_runtime::{Attachment, Listener, PublishedCode};

/// Lists the code of every space that it listens to in `/tmp/perf-PID.map`, where `perf report` looks for the names of
/// functions that no file has. What is freed stays in it: the format has no way to say so.
#[derive(Debug)]
pub struct PerfMap {
    guest: Arc<dyn Guest>,
    file: Mutex<File>,
}

impl PerfMap {
    /// The map of this process.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn new(guest: Arc<dyn Guest>) -> io::Result<Self> {
        Self::at(guest, Path::new(&format!("/tmp/perf-{}.map", process::id())))
    }

    /// A map at another place.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn at(guest: Arc<dyn Guest>, path: &Path) -> io::Result<Self> {
        Ok(Self { guest, file: Mutex::new(File::create(path)?) })
    }
}

impl Listener for PerfMap {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        let name = self.guest.describe(code, Detail::Name)?.name.replace('\n', " ");
        let line = format!("{:x} {:x} {name}\n", code.address, code.bytes.len());
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A profile without a name is better than a program that fails.
        let written = file.write_all(line.as_bytes());
        drop((file, written));
        None
    }
}

/// The marks of the dump's format.
const MAGIC: u32 = 0x4A69_5444;
const LOAD: u32 = 0;
const DEBUG_INFO: u32 = 2;
/// Bytes of the file's header.
const FILE_HEADER: u32 = 40;
/// Bytes that every record starts with.
const RECORD_HEADER: u32 = 16;

/// Writes the code of every space that it listens to, with its lines, to a file that `perf inject --jit` takes apart:
/// `perf record -k mono PROGRAM`, then `perf inject --jit -i perf.data -o jitted.data`.
pub struct JitDump {
    guest: Arc<dyn Guest>,
    path: PathBuf,
    dump: Mutex<Dump>,
}

struct Dump {
    file: BufWriter<File>,
    /// How many pieces of code there were.
    count: u64,
    /// A page of the file, mapped so that `perf` learns of it.
    marker: *mut libc::c_void,
}

// SAFETY: the mapping is only unmapped, once.
unsafe impl Send for Dump {}

impl fmt::Debug for JitDump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JitDump").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The length of the mapping: a page on every system.
const MARKER: usize = 4096;

impl JitDump {
    /// A dump in `folder`, as `jit-PID.dump`.
    ///
    /// # Errors
    /// When the file cannot be written or mapped.
    pub fn new(guest: Arc<dyn Guest>, folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("jit-{}.dump", process::id()));
        let mut file = File::options().read(true).write(true).create(true).truncate(true).open(&path)?;
        let machine = stencil_runtime::host_architecture().map_or(0, |architecture| elf::machine(architecture).0);
        let mut header = Vec::new();
        for word in [MAGIC, 1, FILE_HEADER, u32::from(machine), 0, process::id()] {
            header.extend(word.to_le_bytes());
        }
        header.extend(now().to_le_bytes());
        header.extend(0_u64.to_le_bytes());
        file.write_all(&header)?;
        // SAFETY: a new mapping at any place; nothing is read through it.
        let marker = unsafe {
            libc::mmap(
                ptr::null_mut(),
                MARKER,
                libc::PROT_READ | libc::PROT_EXEC,
                libc::MAP_PRIVATE,
                file.as_raw_fd(),
                0,
            )
        };
        if marker == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let dump = Mutex::new(Dump { file: BufWriter::new(file), count: 0, marker });
        Ok(Self { guest, path, dump })
    }

    /// Where the dump is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Dump {
    fn drop(&mut self) {
        // SAFETY: the mapping was made for this, and nothing uses it.
        let unmapped = unsafe { libc::munmap(self.marker, MARKER) };
        debug_assert_eq!(unmapped, 0);
    }
}

impl Listener for JitDump {
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment> {
        let description = self.guest.describe(code, Detail::Lines)?;
        let mut dump = self.dump.lock().unwrap_or_else(PoisonError::into_inner);
        // A profile without this code is better than a program that fails.
        let written = dump.write(code, &description);
        drop((dump, written));
        None
    }
}

impl Dump {
    fn write(&mut self, code: &PublishedCode<'_>, description: &Description) -> io::Result<()> {
        if let Some(file) = &description.file {
            let file = file.as_os_str().as_encoded_bytes();
            let lines = description.lines.iter().filter(|line| line.line != 0);
            let mut body = Vec::new();
            body.extend(code.address.to_le_bytes());
            body.extend((lines.clone().count() as u64).to_le_bytes());
            for line in lines {
                body.extend((code.address + u64::from(line.offset)).to_le_bytes());
                body.extend(line.line.to_le_bytes());
                body.extend(0_u32.to_le_bytes());
                body.extend(file);
                body.push(0);
            }
            self.record(DEBUG_INFO, &body)?;
        }
        let mut body = Vec::new();
        // SAFETY: asks for a number.
        let thread = unsafe { libc::gettid() };
        body.extend(process::id().to_le_bytes());
        body.extend(thread.to_le_bytes());
        for word in [code.address, code.address, code.bytes.len() as u64, self.count] {
            body.extend(word.to_le_bytes());
        }
        body.extend(description.name.bytes().filter(|byte| *byte != 0).chain([0]));
        body.extend(code.bytes);
        self.count += 1;
        self.record(LOAD, &body)?;
        self.file.flush()
    }

    fn record(&mut self, id: u32, body: &[u8]) -> io::Result<()> {
        self.file.write_all(&id.to_le_bytes())?;
        self.file.write_all(&(RECORD_HEADER + body.len() as u32).to_le_bytes())?;
        self.file.write_all(&now().to_le_bytes())?;
        self.file.write_all(body)
    }
}

/// Nanoseconds of the clock that `perf record -k mono` uses.
fn now() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is valid for writes. This clock is always there.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}
