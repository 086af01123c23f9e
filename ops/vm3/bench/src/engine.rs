//! The ways to run a program that are timed.

use crate::cases::Case;
use crate::error::BenchError;
use vm3::{CodeCache, Convention, Tier, Vm, VmOptions};

/// A way to run a program: a tier and how to make it.
#[derive(Clone, Debug)]
pub struct Engine {
    /// Its name in tables and on the command line.
    pub name: &'static str,
    /// How machines are made.
    pub options: VmOptions,
    /// Whether it is timed when nobody asks for it.
    pub default: bool,
}

/// Every tier of this build, and then what has to be asked for. Another way is another line.
#[must_use]
pub fn engines() -> Vec<Engine> {
    // Each compiles for itself.
    let tier = |tier: Tier| VmOptions { tier, cache: CodeCache::new(64 << 20), ..VmOptions::default() };
    let tiers = Tier::ALL.iter().map(|known| Engine { name: known.name(), options: tier(*known), default: true });
    let portable = VmOptions { convention: Some(Convention::Portable), ..tier(Tier::Stencil) };
    tiers.chain([Engine { name: "portable", options: portable, default: false }]).collect()
}

impl Engine {
    /// The interpreter, which counts ops.
    #[must_use]
    pub fn interpreter() -> Self {
        let options = VmOptions { tier: Tier::Interp, ..VmOptions::default() };
        Self { name: Tier::Interp.name(), options, default: true }
    }

    /// A machine for a case.
    ///
    /// # Errors
    /// When the tier cannot have one.
    pub fn machine(&self, case: &Case) -> Result<Vm, BenchError> {
        Vm::new(case.code.clone(), &self.options)
            .map_err(|error| BenchError::Machine(case.to_string(), self.name.into(), error))
    }
}
