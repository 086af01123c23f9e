//! What the macro tells the runtime about an op set.

use crate::entry::Registers;
use stencil_table::Convention;

/// The most fixed parts a machine may have.
pub const MAX_FIXED: usize = 3;

/// The machine of an op set; implemented by the `#[stencils]` macro, never by hand.
pub trait OpSet {
    /// The table's name.
    const NAME: &'static str;
    /// The hash of the set: a table is for it when the hashes are equal.
    const HASH: u128;
    /// How many fixed parts there are.
    const FIXED: usize;
    /// Which fixed part slots are relative to.
    const FRAME: Option<usize>;
    /// The fixed parts alone.
    type Fixed: Copy;

    /// The fixed parts as words, in order.
    fn fixed_words(fixed: &Self::Fixed) -> [u64; MAX_FIXED];

    /// The fixed parts that words stand for.
    fn fixed_from_words(words: [u64; MAX_FIXED]) -> Self::Fixed;

    /// Puts the machine's parts where the convention passes them.
    fn load(&self, convention: Convention, registers: &mut Registers);

    /// Takes the machine's parts from where the convention passes them.
    fn store(&mut self, convention: Convention, registers: &Registers);

    /// Runs the body of an op over words: `values` as the table numbers them (labels, exits and callees are ignored),
    /// results into `results`. This is what the op's stencils do, said in one place.
    ///
    /// # Panics
    /// When `values` or `results` are shorter than the op's.
    fn evaluate(vouched: Vouched, op: u32, fixed: &mut Self::Fixed, values: &[u64], results: &mut [u64]) -> Way;

    /// Which part travels in which argument, on the architecture of this program.
    fn layout(convention: Convention) -> &'static [Argument];
}

/// One argument of the convention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    /// A fixed part.
    Fixed {
        /// Which integer argument.
        position: usize,
        /// Which fixed part.
        index: usize,
    },
    /// A register of a bank.
    Register {
        /// Which argument of its class.
        position: usize,
        /// Whether the class is floating-point.
        float: bool,
        /// Which bank.
        bank: usize,
        /// Which register.
        number: usize,
    },
}

/// How an op's body went on, see [`OpSet::evaluate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the next op.
    Next,
    /// To the label, exit or callee that is this value.
    Target(usize),
    /// Back to the caller.
    Return,
    /// Out to the host.
    Leave,
    /// The op has no body of its own: a fusion, or one of the assembler's.
    NoBody,
}

/// Somebody's word that the words given to [`OpSet::evaluate`] are what the op's body needs.
#[derive(Debug, Clone, Copy)]
pub struct Vouched(());

impl Vouched {
    /// Vouches for every use of the value returned.
    ///
    /// # Safety
    /// Words that stand for pointers or functions are what the body of the op needs them to be: valid for what it does
    /// with them, and of the type it declares. The same goes for the fixed parts. What an op that is an `unsafe fn` asks for
    /// in its own `# Safety` section holds.
    #[must_use]
    pub const unsafe fn new() -> Self {
        Self(())
    }

    /// The function pointer that a word stands for.
    ///
    /// # Panics
    /// When `F` is not of a pointer's size.
    #[doc(hidden)]
    #[must_use]
    pub fn function<F: Copy>(self, bits: u64) -> F {
        let address = bits as usize;
        assert!(size_of::<F>() == size_of::<usize>(), "a function hole must be a plain function pointer");
        // SAFETY: the sizes are equal, and who made `self` vouched that the word is a function of this type.
        unsafe { std::mem::transmute_copy(&address) }
    }
}
