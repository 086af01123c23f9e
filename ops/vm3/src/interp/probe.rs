//! What a run can be asked to count.

use crate::fault::FaultKind;
use std::cell::Cell;

/// Sees every op, call and return of a run.
pub(crate) trait Probe {
    /// Whether functions may run as compiled code, where the probe sees nothing.
    const NATIVE: bool;
    /// An op is about to be executed; an error is the limit that it would pass.
    fn op(&mut self) -> Result<(), FaultKind>;
    /// A frame was pushed.
    fn enter(&mut self);
    /// A frame was popped.
    fn leave(&mut self);
}

/// Counts nothing and costs nothing, so that functions may run as compiled code.
#[derive(Debug)]
pub(crate) struct NoProbe;

impl Probe for NoProbe {
    const NATIVE: bool = true;

    #[inline(always)]
    fn op(&mut self) -> Result<(), FaultKind> {
        Ok(())
    }

    #[inline(always)]
    fn enter(&mut self) {}

    #[inline(always)]
    fn leave(&mut self) {}
}

/// Takes one from the fuel for every op. Compiled code does so itself.
#[derive(Debug)]
pub(crate) struct Meter<'f>(pub(crate) &'f Cell<u64>);

impl Probe for Meter<'_> {
    const NATIVE: bool = true;

    #[inline(always)]
    fn op(&mut self) -> Result<(), FaultKind> {
        let left = self.0.get().checked_sub(1).ok_or(FaultKind::OutOfFuel)?;
        self.0.set(left);
        Ok(())
    }

    #[inline(always)]
    fn enter(&mut self) {}

    #[inline(always)]
    fn leave(&mut self) {}
}

/// What a counted run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ops executed, the one that ended the run included.
    pub ops: u64,
    /// The most frames there were at once.
    pub max_depth: usize,
}

/// Counts, and stops a run that executes too many ops.
#[derive(Debug)]
pub(crate) struct Counter<'f> {
    pub(crate) counts: Counts,
    depth: usize,
    limit: u64,
    meter: Option<Meter<'f>>,
}

impl<'f> Counter<'f> {
    /// Stops a run after `limit` ops; one that is metered, by `meter`, also without fuel.
    pub(crate) fn new(limit: u64, meter: Option<Meter<'f>>) -> Self {
        Self { counts: Counts { ops: 0, max_depth: 1 }, depth: 1, limit, meter }
    }
}

impl Probe for Counter<'_> {
    const NATIVE: bool = false;

    #[inline]
    fn op(&mut self) -> Result<(), FaultKind> {
        if self.counts.ops == self.limit {
            return Err(FaultKind::OpLimit { limit: self.limit });
        }
        if let Some(meter) = &mut self.meter {
            meter.op()?;
        }
        self.counts.ops += 1;
        Ok(())
    }

    #[inline]
    fn enter(&mut self) {
        self.depth += 1;
        self.counts.max_depth = self.counts.max_depth.max(self.depth);
    }

    #[inline]
    fn leave(&mut self) {
        self.depth -= 1;
    }
}
