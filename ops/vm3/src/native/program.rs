//! The compiled functions of a program, which all machines that run it share.

use super::cache::CodeCache;
use super::context::{OwnContext, Visit, Visitor};
use crate::code::{Code, decode};
use crate::compile::{
    CompileError, Facts, FunctionCode, Guest, Holds, Homes, Kinds, Listing, Space, Unit, body_slot, call_slot,
    host_entry,
};
use crate::frames::FrameLayout;
use crate::outcome::Returned;
use crate::program::{Bank, Verified};
use crate::stencils::ops::{Context, Machine};
use crate::vm::CompiledStats;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockWriteGuard};
use std::time::{Duration, Instant};
use stencil_runtime::{Code as Published, EntrySlots, Given};

/// A program whose functions can be compiled, one by one, while others run.
#[derive(Debug)]
pub(crate) struct Native {
    guest: Arc<Guest>,
    codes: Arc<[Code]>,
    facts: Facts,
    space: &'static Space,
    slots: Arc<EntrySlots>,
    /// Whether the code takes fuel.
    metered: bool,
    /// Where the code asks whether to leave.
    #[cfg(test)]
    pub(super) asks: super::Asks,
    functions: Box<[Function]>,
    cache: CodeCache,
    /// How much of the cache is taken by code of this program that is not evicted.
    bytes: AtomicUsize,
    /// The machines that run it.
    visitors: Mutex<Vec<Visitor>>,
}

/// What there is of one function.
#[derive(Debug, Default)]
struct Function {
    /// Its code, if there is some. Slots lead to it unless it is on probation.
    code: RwLock<Option<Arc<FunctionCode>>>,
    /// What is known of it once it was compiled.
    made: OnceLock<Made>,
    /// The way in for the host.
    host: OnceLock<Published<Machine>>,
}

/// What is always the same of a function, however often it is compiled.
#[derive(Debug)]
struct Made {
    /// Where its pinned registers live.
    homes: Homes,
    /// How long it took to compile, the first time.
    time: Duration,
}

impl Drop for Native {
    fn drop(&mut self) {
        // Code keeps the slots that it calls through, and slots keep the code that they lead to. Nobody is inside any more.
        let bridges = self.space.bridges();
        for function in 0..self.codes.len() {
            drop(self.slots.set(call_slot(function), bridges.call.clone()));
            drop(self.slots.set(body_slot(function), bridges.body.clone()));
        }
        self.cache.release(*self.bytes.get_mut());
        self.cache.forget(&self.guest.program, self.space, self.metered);
    }
}

impl Native {
    /// A program none of whose functions is compiled yet, of `cache`. Code that is `metered` takes fuel.
    pub(super) fn new(program: Verified, space: &'static Space, metered: bool, cache: CodeCache) -> Self {
        let codes: Arc<[Code]> = decode(&program).into();
        let bridges = space.bridges();
        let slots = EntrySlots::new(2 * codes.len(), &bridges.call);
        for function in 0..codes.len() {
            drop(slots.set(body_slot(function), bridges.body.clone()));
        }
        let facts = Facts::of(program.program(), &codes);
        let functions = codes.iter().map(|_| Function::default()).collect();
        let guest = Arc::new(Guest { program, homes: None });
        let (bytes, visitors) = (AtomicUsize::new(0), Mutex::default());
        Self {
            guest,
            codes,
            facts,
            space,
            slots,
            metered,
            #[cfg(test)]
            asks: super::Asks::Nowhere,
            functions,
            cache,
            bytes,
            visitors,
        }
    }

    /// Tells of a machine that is going to run code of this program.
    pub(crate) fn admit(&self, context: &OwnContext) {
        let mut visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        // Machines that are gone are taken out in constant time per machine.
        if visitors.len() == visitors.capacity() {
            visitors.retain(|visitor| !visitor.is_gone());
            let room = visitors.len() + 1;
            visitors.reserve(room);
        }
        visitors.push(context.visitor());
    }

    /// The machines that are in code now.
    pub(super) fn visits(&self) -> Vec<Visit> {
        let visitors = self.visitors.lock().unwrap_or_else(PoisonError::into_inner);
        visitors.iter().filter_map(Visitor::visit).collect()
    }

