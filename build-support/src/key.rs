//! What one table is made for.

use stencil_syntax::layout;
use stencil_table::{Architecture, Convention, Level, Table};

/// What one table is made for. Tables of a set differ in nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TableKey {
    /// The instruction set.
    pub architecture: Architecture,
    /// How registers are passed.
    pub convention: Convention,
    /// The CPU features taken for granted.
    pub level: Level,
}

impl TableKey {
    /// What a table is made for.
    #[must_use]
    pub fn of(table: &Table<'_>) -> Self {
        let info = table.info();
        Self { architecture: info.architecture, convention: info.convention, level: info.level }
    }

    /// The part of file names that says what the table is for, such as `x86_64.wide.baseline`.
    #[must_use]
    pub fn stem(self) -> String {
        format!("{}.{}.{}", self.architecture, self.convention, self.level)
    }

    /// The name of the file of a set's table.
    #[must_use]
    pub fn file_name(self, table: &str) -> String {
        format!("{table}.{}.table", self.stem())
    }

    /// The target as the expansion knows it.
    pub(crate) fn target(self) -> layout::Target {
        let architecture = match self.architecture {
            Architecture::X86_64 => layout::Architecture::X86_64,
            Architecture::Aarch64 => layout::Architecture::Aarch64,
            Architecture::Riscv64 => layout::Architecture::Riscv64,
        };
        let convention = match self.convention {
            Convention::Portable => layout::Convention::Portable,
            Convention::Wide => layout::Convention::Wide,
        };
        layout::Target { architecture, convention }
    }
}
