//! The assembler on tables made by hand, which also serve architectures that this host is not.

mod errors;
mod external;
mod far;
mod foreign;
mod islands;
mod labels;
mod landing;
mod limits;

use super::Assembler;
use crate::hand_made::Set;

/// The finished code of an assembler that did not fail.
fn finished<'a>(assembler: &'a mut Assembler<'_, Set>) -> &'a [u8] {
    assembler.finish().unwrap();
    assembler.finished()
}