    /// The decoded functions.
    pub(crate) const fn codes(&self) -> &Arc<[Code]> {
        &self.codes
    }

    /// Takes room for code of this program, where there was other code if there is need; own code only if `own`.
    fn reserve(&self, bytes: usize, own: bool) -> Result<(), CompileError> {
        self.cache.reserve(bytes, (!own).then_some(self))?;
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Gives room back that was not needed.
    fn give_back(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
        self.cache.release(bytes);
    }

    fn place(&self, function: usize) -> RwLockWriteGuard<'_, Option<Arc<FunctionCode>>> {
        self.functions[function].code.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a function is one of the host's, which are called from the interpreter and never compiled.
    pub(crate) fn is_host(&self, function: usize) -> bool {
        self.guest.program.program().functions[function].host
    }

    /// Whether a function is compiled.
    #[inline]
    pub(crate) fn has(&self, function: usize) -> bool {
        self.slots.address(call_slot(function)) != self.space.bridges().call.address()
    }

    /// The code of a function, if it is compiled.
    pub(crate) fn code(&self, function: usize) -> Option<Arc<FunctionCode>> {
        self.functions[function].code.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What there is to know of the code of a function, if it is compiled.
    pub(crate) fn stats(&self, function: usize) -> Option<CompiledStats> {
        let bytes = self.code(function)?.code().bytes().len();
        Some(CompiledStats { time: self.functions[function].made.get()?.time, bytes })
    }

    /// Lets slots lead to the code of a function.
    fn connect(&self, function: usize, code: &FunctionCode) {
        // What the slots led to are bridges, which stay.
        drop(self.slots.set(body_slot(function), code.body()));
        drop(self.slots.set(call_slot(function), code.call()));
    }

    /// Lets calls of a function lead to the interpreter, and keeps the code.
    pub(super) fn put_on_probation(&self, function: usize) {
        let bridges = self.space.bridges();
        let place = self.place(function);
        // What the slots led to is in its place.
        drop(self.slots.set(call_slot(function), bridges.call.clone()));
        drop(self.slots.set(body_slot(function), bridges.body.clone()));
        drop(place);
    }

    /// Takes the code of a function away, unless slots lead to it. Machines may be inside.
    pub(super) fn evict(&self, function: usize) -> Option<Arc<FunctionCode>> {
        let code = self.place(function).take_if(|_| !self.has(function))?;
        self.bytes.fetch_sub(code.code().bytes().len(), Ordering::Relaxed);
        Some(code)
    }

    /// Compiles a function, unless it is compiled. When there is no room, cold functions are evicted, those of the same
    /// program only if `own`.
    ///
    /// # Errors
    /// When there is no room for the code.
    pub(crate) fn compile(self: &Arc<Self>, function: usize, own: bool) -> Result<(), CompileError> {
        if self.has(function) { Ok(()) } else { self.compile_since(Instant::now(), function, own).map(drop) }
    }

    /// The same for whoever knows what time it is, and wants to know when it was done.
    ///
    /// # Errors
    /// As for [`Native::compile`].
    pub(crate) fn compile_since(
        self: &Arc<Self>,
        started: Instant,
        function: usize,
        own: bool,
    ) -> Result<Instant, CompileError> {
        if self.has(function) {
            return Ok(started);
        }
        if let Some(code) = &*self.place(function) {
            self.connect(function, code);
            return Ok(started);
        }
        let code = Arc::new(self.space.with_compiler(|compiler| compiler.compile(self.unit(), function))?);
        let bytes = code.code().bytes().len();
        self.reserve(bytes, own)?;
        let mut place = self.place(function);
        if place.is_some() {
            // Somebody else was faster.
            self.give_back(bytes);
            return Ok(Instant::now());
        }
        let now = Instant::now();
        self.functions[function].made.get_or_init(|| Made { homes: *code.homes(), time: now - started });
        self.connect(function, &code);
        *place = Some(code);
        drop(place);
        self.cache.add(Arc::downgrade(self), function, bytes);
        Ok(now)
    }

    /// The code of every function that can be compiled, taken apart.
    ///
    /// # Errors
    /// As for [`Native::compile`].
    pub(crate) fn list(&self) -> Result<Vec<Listing>, CompileError> {
        let list = |function| self.space.with_compiler(|compiler| compiler.list(self.unit(), function));
        (0..self.codes.len()).map(list).collect()
    }

    /// The way in for the host to a function, compiled or not. `None` when there is no room for it.
    #[inline]
    pub(crate) fn host_entry(&self, function: usize) -> Option<&Published<Machine>> {
        match self.functions[function].host.get() {
            Some(code) => Some(code),
            None => self.make_host_entry(function).ok(),
        }
    }

    #[cold]
    fn make_host_entry(&self, function: usize) -> Result<&Published<Machine>, CompileError> {
        let mut asm = self.space.assembler();
        let counts = [Bank::I64, Bank::F64].map(|bank| {
            let registers = self.space.registers().of_bank(bank);
            self.facts.in_registers(function, bank, registers)
        });
        if let Some(slot) = self.slots.slot(body_slot(function)) {
            asm.set_origin(self.unit().origin(function, None));
            host_entry(&mut asm, function, self.codes[function].layout, counts, &slot);
        }
        let code = self.space.publish(&mut asm)?;
        self.reserve(code.bytes().len(), true)?;
        let place = &self.functions[function].host;
        if let Err(other) = place.set(code) {
            // Somebody else was faster.
            self.give_back(other.bytes().len());
        }
        place.get().ok_or_else(|| self.cache.full())
    }

    /// Brings pinned registers of a function, which `context` shows, home to its frame.
    pub(crate) fn bring_home(&self, function: usize, context: &Context, frame: &mut [u64]) {
        let Some(made) = self.functions[function].made.get() else { return };
        for pin in made.homes.iter(context.flush.get() as u32) {
            let register = usize::from(pin.register.0);
            match pin.holds {
                Holds::Int => frame[pin.slot as usize] = context.ints[register].get().cast_unsigned(),
                Holds::Float => frame[pin.slot as usize] = context.floats[register].get().to_bits(),
                Holds::View(_) => {}
            }
        }
    }

    /// Lays the arguments of a function that was called in machine registers, which `context` shows, into its frame, and
    /// zero into all registers that no caller sets.
    pub(crate) fn lay_out(&self, function: usize, context: &Context, frame: &mut [u64]) {
        let layout = self.codes[function].layout;
        self.facts.zero_unset(function, layout, frame);
        for bank in [Bank::I64, Bank::F64] {
            let count = self.facts.in_registers(function, bank, self.space.registers().of_bank(bank));
            let start = layout.start(bank) as usize;
            let arguments = &mut frame[start..start + count];
            for (index, argument) in arguments.iter_mut().enumerate() {
                *argument = match bank {
                    Bank::I64 => context.ints[index].get().cast_unsigned(),
                    _ => context.floats[index].get().to_bits(),
                };
            }
        }
        debug_assert!(frame.len() == layout.words() && FrameLayout::HEADER == 0);
    }

    /// The most words of the frame stack that one frame needs, with what stands above it for a moment.
    pub(crate) fn largest_frame(&self) -> usize {
        self.facts.largest_frame
    }

    /// What an entered function returned.
    #[inline(always)]
    pub(crate) fn returned(&self, function: usize, context: &Context, given: Given) -> Returned {
        self.facts.returned(function, context, given)
    }

    /// What a function can return.
    pub(crate) fn kinds(&self, function: usize) -> Kinds {
        self.facts.kinds(function)
    }

    /// Whether code of the program may look at the heap.
    #[inline]
    pub(crate) fn has_cells(&self) -> bool {
        self.facts.has_cells
    }

    pub(super) fn unit(&self) -> Unit<'_> {
        let Self { guest, codes, facts, slots, space, metered, .. } = self;
        Unit {
            program: guest.program.program(),
            guest,
            codes,
            facts,
            slots,
            space,
            metered: *metered,
            #[cfg(test)]
            asks: self.asks,
        }
    }
}
