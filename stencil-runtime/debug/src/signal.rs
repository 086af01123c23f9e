//! What handlers of signals find: the registers of the code that was interrupted.

use std::mem::MaybeUninit;
use std::{io, ptr};

/// Where code was interrupted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interrupted {
    /// The instruction.
    pub(crate) address: u64,
    pub(crate) stack: u64,
    pub(crate) frame: u64,
}

impl Interrupted {
    /// Reads the context that a handler is given.
    ///
    /// # Safety
    /// It is the third argument of a handler that was installed with `SA_SIGINFO`.
    pub(crate) unsafe fn read(context: *const libc::c_void) -> Self {
        // SAFETY: by contract.
        let context = unsafe { &*context.cast::<libc::ucontext_t>() };
        #[cfg(target_arch = "x86_64")]
        {
            let register = |index: libc::c_int| context.uc_mcontext.gregs[index as usize].cast_unsigned();
            Self { address: register(libc::REG_RIP), stack: register(libc::REG_RSP), frame: register(libc::REG_RBP) }
        }
        #[cfg(target_arch = "aarch64")]
        {
            let registers = &context.uc_mcontext;
            Self { address: registers.pc, stack: registers.sp, frame: registers.regs[29] }
        }
        #[cfg(target_arch = "riscv64")]
        {
            let registers = &context.uc_mcontext.__gregs;
            Self { address: registers[0], stack: registers[2], frame: registers[8] }
        }
    }
}

/// A handler that is given where code was interrupted.
pub(crate) type Handler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// Installs a handler and gives what was there.
pub(crate) fn install(signal: libc::c_int, handler: Handler, flags: libc::c_int) -> io::Result<libc::sigaction> {
    // SAFETY: all zero is a valid action.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as *const () as usize;
    action.sa_flags = flags | libc::SA_SIGINFO;
    restore(signal, &action)
}

/// Installs an action and gives what was there.
pub(crate) fn restore(signal: libc::c_int, action: &libc::sigaction) -> io::Result<libc::sigaction> {
    // SAFETY: all zero is a valid action.
    let mut before: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    // SAFETY: both are valid; the handlers of this crate keep to what handlers may do.
    match unsafe { libc::sigaction(signal, ptr::from_ref(action), &raw mut before) } {
        0 => Ok(before),
        _ => Err(io::Error::last_os_error()),
    }
}
