//! Published code: where it lives, who keeps it alive, how it is entered.

use crate::assembler::Assembler;
use crate::checker::{CheckError, Checked, CodeView, check};
use crate::entry::{self, Given, Registers, UnsupportedHost, WayIn};
use crate::error::PublishError;
use crate::marks::AddressMap;
use crate::memory::{Arena, ArenaConfig, Region};
use crate::registry::{Attachment, Listener, Located, Origin, PublishedCode, Registry};
use crate::set::OpSet;
use crate::slots::EntrySlot;
use crate::tables::host_architecture;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use stencil_table::{Convention, POOL_ALIGN, Table, TableInfo};

/// Executable memory for the code of one table: an arena and the table's constants in it.
#[derive(Debug, Clone)]
pub struct CodeSpace<S> {
    arena: Arena,
    pool: Option<Arc<Region>>,
    table: TableIdentity,
    registry: Arc<Registry>,
    set: PhantomData<fn() -> S>,
}

/// What tells a table from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TableIdentity {
    info: TableInfo,
    checksum: u64,
}

impl TableIdentity {
    fn of(table: &Table<'_>) -> Self {
        Self { info: *table.info(), checksum: table.checksum() }
    }
}

/// A piece of published code. Clones share it; its memory is reused when the last clone, and the last piece of code that
/// calls it, is gone. A thread that runs it holds a clone or a borrow, so none is ever inside when that happens.
pub struct Code<S> {
    shared: Arc<Shared>,
    /// The address of the first byte.
    address: u64,
    convention: Convention,
    set: PhantomData<fn() -> S>,
}

/// A place where code can be entered. Does not keep the code alive.
#[derive(Debug)]
pub struct EntryPoint<S> {
    address: u64,
    /// None if this architecture has none for the code's convention.
    way: Option<WayIn>,
    set: PhantomData<fn() -> S>,
}

impl<S> Clone for EntryPoint<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S> Copy for EntryPoint<S> {}

impl<S: OpSet> EntryPoint<S> {
    /// Enters the code, see [`Code::enter`].
    ///
    /// # Safety
    /// As for [`Code::enter`]; a [`Code`] that the point is of, or a clone of it, lives until the code returns or leaves.
    #[inline]
    pub unsafe fn enter(self, fixed: &S::Fixed) -> Given {
        // SAFETY: the caller vouches for code and fixed parts, and keeps the code.
        unsafe { self.way().enter(self.code(), S::fixed_words(fixed)) }
    }

    /// Enters the code where no other code waits, in a few instructions less.
    ///
    /// # Safety
    /// As for [`EntryPoint::enter`]; no stitched code that uses the same anchor waits for a host function to return; and no
    /// op of the set changes the first fixed part.
    #[inline]
    pub unsafe fn enter_outermost(self, fixed: &S::Fixed) -> Given {
        // SAFETY: the caller vouches for code and fixed parts, keeps the code, and knows that none waits.
        unsafe { self.way().enter_outermost(self.code(), S::fixed_words(fixed)) }
    }

    fn code(self) -> *const u8 {
        self.address as usize as *const u8
    }

    fn way(self) -> WayIn {
        self.way.expect("code spaces are only made for conventions that can be entered")
    }
}

/// What keeps a piece of code alive.
#[derive(Debug)]
pub(crate) struct Shared {
    /// What listeners have attached.
    attached: Vec<Attachment>,
    region: Region,
    /// The embedder's tags, and what it says the code was made from.
    marks: AddressMap,
    origin: Option<Origin>,
    /// Where the code is found by its address, if there is something to find.
    registry: Option<Arc<Registry>>,
    /// Where each exported label is.
    exports: Box<[u32]>,
    /// The constants the code refers to, the code it calls, and the slots it calls through.
    pool: Option<Arc<Region>>,
    callees: Box<[EntryAddress]>,
    slots: Box<[EntrySlot]>,
}

impl Shared {
    /// The address of the first byte.
    pub(crate) fn address(&self) -> u64 {
        self.region.address()
    }

    /// Where an address is in this code, if it is.
    pub(crate) fn locate(&self, address: u64) -> Option<Located> {
        let start = self.address();
        let offset = address.checked_sub(start).filter(|offset| *offset < self.region.len() as u64)? as u32;
        Some(Located { start, offset, mark: self.marks.find(offset), origin: self.origin.clone() })
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Some(registry) = &self.registry {
            registry.remove(self.address());
        }
        self.attached.clear();
    }
}

/// A place in published code where a function starts. Keeps the code alive.
#[derive(Debug, Clone)]
pub struct EntryAddress {
    shared: Arc<Shared>,
    offset: u32,
}

impl EntryAddress {
    /// The address.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.shared.region.address() + u64::from(self.offset)
    }
}

