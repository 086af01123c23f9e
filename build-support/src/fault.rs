//! What the gates refuse, in words for the author of an op.

use thiserror::Error;

/// Why the machine code of a stencil cannot be copied and patched.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Error)]
pub(crate) enum Fault {
    /// A relocation that nothing is known about.
    #[error("{place} ends up in a field that cannot be patched ({kind}); keep it out of arithmetic on 8 or 16 bits")]
    UnknownRelocation { place: String, kind: String },
    /// A relocation that is no operand.
    #[error("{place} ends up beside the operands of an instruction; keep data out of `asm!`")]
    NoOperand { place: String },
    /// A relocation that does not fit the hole.
    #[error("{place} ends up in a field of another size or sense ({kind}); use it as a whole value")]
    HoleKind { place: String, kind: &'static str },
    /// A short literal in a field that it does not fit. The variants with a full one serve in its place, so nobody is
    /// told.
    #[error("{place} has no short form")]
    NoShortForm { place: String },
    /// A call of the panic machinery.
    #[error("can panic (`{function}`); {advice}")]
    Panics { function: String, advice: &'static str },
    /// A call of a library function.
    #[error("calls the library function `{function}`; {advice}")]
    Library { function: String, advice: &'static str },
    /// A call of a function in the same object.
    #[error("calls `{function}`, which was not inlined; mark it `#[inline(always)]`")]
    NotInlined { function: String },
    /// A function or static from elsewhere.
    #[error("refers to `{name}`, which does not stand in the op set; take its address through a `#[hole]` pointer")]
    Undefined { name: String },
    /// A way out that is called.
    #[error(
        "calls {way} instead of jumping to it, since something of the op lives on; drop values with destructors before, \
         and give no function the address of a local value"
    )]
    CalledWay { way: String },
    /// A call of stitched code that something follows.
    #[error("has a `call!` that is not the last thing it does; split it, so that one op branches and another calls")]
    NotLast,
    /// A return.
    #[error("returns instead of going on; every path must end in a result or a way out")]
    Returns,
    /// A jump to an address in a register or in memory.
    #[error("jumps to a computed address; compare and branch instead")]
    ComputedJump,
    /// A call of an address in a register or in memory, without a hole for it.
    #[error("calls through a pointer; take the function through a `#[hole]` of type `HostFn<fn(…)>`")]
    IndirectCall,
    /// A reference to its own code that is no branch.
    #[error("calls a part of itself or takes the address of its own code; keep labels in `asm!` to branches")]
    OwnCode,
    /// A branch that counts a register down.
    #[error("branches with `loop` or `jrcxz`; compare and branch instead")]
    CountingBranch,
    /// An instruction that stops the program.
    #[error(
        "stops the program on some path, or has one that the compiler took for impossible; leave through an `Exit` instead"
    )]
    Trap,
    /// The last instruction goes on.
    #[error("runs past its end; let every path end in a result or a way out")]
    RunsOff,
    /// Bytes that are no instruction.
    #[error("contains bytes at {offset:#x} that are no instruction; keep data out of `asm!`")]
    Undecodable { offset: usize },
    /// The stack pointer is not what it was.
    #[error("leaves the stack pointer changed by {bytes} bytes; keep `push` and `pop` in `asm!` balanced")]
    Unbalanced { bytes: i64 },
    /// The stack pointer cannot be followed.
    #[error(
        "changes the stack pointer in a way that cannot be followed; keep local values below 16-byte alignment and of fixed size"
    )]
    StackUnknown,
    /// An access above the frame.
    #[error(
        "reads or writes above its stack frame; the machine has more registers than the calling convention passes, pin fewer"
    )]
    AboveFrame,
    /// An access below the stack pointer.
    #[error("uses memory below the stack pointer; keep the red zone out of `asm!`")]
    BelowStack,
    /// The frame is too large.
    #[error("needs {bytes} bytes of stack, {limit} are allowed; keep fewer local values or raise `frame_limit`")]
    FrameTooLarge { bytes: i64, limit: u32 },
    /// The frame pointer is written.
    #[error("overwrites the frame pointer; pin fewer registers or keep fewer values at once")]
    FramePointer,
    /// Writable data.
    #[error("uses the static `{name}`; keep what changes in the struct that the machine's first fixed part points to")]
    Writable { name: String },
    /// Thread-local data.
    #[error(
        "uses the thread-local `{name}`; keep what changes in the struct that the machine's first fixed part points to"
    )]
    ThreadLocal { name: String },
    /// A section of functions to run before or after `main`.
    #[error("has functions to run before or after `main` (section `{name}`); stencils are not linked, so nobody would")]
    Initializer { name: String },
    /// Constant data by its absolute address.
    #[error("refers to constant data by its address; take the table through a `#[hole]` pointer")]
    AbsoluteData,
    /// Constant data that holds addresses.
    #[error("uses constant data that holds addresses; take it through a `#[hole]` pointer")]
    RelocatedData,
    /// A constant that is too large for the pool.
    #[error("uses {bytes} bytes of constant data, {limit} are allowed; take the table through a `#[hole]` pointer")]
    LargeConstant { bytes: usize, limit: usize },
    /// A constant that the pool would not align as the code expects.
    #[error(
        "uses constant data at a multiple of {bytes} bytes, {limit} are kept; take the table through a `#[hole]` pointer"
    )]
    AlignedConstant { bytes: u64, limit: usize },
    /// A register that is not the program's on every system.
    #[error("uses the register `{name}`, which some systems keep for themselves; keep it out of `asm!`")]
    PlatformRegister { name: &'static str },
    /// A hole or way out that no variant has.
    #[error("never uses `{name}`; remove it")]
    Unused { name: String },
    /// Code or constants that the table format has no room for.
    #[error("has more code than a table can hold; split the op")]
    TooLong,
}

impl Fault {
    /// Whether it is a call that should not be there. Such a path has no proper end, so whatever else is found on it
    /// says nothing.
    pub(crate) fn is_call(&self) -> bool {
        matches!(
            self,
            Self::Panics { .. }
                | Self::Library { .. }
                | Self::NotInlined { .. }
                | Self::Undefined { .. }
                | Self::CalledWay { .. }
        )
    }
}
