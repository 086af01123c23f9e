//! From addresses of compiled code to ops.

use crate::compile::{Guest, Part, locate};
use crate::program::Verified;
use std::fmt;
use stencil_runtime::Located;

/// What a place in compiled code stands for.
#[derive(Clone, Debug)]
pub struct GuestPlace {
    /// The program.
    pub program: Verified,
    /// The index of the function.
    pub function: usize,
    /// Which part of its code.
    pub part: Part,
}

impl GuestPlace {
    /// What an address stands for. `None` when it is in no compiled code, or in code between functions and the host.
    #[must_use]
    pub fn of_address(address: u64) -> Option<Self> {
        Self::of_located(locate(address, true)?)
    }

    /// The same for handlers of signals, where nothing may wait: `None` also when another thread publishes or frees code
    /// at this moment.
    #[must_use]
    pub fn try_of_address(address: u64) -> Option<Self> {
        Self::of_located(locate(address, false)?)
    }

    fn of_located(located: Located) -> Option<Self> {
        let origin = located.origin?;
        let program = origin.unit.downcast_ref::<Guest>()?.program.clone();
        // What the host enters through has no marks.
        let part = Part::of_tag(located.mark?.tag);
        Some(Self { program, function: origin.function as usize, part })
    }

    /// The name of the function.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.program.program().functions[self.function].name
    }

    /// The position of the op, if the code belongs to one: entries belong to the first, the end of a region to none.
    #[must_use]
    pub const fn pc(&self) -> Option<usize> {
        self.part.pc()
    }

    /// The line of the op, if it is known.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        self.program.program().source.line(self.function, self.pc()?)
    }
}

impl fmt::Display for GuestPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "function {} `{}`", self.function, self.name())?;
        if let Some(pc) = self.pc() {
            write!(f, ", pc {pc}")?;
        }
        match (self.line(), &self.program.program().source.file) {
            (Some(line), Some(file)) => write!(f, ", {file}:{line}"),
            (Some(line), None) => write!(f, ", line {line}"),
            (None, _) => Ok(()),
        }
    }
}
