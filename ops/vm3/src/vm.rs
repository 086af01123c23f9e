//! The machine: a program, a heap, a frame stack, and what runs it.

use crate::code::{Code, decode};
use crate::compile::{CompileError, Listing, Space};
use crate::fault::{Fault, FaultKind};
use crate::frames::{FrameStack, HOST_ENTRY, Place, Words, walk};
use crate::heap::{Heap, HeapError};
use crate::hosts::{BindError, HostFunctions, Hosts};
use crate::interp::{Counter, Counts};
use crate::machine::{Ended, Machine, Trap};
use crate::native::{Called, CodeCache, Interrupt, Left, OwnContext, Tiering, call_from_outside};
use crate::outcome::{Deopt, Outcome};
use crate::program::{Bank, Cell, Verified};
use crate::tier::Tier;
use std::io;
use std::sync::Arc;
use stencil_runtime::Convention;
use thiserror::Error;

/// How to make a machine.
#[derive(Clone, Debug)]
pub struct VmOptions {
    /// How to execute the program.
    pub tier: Tier,
    /// The calling convention of compiled code; `None` for the best there is.
    pub convention: Option<Convention>,
    /// Whether compiled code has landing pads where it can be reached indirectly, and on aarch64 Linux is in memory where
    /// processors with BTI hold to it. Machines with and without share no code. What Cranelift compiles has none; riscv64
    /// has none at all, so that there are no stencils to compile with.
    pub landing_pads: bool,
    /// How many calls and turns of loops of a function [`Tier::Auto`] interprets before it compiles the function. When that
    /// fails it goes on interpreting.
    pub threshold: u32,
    /// The size of the frame stack in bytes: the only limit to recursion. Memory is committed as frames touch it. Compiled
    /// code takes up to 512 KiB of the thread's own stack besides, wherever a run begins, and leaves deeper calls to the
    /// interpreter: threads that run programs need that much, and what their host functions take.
    pub stack_bytes: usize,
    /// The most bytes that strings, lists and maps may take.
    pub heap_bytes: usize,
    /// How many ops the machine may execute, see [`Vm::set_fuel`]. `None` for a machine that does not count them, whose code
    /// is faster.
    pub fuel: Option<u64>,
    /// Where compiled code is, shared with other machines.
    pub cache: CodeCache,
}

impl Default for VmOptions {
    /// The interpreter, 64 MiB of stack and at most 1 GiB of heap; compiled code in the best convention, for functions that have
    /// been called or gone around in loops 100 times, without landing pads; ops are not counted; the cache of the process.
    fn default() -> Self {
        Self {
            tier: Tier::default(),
            convention: None,
            landing_pads: false,
            threshold: 100,
            stack_bytes: 64 << 20,
            heap_bytes: 1 << 30,
            fuel: None,
            cache: CodeCache::shared(),
        }
    }
}