impl<S> Clone for Code<S> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ..*self }
    }
}

impl<S> fmt::Debug for Code<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Code")
            .field("address", &self.address())
            .field("len", &self.bytes().len())
            .finish_non_exhaustive()
    }
}

impl<S: OpSet> CodeSpace<S> {
    /// A space of its own for code stitched from `table`: an arena as [`ArenaConfig::default`] describes it.
    ///
    /// # Errors
    /// As for [`CodeSpace::new`], and when the system gives no executable memory.
    pub fn for_table(table: &Table<'_>) -> Result<Self, PublishError> {
        Self::new(Arena::new(ArenaConfig::default())?, table)
    }

    /// A space in `arena` for code stitched from `table`.
    ///
    /// # Errors
    /// When the table is for another architecture than this program or for a convention that it cannot enter, or the
    /// arena has no room for the table's constants.
    pub fn new(arena: Arena, table: &Table<'_>) -> Result<Self, PublishError> {
        let info = table.info();
        if Some(info.architecture) != host_architecture() {
            return Err(PublishError::ForeignArchitecture { table: info.architecture, host: std::env::consts::ARCH });
        }
        if !entry::supports(info.convention) {
            return Err(UnsupportedHost { convention: info.convention }.into());
        }
        let pool = match table.pool() {
            [] => None,
            pool => {
                let mut draft = arena.allocate(pool.len(), POOL_ALIGN)?;
                draft.bytes_mut().copy_from_slice(pool);
                Some(Arc::new(draft.publish()?))
            }
        };
        let (table, registry) = (TableIdentity::of(table), Arc::default());
        Ok(Self { arena, pool, table, registry, set: PhantomData })
    }

    /// The arena.
    #[must_use]
    pub fn arena(&self) -> &Arena {
        &self.arena
    }

    /// The address of the table's constants, if it has any: what [`CodeView::pool`] is for code of this space.
    #[must_use]
    pub fn pool(&self) -> Option<u64> {
        self.pool.as_ref().map(|pool| pool.address())
    }

    /// Lets `listener` know of all code that is published in this space, and in clones of it, from now on.
    pub fn listen(&self, listener: Arc<dyn Listener>) {
        self.registry.listen(listener);
    }

    /// Where an address is in the code of this space, which is found in time that grows with the logarithm of how much
    /// code there is. Only code with marks or an origin is found, see [`Assembler::mark`] and [`Assembler::set_origin`].
    #[must_use]
    pub fn locate(&self, address: u64) -> Option<Located> {
        self.registry.find(address, true)
    }

    /// The same without ever waiting for another thread, for handlers of signals: `None` also while code is published or
    /// freed at this moment.
    #[must_use]
    pub fn try_locate(&self, address: u64) -> Option<Located> {
        self.registry.find(address, false)
    }

    /// Finishes what the assembler holds, makes it executable, and clears the assembler for the next piece.
    ///
    /// # Errors
    /// The first error of stitching, that the assembler's table is not this space's, that the arena wants landing pads
    /// which the assembler does not write, or that there is no memory; the assembler is cleared in any case.
    pub fn publish(&self, assembler: &mut Assembler<'_, S>) -> Result<Code<S>, PublishError> {
        let published = self.try_publish(assembler);
        assembler.clear();
        published
    }

    fn try_publish(&self, assembler: &mut Assembler<'_, S>) -> Result<Code<S>, PublishError> {
        if TableIdentity::of(assembler.table()) != self.table {
            return Err(PublishError::OtherTable);
        }
        if self.arena.landing_pads() && !assembler.has_landing_pads() {
            return Err(PublishError::WithoutLandingPads);
        }
        assembler.finish()?;
        // Of the right capacity from the start, so that a boxed slice is made without another allocation.
        let mut exports = Vec::with_capacity(assembler.exports().len());
        for label in assembler.exports() {
            exports.push(assembler.offset_of(*label)? as u32);
        }
        let code = assembler.finished();
        let mut draft = self.arena.allocate(code.len(), POOL_ALIGN.max(assembler.alignment()))?;
        let address = draft.address();
        let bytes = draft.bytes_mut();
        bytes.copy_from_slice(code);
        let pool = self.pool.as_ref().map_or(0, |pool| pool.address());
        assembler.bind_externals(bytes, address, pool)?;
        let (region, marks, origin) = (draft.publish()?, assembler.address_map(), assembler.take_origin());
        let attached = if self.registry.is_heard() {
            self.registry.tell(&PublishedCode {
                address: region.address(),
                bytes: region.bytes(),
                architecture: self.table.info.architecture,
                functions: &assembler.functions(),
                marks: &marks,
                stencils: &assembler.stencils(),
                table: self.table.checksum,
                origin: origin.as_ref(),
            })
        } else {
            Vec::new()
        };
        let known = !marks.is_empty() || origin.is_some();
        let shared = Arc::new(Shared {
            attached,
            region,
            marks,
            origin,
            registry: known.then(|| Arc::clone(&self.registry)),
            exports: exports.into_boxed_slice(),
            pool: self.pool.clone(),
            callees: assembler.callees().into(),
            slots: assembler.slots().into(),
        });
        if known {
            self.registry.add(&shared);
        }
        let (address, convention) = (shared.region.address(), self.table.info.convention);
        Ok(Code { shared, address, convention, set: PhantomData })
    }
}

