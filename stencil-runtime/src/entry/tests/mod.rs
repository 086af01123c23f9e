//! Hand-written stitched functions, copied into an arena and entered in every convention there is.
//!
//! What they are in machine code stands in one module per architecture.

use std::ptr;

use super::*;
use crate::memory::{Arena, ArenaConfig, Region};
use crate::prelude::Anchor;

/// The machine code of some lines of assembly; `address_of!` is the architecture's own.
macro_rules! machine_code {
    ($($line:expr),+ $(,)?) => {{
        let (start, end): (*const u8, *const u8);
        // SAFETY: loads two addresses; the code stands in read-only data and does not run here.
        unsafe {
            std::arch::asm!(
                address_of!("start", "2f"),
                address_of!("end", "3f"),
                ".pushsection .rodata",
                "2:",
                $($line,)+
                "3:",
                ".popsection",
                start = out(reg) start,
                end = out(reg) end,
                options(nomem, nostack, preserves_flags),
            )
        };
        // SAFETY: the labels enclose initialised bytes of a section that is never written.
        unsafe { std::slice::from_raw_parts(start, end.addr() - start.addr()) }
    }};
}

#[cfg(target_arch = "aarch64")]
mod aarch64;
#[cfg(target_arch = "riscv64")]
mod riscv64;
#[cfg(target_arch = "x86_64")]
mod x86_64;
// Windows unwinds by other tables than those that trampolines have.
#[cfg(not(windows))]
mod trace;

#[cfg(target_arch = "aarch64")]
use aarch64 as host;
#[cfg(target_arch = "riscv64")]
use riscv64 as host;
#[cfg(target_arch = "x86_64")]
use x86_64 as host;

/// A convention of this architecture, and stitched functions in it.
struct Subject {
    convention: Convention,
    /// The number of the first fixed part among the integer arguments.
    first_fixed: usize,
    /// How many integer arguments there are.
    ints: usize,
    /// The trampolines behind `enter` and `enter_with`.
    trampolines: [*const (); 2],
    /// The one for where no code waits outside.
    outermost: *const (),
    /// Add to every integer argument its number, counted from 1; rotate the float arguments by
    /// one; return.
    mix_and_return: &'static [u8],
    /// The same, leaving, and sparing the first fixed part.
    mix_and_leave: &'static [u8],
    /// Count the second fixed part down, calling itself until it is 0; then leave.
    descend: &'static [u8],
    /// Call the host function behind the anchor with the first fixed part; then leave.
    call_host: &'static [u8],
    /// Overwrite what the convention lets it overwrite, the frame pointer included; leave.
    clobber_and_leave: &'static [u8],
    /// The same, returning.
    clobber_and_return: &'static [u8],
    /// Give 77 and 2.5; return.
    give: &'static [u8],
    /// Put the stack pointer at the first instruction, modulo 16, into the second fixed part, and
    /// into the third the frame pointer of the trampoline's caller, found by the chain of frames.
    shape: &'static [u8],
    /// A function of the test binary that calls the host function, and which backtraces can cross.
    #[cfg_attr(windows, expect(dead_code, reason = "only `trace` reads it"))]
    traced: *const u8,
}

/// What the anchor holds before anything is entered; no stack pointer.
const OUTSIDE: [usize; 8] = [0x0dd, 7, 7, 7, 7, 7, 7, 7];

const _: () = assert!(size_of::<Anchor>() == size_of_val(&OUTSIDE) && Anchor::STACK_OFFSET == 0);

/// What [`crate::host_fn!`] makes.
#[cfg(target_arch = "x86_64")]
type HostFunction = unsafe extern "sysv64-unwind" fn(*mut Context);
#[cfg(not(target_arch = "x86_64"))]
type HostFunction = unsafe extern "C-unwind" fn(*mut Context);

/// A machine's context, as stitched code sees it.
#[repr(C)]
struct Context {
    /// An [`Anchor`], of which the first word is the stack pointer.
    anchor: [usize; 8],
    host: HostFunction,
    code: *const u8,
    convention: Convention,
    levels: usize,
    /// The anchor's stack before and after the nested entry of each level, innermost first.
    seen: Vec<[usize; 2]>,
}

impl Context {
    /// A context in which `levels` nested entries are made by [`nest`].
    fn new(convention: Convention, levels: usize) -> Self {
        Self { anchor: OUTSIDE, host: nest, code: ptr::null(), convention, levels, seen: Vec::new() }
    }
}

