//! What ops are tried with: values for what may not be anything, memory for what points.
//!
//! An op set is tried when it is a [`Subject`]; those there are stand in `subjects`, one file each.

use stencil_runtime::OpSet;
use stencil_table::Table;

/// An op set whose stencils are compared with the bodies of its ops.
pub trait Subject: OpSet {
    /// How many words of memory there are besides frame and context, for pointers to point to.
    const SCRATCH_WORDS: usize = 16;

    /// What an op is tried with; `None` for an op that nobody has thought about, which is never run.
    ///
    /// What is given must do no harm: the bodies of ops dereference what they are given.
    fn domain(op: &str, at: Addresses) -> Option<Domain>;

    /// Why an op cannot be tried on this machine, if it cannot.
    fn left_out(_op: &str) -> Option<&'static str> {
        None
    }

    /// Puts into the machine what ops need to find there. Everything that may be anything was set before.
    fn prepare(_at: Addresses, _start: Start<'_>) {}
}

/// The machine's state before a run.
#[derive(Debug)]
pub struct Start<'a> {
    /// The fixed parts: the context, the frame if there is one, and what is left.
    pub fixed: &'a mut [u64; 3],
    /// What the first fixed part points to, as words; the anchor comes first.
    pub context: &'a mut [u64],
    /// What slots are in, if the machine has a frame: its slot 0 first.
    pub frame: &'a mut [u64],
    /// Memory for pointers.
    pub scratch: &'a mut [u64],
}

/// Where the memory is that both runs work on.
#[derive(Debug, Clone, Copy)]
pub struct Addresses {
    pub(crate) scratch: u64,
}

impl Addresses {
    /// The address of a word of scratch memory, plus `bytes`.
    #[must_use]
    pub fn scratch(self, word: usize, bytes: usize) -> u64 {
        self.scratch + 8 * word as u64 + bytes as u64
    }
}

/// What an op is tried with.
#[derive(Debug, Clone, Default)]
pub struct Domain {
    /// Values by number, with what each is chosen from.
    values: Vec<(usize, Vec<u64>)>,
    /// Values that the op goes to the address of.
    pointers: Vec<usize>,
}

impl Domain {
    /// Every value may be anything.
    #[must_use]
    pub fn any() -> Self {
        Self::default()
    }

    /// The same, but value number `value` is one of `choices`. Values are numbered as in the table: results, operands,
    /// then holes, labels, exits and callees in the order written.
    #[must_use]
    pub fn with(mut self, value: usize, choices: impl Into<Vec<u64>>) -> Self {
        self.values.push((value, choices.into()));
        self
    }

    /// The same for a value that the op goes to the address of: another value that is in the same place is that one too.
    #[must_use]
    pub fn with_pointer(mut self, value: usize, choices: impl Into<Vec<u64>>) -> Self {
        self.pointers.push(value);
        self.with(value, choices)
    }

    /// The values that the op goes to the address of.
    #[must_use]
    pub fn pointers(&self) -> &[usize] {
        &self.pointers
    }

    /// What a value is chosen from, if not from everything.
    #[must_use]
    pub fn of(&self, value: usize) -> Option<&[u64]> {
        self.values.iter().find(|(number, _)| *number == value).map(|(_, choices)| &choices[..])
    }
}

/// The domains of all ops of a table.
#[derive(Debug, Clone)]
pub struct Domains {
    by_op: Vec<Option<Domain>>,
}

impl Domains {
    /// What an op set's ops are tried with.
    #[must_use]
    pub fn of<S: Subject>(table: &Table<'_>, at: Addresses) -> Self {
        Self { by_op: table.ops().iter().map(|op| S::domain(table.text(op.name), at)).collect() }
    }

    /// Everything for every op: for code that is not run.
    #[must_use]
    pub fn any(table: &Table<'_>) -> Self {
        Self { by_op: vec![Some(Domain::any()); table.ops().len()] }
    }

    /// What an op is tried with.
    #[must_use]
    pub fn op(&self, op: u32) -> Option<&Domain> {
        self.by_op.get(op as usize)?.as_ref()
    }
}
