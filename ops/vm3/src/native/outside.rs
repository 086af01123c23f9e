//! Calls from outside of functions that take only ints, with nothing below them on the stacks. A short run takes longer to be
//! entered than to run, so what is always the same is found out once for each function, everything on the way is inlined,
//! and nothing is written that need not be. What helpers work on is only put together when one is called.

use super::entry::{Left, Marker, NATIVE_CALL, NATIVE_STACK};
use super::tiering::Tiering;
use crate::code::Code;
use crate::compile::Kinds;
use crate::frames::HOST_ENTRY;
use crate::heap::Heap;
use crate::machine::Machine;
use crate::outcome::Returned;
use crate::program::Bank;
use crate::stencils::ops::{self, Context, Fixed, RESUME};
use crate::vm::Vm;
use stencil_runtime::EntryPoint;

/// How a function is gone into.
#[derive(Debug)]
pub(super) struct WayIn {
    /// The way in for the host, which the program's compiled functions keep.
    code: EntryPoint<ops::Machine>,
    /// How many ints it takes.
    parameters: usize,
    /// The slot of the first one.
    first: usize,
    /// Whether code of the program may look at the heap.
    has_cells: bool,
    /// Whether the function frees what it has left there, which needs cells.
    keeps_region: bool,
    /// What it can return.
    kinds: Kinds,
    /// How far below the native frame of who enters the native stack may reach.
    reach: usize,
}

impl WayIn {
    /// That of a function, on a frame stack of `words`. `None` if it takes anything but ints, or there is no room for it.
    pub(super) fn of(tiering: &Tiering, function: usize, words: usize) -> Option<Self> {
        let native = tiering.native();
        let Code { layout, keeps_region, int_parameters, .. } = native.codes()[function];
        // As for every other entry: one check at each call covers both stacks.
        let calls = tiering.frames_above(words, 0).checked_sub(1)?;
        Some(Self {
            code: native.host_entry(function)?.entry_point(0),
            parameters: int_parameters?,
            first: layout.start(Bank::I64) as usize,
            keeps_region,
            has_cells: native.has_cells(),
            kinds: native.kinds(function),
            reach: NATIVE_STACK.min(calls * NATIVE_CALL),
        })
    }
}

/// How a call ended.
pub(crate) enum Called {
    /// The function returned.
    Returned(Returned),
    /// The code was left before.
    Left(Left),
}

/// Calls `function` if there is a way in for as many ints as there are, see [`Tiering::find_way_in`]. `None` if not.
#[inline(always)]
pub(crate) fn call_from_outside(vm: &mut Vm, function: usize, arguments: &[i64]) -> Option<Called> {
    vm.stopped = None;
    let tiering = vm.tiering.as_ref()?;
    let way = tiering.way_in(function).filter(|way| way.parameters == arguments.len())?;
    let &WayIn { code, first, kinds, .. } = way;

    let words = vm.stack.words_mut();
    match arguments {
        [only] => words[first] = only.cast_unsigned(),
        _ => lay(&mut words[first..], arguments),
    }
    words[0] = HOST_ENTRY;
    if way.has_cells {
        if way.keeps_region {
            vm.heap.region().note(words);
        }
        vm.context.get().arenas.set(vm.heap.arenas());
    }

    let here = Marker::new().address();
    vm.context.go_in(here);
    // Should it ever wrap around, the code comes back at once.
    vm.context.set_limit(here.wrapping_sub(way.reach));
    let fixed = Fixed { ctx: vm.context.address(), frame: vm.stack.address().as_ptr() };
    let host: *mut Vm = vm;
    // SAFETY: the context is the machine's own, and valid.
    unsafe { (*fixed.ctx).host.set(tagged(host)) };
    // SAFETY: what `entry` says of entering holds: the frame is the first of the stack, whose words nobody borrows, and the
    // reach is what was counted for it. Helpers find the machine as `Host::of` does. The code is kept by the machine's
    // tiering, which stays. Whoever waited in code with this anchor would have borrowed the machine. No op changes `ctx`.
    let given = unsafe { code.enter_outermost(&fixed) };

    vm.context.go_out();
    let context = vm.context.get();
    Some(match context.status.get() {
        0 => Called::Returned(kinds.returned(context, given)),
        status => {
            context.status.set(0);
            vm.context.has_left();
            Called::Left(if status == RESUME { Left::Resume } else { Left::Stopped })
        }
    })
}

/// Lays arguments into registers.
#[inline(never)]
fn lay(registers: &mut [u64], arguments: &[i64]) {
    for (register, argument) in registers.iter_mut().zip(arguments) {
        *register = argument.cast_unsigned();
    }
}

/// Marks the address of a [`Vm`] where that of a [`Machine`] could be: both are even.
fn tagged(vm: *mut Vm) -> *mut () {
    const { assert!(align_of::<Vm>() > 1 && align_of::<Machine<'_>>() > 1) };
    vm.cast::<()>().map_addr(|address| address | 1)
}

/// What a context belongs to.
enum Host<'h> {
    Machine(&'h mut Machine<'h>),
    Vm(&'h mut Vm),
}

impl Host<'_> {
    /// Finds it.
    ///
    /// # Safety
    /// The context's `host` was made from the borrow of a [`Machine`], or by [`call_from_outside`] from that of a [`Vm`], which
    /// is not used while this is.
    unsafe fn of(context: &Context) -> Self {
        let host = context.host.get();
        if host.addr() & 1 == 0 {
            // SAFETY: the entry made the pointer from its borrow of the machine. The lifetimes of what the machine borrows
            // contain the entry's, and this is not used longer.
            return Self::Machine(unsafe { &mut *host.cast::<Machine<'_>>() });
        }
        // SAFETY: the call from outside made the pointer from its borrow.
        Self::Vm(unsafe { &mut *host.map_addr(|address| address & !1).cast::<Vm>() })
    }
}

/// Does something with the machine that a context belongs to.
///
/// # Safety
/// As for [`Host::of`], until this is over.
pub(super) unsafe fn with_machine<R>(context: &Context, run: impl FnOnce(&mut Machine<'_>) -> R) -> R {
    // SAFETY: the caller's contract.
    match unsafe { Host::of(context) } {
        Host::Machine(machine) => run(machine),
        Host::Vm(vm) => {
            let mut machine = vm.machine();
            let result = run(&mut machine);
            if let Some(ended) = machine.stopped.take() {
                vm.ended = Some(ended);
            }
            result
        }
    }
}

/// Does something with the heap of the machine that a context belongs to, after which compiled code sees it as it is then.
///
/// # Safety
/// As for [`Host::of`], until this is over.
#[inline(always)]
pub(super) unsafe fn with_heap<R>(context: &Context, run: impl FnOnce(&mut Heap) -> R) -> R {
    // SAFETY: the caller's contract.
    let heap = match unsafe { Host::of(context) } {
        Host::Machine(machine) => &mut *machine.heap,
        Host::Vm(vm) => &mut vm.heap,
    };
    let result = run(heap);
    context.arenas.set(heap.arenas());
    result
}
