//! Which stencils are used, and where code goes.

use super::bridge::Bridges;
use super::compiler::Compiler;
use super::pins::Registers;
use crate::stencils::TABLES;
use crate::stencils::ops::Machine;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use stencil_runtime::memory::{Arena, ArenaConfig, MemoryError, Strategy};
use stencil_runtime::{
    Assembler, Code, CodeSpace, Convention, Listener, LoadError, Located, PublishError, StitchError, Table,
};
use thiserror::Error;

/// Why a program cannot be compiled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// There are no stencils for this machine.
    #[error("there are no stencils to compile with; use the interpreter")]
    NoStencils(#[source] LoadError),
    /// There are none in the calling convention that was asked for.
    #[error("there are no stencils in the {convention} convention for this machine; leave the choice open")]
    NoConvention {
        /// The convention.
        convention: Convention,
    },
    /// There is no executable memory.
    #[error("there is no memory for code; use the interpreter")]
    Memory(#[from] MemoryError),
    /// The code cache is full.
    #[error("the code cache holds {budget} bytes; make it larger, or use a tier that interprets what does not fit")]
    Budget {
        /// The most bytes it may hold.
        budget: usize,
    },
    /// The code could not be stitched or published.
    #[error("the program's code cannot be made; use the interpreter")]
    Publish(#[from] PublishError),
    /// The code could not be stitched.
    #[error("the program's code cannot be stitched; use the interpreter")]
    Stitch(#[from] StitchError),
}

/// The stencils of one convention, and the memory for code made of them, which all machines of this process share.
#[derive(Debug)]
pub(crate) struct Space {
    table: &'static Table<'static>,
    code: CodeSpace<Machine>,
    /// Whether the code has landing pads.
    landing_pads: bool,
    bridges: Bridges,
    /// Compilers that are not at work, with their buffers.
    #[expect(clippy::vec_box, reason = "each is taken out and put back for every function")]
    compilers: Mutex<Vec<Box<Compiler>>>,
}

/// One space per convention, without landing pads and with them.
static SPACES: [[OnceLock<Space>; 2]; 2] = [const { [const { OnceLock::new() }; 2] }; 2];
/// Held while a space is made.
static MAKING: Mutex<()> = Mutex::new(());
/// Who is told of all code.
static LISTENERS: Mutex<Vec<Arc<dyn Listener>>> = Mutex::new(Vec::new());
/// Whether there is somebody.
static HEARD: AtomicBool = AtomicBool::new(false);

/// Whether code is in memory without a file.
static ANONYMOUS: AtomicBool = AtomicBool::new(false);

/// Whether it is noted which stencils code is stitched from.
static TRACED: AtomicBool = AtomicBool::new(false);

/// It is too late to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is compiled code already; say who listens before the first machine is made")]
pub struct ListenError;

/// Tells `listener` of all code that machines of this process compile: to describe it to debuggers, profilers and
/// unwinders. To be called before the first machine is made that compiles.
///
/// # Errors
/// When there is compiled code already.
pub fn listen(listener: Arc<dyn Listener>) -> Result<(), ListenError> {
    before_all_code(|| {
        LISTENERS.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
        HEARD.store(true, Ordering::Release);
    })
}

/// Keeps compiled code of this process in memory that no file stands for: debuggers can write breakpoints to it, and `perf`
/// looks it up in its map, which the two views that code has otherwise do not let them. Publishing takes system calls then.
/// To be called before the first machine is made that compiles.
///
/// # Errors
/// When there is compiled code already.
pub fn use_anonymous_memory() -> Result<(), ListenError> {
    before_all_code(|| ANONYMOUS.store(true, Ordering::Release))
}

/// Lets listeners know which stencils stand where in the code of this process, see [`Table::traced`]. To be called before the
/// first machine is made that compiles.
///
/// # Errors
/// When there is compiled code already.
pub fn trace_stencils() -> Result<(), ListenError> {
    before_all_code(|| TRACED.store(true, Ordering::Release))
}

/// Does something unless there is a space for code.
fn before_all_code(work: impl FnOnce()) -> Result<(), ListenError> {
    let making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
    if SPACES.iter().flatten().any(|space| space.get().is_some()) {
        return Err(ListenError);
    }
    work();
    drop(making);
    Ok(())
}

/// Whether somebody is told of code.
pub(super) fn is_heard() -> bool {
    HEARD.load(Ordering::Acquire)
}

/// The addresses that compiled code may have in the convention that machines use unless they are told otherwise.
///
/// # Errors
/// When there are no stencils for this machine, or no memory for code.
pub fn code_addresses() -> Result<Range<u64>, CompileError> {
    Ok(Space::open(None, false)?.code.arena().addresses())
}

/// Where an address is in compiled code, see [`CodeSpace::locate`]; may only `wait` where locks may be taken.
pub(crate) fn locate(address: u64, wait: bool) -> Option<Located> {
    let code = SPACES.iter().flatten().filter_map(OnceLock::get).map(|space| &space.code);
    let mut found = code.map(|code| if wait { code.locate(address) } else { code.try_locate(address) });
    found.find_map(|located| located)
}

/// An assembler for code with landing pads or without.
fn assembler(table: &'static Table<'static>, landing_pads: bool) -> Assembler<'static, Machine> {
    let mut asm = Assembler::new(table);
    asm.landing_pads(landing_pads);
    asm
}

impl Space {
    /// That of `convention`, or of the best that there is, for code with landing pads or without.
    ///
    /// # Errors
    /// When there are no stencils, or there is no memory for code, or code of this machine has no landing pads.
    pub(crate) fn open(convention: Option<Convention>, landing_pads: bool) -> Result<&'static Self, CompileError> {
        let table = match convention {
            None => TABLES.best().map_err(CompileError::NoStencils)?,
            Some(convention) => {
                let mut tables = TABLES.usable().map_err(CompileError::NoStencils)?;
                let found = tables.find(|table| table.info().convention == convention);
                found.ok_or(CompileError::NoConvention { convention })?
            }
        };
        let [without, with] = match table.info().convention {
            Convention::Portable => &SPACES[0],
            Convention::Wide => &SPACES[1],
        };
        let space = if landing_pads { with } else { without };
        if let Some(space) = space.get() {
            return Ok(space);
        }
        let making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(space) = space.get() {
            return Ok(space);
        }
        let made = Self::make(table, landing_pads)?;
        let space = space.get_or_init(|| made);
        drop(making);
        Ok(space)
    }

    fn make(table: &'static Table<'static>, landing_pads: bool) -> Result<Self, CompileError> {
        // There are at most as many as there are spaces.
        let traced =
            TRACED.load(Ordering::Acquire).then(|| Box::leak(Box::new(table.traced(Box::leak(Box::default())))));
        let table = traced.map_or(table, |table| &*table);
        let anonymous = ANONYMOUS.load(Ordering::Acquire);
        let strategy = if anonymous { Strategy::Flip } else { Strategy::Auto };
        let code =
            CodeSpace::new(Arena::new(ArenaConfig { strategy, landing_pads, ..ArenaConfig::default() })?, table)?;
        for listener in LISTENERS.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            code.listen(Arc::clone(listener));
        }
        let bridges = Bridges::new(&mut assembler(table, landing_pads), &code, Registers::of(table))?;
        Ok(Self { table, code, landing_pads, bridges, compilers: Mutex::new(Vec::new()) })
    }

    /// An assembler for code that is published here.
    pub(crate) fn assembler(&self) -> Assembler<'static, Machine> {
        assembler(self.table, self.landing_pads)
    }

    /// The stencils.
    pub(crate) fn table(&self) -> &'static Table<'static> {
        self.table
    }

    /// How many machine registers they work on.
    pub(crate) fn registers(&self) -> Registers {
        Registers::of(self.table)
    }

    /// What compiled code goes to when it cannot go on by itself.
    pub(crate) fn bridges(&self) -> &Bridges {
        &self.bridges
    }

    /// Lets a compiler work.
    pub(crate) fn with_compiler<R>(&self, work: impl FnOnce(&mut Compiler) -> R) -> R {
        let free = || self.compilers.lock().unwrap_or_else(PoisonError::into_inner);
        let mut compiler = free().pop().unwrap_or_else(|| Box::new(Compiler::new(self)));
        let result = work(&mut compiler);
        free().push(compiler);
        result
    }

    /// Publishes what an assembler holds.
    ///
    /// # Errors
    /// What was wrong with it, or that there is no room.
    pub(crate) fn publish(&self, asm: &mut Assembler<'_, Machine>) -> Result<Code<Machine>, PublishError> {
        self.code.publish(asm)
    }
}
