//! GDB's interface for code that is made at run time: a list of executables in memory, and a function that GDB stops at
//! when the list changes. LLDB knows it, too.

use std::arch::global_asm;
use std::sync::{Mutex, PoisonError};
use std::{fmt, ptr};

// Weak: another compiler in the same process may bring the same two.
global_asm!(
    ".pushsection .text.__jit_debug_register_code, \"ax\", @progbits",
    ".weak __jit_debug_register_code",
    ".type __jit_debug_register_code, @function",
    "__jit_debug_register_code:",
    "ret",
    ".size __jit_debug_register_code, . - __jit_debug_register_code",
    ".popsection",
    ".pushsection .data.__jit_debug_descriptor, \"aw\", @progbits",
    ".weak __jit_debug_descriptor",
    ".type __jit_debug_descriptor, @object",
    ".balign 8",
    "__jit_debug_descriptor:",
    ".long 1, 0",
    ".quad 0, 0",
    ".size __jit_debug_descriptor, . - __jit_debug_descriptor",
    ".popsection",
);

/// One executable in memory.
#[repr(C)]
struct Entry {
    next: *mut Entry,
    previous: *mut Entry,
    image: *const u8,
    length: u64,
}

/// The list, and what has just changed.
#[repr(C)]
struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut Entry,
    first: *mut Entry,
}

const NONE: u32 = 0;
const REGISTER: u32 = 1;
const UNREGISTER: u32 = 2;

unsafe extern "C" {
    static mut __jit_debug_descriptor: Descriptor;
    fn __jit_debug_register_code();
}

/// Held while the list is used.
static LIST: Mutex<()> = Mutex::new(());

/// An executable in the list, which it leaves when this is dropped.
pub(crate) struct Registered {
    // Invariant: the entry is from a box, is in the list, and names the image.
    entry: *mut Entry,
    _image: Box<[u8]>,
}

// SAFETY: the entry is used with the list's lock held only, and the image is only read.
unsafe impl Send for Registered {}
// SAFETY: as above.
unsafe impl Sync for Registered {}

impl Registered {
    pub(crate) fn new(image: Vec<u8>) -> Self {
        let image = image.into_boxed_slice();
        let (next, previous) = (ptr::null_mut(), ptr::null_mut());
        let entry =
            Box::into_raw(Box::new(Entry { next, previous, image: image.as_ptr(), length: image.len() as u64 }));
        change(|list| {
            // SAFETY: the entry has just been made.
            let this = unsafe { &mut *entry };
            this.next = list.first;
            if !list.first.is_null() {
                // SAFETY: entries in the list are valid, and the lock is held.
                let next = unsafe { &mut *list.first };
                next.previous = entry;
            }
            list.first = entry;
            (entry, REGISTER)
        });
        Self { entry, _image: image }
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        change(|list| {
            // SAFETY: by the invariant the entry is valid, and the lock is held.
            let this = unsafe { &mut *self.entry };
            if !this.next.is_null() {
                // SAFETY: entries in the list are valid.
                let next = unsafe { &mut *this.next };
                next.previous = this.previous;
            }
            if this.previous.is_null() {
                list.first = this.next;
            } else {
                // SAFETY: as above.
                let previous = unsafe { &mut *this.previous };
                previous.next = this.next;
            }
            (self.entry, UNREGISTER)
        });
        // SAFETY: by the invariant it is from a box; the list does not have it any more.
        drop(unsafe { Box::from_raw(self.entry) });
    }
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").field("entry", &self.entry).finish_non_exhaustive()
    }
}

/// Changes the list and tells the debugger.
fn change(change: impl FnOnce(&mut Descriptor) -> (*mut Entry, u32)) {
    let lock = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    let list = &raw mut __jit_debug_descriptor;
    // SAFETY: the list is used with the lock held only.
    let list = unsafe { &mut *list };
    let (entry, action) = change(list);
    (list.relevant, list.action) = (entry, action);
    // SAFETY: it does nothing; the debugger stops there.
    unsafe { __jit_debug_register_code() };
    let list = &raw mut __jit_debug_descriptor;
    // SAFETY: as above.
    unsafe { (*list).action = NONE };
    // SAFETY: as above.
    unsafe { (*list).relevant = ptr::null_mut() };
    drop(lock);
}
