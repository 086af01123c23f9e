//! Landing pads: the instructions that processors which guard indirect branches want to find where one leads.

use super::Assembler;
use crate::error::StitchError;
use crate::label::Label;

/// Whether landing pads are written, and the last one.
#[derive(Debug, Default)]
pub(super) struct Landing {
    wanted: bool,
    /// Where the section being written ends with a landing pad.
    end: Option<usize>,
}

impl Landing {
    /// Says that the code goes on elsewhere.
    pub(super) fn barrier(&mut self) {
        self.end = None;
    }
}

impl<S> Assembler<'_, S> {
    /// Whether landing pads are written where code can be reached indirectly, in front of prologues and at labels that
    /// were exported before they are bound: `endbr64` on x86-64, `bti c` on aarch64. Holds for all code from now on,
    /// [`Assembler::clear`] included; they are not written at first.
    ///
    /// With landing pads, code has to start with one, and has to have one at every label that is exported; without, an
    /// arena that wants them does not take it, see [`crate::memory::ArenaConfig::landing_pads`]. Returns need none:
    /// what guards those is a shadow stack, which [leaving](crate::entry#leaving) does not go by.
    ///
    /// riscv64 has no landing pads that its tables go by: code finished with them is an error there.
    pub fn landing_pads(&mut self, wanted: bool) {
        self.landing.wanted = wanted;
    }

    /// Whether landing pads are written.
    #[must_use]
    pub fn has_landing_pads(&self) -> bool {
        self.landing.wanted
    }

    /// Writes a landing pad, unless the last thing written is one.
    pub(super) fn land(&mut self) {
        if let Some(pad) = self.glue.landing_pad.filter(|_| self.landing.wanted)
            && self.landing.end != Some(self.code.len)
        {
            // An island behind it would part it from the prologue.
            self.room(pad.len() + self.glue.prologue.len());
            self.raw(pad);
            self.landing.end = Some(self.code.len);
        }
    }

    /// Writes a landing pad when a label that is bound here was exported.
    pub(super) fn land_at(&mut self, label: Label) {
        if self.landing.wanted && self.exports.contains(&label) {
            // The label is bound in front of it, and so in front of the last one, too.
            self.landing.barrier();
            self.land();
        }
    }

    /// That there is a landing pad wherever finished code can be reached indirectly, if they are wanted.
    pub(super) fn check_landing_pads(&self) -> Result<(), StitchError> {
        if !self.landing.wanted {
            return Ok(());
        }
        let architecture = self.table.info().architecture;
        let pad = self.glue.landing_pad.ok_or(StitchError::NoLandingPads { architecture })?;
        let exported = self.exports.iter().map(|label| self.offset_of(*label));
        for entry in exported.chain([Ok(0)]) {
            let at = entry?;
            if !self.finished()[at..].starts_with(pad) {
                return Err(StitchError::NoLandingPad { at });
            }
        }
        Ok(())
    }
}
