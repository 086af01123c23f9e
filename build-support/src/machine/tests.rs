//! What the tests of architectures share whose machine code is written by hand: their compilers need not be here.

mod own;
pub(crate) mod rewrite;

use crate::arch::Context;
use crate::machine::{Machine, take};
use crate::object::{Access, Function, Reference, Relocation, Section};
use crate::pool::Pool;
use crate::{Architecture, Convention, Level, TableKey};
use object::elf::RelocationType;
use stencil_syntax::symbols::Symbol;
use stencil_table::{Hole, HoleKind, Stencil};

/// What the constants are: two floats.
pub(crate) const CONSTANTS: [f64; 2] = [2.5, 7.25];

/// What taking one function came to.
pub(crate) struct Taken {
    pub(crate) stencil: Result<Stencil, Vec<String>>,
    pub(crate) pool: Pool,
}

impl Taken {
    /// The instructions and holes of what was taken.
    pub(crate) fn words(self) -> (Vec<u32>, Vec<Hole>) {
        let stencil = self.stencil.unwrap_or_else(|faults| panic!("{faults:?}"));
        let words = stencil.code.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap()));
        (words.collect(), stencil.holes)
    }

    /// What is wrong with it.
    pub(crate) fn faults(self) -> String {
        self.stencil.expect_err("a gate should have refused this").join("\n")
    }
}

/// A symbol of the expansion, by its name.
pub(crate) fn symbol(name: &str) -> Reference {
    Reference::Symbol(Symbol::parse(name).unwrap())
}

/// Constant number `index`.
pub(crate) fn constant(index: u64) -> Reference {
    Reference::Data { section: 0, offset: 8 * index, name: ".LCPI0_0".to_owned() }
}

/// Takes a function of these instructions, with relocations at offsets. `calls_host` lets it call through pointers.
pub(crate) fn taken<M: Machine>(
    architecture: Architecture,
    words: &[u32],
    relocations: &[(usize, RelocationType, Reference)],
    calls_host: bool,
) -> Taken {
    let relocations = relocations.iter().map(|(offset, kind, target)| Relocation {
        offset: *offset,
        kind: kind.0,
        target: target.clone(),
        addend: 0,
    });
    let code = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let function = Function { code, relocations: relocations.collect() };
    let constants = Section {
        name: ".rodata.cst8".to_owned(),
        access: Access::ReadOnly,
        data: CONSTANTS.iter().flat_map(|float| float.to_le_bytes()).collect(),
        align: 8,
        entry_size: 8,
        mixed: false,
        relocated: false,
    };
    let key = TableKey { architecture, convention: Convention::Portable, level: Level::Baseline };
    let (sections, values) = ([constants], ["a".to_owned(), "b".to_owned()]);
    let context = Context { key, sections: &sections, calls_host, frame_limit: 64, values: &values };
    let mut pool = Pool::default();
    let stencil = take::<M>(&function, &context, &mut pool);
    let stencil = stencil.map(|extracted| extracted.stencil);
    Taken { stencil: stencil.map_err(|faults| faults.iter().map(ToString::to_string).collect()), pool }
}

/// A hole for value 0 without an addend.
pub(crate) fn hole(offset: u16, kind: HoleKind) -> Hole {
    Hole { offset, kind, value: 0, addend: 0 }
}
