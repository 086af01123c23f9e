//! Which stencils are used, and where code goes.

use crate::stencils::{TABLES, ops};
use std::sync::OnceLock;
use stencil_runtime::memory::{Arena, ArenaConfig, MemoryError};
use stencil_runtime::{
    CodeSpace, Convention, LoadError, PublishError, StitchError, Table, host_architecture, host_has,
};
use thiserror::Error;

/// Why a program cannot be compiled.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CompileError {
    /// There are no stencils for this machine.
    #[error("there are no stencils to compile with; use the interpreter")]
    NoStencils(#[source] LoadError),
    /// There are none in the calling convention that was asked for.
    #[error("there are no stencils in the {convention} convention for this machine; leave the choice open")]
    NoConvention {
        /// The convention.
        convention: Convention,
    },
    /// There is no executable memory.
    #[error("there is no memory for code; use the interpreter")]
    Memory(#[from] MemoryError),
    /// The code could not be stitched or published.
    #[error("the program's code cannot be made; use the interpreter")]
    Publish(#[from] PublishError),
    /// The code could not be stitched.
    #[error("the program's code cannot be stitched; use the interpreter")]
    Stitch(#[from] StitchError),
}

/// The code of all machines of this process, one space per convention.
static SPACES: [OnceLock<CodeSpace<ops::Machine>>; 2] = [const { OnceLock::new() }; 2];

/// The stencils of `convention`, or the best that there are, and the space for code made of them.
pub(super) fn open(
    convention: Option<Convention>,
) -> Result<(&'static Table<'static>, &'static CodeSpace<ops::Machine>), CompileError> {
    let table = match convention {
        None => TABLES.best().map_err(CompileError::NoStencils)?,
        Some(convention) => {
            let runs = |table: &&Table<'_>| {
                let info = table.info();
                info.convention == convention && Some(info.architecture) == host_architecture() && host_has(info.level)
            };
            let tables = TABLES.all().map_err(CompileError::NoStencils)?;
            tables.iter().find(runs).ok_or(CompileError::NoConvention { convention })?
        }
    };
    let space = match table.info().convention {
        Convention::Portable => &SPACES[0],
        Convention::Wide => &SPACES[1],
    };
    if let Some(space) = space.get() {
        return Ok((table, space));
    }
    let made = CodeSpace::new(Arena::new(ArenaConfig::default())?, table)?;
    Ok((table, space.get_or_init(|| made)))
}
