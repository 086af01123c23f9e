//! aarch64 on macOS.

use std::ffi::c_void;
use std::io;
use std::ptr;

/// A word of zeros is `udf #0`.
pub(crate) const TRAP: u8 = 0;

/// The name of a kernel object, `mach_port_t`.
type Port = u32;

/// What calls answer, `kern_return_t`.
type Answer = i32;

/// `KERN_SUCCESS`.
const SUCCESS: Answer = 0;

/// `MACH_SEND_INVALID_DEST`: a thread that has ended meanwhile.
const ENDED: Answer = 0x1000_0003;

/// `KERN_INVALID_ARGUMENT` and `KERN_TERMINATED`: likewise.
const GONE: [Answer; 2] = [4, 37];

/// How many registers a thread has, and some to spare.
const REGISTERS: usize = 128;

unsafe extern "C" {
    static mach_task_self_: Port;
    fn sys_icache_invalidate(start: *const c_void, len: usize);
    fn task_threads(task: Port, threads: *mut *mut Port, count: *mut u32) -> Answer;
    fn thread_get_register_pointer_values(
        thread: Port,
        stack: *mut usize,
        count: *mut usize,
        values: *mut usize,
    ) -> Answer;
    safe fn mach_port_deallocate(task: Port, name: Port) -> Answer;
    fn vm_deallocate(task: Port, address: usize, size: usize) -> Answer;
}

/// Cleans the data cache and invalidates the instruction caches of all cores. Cannot fail.
pub(crate) fn after_write(code: &[u8]) -> io::Result<()> {
    // SAFETY: the bytes are mapped and readable; the call changes no data.
    unsafe { sys_icache_invalidate(code.as_ptr().cast(), code.len()) };
    Ok(())
}

/// Interrupts every thread of this process, by asking the kernel for its registers; a core that comes back from an
/// interrupt fetches anew. This system has no call that does just that.
///
/// # Errors
/// When the kernel refuses.
pub(crate) fn before_run() -> io::Result<()> {
    // SAFETY: the system library sets it before the program starts.
    let task = unsafe { mach_task_self_ };
    let (mut threads, mut count) = (ptr::null_mut::<Port>(), 0_u32);
    // SAFETY: both variables are ours; the call stores in them a new array of new names.
    let listed = unsafe { task_threads(task, &raw mut threads, &raw mut count) };
    answered(listed)?;
    // SAFETY: the kernel has just made the array, of this length, for us alone.
    let names = unsafe { std::slice::from_raw_parts(threads, count as usize) };
    let mut result = Ok(());
    for &thread in names {
        result = result.and(interrupt(thread));
        mach_port_deallocate(task, thread);
    }
    let size = size_of_val(names);
    // SAFETY: the array is ours and not used any more.
    let freed = unsafe { vm_deallocate(task, threads.addr(), size) };
    result.and(answered(freed))
}

/// Asks for a thread's registers, which interrupts it.
fn interrupt(thread: Port) -> io::Result<()> {
    let (mut stack, mut count, mut values) = (0_usize, REGISTERS, [0_usize; REGISTERS]);
    // SAFETY: the variables are ours, and `count` is the length of the array.
    let asked =
        unsafe { thread_get_register_pointer_values(thread, &raw mut stack, &raw mut count, values.as_mut_ptr()) };
    if asked == ENDED || GONE.contains(&asked) { Ok(()) } else { answered(asked) }
}

fn answered(answer: Answer) -> io::Result<()> {
    if answer == SUCCESS { Ok(()) } else { Err(io::Error::other(format!("the kernel answered {answer:#x}"))) }
}
