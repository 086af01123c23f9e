//! Compiled code that asks at ops whether to leave there: how tests prove that it can be left anywhere.

use super::cache::CodeCache;
use super::helper::on_machine;
use super::program::Native;
use crate::compile::Space;
use crate::frames::place_of;
use crate::machine::Machine;
use crate::program::Verified;
use crate::stencils::ops::{Context, RunHostHelper};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use stencil_runtime::{Convention, host_fn};

/// The function that code calls before ops at which it may be told to leave.
pub(crate) const STOP: RunHostHelper = stop;

/// An op of a program: a function and a position in it.
pub(crate) type OpPlace = (usize, usize);

/// Which ops code asks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Asks {
    /// None.
    #[default]
    Nowhere,
    /// All.
    Everywhere,
    /// One.
    At(OpPlace),
}

impl Asks {
    /// Whether code asks at this op.
    pub(crate) fn at(self, place: OpPlace) -> bool {
        match self {
            Self::Nowhere => false,
            Self::Everywhere => true,
            Self::At(at) => at == place,
        }
    }
}

/// When code that asks is told to leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum When {
    /// Never.
    #[default]
    Never,
    /// The first three times that it comes to this op, and then every seventh time.
    Visits(OpPlace),
    /// Every so often, wherever it is.
    Every(u64),
}

/// What code that asks is told, and what it was told before.
#[derive(Debug, Default)]
pub(crate) struct Stops {
    when: Cell<When>,
    asked: Cell<u64>,
    visits: RefCell<BTreeMap<OpPlace, u64>>,
    left: RefCell<BTreeMap<OpPlace, u64>>,
}

impl Stops {
    /// Code is to be told this from now on.
    pub(crate) fn set(&self, when: When) {
        self.when.set(when);
        self.asked.set(0);
        self.visits.take();
    }

    /// How often code left at which op.
    pub(crate) fn left(&self) -> BTreeMap<OpPlace, u64> {
        self.left.borrow().clone()
    }

    fn leaves_at(&self, place: OpPlace) -> bool {
        self.asked.set(self.asked.get() + 1);
        let leaves = match self.when.get() {
            When::Never => false,
            When::Visits(at) if at != place => false,
            When::Visits(_) => {
                let mut visits = self.visits.borrow_mut();
                let visit = visits.entry(place).or_default();
                *visit += 1;
                *visit <= 3 || visit.is_multiple_of(7)
            }
            When::Every(often) => self.asked.get().is_multiple_of(often),
        };
        if leaves {
            *self.left.borrow_mut().entry(place).or_default() += 1;
        }
        leaves
    }
}

host_fn! {
    /// Gives 1 if code is to leave at the op at `place`, and 0 otherwise.
    ///
    /// # Safety
    /// `context` is that of the innermost entry, which made its `host` from the borrow of the machine that it holds and
    /// does not use until the code comes back.
    unsafe fn stop(context: *mut Context, _frame: *mut u64, place: u64) -> u64 {
        let run = |machine: &mut Machine<'_>, _: &Context| {
            machine.tiering.is_some_and(|tiering| tiering.stops.leaves_at(place_of(place)))
        };
        // SAFETY: the caller's contract.
        u64::from(unsafe { on_machine(context, run) })
    }
}

/// The functions of a program in a cache of their own, none of them compiled yet, whose code will ask.
pub(crate) fn asking(program: &Verified, convention: Option<Convention>, metered: bool, asks: Asks) -> Arc<Native> {
    let space = Space::open(convention, false).expect("the caller has chosen a convention of this machine");
    let mut native = Native::new(program.clone(), space, metered, CodeCache::new(usize::MAX));
    native.asks = asks;
    Arc::new(native)
}
