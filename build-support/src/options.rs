//! What an op set's tables are made for, and how.

use crate::TableKey;
use stencil_syntax::expand::Holes;
use stencil_table::{Architecture, Convention, Level};

/// Which tables are made of an op set, and what its stencils may do.
#[derive(Debug, Clone)]
pub struct Options {
    conventions: Vec<Convention>,
    levels: Vec<Level>,
    pub(crate) frame_limit: u32,
    pub(crate) holes: Holes,
    pub(crate) lines: bool,
}

impl Default for Options {
    /// One table: the portable convention, any CPU of the architecture, stencils with up to 256 bytes of stack.
    fn default() -> Self {
        Self { conventions: Vec::new(), levels: Vec::new(), frame_limit: 256, holes: Holes::Sound, lines: false }
    }
}

impl Options {
    /// Asks for tables in a calling convention. Without any, there are portable tables; every call adds one. Only x86-64
    /// has wide tables; elsewhere there is a portable one in any case.
    #[must_use]
    pub fn convention(mut self, convention: Convention) -> Self {
        if !self.conventions.contains(&convention) {
            self.conventions.push(convention);
        }
        self
    }

    /// Asks for further tables, for CPUs of this level. There are always tables for every CPU of the architecture.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        if level != Level::Baseline && !self.levels.contains(&level) {
            self.levels.push(level);
        }
        self
    }

    /// The most bytes of stack that a stencil may use, 256 by default. Frames come on top of the function's, of which a
    /// stack overflow check knows nothing.
    #[must_use]
    pub fn frame_limit(mut self, bytes: u32) -> Self {
        self.frame_limit = bytes;
        self
    }

    /// Finds out which line of the op set's source each instruction is of, see [`OpLines`](stencil_table::OpLines), by
    /// compiling a second time with debug information. Where the code differs then, and where objects are not ELF, lines
    /// stay unknown.
    #[must_use]
    pub fn lines(mut self) -> Self {
        self.lines = true;
        self
    }

    /// Lets stencils read their holes in a way that is wrong, for tests that prove that it would be found.
    #[doc(hidden)]
    #[must_use]
    pub fn holes(mut self, holes: Holes) -> Self {
        self.holes = holes;
        self
    }

    /// The tables that are wanted, the best first: wide before portable, a higher level before a lower one.
    pub(crate) fn keys(&self, architecture: Architecture) -> Vec<TableKey> {
        let mut conventions = self.conventions.clone();
        if conventions.is_empty() {
            conventions.push(Convention::Portable);
        }
        let mut levels = self.levels.clone();
        if architecture != Architecture::X86_64 {
            // Nothing enters the wide convention elsewhere, and there are no levels.
            conventions = vec![Convention::Portable];
            levels.clear();
        }
        levels.push(Level::Baseline);
        conventions.sort_by(|left, right| right.cmp(left));
        levels.sort_by(|left, right| right.cmp(left));
        let keys = conventions
            .iter()
            .flat_map(|&convention| levels.iter().map(move |&level| TableKey { architecture, convention, level }));
        keys.collect()
    }
}
