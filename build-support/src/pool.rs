//! The constants that stencils refer to: equal ones are stored once.

use std::collections::HashMap;
use stencil_table::POOL_ALIGN;

/// The constant pool of a table while it is made.
#[derive(Debug, Default)]
pub(crate) struct Pool {
    bytes: Vec<u8>,
    places: HashMap<Vec<u8>, usize>,
}

impl Pool {
    /// The offset of a constant, which is added when there is none like it. Offsets are multiples of [`POOL_ALIGN`].
    pub(crate) fn place(&mut self, constant: &[u8]) -> usize {
        if let Some(&place) = self.places.get(constant) {
            return place;
        }
        let place = self.bytes.len();
        self.bytes.extend_from_slice(constant);
        self.bytes.resize(self.bytes.len().next_multiple_of(POOL_ALIGN), 0);
        self.places.insert(constant.to_vec(), place);
        place
    }

    /// All constants.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_constants_share_an_aligned_place() {
        let mut pool = Pool::default();
        assert_eq!(pool.place(&[1; 8]), 0);
        assert_eq!(pool.place(&[2; 16]), 16);
        assert_eq!(pool.place(&[1; 8]), 0);
        assert_eq!(pool.place(&[1; 4]), 32);
        assert_eq!(pool.bytes().len(), 48);
    }
}
