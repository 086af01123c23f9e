//! What a run can be asked to count.

/// Sees every op, call and return of a run.
pub(crate) trait Probe {
    /// Whether functions may run as compiled code, which no probe sees.
    const NATIVE: bool;
    /// An op is about to be executed; an error is the limit that it would pass.
    fn op(&mut self) -> Result<(), u64>;
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
    fn op(&mut self) -> Result<(), u64> {
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
pub(crate) struct Counter {
    pub(crate) counts: Counts,
    depth: usize,
    limit: u64,
}

impl Counter {
    pub(crate) fn new(limit: u64) -> Self {
        Self { counts: Counts { ops: 0, max_depth: 1 }, depth: 1, limit }
    }
}

impl Probe for Counter {
    const NATIVE: bool = false;

    #[inline]
    fn op(&mut self) -> Result<(), u64> {
        if self.counts.ops == self.limit {
            return Err(self.limit);
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
