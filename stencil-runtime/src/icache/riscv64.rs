//! riscv64 on Linux: `fence.i` acts on one hart only, and a thread may move to another one after
//! it, so the kernel has a system call that does it on all.

use std::arch::asm;
use std::io;

/// A halfword of zeros is the defined illegal instruction.
pub(crate) const TRAP: u8 = 0;

/// `__NR_riscv_flush_icache`.
const FLUSH_ICACHE: usize = 259;

/// Makes `code` visible to instruction fetch on all harts that run threads of this process, now or
/// later.
///
/// # Errors
/// When a policy of the system forbids the call.
pub(crate) fn after_write(code: &[u8]) -> io::Result<()> {
    let range = code.as_ptr_range();
    let status: isize;
    // SAFETY: the call reads no memory of the program; by the kernel's convention it changes a0
    // only. Flags 0 means all threads.
    unsafe {
        asm!(
            "ecall",
            inlateout("a0") range.start => status,
            in("a1") range.end,
            in("a2") 0_usize,
            in("a7") FLUSH_ICACHE,
            options(nostack),
        );
    }
    if status == 0 { Ok(()) } else { Err(io::Error::from_raw_os_error(-status as i32)) }
}

/// Nothing: [`after_write`] has reached all harts.
pub(crate) fn before_run() -> io::Result<()> {
    Ok(())
}
