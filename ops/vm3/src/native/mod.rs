//! Running compiled functions: when there are some, how they are entered, and what they ask of the host.
//!
//! Compiled code works on the same frames as the interpreter. It leaves in one of three ways: the function that was
//! entered returns; an op has to be gone on with by the interpreter, at its place and in its frame ([`Left::Resume`]);
//! or a function that it had the host run ended the whole run ([`Left::Stopped`]). In the last two cases all frames are
//! complete in the frame stack, and no native frame is left.
//!
//! | module | what lives there |
//! |---|---|
//! | `tiering` | which functions are compiled, and when |
//! | `entry` | the way into compiled code and out of it: all that is unsafe |
//! | `helper` | what compiled code calls: functions that are interpreted |

mod entry;
mod helper;
mod tiering;

pub(crate) use entry::{Left, enter};
pub(crate) use helper::HELPER;
pub(crate) use tiering::Tiering;
