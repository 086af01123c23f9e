//! What a build script leaves behind, and what it does when it runs again.

mod cached;
mod outputs;

use super::{Builder, Surroundings};
use crate::cache::Mode;
use crate::{Error, Toolchain};
use std::fs;
use std::path::PathBuf;

const SOURCE: &str = "//! Ops.

#[stencil_macros::stencils(table = \"tiny\", operand(reg))]
pub mod tiny {
    #[machine]
    pub struct Machine {
        ctx: *mut Context,
        #[bank]
        ints: [i64; 2],
    }

    #[repr(C)]
    pub struct Context {
        pub anchor: Anchor,
    }

    /// Adds.
    #[stencil]
    fn add(lhs: i64, rhs: i64) -> i64 {
        lhs.wrapping_add(rhs)
    }

    /// Jumps.
    #[stencil]
    fn jump_lt(lhs: i64, rhs: i64, taken: Label) {
        if lhs < rhs {
            jump!(taken)
        }
    }
}
";

/// A package on disk.
struct Package {
    folder: tempfile::TempDir,
}

impl Package {
    fn new(source: &str) -> Self {
        let package = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(package.path("src")).unwrap();
        fs::write(package.path("src/ops.rs"), source).unwrap();
        package
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn out(&self, name: &str) -> PathBuf {
        self.path("out").join(name)
    }

    /// Replaces the first part of the source that reads `from`.
    fn edit(&self, from: &str, to: &str) {
        let source = fs::read_to_string(self.path("src/ops.rs")).unwrap();
        assert!(source.contains(from));
        fs::write(self.path("src/ops.rs"), source.replacen(from, to, 1)).unwrap();
    }

    fn run(&self, builder: &Builder, mode: Mode, toolchain: Toolchain) -> (Result<(), Error>, Vec<String>) {
        let package = self.folder.path().to_owned();
        let at = Surroundings { package, out: self.path("out"), mode, toolchain };
        let mut lines = Vec::new();
        (builder.run(&at, &mut lines), lines)
    }

    /// The warnings of a run that succeeds.
    fn build(&self, builder: &Builder, mode: Mode) -> Vec<String> {
        let (result, lines) = self.run(builder, mode, host());
        result.unwrap();
        lines.into_iter().filter(|line| line.starts_with("warning=")).collect()
    }

    fn fail(&self, builder: &Builder, mode: Mode) -> String {
        let (result, _) = self.run(builder, mode, host());
        result.unwrap_err().to_string().replace(&self.folder.path().display().to_string(), "PACKAGE")
    }
}

fn host() -> Toolchain {
    Toolchain::host().unwrap()
}

fn builder() -> Builder {
    Builder::new("src/ops.rs")
}

const TABLE: &str = "tiny.x86_64.portable.baseline.table";
