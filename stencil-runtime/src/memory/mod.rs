//! Executable memory that is never writable and executable through one address.
//!
//! An [`Arena`] is one reservation of address space, small enough that a 32-bit relative branch
//! reaches from any of its addresses to any other. Code goes through it by value:
//!
//! ```text
//! Arena::allocate ──► Draft ──publish──► Region ──drop──► free again
//!                 writable bytes,     executable bytes,
//!               not executable yet    not writable any more
//! ```
//!
//! A [`Region`] is the right to run what it holds. Whoever may run it keeps it (or an `Arc` of it)
//! alive, and so dropping the last owner is the proof that no thread is inside and its bytes can be
//! reused. The arena itself lives until the last draft and region of it are gone.
//!
//! How the two rights are kept apart is the [`Strategy`]: two views of one memory file, where
//! publishing costs no system call; pages that each thread may either write or run; or one view
//! whose pages change their protection, where every draft has pages of its own.
//!
//! | module | what lives there |
//! |---|---|
//! | `space` | which offsets are used, free or retired |
//! | `shared` | the state of an arena |
//! | `lease` | ownership of one used range of it |
//! | `draft`, `region` | the two states of code |
//! | `sys` | what the operating system is asked for; to port, start there |

mod draft;
mod error;
mod lease;
mod region;
mod shared;
mod space;
mod sys;

use std::sync::Arc;

pub use draft::Draft;
pub use error::MemoryError;
pub use region::Region;

use lease::Lease;
use shared::Shared;
use sys::{Backing, Dual, Flip, PerThread, page_size};

/// The size that [`ArenaConfig::default`] reserves, in bytes: 64 MiB. Reserving costs address
/// space, not memory.
pub const DEFAULT_RESERVE: usize = 64 << 20;

/// The largest size of an arena, in bytes: just under 2 GiB, so that the distance between any two
/// of its addresses fits a signed 32-bit displacement, and a multiple of every page size there is.
pub const MAX_RESERVE: usize = (2 << 30) - (64 << 10);

/// How an arena keeps writing and executing apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// The first of the others that the system has.
    #[default]
    Auto,
    /// Two views of one memory file, one writable and one executable. Any length of code shares
    /// pages with other code. Linux and Windows have it. On Linux, child processes that `fork` makes do not: code that
    /// they run faults, since both processes would write to the same pages. Those that go on after a `fork` need
    /// [`Strategy::Flip`].
    Dual,
    /// Pages that every thread may either write or execute (`MAP_JIT` of macOS on Apple silicon), and
    /// memory that drafts are written in, from which publishing copies. A thread that has asked for
    /// the right to write such pages by itself has lost it after publishing.
    PerThread,
    /// One view whose pages are made writable, then executable. Every draft takes whole pages. All
    /// systems have it, unless a policy forbids it.
    Flip,
}

/// What an arena is to be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArenaConfig {
    /// Bytes of address space, from 1 to [`MAX_RESERVE`]; rounded up to whole pages.
    pub reserve: usize,
    /// How writing and executing are kept apart.
    pub strategy: Strategy,
    /// Whether code may be reached indirectly only at landing pads (`endbr64`, `bti c`): what is
    /// published through a [`CodeSpace`](crate::CodeSpace) must have them, see
    /// [`Assembler::landing_pads`](crate::Assembler::landing_pads). On aarch64 Linux the pages are
    /// mapped with `PROT_BTI`, and a processor that can stops whatever goes elsewhere.
    pub landing_pads: bool,
}

impl Default for ArenaConfig {
    /// [`DEFAULT_RESERVE`] bytes, [`Strategy::Auto`], no landing pads.
    fn default() -> Self {
        Self { reserve: DEFAULT_RESERVE, strategy: Strategy::Auto, landing_pads: false }
    }
}

/// Where the bytes of an arena are, all in bytes. `used + free == reserved`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stats {
    /// Address space of the arena.
    pub reserved: usize,
    /// The part of it that is or was in use, in whole pages: what may be backed by memory.
    pub committed: usize,
    /// What living drafts and regions take, rounding included.
    pub used: usize,
    /// Everything else.
    pub free: usize,
}

/// A reservation of address space for code. Clones are handles to the same arena; any thread may
/// use any of them.
#[derive(Clone, Debug)]
pub struct Arena {
    shared: Arc<Shared>,
    landing_pads: bool,
}

/// Reserves address space as `strategy` says, and says how it was done.
fn reserve(strategy: Strategy, len: usize, landing_pads: bool) -> Result<(Strategy, Box<dyn Backing>), MemoryError> {
    let backing: Box<dyn Backing> = match strategy {
        Strategy::Auto => {
            return reserve(Strategy::Dual, len, landing_pads)
                .or_else(|_| reserve(Strategy::PerThread, len, landing_pads))
                .or_else(|_| reserve(Strategy::Flip, len, landing_pads));
        }
        Strategy::Dual => Box::new(Dual::reserve(len, landing_pads)?),
        Strategy::PerThread => Box::new(PerThread::reserve(len, landing_pads)?),
        Strategy::Flip => Box::new(Flip::reserve(len, landing_pads)?),
    };
    Ok((strategy, backing))
}

impl Arena {
    /// Reserves address space as `config` says.
    ///
    /// # Errors
    /// [`MemoryError::Reserve`] for a size out of range, [`MemoryError::Unsupported`] for a
    /// strategy this system does not have, [`MemoryError::System`] when the system refuses (its
    /// limits or its policy forbid it).
    pub fn new(config: ArenaConfig) -> Result<Self, MemoryError> {
        if !(1..=MAX_RESERVE).contains(&config.reserve) {
            return Err(MemoryError::Reserve { requested: config.reserve, max: MAX_RESERVE });
        }
        let len = config.reserve.next_multiple_of(page_size());
        let ArenaConfig { strategy, landing_pads, .. } = config;
        let (strategy, backing) = reserve(strategy, len, landing_pads)?;
        Ok(Self { shared: Arc::new(Shared::new(backing, strategy, len, page_size())), landing_pads })
    }

    /// Takes `len` writable bytes whose executable address will be a multiple of `align`. What the
    /// bytes hold at first is unspecified.
    ///
    /// # Errors
    /// [`MemoryError::Length`] for 0 bytes, [`MemoryError::Alignment`] for an alignment that is no
    /// power of two or larger than a page, [`MemoryError::Full`] when no free range is long
    /// enough, [`MemoryError::System`] when the system does not give the memory.
    pub fn allocate(&self, len: usize, align: usize) -> Result<Draft, MemoryError> {
        if len == 0 {
            return Err(MemoryError::Length);
        }
        let max = self.shared.page();
        if !align.is_power_of_two() || align > max {
            return Err(MemoryError::Alignment { requested: align, max });
        }
        Lease::open(&self.shared, len, align).map(|lease| Draft::new(lease, len))
    }

    /// The strategy in use, never [`Strategy::Auto`].
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        self.shared.strategy()
    }

    /// Whether code is to be reached indirectly only at landing pads, as
    /// [`ArenaConfig::landing_pads`] says.
    #[must_use]
    pub fn landing_pads(&self) -> bool {
        self.landing_pads
    }

    /// The addresses that code of this arena may have.
    #[must_use]
    pub fn addresses(&self) -> std::ops::Range<u64> {
        self.shared.addresses()
    }

    /// Where the bytes are at this moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }
}

#[cfg(test)]
mod test_support;
#[cfg(test)]
mod tests;