fn publish(code: &[u8]) -> Region {
    let arena = Arena::new(ArenaConfig { reserve: 1, ..ArenaConfig::default() }).unwrap();
    let mut draft = arena.allocate(code.len(), 16).unwrap();
    draft.bytes_mut().copy_from_slice(code);
    draft.publish().unwrap()
}

/// Enters `code` with the address of `context` and `second`.
fn run(code: &[u8], context: &mut Context, second: u64) {
    let region = publish(code);
    context.code = region.bytes().as_ptr();
    let (code, convention) = (context.code, context.convention);
    let fixed = [ptr::from_mut(context).expose_provenance() as u64, second, 0];
    // SAFETY: the code of these tests keeps the convention of its context; the region and the
    // context outlive the call, and the reference to the context is not used before it ends.
    unsafe { enter(convention, code, fixed) }.unwrap();
}

/// Enters `code` with all registers, of which the first fixed part is set to `context`.
fn run_with(subject: &Subject, code: &[u8], context: &mut Context, registers: &mut Registers) {
    let region = publish(code);
    let address = ptr::from_mut(context).expose_provenance() as u64;
    registers.ints[subject.first_fixed] = address;
    // SAFETY: as in `run`.
    unsafe { enter_with(subject.convention, region.bytes().as_ptr(), registers) }.unwrap();
}

/// Enters `code` through both trampolines, called by the architecture's `probe`: it gives 0 if all
/// registers that a callee preserves are what they were.
fn run_probed(subject: &Subject, code: &[u8], context: &mut Context) -> ([u64; 2], Registers) {
    let region = publish(code);
    let code = region.bytes().as_ptr().expose_provenance() as u64;
    let address = ptr::from_mut(context).expose_provenance() as u64;
    let mut registers = Registers::default();
    registers.ints[subject.first_fixed] = address;
    let [lean, full] = subject.trampolines;
    // SAFETY: as in `run`; these are the arguments of the trampolines that set fixed parts.
    let lean = unsafe { host::probe(lean, address, 0, 0, code) };
    let pointer = (&raw mut registers).expose_provenance() as u64;
    // SAFETY: as in `run`; these are the arguments of the trampolines that set all registers.
    let full = unsafe { host::probe(full, pointer, code, 0, 0) };
    ([lean, full], registers)
}

/// Different values in all registers.
fn numbered() -> Registers {
    Registers {
        ints: std::array::from_fn(|index| 0xaaaa_bbbb_cccc_0000 + 0x100 * index as u64),
        // Signalling NaNs: bits pass as they are.
        floats: std::array::from_fn(|index| 0x7ff0_0000_0000_0001 + 0x1000 * index as u64),
    }
}

#[test]
fn all_registers_go_in_and_come_back() {
    for subject in host::subjects() {
        for (code, returns) in [(subject.mix_and_return, true), (subject.mix_and_leave, false)] {
            let mut context = Context::new(subject.convention, 0);
            let mut registers = numbered();
            run_with(&subject, code, &mut context, &mut registers);

            let mut wanted = numbered();
            wanted.ints[subject.first_fixed] = (&raw const context).addr() as u64;
            for (index, int) in wanted.ints[..subject.ints].iter_mut().enumerate() {
                if returns || index != subject.first_fixed {
                    *int += 1 + index as u64;
                }
            }
            wanted.floats.rotate_left(1);
            assert_eq!(registers, wanted, "{}, returns: {returns}", subject.convention);
            assert_eq!(context.anchor, OUTSIDE);
        }
    }
}

#[test]
fn two_registers_are_given() {
    for subject in host::subjects() {
        let region = publish(subject.give);
        let mut context = Context::new(subject.convention, 0);
        let fixed = [ptr::from_mut(&mut context).expose_provenance() as u64, 0, 0];
        // SAFETY: as in `run`.
        let given = unsafe { enter(subject.convention, region.bytes().as_ptr(), fixed) };
        assert_eq!(given, Ok(Given { int: 77, float: 2.5 }), "{}", subject.convention);
    }
}

#[test]
fn leaving_drops_a_hundred_frames() {
    for subject in host::subjects() {
        let mut context = Context::new(subject.convention, 0);
        for depth in [1, 2, 100] {
            run(subject.descend, &mut context, depth);
            assert_eq!(context.anchor, OUTSIDE);

            let mut registers = Registers::default();
            registers.ints[subject.first_fixed + 1] = depth;
            run_with(&subject, subject.descend, &mut context, &mut registers);
            assert_eq!(registers.ints[subject.first_fixed + 1], 0, "went all the way down");
            assert_eq!(context.anchor, OUTSIDE);
        }
    }
}