impl<S> Code<S> {
    /// The address of the first byte.
    #[must_use]
    pub fn address(&self) -> u64 {
        self.address
    }

    /// The machine code, to read.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.shared.region.bytes()
    }

    /// The embedder's tags, see [`Assembler::mark`].
    #[must_use]
    pub fn marks(&self) -> &AddressMap {
        &self.shared.marks
    }

    /// What the code was made from, see [`Assembler::set_origin`].
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.shared.origin.as_ref()
    }

    /// Checks the code against the table it was stitched from, see [`crate::check`].
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self, table: &Table<'_>) -> Result<Checked, CheckError> {
        let callees: Vec<u64> = self.shared.callees.iter().map(EntryAddress::address).collect();
        let pool = self.shared.pool.as_ref().map_or(0, |pool| pool.address());
        let slots: Vec<u64> = self.shared.slots.iter().map(EntrySlot::location).collect();
        check(table, CodeView { bytes: self.bytes(), address: self.address(), pool, callees: &callees, slots: &slots })
    }

    /// The start of the code.
    #[must_use]
    pub fn start(&self) -> EntryAddress {
        EntryAddress { shared: Arc::clone(&self.shared), offset: 0 }
    }

    /// The exported label number `index`, in the order of [`Assembler::export`].
    #[must_use]
    pub fn entry(&self, index: usize) -> Option<EntryAddress> {
        let offset = *self.shared.exports.get(index)?;
        Some(EntryAddress { shared: Arc::clone(&self.shared), offset })
    }

    /// The offset of exported label number `index` from the start of the code, in bytes.
    #[must_use]
    pub fn entry_offset(&self, index: usize) -> Option<u32> {
        self.shared.exports.get(index).copied()
    }
}

impl<S: OpSet> Code<S> {
    /// Runs the code from `offset` (0, or one of [`Code::entry_offset`]) with the machine's fixed parts; its other
    /// registers hold anything. Returns when the code returns or leaves, with what two registers hold then.
    ///
    /// # Safety
    /// - The code was stitched from a table that the build helper made for this op set, by the emission API, and what
    ///   it does with these fixed parts is sound: every op's own requirements are met, all slots are within the frame,
    ///   holes that are pointers or functions are valid, and no path runs past the last op.
    /// - `offset` is the start of a function: its first instructions are the assembler's prologue.
    /// - The first fixed part points to a struct that starts with an `Anchor`, which no other thread uses meanwhile.
    #[inline]
    pub unsafe fn enter(&self, offset: u32, fixed: &S::Fixed) -> Given {
        // SAFETY: the caller vouches for code and fixed parts; the code outlives this borrow.
        unsafe { self.entry_point(offset).enter(fixed) }
    }

    /// Where [`Code::enter`] goes in at `offset`, for whoever enters often and keeps the code alive by other means.
    #[inline]
    #[must_use]
    pub fn entry_point(&self, offset: u32) -> EntryPoint<S> {
        EntryPoint { address: self.address + u64::from(offset), way: WayIn::of(self.convention), set: PhantomData }
    }

    /// The same with all registers of the machine, which are stored back when the code returns or leaves.
    ///
    /// # Safety
    /// As for [`Code::enter`].
    pub unsafe fn enter_with(&self, offset: u32, machine: &mut S) {
        let mut registers = Registers::default();
        machine.load(self.convention, &mut registers);
        // SAFETY: the caller vouches for code and machine.
        unsafe { self.enter_raw(offset, &mut registers) }
        machine.store(self.convention, &registers);
    }

    /// The same with the argument registers themselves, as [`OpSet::layout`] assigns them.
    ///
    /// # Safety
    /// As for [`Code::enter`].
    pub unsafe fn enter_raw(&self, offset: u32, registers: &mut Registers) {
        let code = (self.address + u64::from(offset)) as usize as *const u8;
        // SAFETY: the caller vouches for code and registers; the region outlives this borrow.
        let entered = unsafe { entry::enter_with(self.convention, code, registers) };
        debug_assert!(entered.is_ok(), "the code space was made for a convention that can be entered");
    }
}
