//! Finding the code that an address belongs to, and telling listeners what is published.

use crate::code::Shared;
use crate::marks::{AddressMap, Mark};
use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, TryLockError, Weak};
use stencil_table::Architecture;

/// What a piece of code was made from, in the embedder's words.
#[derive(Clone)]
pub struct Origin {
    /// What holds the guest's functions: a program, a module.
    pub unit: Arc<dyn Any + Send + Sync>,
    /// Which of them it is, or whatever else the embedder numbers.
    pub function: u32,
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Origin").field("function", &self.function).finish_non_exhaustive()
    }
}

/// Published code as a [`Listener`] sees it.
#[derive(Debug, Clone, Copy)]
pub struct PublishedCode<'a> {
    /// The address of the first byte.
    pub address: u64,
    /// The machine code.
    pub bytes: &'a [u8],
    /// What it runs on.
    pub architecture: Architecture,
    /// Where functions start: the offsets of prologues, in ascending order.
    pub functions: &'a [u32],
    /// The embedder's tags in it.
    pub marks: &'a AddressMap,
    /// Which stencils stand where, as the table numbers them by dense index: none unless the table is
    /// [traced](stencil_table::Table::traced). Between them is what the assembler writes itself.
    pub stencils: &'a [Mark],
    /// The checksum of the table that it was stitched from.
    pub table: u64,
    /// What it was made from, if the embedder has said so.
    pub origin: Option<&'a Origin>,
}

/// What a listener wants to happen when code is freed: it is dropped just before.
pub type Attachment = Box<dyn Any + Send + Sync>;

/// Is told of all code that a space publishes, before it can run: to describe it to debuggers, profilers and unwinders.
pub trait Listener: fmt::Debug + Send + Sync {
    /// Code is about to be handed out. What is returned is dropped when nobody can run it any more, before its memory is
    /// reused.
    fn published(&self, code: &PublishedCode<'_>) -> Option<Attachment>;
}

/// Where an address is in published code.
#[derive(Debug, Clone)]
pub struct Located {
    /// The address of the code's first byte.
    pub start: u64,
    /// Bytes from there.
    pub offset: u32,
    /// The mark that the address belongs to, if there is one before it.
    pub mark: Option<Mark>,
    /// What the code was made from, if the embedder has said so.
    pub origin: Option<Origin>,
}

/// The code of a space by address, and who listens.
#[derive(Debug, Default)]
pub(crate) struct Registry {
    codes: RwLock<BTreeMap<u64, Weak<Shared>>>,
    /// Whether there is a listener.
    heard: AtomicBool,
    listeners: RwLock<Vec<Arc<dyn Listener>>>,
}

impl Registry {
    /// Adds a piece of code.
    pub(crate) fn add(&self, code: &Arc<Shared>) {
        let mut codes = self.codes.write().unwrap_or_else(PoisonError::into_inner);
        codes.insert(code.address(), Arc::downgrade(code));
    }

    /// Removes the piece of code that starts at `address`.
    pub(crate) fn remove(&self, address: u64) {
        self.codes.write().unwrap_or_else(PoisonError::into_inner).remove(&address);
    }

    /// Where an address is. `None` when it is in no code of this registry, or, unless it may `wait`, when another thread
    /// is changing the registry.
    pub(crate) fn find(&self, address: u64, wait: bool) -> Option<Located> {
        let code = {
            let codes = match self.codes.try_read() {
                Ok(codes) => codes,
                Err(TryLockError::Poisoned(codes)) => codes.into_inner(),
                Err(TryLockError::WouldBlock) if wait => self.codes.read().unwrap_or_else(PoisonError::into_inner),
                Err(TryLockError::WouldBlock) => return None,
            };
            // Dropped behind the lock: that may free the code, which removes it.
            codes.range(..=address).next_back().and_then(|(_, code)| code.upgrade())?
        };
        code.locate(address)
    }

    /// Adds a listener.
    pub(crate) fn listen(&self, listener: Arc<dyn Listener>) {
        self.listeners.write().unwrap_or_else(PoisonError::into_inner).push(listener);
        self.heard.store(true, Ordering::Release);
    }

    /// Whether somebody listens.
    pub(crate) fn is_heard(&self) -> bool {
        self.heard.load(Ordering::Acquire)
    }

    /// Tells listeners of code, and gives what they attach to it.
    pub(crate) fn tell(&self, code: &PublishedCode<'_>) -> Vec<Attachment> {
        let listeners = self.listeners.read().unwrap_or_else(PoisonError::into_inner);
        listeners.iter().filter_map(|listener| listener.published(code)).collect()
    }
}