crate::host_fn! {
    /// Host function: enters the code that called it again, until there are no levels left.
    ///
    /// # Safety
    /// `context` is what [`run`] passed.
    unsafe fn nest(context: *mut Context) {
        // SAFETY: nobody else uses the context now, and the reference is not used after the next entry.
        let outer = unsafe { &mut *context };
        let before = outer.anchor[0];
        if outer.levels > 0 {
            outer.levels -= 1;
            let (code, convention) = (outer.code, outer.convention);
            let fixed = [context.expose_provenance() as u64, 0, 0];
            // SAFETY: as in `run`, which keeps the region alive.
            unsafe { enter(convention, code, fixed) }.expect("entered before");
        }
        // SAFETY: as above; the nested entry is over.
        let context = unsafe { &mut *context };
        context.seen.push([before, context.anchor[0]]);
    }
}

#[test]
fn a_host_function_can_enter_again() {
    for subject in host::subjects() {
        let mut context = Context::new(subject.convention, 3);
        run(subject.call_host, &mut context, 0);
        assert_eq!(context.anchor, OUTSIDE);
        let stacks: Vec<usize> = context.seen.iter().map(|[before, _]| *before).collect();
        assert_eq!(stacks.len(), 4);
        assert!(stacks.is_sorted_by(|inner, outer| inner < outer), "lower stacks: {stacks:x?}");
        assert!(context.seen.iter().all(|[before, after]| before == after), "{:x?}", context.seen);
    }
}

#[test]
fn what_rust_expects_to_be_preserved_is_preserved() {
    for subject in host::subjects() {
        let mut context = Context::new(subject.convention, 0);
        for code in [subject.clobber_and_leave, subject.clobber_and_return, subject.mix_and_leave] {
            let (changed, _) = run_probed(&subject, code, &mut context);
            assert_eq!(changed, [0, 0], "{}", subject.convention);
            assert_eq!(context.anchor, OUTSIDE);
        }
    }
}

#[test]
fn where_no_code_waits_the_anchor_ends_up_empty() {
    for subject in host::subjects() {
        for code in [subject.clobber_and_leave, subject.mix_and_leave, subject.descend, subject.give] {
            let region = publish(code);
            let mut context = Context::new(subject.convention, 0);
            context.anchor[0] = 0;
            let address = ptr::from_mut(&mut context).expose_provenance() as u64;
            let code = region.bytes().as_ptr().expose_provenance() as u64;
            // SAFETY: as in `run`, and none of these changes the first fixed part.
            let changed = unsafe { host::probe(subject.outermost, address, 3, 0, code) };
            assert_eq!((changed, context.anchor[0]), (0, 0), "{}", subject.convention);
            assert_eq!(context.anchor[1..], OUTSIDE[1..]);
        }
    }
}

#[test]
fn the_stack_is_aligned_and_frames_are_chained() {
    for subject in host::subjects() {
        let mut context = Context::new(subject.convention, 0);
        let (_, registers) = run_probed(&subject, subject.shape, &mut context);
        let [_, remainder, frame, ..] = registers.ints[subject.first_fixed..] else {
            panic!("every convention has three fixed parts");
        };
        assert_eq!(remainder, host::STACK_REMAINDER, "{}", subject.convention);
        assert_eq!(frame, host::PROBE_FRAME, "{}", subject.convention);
    }
}

#[test]
fn a_convention_without_entry_code_is_refused_before_anything_runs() {
    let there: Vec<_> = host::subjects().iter().map(|subject| subject.convention).collect();
    for convention in [Convention::Portable, Convention::Wide] {
        if !there.contains(&convention) {
            // SAFETY: nothing runs.
            let lean = unsafe { enter(convention, ptr::null(), [0; 3]) }.map(drop);
            // SAFETY: nothing runs.
            let full = unsafe { enter_with(convention, ptr::null(), &mut Registers::default()) };
            assert_eq!([lean, full], [Err(UnsupportedHost { convention }); 2]);
        }
    }
    let error = UnsupportedHost { convention: Convention::Wide };
    let wanted = "has no entry code for the wide convention; use a table of another convention, \
                  or run interpreted";
    assert_eq!(error.to_string(), format!("{} {wanted}", std::env::consts::ARCH));
}

#[test]
fn what_is_supported_is_what_can_be_entered() {
    let entered: Vec<_> = host::subjects().iter().map(|subject| subject.convention).collect();
    for &convention in Convention::ALL {
        assert_eq!(supports(convention), entered.contains(&convention), "{convention}");
    }
}
