//! Functions as the tiers read them: operands are frame slots, constants and targets stand in the op.

mod decode;
mod inst;

pub(crate) use decode::{Code, Move, decode};
pub(crate) use inst::{Inst, Landing, Moves};