/// Why a machine cannot be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VmError {
    /// The system has no memory for the frame stack.
    #[error("cannot map a frame stack of {bytes} bytes; ask for a smaller one")]
    Stack {
        /// The size that was asked for.
        bytes: usize,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The program's strings do not fit the heap.
    #[error("cannot place the program's strings")]
    Strings(#[source] HeapError),
    /// The functions of the host are not what the program declares.
    #[error("cannot bind the program's functions of the host")]
    Bind(#[from] BindError),
    /// The program cannot be compiled, as the tier asks for.
    #[error("cannot compile the program")]
    Compile(#[from] CompileError),
    /// The same by Cranelift.
    #[cfg(feature = "cranelift")]
    #[error("cannot compile the program")]
    Cranelift(#[from] crate::compile::CraneliftError),
}

/// Fuel was given to a machine that does not count ops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this machine does not count ops; make it with `VmOptions::fuel`")]
pub struct NotMetered;

/// A machine that runs one program. Runs follow one another on the same heap; registers start as zero in each.
#[derive(Debug)]
pub struct Vm {
    program: Verified,
    codes: Arc<[Code]>,
    pub(crate) context: OwnContext,
    pub(crate) tiering: Option<Tiering>,
    pub(crate) stack: FrameStack,
    pub(crate) heap: Heap,
    hosts: Hosts,
    /// The program's entry function.
    entry: usize,
    /// Whether ops take fuel.
    metered: bool,
    /// The innermost place of the last run, unless it returned.
    pub(crate) stopped: Option<Place>,
    /// How a run that compiled code asked for ended, when that ends the run that is called from outside.
    pub(crate) ended: Option<Result<Ended, Trap>>,
}

impl Vm {
    /// Makes a machine, with the program's strings in its string arena.
    ///
    /// # Errors
    /// When there is no room for the stack or for the strings, or the tier compiles at once and the program cannot be
    /// compiled on this machine; when the program declares functions of the host.
    pub fn new(program: Verified, options: &VmOptions) -> Result<Self, VmError> {
        Self::with_host(program, options, HostFunctions::new())
    }

    /// The same for a program that declares functions of the host, which are taken from `functions` by name. The program
    /// need not declare all of them.
    ///
    /// # Errors
    /// As for [`Vm::new`]; when a function that the program declares is not there, or takes or gives something else.
    pub fn with_host(program: Verified, options: &VmOptions, functions: HostFunctions) -> Result<Self, VmError> {
        let hosts = functions.bind_to(program.program())?;
        let bytes = options.stack_bytes;
        let stack = FrameStack::new(bytes).map_err(|source| VmError::Stack { bytes, source })?;
        let mut heap = Heap::new(options.heap_bytes);
        for string in &program.program().strings {
            heap.new_string(string).map_err(VmError::Strings)?;
        }
        let metered = options.fuel.is_some();
        let space = || Space::open(options.convention, options.landing_pads);
        let native = || Ok::<_, CompileError>(options.cache.open(&program, space()?, metered));
        let functions = program.program().functions.len();
        let tiering = |native, threshold| Tiering::new(native, functions, threshold);
        let tiering = match options.tier {
            Tier::Interp => None,
            // Where there are no stencils, everything is interpreted.
            Tier::Auto => native().ok().map(|native| tiering(native, options.threshold)),
            // Cranelift's code takes no fuel, so stencils stand in for it where ops are counted.
            #[cfg(feature = "cranelift")]
            Tier::Cranelift if !metered => {
                // Its code goes into slots that machines of other tiers must not go through.
                let own = CodeCache::new(options.cache.budget()).open(&program, space()?, false);
                Some(Tiering::optimised(own, functions)?)
            }
            _ => {
                let tiering = tiering(native()?, options.threshold);
                tiering.compile_all()?;
                Some(tiering)
            }
        };
        let codes = match &tiering {
            Some(tiering) => Arc::clone(tiering.native().codes()),
            None => decode(&program).into(),
        };
        let context = OwnContext::new();
        if let Some(tiering) = &tiering {
            tiering.native().admit(&context);
        }
        context.get().fuel.set(options.fuel.unwrap_or_default());
        let entry = program.program().entry;
        Ok(Self { program, codes, context, tiering, stack, heap, hosts, entry, metered, stopped: None, ended: None })
    }

    /// The program.
    #[must_use]
    pub const fn program(&self) -> &Verified {
        &self.program
    }

    /// The heap.
    #[must_use]
    pub const fn heap(&self) -> &Heap {
        &self.heap
    }

    /// Runs the program's entry function, see [`Vm::call`].
    ///
    /// # Errors
    /// The op that failed.
    // With what a call takes in between, short runs would take longer to be entered than to run.
    #[inline(always)]
    pub fn run(&mut self, arguments: &[i64]) -> Result<Outcome, Fault> {
        self.call(self.entry, arguments)
    }

    /// Calls the function with index `function`: lays `arguments` into its i64 registers from 0 on, whatever its
    /// parameters are, drops those that are too many, and runs until it returns.
    ///
    /// # Errors
    /// The op that failed.
    ///
    /// # Panics
    /// When the program has no such function.
    // With what a call takes in between, short runs would take longer to be entered than to run.
    #[inline(always)]
    pub fn call(&mut self, function: usize, arguments: &[i64]) -> Result<Outcome, Fault> {
        match call_from_outside(self, function, arguments) {
            Some(Called::Returned(returned)) => Ok(Outcome::Returned(returned)),
            Some(Called::Left(left)) => self.go_on(left),
            None => self.call_anything(function, arguments),
        }
    }

    /// The same for any function.
    #[inline(never)]
    fn call_anything(&mut self, function: usize, arguments: &[i64]) -> Result<Outcome, Fault> {
        if let Some(tiering) = &self.tiering {
            tiering.find_way_in(function, self.stack.len());
        }
        self.enter(function, arguments)?;
        let surplus = arguments.len() > self.program.program().functions[function].parameter_count(Bank::I64);
        if !surplus {
            return self.run_frame(function, 0);
        }
        // Compiled code takes registers that are no parameters for zero when it starts.
        let mut machine = self.machine();
        let ended = machine.interpret(Place { function, pc: 0, base: 0 }, 0);
        self.conclude(ended)
    }

    /// The same with a limit: in a tier that counts ops, the run fails with [`FaultKind::OpLimit`] when it would execute
    /// more than `limit` of them, and what it did comes with its end.
    ///
    /// # Panics
    /// When the program has no such function.
    pub fn call_counted(
        &mut self,
        function: usize,
        arguments: &[i64],
        limit: u64,
    ) -> (Result<Outcome, Fault>, Option<Counts>) {
        if self.tiering.is_some() {
            return (self.call(function, arguments), None);
        }
        let mut counts = Counts { ops: 0, max_depth: 1 };
        let outcome = self.enter(function, arguments).and_then(|()| {
            let mut machine = self.machine();
            let mut counter = Counter::new(limit, machine.meter());
            let ended = machine.run(Place { function, pc: 0, base: 0 }, 0, &mut counter);
            counts = counter.counts;
            self.conclude(ended)
        });
        (outcome, Some(counts))
    }

    /// How many ops the machine may still execute; `None` when it does not count them.
    #[must_use]
    pub fn fuel(&self) -> Option<u64> {
        self.metered.then(|| self.context.get().fuel.get())
    }

    /// Sets how many ops the machine may execute from now on. Every op takes one, in every tier, also the one that ends or
    /// fails a run; what an op does on the heap takes no more. The op for which there is none left is not executed: the
    /// run fails with [`FaultKind::OutOfFuel`] at its place.
    ///
    /// # Errors
    /// When the machine was made without [`VmOptions::fuel`].
    pub fn set_fuel(&mut self, ops: u64) -> Result<(), NotMetered> {
        if !self.metered {
            return Err(NotMetered);
        }
        self.context.get().fuel.set(ops);
        Ok(())
    }

    /// A handle with which other threads, or time, stop this machine.
    #[must_use]
    pub fn interrupt(&self) -> Interrupt {
        self.context.interrupt()
    }

    /// Frees everything on the heap that neither a constant nor a cell register of a frame that is still there reaches.
    /// Frames are there after a run that failed or ended in a deopt. What an earlier run returned is not kept.
    pub fn collect(&mut self) {
        let constants = self.program.program().functions.iter().flat_map(|function| &function.constants);
        let words = self.stack.words();
        let registers = self.backtrace().flat_map(|place| {
            let cells = self.codes[place.function].layout.cells();
            &words[place.base + cells.start..place.base + cells.end]
        });
        let registers = registers.map(|bits| Cell::from_bits(*bits));
        let roots: Vec<Cell> = constants.copied().chain(registers).collect();
        self.heap.collect(roots);
    }

    /// Where the last run stopped, innermost frame first, then the call op that each caller waits at. Empty after a run
    /// that returned.
    pub fn backtrace(&self) -> impl Iterator<Item = Place> {
        let layout = |function: usize| self.codes[function].layout;
        let words = self.stack.words();
        self.stopped.into_iter().flat_map(move |place| walk(words, place, layout))
    }

    /// All 64 bits of a register of a frame that [`Vm::backtrace`] gave, or `None` when the function has no such register.
    #[must_use]
    pub fn register(&self, place: Place, bank: Bank, register: u16) -> Option<u64> {
        let function = self.program.program().functions.get(place.function)?;
        let slot = self.codes[place.function].layout.slot(bank, register) as usize;
        let word = (register < function.registers.of(bank)).then_some(place.base + slot)?;
        self.stack.words().get(word).copied()
    }

    /// Lays the frame that the host enters at the bottom of the stack.
    fn enter(&mut self, function: usize, arguments: &[i64]) -> Result<(), Fault> {
        self.stopped = None;
        let layout = self.codes[function].layout;
        let registers = usize::from(self.program.program().functions[function].registers.i64);
        let Some(frame) = self.stack.words_mut().get_mut(..layout.words()) else {
            return Err(self.too_large(function));
        };
        frame.fill(0);
        frame[0] = HOST_ENTRY;
        if self.codes[function].keeps_region {
            self.heap.region().note(frame);
        }
        let start = layout.start(Bank::I64) as usize;
        for (register, argument) in frame[start..start + registers].iter_mut().zip(arguments) {
            *register = argument.cast_unsigned();
        }
        Ok(())
    }

    /// The fault of a function whose frame does not fit the stack.
    #[cold]
    fn too_large(&self, function: usize) -> Fault {
        let kind = FaultKind::StackOverflow { limit: self.stack.bytes() };
        let name = self.program.program().functions[function].name.clone();
        Fault { kind, function, name, pc: 0, depth: 0, cause: None }
    }

    /// Runs the frame at `base`, whose header, region and registers are set, from the start of `function` until that frame
    /// returns, and gives what it returned without storing it.
    ///
    /// # Errors
    /// The op that failed.
    fn run_frame(&mut self, function: usize, base: usize) -> Result<Outcome, Fault> {
        let ended = self.machine().run_frame(function, base);
        self.conclude(ended)
    }

    /// What runs the program.
    #[inline]
    pub(crate) fn machine(&mut self) -> Machine<'_> {
        Machine {
            program: self.program.program(),
            codes: &self.codes,
            words: Words::of(&mut self.stack),
            heap: &mut self.heap,
            hosts: &mut self.hosts,
            context: &self.context,
            metered: self.metered,
            tiering: self.tiering.as_ref(),
            stopped: None,
        }
    }

    /// Goes on after compiled code that ran the frame at the bottom was left before that returned.
    #[cold]
    fn go_on(&mut self, left: Left) -> Result<Outcome, Fault> {
        let stopped = self.ended.take();
        let mut machine = Machine { stopped, ..self.machine() };
        let ended = machine.go_on(left, 0);
        self.conclude(ended)
    }

    fn conclude(&mut self, ended: Result<Ended, Trap>) -> Result<Outcome, Fault> {
        match ended {
            Ok(Ended::Returned(returned)) => Ok(Outcome::Returned(returned)),
            Ok(Ended::Deopt(target, place)) => {
                self.stopped = Some(place);
                Ok(Outcome::Deopt(Deopt { target, place, depth: self.backtrace().count() }))
            }
            Err(Trap { kind, place }) => {
                self.context.acknowledge(kind);
                self.stopped = Some(place);
                let depth = self.backtrace().count();
                let Place { function, pc, .. } = place;
                let name = self.program.program().functions[function].name.clone();
                Err(Fault { kind, function, name, pc, depth, cause: self.hosts.take_cause() })
            }
        }
    }
}

/// Compiles the functions of a program and takes their code apart.
///
/// # Errors
/// When they cannot be compiled on this machine.
pub fn list(program: &Verified, convention: Option<Convention>) -> Result<Vec<Listing>, CompileError> {
    CodeCache::new(usize::MAX).open(program, Space::open(convention, false)?, false).list()
}

mod stats;
#[cfg(test)]
mod stops;
#[cfg(test)]
mod tests;
mod trace;
mod typed;

pub use stats::{CompiledStats, FunctionStats};
pub use trace::{Trace, TraceFrame};
pub use typed::CallError;
